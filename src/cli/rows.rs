//! In what shape packets are written, one after the other: what `read` and `capture` have in common.

use super::args::{RowArgs, RowFormat};
use super::report::Failure;
use crate::render::{
    ChosenJsonRows, Column, CsvRows, Details, JsonRows, PacketTable, PacketWriter, PlainRows, TimeStyle, View,
};

/// The shape that the options ask for together.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    asked: &'a RowArgs,
    format: RowFormat,
    time: TimeStyle,
    /// Whether packets come with their processes, and with the names of their hosts.
    with_processes: bool,
    with_names: bool,
    /// Whether they come from several interfaces.
    everywhere: bool,
}

impl<'a> Rows<'a> {
    /// Makes sense of the options together.
    ///
    /// # Errors
    ///
    /// They contradict each other, or one has nothing to say to the others; none is left out in silence.
    pub(super) fn new(asked: &'a RowArgs) -> Result<Self, Failure> {
        let plain = asked.verbose || asked.hex || asked.relative;
        let format = asked.format.unwrap_or(if plain { RowFormat::Plain } else { RowFormat::Table });
        let time = time(asked)?;
        let rows = Self {
            asked,
            format,
            time: time.unwrap_or_default(),
            with_processes: false,
            with_names: false,
            everywhere: false,
        };
        match rows.misplaced(time.is_some()) {
            Some(words) => Err(Failure::usage(words)),
            None => Ok(rows),
        }
    }

