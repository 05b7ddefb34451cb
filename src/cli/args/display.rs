//! How what is found is shown: colour, characters, parts and shape.

use clap::ValueEnum;

use crate::lab::Encoding;

/// How output looks.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Display")]
pub(in crate::cli) struct LookArgs {
    /// Use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(in crate::cli) color: ColorChoice,
    /// Draw with ASCII characters alone
    #[arg(long)]
    pub(in crate::cli) ascii: bool,
}

/// How much of packets in lanes is told.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Display")]
pub(in crate::cli) struct DetailArgs {
    /// Show absolute sequence numbers beside the relative ones
    #[arg(long)]
    pub(in crate::cli) absolute: bool,
    /// Add one plain sentence a packet, with the arithmetic
    #[arg(long)]
    pub(in crate::cli) explain: bool,
}

/// How payload is read.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(in crate::cli) struct TextArgs {
    /// How payload bytes are read as text [default: as a saved lesson says, else UTF-8, other bytes as \x..]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) encoding: Option<Encoding>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A part of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Part {
    /// The packets, a row each
    Table,
    /// Calls, states and packets in lanes
    Timeline,
    /// One packet opened to its bytes
    Bytes,
}

/// The shape of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people
    Text,
    /// For programs: one document
    Json,
}
