//! The command line as typed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::exit::HELP;
use crate::lab::Encoding;
use crate::lab::scenario::echo::Reply;
use crate::model::Transport;

/// See TCP and UDP happen: every packet tied to its bytes, its layer and the socket call behind it.
#[derive(Debug, Parser)]
#[command(name = "layerscope", version, about, max_term_width = 100, after_help = HELP, subcommand_required = true,
    arg_required_else_help = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make real traffic on loopback, capture it, and show it beside the calls that caused it
    Demo(DemoArgs),
    /// Show the packets of a saved capture
    Read(ReadArgs),
}

/// How output looks.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Display")]
pub(super) struct DisplayArgs {
    /// Colour the layers
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
    /// Draw with ASCII characters alone
    #[arg(long)]
    pub(super) ascii: bool,
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

/// The scenarios of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Scenario {
    /// Upper-case echo over TCP and UDP, ended by `exit`
    Echo,
}

const DEMO_EXAMPLES: &str = "\
Examples:
  layerscope demo                                  the whole lesson, no root needed
  layerscope demo --tcp --explain                  TCP alone, a sentence for every packet
  layerscope demo --message 你好 --encoding gbk     the same text in other bytes
  layerscope demo -w lesson.pcapng                 save it, calls and states as packet comments
";

/// What `demo` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{DEMO_EXAMPLES}\n{HELP}"))]
pub(super) struct DemoArgs {
    /// What to demonstrate
    #[arg(value_name = "SCENARIO", default_value = "echo")]
    pub(super) scenario: Scenario,
    /// A message of up to 4096 bytes for the client to send (repeatable); `exit` is always sent last
    #[arg(long = "message", short, value_name = "TEXT", default_value = "hello")]
    pub(super) messages: Vec<String>,
    /// How the server answers: `upper`, `same`, or a text of your own
    #[arg(long, value_name = "upper|same|TEXT", default_value = "upper", value_parser = parse_reply)]
    pub(super) reply: Reply,
    /// The servers' port; the UDP client takes the one above it, if there is one. 0: any that is free
    #[arg(long, short, value_name = "N", default_value_t = 8888)]
    pub(super) port: u16,
    /// How text becomes bytes: utf-8, gbk, and every other encoding of the WHATWG standard that can be written
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    pub(super) encoding: Encoding,
    /// Use ::1 instead of 127.0.0.1
    #[arg(long, short = '6')]
    pub(super) ipv6: bool,
    /// TCP alone
    #[arg(long, conflicts_with = "udp")]
    pub(super) tcp: bool,
    /// UDP alone
    #[arg(long)]
    pub(super) udp: bool,
    /// Where to run and capture
    #[arg(long, value_name = "WHERE", default_value = "auto")]
    pub(super) network: Network,
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
    /// The loopback address asked for.
    pub(super) const fn addr(&self) -> IpAddr {
        if self.ipv6 { IpAddr::V6(Ipv6Addr::LOCALHOST) } else { IpAddr::V4(Ipv4Addr::LOCALHOST) }
    }

    /// The transports asked for.
    pub(super) fn transports(&self) -> Vec<Transport> {
        match (self.tcp, self.udp) {
            (true, _) => vec![Transport::Tcp],
            (_, true) => vec![Transport::Udp],
            _ => vec![Transport::Tcp, Transport::Udp],
        }
    }
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
  layerscope read lesson.pcap --show bytes --packet 4
";

/// What `read` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{READ_EXAMPLES}\n{HELP}"))]
pub(super) struct ReadArgs {
    /// The capture: pcap or pcapng, plain, gzip or zstd; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Which parts to show [default: table and timeline for a capture of up to 100 packets, else the table]
    #[arg(long, value_name = "PARTS", value_delimiter = ',')]
    pub(super) show: Vec<Part>,
    /// The packet to open to its bytes [default: the first with TCP payload]
    #[arg(long, value_name = "N")]
    pub(super) packet: Option<u64>,
    /// How payload bytes are read as text [default: UTF-8, other bytes as \x..]
    #[arg(long, value_name = "NAME")]
    pub(super) encoding: Option<Encoding>,
    #[command(flatten)]
    pub(super) display: DisplayArgs,
}
