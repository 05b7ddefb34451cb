//! The command line as typed.

mod capture;
mod connections;
mod echo;

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::str::FromStr;

use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(super) use capture::{CaptureArgs, SaveArgs, Where};
pub(super) use echo::{EchoArgs, EchoClientArgs, EchoProgram, EchoServerArgs, OwnPacketsArgs};

use super::exit::HELP;
use super::quantity;
use crate::lab::scenario::echo::Reply;
use crate::lab::{Encoding, SCENARIOS, Scenario};
use crate::model::{Layer, Timestamp, Transport};
use crate::render::{Column, TimeStyle};

const EXAMPLES: &str = "\
Examples:
  layerscope demo                      TCP and UDP on loopback, tied to their bytes and calls
  layerscope capture.pcap              the packets of a saved capture: short for `layerscope read`
  layerscope inspect capture.pcap 4    one packet opened to its bytes
  layerscope capture -i lo port 80     the packets of an interface as they come
";

pub(super) use connections::{
    FlowOrder, FlowsArgs, FollowArgs, HandshakeOrder, HandshakesArgs, Shape, StatsArgs, Stream, TableFormat,
    TimelineArgs, TimelineFormat,
};

/// See TCP and UDP happen: every packet tied to its bytes, its layer and the socket call behind it.
#[derive(Debug, Parser)]
#[command(name = "layerscope", version, max_term_width = 100, after_help = format!("{EXAMPLES}\n{HELP}"),
    subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make real traffic on loopback, capture it, and show it beside the calls that caused it
    Demo(DemoArgs),
    /// Show the packets of saved captures
    Read(ReadArgs),
    /// Open one packet of a saved capture to its bytes
    Inspect(InspectArgs),
    /// Every conversation in a row: traffic, round trip, trouble, verdict
    Flows(FlowsArgs),
    /// How every TCP connection opened: times, options, verdict
    Handshakes(HandshakesArgs),
    /// One conversation from its first packet to its last, in lanes
    Timeline(TimelineArgs),
    /// The bytes of one conversation, put together again
    Follow(FollowArgs),
    /// Protocols, endpoints, ports, and traffic over time
    Stats(StatsArgs),
    /// Run the echo server or client as programs of their own
    Echo(EchoArgs),
    /// Show or save the packets of an interface as they come, or of a command while it runs
    Capture(CaptureArgs),
    /// List where packets can be captured, and whether this user may
    Interfaces(InterfacesArgs),
    /// Print a shell's completion script
    Completions(CompletionsArgs),
    /// Print the manual page of layerscope or of one verb
    Man(ManArgs),
    /// Start a command when the capture is active, and end it with the capture: what `capture -- COMMAND` starts itself as
    #[command(hide = true)]
    RunWhenTold(RunWhenToldArgs),
}

/// How output looks.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Display")]
pub(super) struct LookArgs {
    /// Use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
    /// Draw with ASCII characters alone
    #[arg(long)]
    pub(super) ascii: bool,
}

/// How conversations are shown.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Display")]
pub(super) struct DisplayArgs {
    #[command(flatten)]
    pub(super) look: LookArgs,
    /// Show absolute sequence numbers beside the relative ones
    #[arg(long)]
    pub(super) absolute: bool,
    /// Add one plain sentence a packet, with the arithmetic
    #[arg(long)]
    pub(super) explain: bool,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A part of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Part {
    /// The packets, a row each
    Table,
    /// Calls, states and packets in lanes
    Timeline,
    /// One packet opened to its bytes
    Bytes,
}

/// The shape of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs: one document
    Json,
}

/// Where the demonstration runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Network {
    /// On the host's loopback where this process may capture there, else in a private network
    Auto,
    /// On the host's loopback; needs CAP_NET_RAW
    Host,
    /// In a network of its own that holds nothing but a loopback; needs no privilege where user namespaces are allowed
    Private,
}

const DEMO_EXAMPLES: &str = "\
Examples:
  layerscope demo                                  the whole lesson, no root needed
  layerscope demo --list                           every scenario of the lab
  layerscope demo retransmit --explain             a lost segment, and what it shows
  layerscope demo --tcp --explain                  TCP alone, a sentence for every packet
  layerscope demo --message 你好 --encoding gbk     the same text in other bytes
  layerscope demo -w lesson.pcapng                 save it, calls and states as packet comments
