//! What the verbs over connections are asked to do: `handshakes`, `flows`, `timeline`, `follow`, `stats`.

use std::time::Duration;

use clap::ValueEnum;

use super::choice::choosing;
use super::columns::{self, RowOrder, Word};
use super::expectations::EXPECTATIONS;
use super::{HELP, LookArgs, SafetyArgs, SelectionArgs};
use crate::analyse::Limits;
use crate::engine::{Expectations, quantity};
use crate::lab::Encoding;
use crate::model::Lane;
use crate::render::{EventRow, Flow, HandshakeRow, StatsRow};

/// The shape of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TableFormat {
    /// A table for people
    Text,
    /// An object a line
    Json,
    /// Comma-separated values with a heading
    Csv,
}

/// What `flows` and `handshakes` show of many conversations.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ManyArgs {
    /// At most this many; 0 for none
    #[arg(long, value_name = "N")]
    pub(in crate::cli) top: Option<usize>,
    /// Check these instead of showing them: TAP lines, exit code 4 where one is not met; see --help
    #[arg(long, value_name = "CLAUSES", conflicts_with_all = ["top", "sort", "format", "columns"])]
    pub(in crate::cli) expect: Option<Expectations>,
    /// The shape of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: TableFormat,
    /// How many conversations to remember at once; the one idle longest gives way
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_connections)]
    max_connections: usize,
}

impl ManyArgs {
    /// What the tracker may remember.
    pub(in crate::cli) const fn limits(&self) -> Limits {
        Limits { max_connections: self.max_connections }
    }
}

const CONVERSATIONS: &str =
    "Every conversation with a chosen packet is shown whole, its other times included; with -c, as
  far as it was read.";

const PARTS: &str = "\
Times:
  total        what the client waited, from its first SYN to its ACK; the others are its parts
  SYN→SYN,ACK  from the SYN that was answered
  SYN,ACK→ACK  from the SYN,ACK that was acknowledged
  resending    what went by until these two were sent, where others had been sent before them
";

const HANDSHAKE_EXAMPLES: &str = "\
Examples:
  layerscope handshakes web.pcap --slower-than 50ms --sort total
  layerscope handshakes web.pcap --failed --ladder   the packets of those that did not come about
  layerscope handshakes web.pcap 'host 192.0.2.1' --expect 'handshake<50ms; open=complete'
";

/// What `handshakes` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{HANDSHAKE_EXAMPLES}\n{HELP}"), after_long_help = format!("{}\n{PARTS}\n{}\n{}\n{HANDSHAKE_EXAMPLES}\n{HELP}", choosing(CONVERSATIONS),
    columns::listing::<HandshakeRow<'static>>(Some(["offered.0", "offered.1"])), EXPECTATIONS))]
pub(in crate::cli) struct HandshakesArgs {
    /// Only those that were refused, unanswered or left half-open
    #[arg(long)]
    pub(in crate::cli) failed: bool,
    /// Only those that took longer, from the first SYN to the ACK; with --failed, those and the failed ones
    #[arg(long, value_name = "TIME", value_parser = quantity::measured)]
    pub(in crate::cli) slower_than: Option<i64>,
    /// The columns, by their keys, which --help lists
    #[arg(long, value_name = "KEYS", value_delimiter = ',', hide_possible_values = true,
        value_parser = columns::of_rows::<HandshakeRow<'static>>())]
    pub(in crate::cli) columns: Vec<&'static str>,
    /// Which come first: the largest by `total`, `syn-ack` (SYN→SYN,ACK), `ack` (SYN,ACK→ACK), `syns` or the key of
    /// another column, the earliest by `start`, `stream` or a column of moments
    #[arg(long, value_name = "KEY", default_value = "start", hide_possible_values = true,
        value_parser = columns::order::<HandshakeRow<'static>>(HANDSHAKE_WORDS))]
    pub(in crate::cli) sort: RowOrder,
    /// Draw each as a timeline, at most 25 unless --top says otherwise; reads the capture twice
    #[arg(long, conflicts_with_all = ["format", "expect", "columns"])]
    pub(in crate::cli) ladder: bool,
    #[command(flatten)]
    pub(in crate::cli) many: ManyArgs,
    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,
    #[command(flatten)]
    pub(in crate::cli) look: LookArgs,
    #[command(flatten)]
    pub(in crate::cli) safety: SafetyArgs,
}

