//! In what shape packets are written, one after the other, as typed: what `read` and `capture` have in common.

use clap::{ArgAction, ValueEnum};

use super::columns;
use crate::lab::Encoding;
use crate::render::{Column, TimeStyle};

/// In what shape packets are written, one after the other.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct RowArgs {
    /// The shape of the output [default: table]
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<RowFormat>,
    /// The columns of table, csv or json: any of these, and any field by its Wireshark key (ip.src, tcp.flags.syn)
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = columns::PacketColumns)]
    pub(in crate::cli) columns: Vec<Column>,
    /// How table, plain and csv tell times [default: relative]
    #[arg(short = 'T', long = "time", value_name = "STYLE")]
    pub(in crate::cli) time: Option<TimeChoice>,
    /// The same as tcpdump asks for it: -tt epoch, -ttt delta, -tttt absolute, -ttttt relative
    #[arg(short = 't', action = ArgAction::Count, hide = true, conflicts_with = "time")]
    pub(in crate::cli) time_letters: u8,
    /// In plain rows, follow connections: relative sequence numbers, scaled windows, what went wrong, and what
    /// applications say
    #[arg(long)]
    pub(in crate::cli) relative: bool,
    /// Every field of every packet under a plain row
    #[arg(short, long, conflicts_with = "columns", overrides_with = "verbose")]
    pub(in crate::cli) verbose: bool,
    /// The bytes of every packet, under a plain row or in its JSON
    #[arg(short = 'x', short_alias = 'X', long, conflicts_with = "columns", overrides_with = "hex")]
    pub(in crate::cli) hex: bool,
    /// In the table, show absolute sequence numbers beside the relative ones
    #[arg(short = 'S', long, overrides_with = "absolute")]
    pub(in crate::cli) absolute: bool,
    /// How payload bytes are read as text [default: as a saved lesson says, else UTF-8, other bytes as \x..]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) encoding: Option<Encoding>,
    #[command(flatten)]
    tcpdump_hints: HabitArgs,
}

impl RowArgs {
    /// Whether a way to tell times was asked for, in words or in tcpdump's letters.
    pub(in crate::cli) const fn has_time_style(&self) -> bool {
        self.time.is_some() || self.time_letters > 0
    }

    /// An option that only rows could heed, where one was typed.
    pub(in crate::cli) fn typed(&self) -> Option<&'static str> {
        [
            ("--format", self.format.is_some()),
            ("--columns", !self.columns.is_empty()),
            ("--time", self.has_time_style()),
            ("--relative", self.relative),
            ("--hex", self.hex),
            ("--absolute", self.absolute),
            ("--encoding", self.encoding.is_some()),
        ]
        .into_iter()
        .find_map(|(name, typed)| typed.then_some(name))
    }
}

/// What tcpdump's users add without thinking, and what is done here anyway.
#[derive(Clone, Copy, Debug, clap::Args)]
struct HabitArgs {
    /// Numbers are shown as numbers
    #[arg(short = 'n', short_alias = 'N', action = ArgAction::Count, hide = true)]
    numeric: u8,
    /// Rows are written out as they come
    #[arg(short = 'l', action = ArgAction::Count, hide = true)]
    line_buffered: u8,
}

/// The shapes of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum RowFormat {
    /// Columns grouped by layer, laid out for the terminal
    Table,
    /// A line a packet, the fastest way; sequence numbers as the headers have them unless --relative
    Plain,
    /// NDJSON: an object a packet, nested by Wireshark's names
    Json,
    /// Comma-separated values under a heading line
    Csv,
}

/// The ways to tell times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TimeChoice {
    /// Seconds since the capture's first packet
    Relative,
    /// RFC 3339 in UTC
    Absolute,
    /// Seconds since the packet shown before
    Delta,
    /// Seconds since 1970
    Epoch,
}

impl From<TimeChoice> for TimeStyle {
    fn from(choice: TimeChoice) -> Self {
        match choice {
            TimeChoice::Relative => Self::Relative,
            TimeChoice::Absolute => Self::Absolute,
            TimeChoice::Delta => Self::Delta,
            TimeChoice::Epoch => Self::Epoch,
        }
    }
}