";

/// What `demo` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{DEMO_EXAMPLES}\n{HELP}"))]
pub(super) struct DemoArgs {
    /// What to demonstrate; `--list` tells what each shows
    #[arg(value_name = "SCENARIO", default_value = "echo", value_parser = scenario_parser(), hide_possible_values = true)]
    pub(super) scenario: &'static Scenario,
    /// List the scenarios and what each shows
    #[arg(long)]
    pub(super) list: bool,
    /// A message of up to 4096 bytes for the client to send (repeatable); `exit` is always sent last [default: hello]
    #[arg(long = "message", short, value_name = "TEXT")]
    pub(super) messages: Vec<String>,
    /// How the server answers: `upper`, `same`, or a text of your own [default: upper]
    #[arg(long, value_name = "upper|same|TEXT", value_parser = parse_reply)]
    pub(super) reply: Option<Reply>,
    /// The servers' port; the UDP client takes the one above it, if there is one. 0: any that is free [default: 8888]
    #[arg(long, short, value_name = "N")]
    pub(super) port: Option<u16>,
    /// How text becomes bytes: utf-8, gbk, and every other encoding of the WHATWG standard that can be written
    /// [default: utf-8]
    #[arg(long, value_name = "NAME")]
    pub(super) encoding: Option<Encoding>,
    /// How long the server of `timeout` waits for a silent client: `1s`, `500ms` [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = quantity::duration)]
    pub(super) timeout: Option<Duration>,
    /// Use ::1 instead of 127.0.0.1
    #[arg(long, short = '6')]
    pub(super) ipv6: bool,
    /// TCP alone
    #[arg(long, conflicts_with = "udp")]
    pub(super) tcp: bool,
    /// UDP alone
    #[arg(long)]
    pub(super) udp: bool,
    /// Where to run and capture [default: auto for echo, private for every other scenario]
    #[arg(long, value_name = "WHERE")]
    pub(super) network: Option<Network>,
    /// Save the packets: .pcap, or .pcapng with calls, states and explanations as packet comments
    #[arg(long, short, value_name = "FILE")]
    pub(super) write: Option<PathBuf>,
    /// Which parts to show; they come in this order
    #[arg(long, value_name = "PARTS", value_delimiter = ',', default_value = "table,timeline,bytes")]
    pub(super) show: Vec<Part>,
    /// The packet to open to its bytes [default: the first with TCP payload]
    #[arg(long, value_name = "N")]
    pub(super) packet: Option<u64>,
    /// The shape of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,
    /// Replace what differs from run to run by stable values: times, the order of what happens at once, the ports and
    /// numbers that the kernel chose
    #[arg(long)]
    pub(super) canonical: bool,
    #[command(flatten)]
    pub(super) display: DisplayArgs,
}

impl DemoArgs {
    /// The options given that only some scenarios have a use for.
    pub(super) fn particular(&self) -> impl Iterator<Item = &'static str> {
        [
            ("--message", !self.messages.is_empty()),
            ("--reply", self.reply.is_some()),
            ("--port", self.port.is_some()),
            ("--encoding", self.encoding.is_some()),
            ("--ipv6", self.ipv6),
            ("--tcp", self.tcp),
            ("--udp", self.udp),
            ("--timeout", self.timeout.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
    }

    /// The loopback address asked for.
    pub(super) const fn addr(&self) -> IpAddr {
        if self.ipv6 { IpAddr::V6(Ipv6Addr::LOCALHOST) } else { IpAddr::V4(Ipv4Addr::LOCALHOST) }
    }

    /// The transports asked for.
    pub(super) fn transports(&self) -> Vec<Transport> {
        transports(self.tcp, self.udp)
    }
}

/// One of the two where it is asked for, else both.
pub(super) fn transports(tcp: bool, udp: bool) -> Vec<Transport> {
    match (tcp, udp) {
        (true, _) => vec![Transport::Tcp],
        (_, true) => vec![Transport::Udp],
        _ => vec![Transport::Tcp, Transport::Udp],
    }
}

/// The scenarios by name; clap suggests the nearest to a name that is none.
fn scenario_parser() -> impl TypedValueParser<Value = &'static Scenario> {
    let names = SCENARIOS.iter().map(|scenario| PossibleValue::new(scenario.name).help(scenario.title));
    PossibleValuesParser::new(names).try_map(|name| Scenario::named(&name).ok_or("no such scenario"))
}

