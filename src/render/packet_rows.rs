//! Packets in rows: the one list of the formats there are for them, the columns each has, and what writes it. A new one is a
//! variant with its name here, and a file that spells a row.

use super::PacketWriter;
use super::bytes::Details;
use super::columns::Column;
use super::csv::CsvRows;
use super::json::{ChosenJsonRows, JsonRows};
use super::plain::PlainRows;
use super::style::View;
use super::table::PacketTable;
use super::time::TimeStyle;

/// A format that packets are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketFormat {
    /// Columns under headings.
    Table,
    /// A line for people.
    Plain,
    /// An object a line.
    Json,
    /// A record a line, under a heading.
    Csv,
}

impl PacketFormat {
    /// All there are.
    pub const ALL: &[Self] = &[Self::Table, Self::Plain, Self::Json, Self::Csv];

    /// Its name, and what it is.
    #[must_use]
    pub const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Table => ("table", "Columns grouped by layer, laid out for the terminal"),
            Self::Plain => (
                "plain",
                "A line a packet, the fastest way; sequence numbers as the headers have them unless relative ones are asked for",
            ),
            Self::Json => ("json", "NDJSON: an object a packet, nested by Wireshark's names"),
            Self::Csv => ("csv", "Comma-separated values under a heading line"),
        }
    }
}

/// In what rows packets are written.
#[derive(Clone, Copy)]
pub struct PacketRows<'a> {
    /// The format.
    pub format: PacketFormat,
    /// How times are told.
    pub time: TimeStyle,
    /// Whether somebody asked how they are told.
    pub is_timed: bool,
    /// The columns chosen; empty where nobody chose.
    pub columns: &'a [Column],
    /// Whether plain rows follow connections.
    pub relative: bool,
    /// Whether every field stands under a plain row.
    pub fields: bool,
    /// Whether its bytes come with a packet.
    pub hex: bool,
    /// Whether packets come with the processes behind them.
    pub with_processes: bool,
    /// Whether they come with the names of their hosts.
    pub with_names: bool,
    /// Whether they come from several interfaces.
    pub everywhere: bool,
}

impl PacketRows<'_> {
    /// Whether there are colours in them.
    #[must_use]
    pub const fn has_color(&self) -> bool {
        match self.format {
            PacketFormat::Table => true,
            PacketFormat::Plain => self.fields || self.hex,
            PacketFormat::Json | PacketFormat::Csv => false,
        }
    }

    /// Whether what is written depends on conversations.
    #[must_use]
    pub fn follows(&self) -> bool {
        match self.format {
            PacketFormat::Plain => self.relative,
            PacketFormat::Json if self.columns.is_empty() => true,
            _ => self.all_columns().iter().any(|column| column.follows()),
        }
    }

    /// Whether columns were chosen, and none of these among them.
    #[must_use]
    pub fn lack(&self, columns: &[Column]) -> bool {
        !self.columns.is_empty() && !self.columns.iter().any(|column| columns.contains(column))
    }

    /// What writes them.
    #[must_use]
    pub fn writer<'v>(&self, view: View<'v>) -> Box<dyn PacketWriter + 'v> {
        let rows = PlainRows::new(self.time);
        match self.format {
            PacketFormat::Plain if self.fields || self.hex => {
                Box::new(Details { rows, fields: self.fields, hex: self.hex, view })
            }
            PacketFormat::Plain => Box::new(rows),
            PacketFormat::Json if !self.columns.is_empty() => Box::new(ChosenJsonRows::new(self.columns, view)),
            PacketFormat::Json => Box::new(JsonRows::new(view, self.hex)),
            PacketFormat::Csv => Box::new(CsvRows::new(self.all_columns(), view)),
            PacketFormat::Table => Box::new(self.laid_out(view)),
        }
    }

    /// The table, where they are shown in one: its rows depend on each other.
    #[must_use]
    pub fn table<'v>(&self, view: View<'v>) -> Option<PacketTable<'v>> {
        (self.format == PacketFormat::Table).then(|| self.laid_out(view))
    }

    fn laid_out<'v>(&self, view: View<'v>) -> PacketTable<'v> {
        PacketTable::new(self.all_columns(), self.columns.is_empty(), view).keeping(self.kept())
    }

    /// The columns: the chosen ones, else the usual ones with what comes with packets in its place.
    fn all_columns(&self) -> Vec<Column> {
        let timed = |column: &Column| match *column {
            Column::Time => Column::of_time(self.time),
            column => column,
        };
        if self.columns.is_empty() { self.usual() } else { self.columns.to_vec() }.iter().map(timed).collect()
    }

    fn usual(&self) -> Vec<Column> {
        let (mut usual, names, processes): (_, &[Column], &[Column]) = match self.format {
            PacketFormat::Csv => (
                Column::CSV.to_vec(),
                &[Column::SourceName, Column::DestinationName],
                &[Column::SourceProcess, Column::DestinationProcess],
            ),
            // Names stand in the place of addresses there.
            _ => (Column::TABLE.to_vec(), &[], &[Column::Process]),
        };
        for (is_asked, more) in [(self.with_names, names), (self.with_processes, processes)] {
            let before_data = usual.iter().position(|column| matches!(column, Column::DataBytes | Column::Data));
            let place = before_data.unwrap_or(usual.len());
            usual.splice(place..place, more.iter().copied().filter(|_| is_asked));
        }
        if self.everywhere {
            let after_time =
                usual.iter().position(|column| *column == Column::Time).map_or(0, |time| time.saturating_add(1));
            usual.insert(after_time, Column::Interface);
        }
        usual
    }

    /// What was asked for beside the usual columns.
    fn kept(&self) -> Vec<Column> {
        let asked = [
            (self.everywhere, Column::Interface),
            (self.with_processes, Column::Process),
            (self.with_names, Column::Addresses),
            (self.is_timed, Column::of_time(self.time)),
        ];
        asked.into_iter().filter_map(|(is_asked, column)| is_asked.then_some(column)).collect()
    }
}