/// Words that handshakes can be sorted by beside the columns' keys.
const HANDSHAKE_WORDS: &[Word] =
    &[("total", "total_ns"), ("syn-ack", "syn_to_syn_ack_ns"), ("ack", "syn_ack_to_ack_ns")];

const FLOWS_EXAMPLES: &str = "\
Examples:
  layerscope flows web.pcap --columns stream,server,rtt_ns,trouble --sort rtt_ns --top 10
  layerscope flows day1.pcap day2.pcap.gz 'tcp[13] & 4 != 0' --from 22:00   with a reset since then
  layerscope flows test.pcap --expect 'connections=3; close=fin; no retransmission'   in a CI job
";

/// What `flows` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{FLOWS_EXAMPLES}\n{HELP}"), after_long_help = format!("{}\n{}\n{}\n{FLOWS_EXAMPLES}\n{HELP}", choosing(CONVERSATIONS),
    columns::listing::<Flow<'static>>(Some(["from_client", "from_server"])), EXPECTATIONS))]
pub(in crate::cli) struct FlowsArgs {
    /// The columns, by their keys, which --help lists
    #[arg(long, value_name = "KEYS", value_delimiter = ',', hide_possible_values = true,
        value_parser = columns::of_rows::<Flow<'static>>())]
    pub(in crate::cli) columns: Vec<&'static str>,
    /// Which come first: the largest by `duration`, `packets`, `bytes`, `rtt`, `retransmissions` or the key of another
    /// column, the earliest by `start`, `stream` or a column of moments or frames
    #[arg(long, value_name = "KEY", default_value = "start", hide_possible_values = true,
        value_parser = columns::order::<Flow<'static>>(FLOW_WORDS))]
    pub(in crate::cli) sort: RowOrder,
    #[command(flatten)]
    pub(in crate::cli) many: ManyArgs,
    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,
    #[command(flatten)]
    pub(in crate::cli) look: LookArgs,
    #[command(flatten)]
    pub(in crate::cli) safety: SafetyArgs,
}

/// Words that conversations can be sorted by beside the columns' keys.
const FLOW_WORDS: &[Word] = &[("duration", "duration_ns"), ("rtt", "rtt_ns")];

/// Of which conversation `timeline` and `follow` show what there is.
#[derive(Debug, clap::Args)]
#[command(mut_arg("stream", |arg| arg.value_name("STREAM").help(WHICH)))]
pub(in crate::cli) struct OneArgs {
    /// How payload bytes are read as text [default: as a saved lesson says, else UTF-8, other bytes as \x..]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) encoding: Option<Encoding>,
    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,
}

const WHICH: &str = "Which conversation: `N` or `tcp:N` as Wireshark's tcp.stream, `udp:N` as its udp.stream, but that what \
                     UDP itself tunnels (VXLAN, GTP) is not counted; left out, you are told which there are";

const DRAWN: &str = "The chosen packets are drawn, and what quotes them; states take the others into account, too.";

const TIMELINE_EXAMPLES: &str = "\
Examples:
  layerscope timeline lesson.pcapng --stream 0 --explain   a saved demonstration, calls included
  layerscope timeline dns.pcap --stream udp:0
  layerscope timeline web.pcap --stream 3 --format svg > stream3.svg
";

/// What `timeline` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{TIMELINE_EXAMPLES}\n{HELP}"),
    after_long_help = format!("{}\n{}\n{TIMELINE_EXAMPLES}\n{HELP}", choosing(DRAWN), columns::listing::<EventRow<'static>>(None)))]
pub(in crate::cli) struct TimelineArgs {
    /// Beyond this many packets, runs of data become one arrow, and what is left over in the middle is counted
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(in crate::cli) max_rows: usize,
    /// The columns of --format json and csv, by their keys, which --help lists
    #[arg(long, value_name = "KEYS", value_delimiter = ',', hide_possible_values = true,
        value_parser = columns::of_rows::<EventRow<'static>>())]
    pub(in crate::cli) columns: Vec<&'static str>,
    /// The shape of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: TimelineFormat,
    #[command(flatten)]
    pub(in crate::cli) one: OneArgs,
    #[command(flatten)]
    pub(in crate::cli) display: super::DisplayArgs,
    #[command(flatten)]
    pub(in crate::cli) safety: SafetyArgs,
}

/// The shape of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TimelineFormat {
    /// A ladder for people
    Text,
    /// An object an event, the conversation first
    Json,
    /// A line an event
    Csv,
    /// A sequence diagram for Markdown
    Mermaid,
    /// A picture for browsers
    Svg,
}

