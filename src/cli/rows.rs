//! In what shape packets are written, one after the other: what `read` and `capture` have in common.

use std::io;

use anyhow::anyhow;

use super::args::{RowArgs, RowFormat};
use super::exit::Exit;
use super::report::Failure;
use crate::render::{Column, CsvRows, Details, JsonRows, PacketTable, PacketWriter, PlainRows, Row, TimeStyle, View};

/// The shape that the options ask for together.
pub(super) struct Rows<'a> {
    asked: &'a RowArgs,
    format: RowFormat,
    time: TimeStyle,
}

impl<'a> Rows<'a> {
    /// Makes sense of the options together.
    ///
    /// # Errors
    ///
    /// They contradict each other.
    pub(super) fn new(asked: &'a RowArgs) -> Result<Self, Failure> {
        let detailed = asked.verbose || asked.hex;
        let format =
            asked.format.unwrap_or(if detailed || asked.relative { RowFormat::Plain } else { RowFormat::Table });
        let refuse = |words: &'static str| Err(Failure::new(Exit::Usage, anyhow!(words)));
        match format {
            RowFormat::Plain | RowFormat::Json if !asked.columns.is_empty() => {
                return refuse("--columns is for --format table and csv");
            }
            RowFormat::Json if asked.verbose => {
                return refuse(
                    "--verbose writes under plain rows; all fields of one packet as JSON: layerscope inspect",
                );
            }
            RowFormat::Table | RowFormat::Csv if detailed => {
                return refuse("--verbose and --hex write under plain rows, --hex also into --format json");
            }
            RowFormat::Table | RowFormat::Json | RowFormat::Csv if asked.relative => {
                return refuse("--relative is for --format plain; the other formats always follow connections");
            }
            _ => {}
        }
        Ok(Self { asked, format, time: asked.time.into() })
    }

    /// The shape.
    pub(super) const fn format(&self) -> RowFormat {
        self.format
    }

    /// Whether the table was neither asked for nor changed.
    pub(super) fn is_usual_table(&self) -> bool {
        self.format == RowFormat::Table && self.asked.format.is_none() && self.asked.columns.is_empty()
    }

    /// Whether what is written depends on conversations.
    pub(super) fn follows(&self) -> bool {
        match self.format {
            RowFormat::Plain => self.asked.relative,
            RowFormat::Json => true,
            RowFormat::Table | RowFormat::Csv => self.columns().iter().any(|column| column.follows()),
        }
    }

    /// The columns of table or csv.
    fn columns(&self) -> Vec<Column> {
        let usual = if self.format == RowFormat::Csv { Column::CSV } else { Column::TABLE };
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
            RowFormat::Json => Box::new(JsonRows::new(view, asked.hex)),
            RowFormat::Csv => Box::new(CsvRows::new(self.columns(), view)),
            RowFormat::Table => Box::new(PacketTable::new(self.columns(), asked.columns.is_empty(), view)),
        }
    }
}

/// What writes nothing.
pub(super) struct Nothing;

impl PacketWriter for Nothing {
    fn write(&mut self, _: &Row<'_>, _: &mut dyn io::Write) -> io::Result<()> {
        Ok(())
    }
}