    /// Why an option has no place beside the others.
    fn misplaced(&self, timed: bool) -> Option<&'static str> {
        let (asked, format) = (self.asked, self.format);
        let detailed = asked.verbose || asked.hex;
        let (is_table, is_plain, is_json) =
            (format == RowFormat::Table, format == RowFormat::Plain, format == RowFormat::Json);
        let rules = [
            (!asked.columns.is_empty() && is_plain, "--columns is for --format table, csv and json"),
            (is_json && asked.verbose, "--verbose is for --format plain; as JSON `layerscope inspect` has all fields"),
            (detailed && !is_plain && !is_json, "--verbose and --hex are for --format plain, --hex for json too"),
            (
                asked.relative && !is_plain,
                "--relative is for --format plain; the other formats always follow connections",
            ),
            (timed && is_json, "--time is for --format table, plain and csv; json has the seconds since 1970"),
            (
                timed && self.lacks(&[Column::Time]),
                "--time says what the column `time` holds, which is not among the --columns",
            ),
            (
                asked.absolute && !is_table,
                "--absolute is for --format table; csv has the columns seq-raw and ack-raw, json both numbers, and plain \
                 rows the absolute ones unless --relative",
            ),
            (
                asked.encoding.is_some() && is_plain && !asked.verbose,
                "--encoding is for --format table, csv and json, and for plain rows with --verbose: these show payload",
            ),
        ];
        rules.into_iter().find_map(|(applies, words)| applies.then_some(words))
    }

    /// Whether columns were chosen, and none of these among them.
    fn lacks(&self, columns: &[Column]) -> bool {
        let chosen = &self.asked.columns;
        !chosen.is_empty() && !chosen.iter().any(|column| columns.contains(column))
    }

    /// Says no to options that only something shown beside the rows could heed, where there is nothing.
    ///
    /// # Errors
    ///
    /// There is such an option.
    pub(super) fn stand_alone(&self) -> Result<(), Failure> {
        let asked = self.asked;
        let refuse = |words: &'static str| Err(Failure::usage(words));
        if asked.absolute && self.lacks(&[Column::Seq, Column::Ack]) {
            return refuse("--absolute adds to the columns seq and ack, which are not among the --columns");
        }
        if asked.encoding.is_some() && self.lacks(&[Column::Data]) {
            return refuse("--encoding says how the column data is read, which is not among the --columns");
        }
        Ok(())
    }

    /// Whether there are colours in them.
    pub(super) const fn has_color(&self) -> bool {
        match self.format {
            RowFormat::Table => true,
            RowFormat::Plain => self.asked.verbose || self.asked.hex,
            RowFormat::Json | RowFormat::Csv => false,
        }
    }

    /// The same for packets that come with the processes behind them, or with the names of their hosts.
    pub(super) const fn with(self, processes: bool, names: bool) -> Self {
        Self { with_processes: processes, with_names: names, ..self }
    }

    /// The same for packets that come from several interfaces.
    pub(super) const fn everywhere(self, everywhere: bool) -> Self {
        Self { everywhere, ..self }
    }

    /// Says no where columns were chosen that have no place for the processes, or for the names, that come with packets.
    ///
    /// # Errors
    ///
    /// They were.
    pub(super) fn have_place(&self) -> Result<(), Failure> {
        let refuse = |words: &'static str| Err(Failure::usage(words));
        if self.with_processes && self.lacks(&[Column::Process, Column::SourceProcess, Column::DestinationProcess]) {
            return refuse(
                "--process adds the column process, src-process or dst-process; none is among the --columns",
            );
        }
        if self.with_names && self.lacks(&[Column::Addresses, Column::SourceName, Column::DestinationName]) {
            return refuse(
                "--resolve is for the columns addresses, src-name and dst-name; none is among the --columns",
            );
        }
        Ok(())
    }

    /// What was asked for beside the usual columns.
    fn kept(&self) -> Vec<Column> {
        let asked = [
            (self.everywhere, Column::Interface),
            (self.with_processes, Column::Process),
            (self.with_names, Column::Addresses),
            (self.asked.has_time_style(), Column::of_time(self.time)),
        ];
        asked.into_iter().filter_map(|(is_asked, column)| is_asked.then_some(column)).collect()
    }

    /// The shape.
    pub(super) const fn format(&self) -> RowFormat {
        self.format
    }

    /// Whether the table was neither asked for nor changed.
    pub(super) fn is_usual_table(&self) -> bool {
        self.format == RowFormat::Table && self.asked.format.is_none() && self.asked.columns.is_empty()
    }

    /// Whether columns or times were asked for.
    pub(super) fn lays_out(&self) -> bool {
        !self.asked.columns.is_empty() || self.asked.has_time_style()
    }

    /// Whether what is written depends on conversations.
    pub(super) fn follows(&self) -> bool {
        let asked_for_all = self.asked.columns.is_empty();
        match self.format {
            RowFormat::Plain => self.asked.relative,
            RowFormat::Json if asked_for_all => true,
            RowFormat::Json | RowFormat::Table | RowFormat::Csv => self.columns().iter().any(|column| column.follows()),
        }
    }

    /// The columns of table or csv, and those chosen of json.
    fn columns(&self) -> Vec<Column> {
        let (mut usual, names, processes): (_, &[Column], &[Column]) = match self.format {
            RowFormat::Csv => (
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
            let behind_time = usual.iter().position(|column| *column == Column::Time).map_or(0, |time| time + 1);
            usual.insert(behind_time, Column::Interface);
        }
        let chosen = &self.asked.columns;
        let timed = |column: &Column| match *column {
            Column::Time => Column::of_time(self.time),
            column => column,
        };
        if chosen.is_empty() { usual.iter().map(timed).collect() } else { chosen.iter().map(timed).collect() }
    }

    /// What writes them.
    pub(super) fn writer<'v>(&self, view: View<'v>) -> Box<dyn PacketWriter + 'v> {
        let asked = self.asked;
        let rows = PlainRows::new(self.time);
        match self.format {
            RowFormat::Plain if asked.verbose || asked.hex => {
                Box::new(Details { rows, fields: asked.verbose, hex: asked.hex, view })
            }
            RowFormat::Plain => Box::new(rows),
            RowFormat::Json if !asked.columns.is_empty() => Box::new(ChosenJsonRows::new(&asked.columns, view)),
            RowFormat::Json => Box::new(JsonRows::new(view, asked.hex)),
            RowFormat::Csv => Box::new(CsvRows::new(self.columns(), view)),
            RowFormat::Table => Box::new(self.laid_out(view)),
        }
    }

    /// The table, where they are shown in one: its rows depend on each other.
    pub(super) fn table<'v>(&self, view: View<'v>) -> Option<PacketTable<'v>> {
        (self.format == RowFormat::Table).then(|| self.laid_out(view))
    }

    fn laid_out<'v>(&self, view: View<'v>) -> PacketTable<'v> {
        PacketTable::new(self.columns(), self.asked.columns.is_empty(), view).keeping(self.kept())
    }
}

/// The way to tell times that is asked for, in words or in tcpdump's letters.
fn time(asked: &RowArgs) -> Result<Option<TimeStyle>, Failure> {
    Ok(match (asked.time, asked.time_letters) {
        (Some(choice), _) => Some(choice.into()),
        (None, 0) => None,
        (None, 1) => {
            return Err(Failure::usage("-t leaves the time out in tcpdump; here every row has one")
                .advise("name the columns without it: --columns addresses,ports,flags,data"));
        }
        (None, 2) => Some(TimeStyle::Epoch),
        (None, 3) => Some(TimeStyle::Delta),
        (None, 4) => Some(TimeStyle::Absolute),
        (None, _) => Some(TimeStyle::Relative),
    })
}