const CARRIED: &str = "The bytes of the chosen packets are put together; those of others are shown as missing.";

const FOLLOW_EXAMPLES: &str = "\
Examples:
  layerscope follow web.pcap --stream 0
  layerscope follow web.pcap --stream 0 --side server --as raw > answer.bin
  layerscope follow chat.pcap --stream 2 --encoding gbk
";

/// What `follow` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{FOLLOW_EXAMPLES}\n{HELP}"),
    after_long_help = format!("{}\n{FOLLOW_EXAMPLES}\n{HELP}", choosing(CARRIED)))]
pub(in crate::cli) struct FollowArgs {
    /// What one side sent, alone
    #[arg(long, value_name = "SIDE")]
    pub(in crate::cli) side: Option<Side>,
    /// How the bytes are shown [default: text]
    #[arg(long = "as", value_name = "SHAPE")]
    pub(in crate::cli) shape: Option<Shape>,
    /// The shape of the output: `text` as --as says, `json` and `csv` a piece a line
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: TableFormat,
    #[command(flatten)]
    pub(in crate::cli) one: OneArgs,
    #[command(flatten)]
    pub(in crate::cli) look: LookArgs,
    #[command(flatten)]
    pub(in crate::cli) safety: SafetyArgs,
}

/// One side of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Side {
    /// Who opened it
    Client,
    /// Who answered
    Server,
}

impl From<Side> for Lane {
    fn from(side: Side) -> Self {
        match side {
            Side::Client => Self::Client,
            Side::Server => Self::Server,
        }
    }
}

/// How a stream's bytes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Shape {
    /// As text, harmless for a terminal
    Text,
    /// In hexadecimal beside the text
    Hex,
    /// As they are: to a file or a pipe only
    Raw,
}

const COUNTED: &str = "The chosen packets alone are counted.";

const STATS_EXAMPLES: &str = "\
Examples:
  layerscope stats web.pcap
  layerscope stats web.pcap 'udp port 53' --interval 1s --top 5
  layerscope stats web.pcap --format json | jq -r 'select(.kind == \"endpoint\") | .name'
";

/// What `stats` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{STATS_EXAMPLES}\n{HELP}"),
    after_long_help = format!("{}\n{}\n{STATS_EXAMPLES}\n{HELP}", choosing(COUNTED), columns::listing::<StatsRow>(None)))]
pub(in crate::cli) struct StatsArgs {
    /// How long a bar of the chart lasts [default: what gives 20 to 40 bars]
    #[arg(long, value_name = "TIME", value_parser = quantity::duration)]
    pub(in crate::cli) interval: Option<Duration>,
    /// How many endpoints, and ports of each class, to show; 0 for none
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(in crate::cli) top: usize,
    /// The columns, by their keys, which --help lists: of the kinds of facts that have all of them
    #[arg(long, value_name = "KEYS", value_delimiter = ',', hide_possible_values = true,
        value_parser = columns::of_rows::<StatsRow>())]
    pub(in crate::cli) columns: Vec<&'static str>,
    /// Which endpoints and ports come first: the largest by the key of a column [default: bytes]
    #[arg(long, value_name = "KEY", hide_possible_values = true, value_parser = columns::of_rows::<StatsRow>())]
    pub(in crate::cli) sort: Option<&'static str>,
    /// The shape of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: TableFormat,
    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,
    #[command(flatten)]
    pub(in crate::cli) look: LookArgs,
    #[command(flatten)]
    pub(in crate::cli) safety: SafetyArgs,
}
