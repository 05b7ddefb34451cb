//! What `read` is asked to do, as typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ArgAction;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::choice::choosing;
use super::{ChoiceArgs, HELP, Part, RowArgs};

const READ_EXAMPLES: &str = "\
Examples:
  layerscope read captures/demo.pcapng             a saved demonstration, calls included
  layerscope read big.pcap tcp port 80 -c 20       the first 20 packets that a filter lets through
  layerscope read a.pcap -w b.pcapng port 53       the packets of a filter, saved
  tcpdump -U -w - | layerscope read -              packets as they are captured
  layerscope read *.pcap.gz --merge --format json  several captures in the order of their times
";

const CHOSEN: &str = "The chosen packets are shown, counted or saved.";

/// What `read` is asked to do.
#[derive(Debug, clap::Args)]
#[command(override_usage = "layerscope read [OPTIONS] FILE... [FILTER]", after_help = format!("{READ_EXAMPLES}\n{HELP}"),
    after_long_help = format!("{}\n{READ_EXAMPLES}\n{HELP}", choosing(CHOSEN)))]
pub(in crate::cli) struct ReadArgs {
    /// Captures (pcap or pcapng, plain, gzip or zstd; `-` for standard input), then a filter expression as tcpdump takes
    /// it: it begins with the first word that is not an existing file
    #[arg(value_name = "FILE", required_unless_present = "files")]
    pub(in crate::cli) words: Vec<OsString>,
    /// A capture (repeatable); then all other words are the filter
    #[arg(short = 'r', long = "read", value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Merge several captures in the order of their times, instead of one after the other
    #[arg(long)]
    pub(in crate::cli) merge: bool,
    #[command(flatten)]
    pub(in crate::cli) choice: ChoiceArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
    /// The same as without it: tcpdump's way to ask for packets as long as they are
    #[arg(short = 's', value_name = "BYTES", hide = true, value_parser = whole)]
    whole: Option<()>,
    /// The same as without it: what comes slowly is saved as it comes
    #[arg(short = 'U', action = ArgAction::Count, hide = true, requires = "write")]
    unbuffered: u8,
}

fn whole(typed: &str) -> Result<(), &'static str> {
    if typed == "0" {
        Ok(())
    } else {
        Err("saved packets are shown as long as they are; `layerscope capture -s` cuts them")
    }
}

impl ReadArgs {
    /// Whether packets are shown, neither counted nor saved.
    pub(in crate::cli) const fn shows(&self) -> bool {
        !self.output.count && self.output.write.is_none()
    }
}

/// What of them.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct OutputArgs {
    /// Print the number of packets, and nothing else
    #[arg(long, conflicts_with_all = ["format", "columns", "time", "time_letters", "relative", "verbose",
        "hex", "absolute", "encoding", "show", "explain"])]
    pub(in crate::cli) count: bool,
    /// Save the packets instead of showing them: .pcap or .pcapng (which keeps comments and the interfaces' names), .gz or
    /// .zst after it to compress; `-` for standard output
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["count", "format", "columns", "time", "time_letters",
        "relative", "verbose", "hex", "absolute", "encoding", "show", "explain"])]
    pub(in crate::cli) write: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) rows: RowArgs,
    /// Which parts to show [default: the table, and the timelines of up to 100 packets]
    #[arg(long, value_name = "PARTS", value_delimiter = ',', value_parser = part_parser(),
        conflicts_with_all = ["format", "relative", "verbose", "hex"])]
    pub(in crate::cli) show: Vec<Part>,
    /// Add one plain sentence a packet, with the arithmetic, to the timelines of up to 10,000 packets
    #[arg(long)]
    pub(in crate::cli) explain: bool,
}

/// The parts that `read` can show: bytes are for `inspect`.
fn part_parser() -> impl TypedValueParser<Value = Part> {
    PossibleValuesParser::new(["table", "timeline"])
        .map(|part| if part == "table" { Part::Table } else { Part::Timeline })
}