#[expect(clippy::unnecessary_wraps, reason = "clap asks for a parser that could fail")]
fn parse_reply(text: &str) -> Result<Reply, std::convert::Infallible> {
    Ok(match text {
        "upper" => Reply::Upper,
        "same" => Reply::Same,
        other => Reply::Text(other.to_owned()),
    })
}

const READ_EXAMPLES: &str = "\
Examples:
  layerscope read captures/demo.pcapng             a saved demonstration, calls included
  layerscope read big.pcap tcp port 80 -c 20       the first 20 packets that a filter lets through
  tcpdump -U -w - | layerscope read -              packets as they are captured
  layerscope read *.pcap.gz --merge --format json  several captures in the order of their times
";

/// What `read` is asked to do.
#[derive(Debug, clap::Args)]
#[command(override_usage = "layerscope read [OPTIONS] FILE... [FILTER]", after_help = format!("{READ_EXAMPLES}\n{HELP}"))]
pub(super) struct ReadArgs {
    /// Captures (pcap or pcapng, plain, gzip or zstd; `-` for standard input), then a filter expression as tcpdump takes
    /// it: it begins with the first word that is no existing file
    #[arg(value_name = "FILE", required_unless_present = "files")]
    pub(super) words: Vec<OsString>,
    /// A capture (repeatable); then all other words are the filter
    #[arg(short = 'r', long = "read", value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Merge several captures in the order of their times, instead of one after the other
    #[arg(long)]
    pub(super) merge: bool,
    #[command(flatten)]
    pub(super) choice: ChoiceArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    pub(super) display: DisplayArgs,
}

/// Which packets.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Packets")]
pub(super) struct ChoiceArgs {
    /// A filter expression in libpcap's language (pcap-filter(7)), in one argument
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) filter: Option<String>,
    /// One conversation, as `layerscope flows` numbers them: `N` of TCP, `udp:N` of UDP
    #[arg(long, value_name = "N")]
    pub(super) stream: Option<Stream>,
    /// From this moment on: seconds since 1970, RFC 3339 in UTC, or +seconds after the capture's first packet
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<Moment>,
    /// Up to this moment
    #[arg(long, value_name = "TIME")]
    pub(super) to: Option<Moment>,
    /// Stop after so many packets
    #[arg(short = 'c', long = "limit", value_name = "N")]
    pub(super) limit: Option<u64>,
}

/// What of them.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Print the number of packets, and nothing else
    #[arg(long, conflicts_with_all = ["format", "columns", "verbose", "hex", "show"])]
    pub(super) count: bool,
    #[command(flatten)]
    pub(super) rows: RowArgs,
    /// Which parts to show [default: the table, and the timelines of up to 100 packets]
    #[arg(long, value_name = "PARTS", value_delimiter = ',', value_parser = part_parser(),
        conflicts_with_all = ["format", "verbose", "hex"])]
    pub(super) show: Vec<Part>,
}

/// In what shape packets are written, one after the other.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct RowArgs {
    /// The shape of the output [default: table]
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<RowFormat>,
    /// The columns of table or csv
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = column_parser())]
    pub(super) columns: Vec<Column>,
    /// How table, plain and csv tell times
    #[arg(short = 'T', long = "time", value_name = "STYLE", default_value = "relative")]
    pub(super) time: TimeChoice,
    /// In plain rows, follow connections: relative sequence numbers, scaled windows, what went wrong
    #[arg(long)]
    pub(super) relative: bool,
    /// Every field of every packet under a plain row
    #[arg(long, conflicts_with = "columns")]
    pub(super) verbose: bool,
    /// The bytes of every packet, under a plain row or in its JSON
    #[arg(long, conflicts_with = "columns")]
    pub(super) hex: bool,
    /// How payload bytes are read as text [default: UTF-8, other bytes as \x..]
    #[arg(long, value_name = "NAME")]
    pub(super) encoding: Option<Encoding>,
}

