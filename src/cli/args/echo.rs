//! What the echo programs are asked to do, as typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;
use clap::builder::TypedValueParser;

use super::VerbArgs;
use crate::cli::exit::HELP;
use crate::engine::quantity;
use crate::lab::{Encoding, LONGEST_MESSAGE, Reply};
use crate::model::Transport;

/// Where the server listens, and the client looks for it, unless they are told.
const ADDRESS: &str = "127.0.0.1:8888";

const EXAMPLES: &str = "\
Examples:
  layerscope echo server                           TCP and UDP, port 8888, a thread for each client
  layerscope echo server --one-at-a-time --reply OK
  sudo layerscope echo server --capture            its packets beside its calls, as they happen
  layerscope echo client 127.0.0.1:8888            each line is a message; `exit` or an empty line ends
  echo hello | layerscope echo client --udp localhost:8888
  nc 127.0.0.1 8888                                other programs can talk to it too
";

/// What `echo` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{HELP}"), subcommand_required = true, arg_required_else_help = true)]
pub(in crate::cli) struct EchoArgs {
    #[command(subcommand)]
    pub(in crate::cli) program: EchoProgram,
}

/// The two programs.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EchoProgram {
    /// Answer every message, until Ctrl-C
    Server(EchoServerArgs),
    /// Send each line typed (or piped) as a message, and print the answer
    Client(EchoClientArgs),
}

const SERVER_EXAMPLES: &str = "\
Examples:
  layerscope echo server                           TCP and UDP, port 8888, a thread for each client
  layerscope echo server --bind 0.0.0.0:9000 --tcp --timeout 10s
  sudo layerscope echo server --capture            its packets beside its calls, as they happen
  sudo layerscope echo server --capture -w lesson.pcapng   for `layerscope read` afterwards
";

/// What the server is asked to do.
///
/// Over TCP a line is a message, and so is what one recv() gives without an end of line; a datagram is one over UDP.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{SERVER_EXAMPLES}\n{HELP}"))]
pub(in crate::cli) struct EchoServerArgs {
    #[command(flatten)]
    pub(in crate::cli) over: TransportArgs,
    /// Where to listen; `localhost:8888` is looked up, `:8888` is every address, port 0 any that is free. Ports below
    /// net.ipv4.ip_unprivileged_port_start (1024) are for root
    #[arg(long, value_name = "HOST:PORT", default_value = ADDRESS)]
    pub(in crate::cli) bind: String,
    /// How to answer: `upper`, `same`, or a text of your own
    #[arg(long, value_name = "upper|same|TEXT", default_value = "upper", value_parser = parse_reply)]
    pub(in crate::cli) reply: Reply,
    /// How bytes become text
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    pub(in crate::cli) encoding: Encoding,
    /// How many connections may wait to be accepted; the kernel holds it to net.core.somaxconn. While so many wait, it drops
    /// what would open more, and a client tries again a second later: `5` shows that with a few clients
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(i32).range(0..))]
    pub(in crate::cli) backlog: i32,
    /// How many bytes a recv() asks for, at most 65536: of a stream the rest stays to be read, of a datagram it is lost
    #[arg(long, value_name = "N", default_value_t = LONGEST_MESSAGE, value_parser = parse_recv())]
    pub(in crate::cli) recv: usize,
    /// Give up on a TCP client that is silent for so long: `10s`, `500ms` [default: never]
    #[arg(long, value_name = "TIME", value_parser = quantity::duration)]
    pub(in crate::cli) timeout: Option<Duration>,
    /// Serve one TCP client to the end before the next
    #[arg(long)]
    pub(in crate::cli) one_at_a_time: bool,
    #[command(flatten)]
    pub(in crate::cli) packets: VerbArgs<OwnPacketsArgs>,
}

const CLIENT_EXAMPLES: &str = "\
Examples:
  layerscope echo client 127.0.0.1:8888            each line is a message; `exit` or an empty line ends
  layerscope echo client --newline localhost:7     for servers that read lines
  echo hello | layerscope echo client --udp localhost:8888
  sudo layerscope echo client 127.0.0.1:8888 --capture     its packets beside its calls, as they happen
";

/// What the client is asked to do.
///
/// A line is sent without its end, and its answer is what comes back at once. Datagrams are sent by sendto() and received by
/// recvfrom(), which tells who sent them. Where somebody types, what was sent and received is told, with the bytes' number.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{CLIENT_EXAMPLES}\n{HELP}"))]
pub(in crate::cli) struct EchoClientArgs {
    /// The server
    #[arg(value_name = "HOST:PORT", default_value = ADDRESS)]
    pub(in crate::cli) server: String,
    /// Over TCP, which is the default
    #[arg(long, conflicts_with = "udp")]
    pub(in crate::cli) tcp: bool,
    /// Over UDP
    #[arg(long)]
    pub(in crate::cli) udp: bool,
    /// Connect the UDP socket: connect() sends nothing, but settles whom send() is to and recv() from
    #[arg(long, requires = "udp")]
    pub(in crate::cli) connect: bool,
    /// The client's own address [default: the kernel chooses]
    #[arg(long, value_name = "HOST:PORT")]
    pub(in crate::cli) bind: Option<String>,
    /// Send the end of each line too, for servers that wait for it
    #[arg(long)]
    pub(in crate::cli) newline: bool,
    /// How many bytes a recv() asks for, at most 65536
    #[arg(long, value_name = "N", default_value_t = LONGEST_MESSAGE, value_parser = parse_recv())]
    pub(in crate::cli) recv: usize,
    /// How text becomes bytes
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    pub(in crate::cli) encoding: Encoding,
    #[command(flatten)]
    pub(in crate::cli) packets: VerbArgs<OwnPacketsArgs>,
}

/// What is shown and saved of a program's own packets.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Packets")]
pub(in crate::cli) struct OwnPacketsArgs {
    /// Show this program's own packets beside its calls, as they happen; needs CAP_NET_RAW, and root is given up before
    /// the first packet is decoded
    #[arg(long)]
    pub(in crate::cli) capture: bool,
    /// Save them: .pcap, or .pcapng with calls and states as packet comments, which `layerscope read` shows
    #[arg(long, short, value_name = "FILE", requires = "capture")]
    pub(in crate::cli) write: Option<PathBuf>,
}

/// Over which transports.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TransportArgs {
    /// TCP alone
    #[arg(long, conflicts_with = "udp")]
    pub(in crate::cli) tcp: bool,
    /// UDP alone
    #[arg(long)]
    pub(in crate::cli) udp: bool,
}

impl TransportArgs {
    /// One of the two where it is asked for, else both.
    pub(in crate::cli) fn transports(&self) -> Vec<Transport> {
        match (self.tcp, self.udp) {
            (true, _) => vec![Transport::Tcp],
            (_, true) => vec![Transport::Udp],
            _ => vec![Transport::Tcp, Transport::Udp],
        }
    }
}

/// The size of a buffer.
fn parse_recv() -> impl TypedValueParser<Value = usize> {
    clap::value_parser!(u32).range(1..=65_536).map(|size| size as usize)
}

#[expect(clippy::unnecessary_wraps, reason = "clap asks for a parser that could fail")]
pub(super) fn parse_reply(text: &str) -> Result<Reply, std::convert::Infallible> {
    Ok(match text {
        "upper" => Reply::Upper,
        "same" => Reply::Same,
        other => Reply::Text(other.to_owned()),
    })
}