/// The shapes of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RowFormat {
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
pub(super) enum TimeChoice {
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

/// A moment as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// By the clock.
    At(Timestamp),
    /// So many nanoseconds after the first packet.
    After(i64),
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = match text.strip_prefix('+') {
            Some(seconds) => seconds.parse().map(|time: Timestamp| Self::After(time.nanos())),
            None => text.parse().map(Self::At),
        };
        read.map_err(|()| "expected 1700000000.5, 2026-11-20T19:22:17.5Z or +1.5")
    }
}

/// The parts that `read` can show: bytes are for `inspect`.
fn part_parser() -> impl TypedValueParser<Value = Part> {
    PossibleValuesParser::new(["table", "timeline"])
        .map(|part| if part == "table" { Part::Table } else { Part::Timeline })
}

fn column_parser() -> impl TypedValueParser<Value = Column> {
    PossibleValuesParser::new(Column::ALL.iter().map(|column| column.name())).map(|name| {
        // The parser lets no other name through.
        Column::ALL.iter().copied().find(|column| column.name() == name).unwrap_or(Column::Number)
    })
}

const INSPECT_EXAMPLES: &str = "\
Examples:
  layerscope inspect captures/demo.pcapng 4                     its layers, fields and bytes
  layerscope inspect captures/demo.pcapng 4 --field tcp.seq     its values alone, for scripts
  layerscope inspect captures/demo.pcapng 4 --layer transport   one layer
";

/// What `inspect` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{INSPECT_EXAMPLES}\n{HELP}"))]
pub(super) struct InspectArgs {
    /// The capture: pcap or pcapng, plain, gzip or zstd; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The packet's number in the capture, from 1; left out, you are told which there are
    #[arg(value_name = "N", allow_negative_numbers = true)]
    pub(super) number: Option<String>,
    /// Print every value of one field, a line each, by its Wireshark name
    #[arg(long, value_name = "KEY", conflicts_with_all = ["layer", "format"])]
    pub(super) field: Option<String>,
    /// Show one layer
    #[arg(long, value_name = "LAYER")]
    pub(super) layer: Option<LayerChoice>,
    /// The shape of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,
    /// How payload bytes are read as text [default: UTF-8, other bytes as \x..]
    #[arg(long, value_name = "NAME")]
    pub(super) encoding: Option<Encoding>,
    #[command(flatten)]
    pub(super) look: LookArgs,
}

/// The four layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LayerChoice {
    Link,
    Internet,
    Transport,
    Application,
}

impl From<LayerChoice> for Layer {
    fn from(choice: LayerChoice) -> Self {
        match choice {
            LayerChoice::Link => Self::Link,
            LayerChoice::Internet => Self::Internet,
            LayerChoice::Transport => Self::Transport,
            LayerChoice::Application => Self::Application,
        }
    }
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  layerscope completions bash > ~/.local/share/bash-completion/completions/layerscope
  layerscope completions fish > ~/.config/fish/completions/layerscope.fish
";

/// For which shell.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{COMPLETIONS_EXAMPLES}\n{HELP}"))]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(super) shell: Shell,
}

const MAN_EXAMPLES: &str = "\
Examples:
  layerscope man | man -l -                        the page of layerscope itself
  layerscope man read > layerscope-read.1          the page of one verb, to install
";

/// Of which verb.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{MAN_EXAMPLES}\n{HELP}"))]
pub(super) struct ManArgs {
    /// The verb [default: layerscope itself]
    #[arg(value_name = "VERB")]
    pub(super) verb: Option<String>,
}

const INTERFACES_EXAMPLES: &str = "\
Examples:
  layerscope interfaces                            as whom you are
  sudo layerscope interfaces                       as root
";

/// What `interfaces` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{INTERFACES_EXAMPLES}\n{HELP}"))]
pub(super) struct InterfacesArgs {
    #[command(flatten)]
    pub(super) look: LookArgs,
}

/// What the keeper of a command is told.
#[derive(Debug, clap::Args)]
pub(super) struct RunWhenToldArgs {
    #[arg(last = true, required = true)]
    pub(super) command: Vec<OsString>,
}
