//! What `capture` is asked to do, as typed.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::RowArgs;
use crate::cli::exit::HELP;
use crate::engine::quantity;
use crate::source::SNAPLEN;

const EXAMPLES: &str = "\
Examples:
  layerscope capture                               the interface of the default route, until Ctrl-C
  layerscope capture -i lo port 8888               a filter in libpcap's language
  layerscope capture -w web.pcapng tcp port 443    save it; --print shows it as well
  layerscope capture -w ring.pcapng.zst --rotate-size 100MB --keep 10
  layerscope capture -- curl -s example.org        while a command runs
  layerscope capture --process port 443            with the program and the user behind each socket
  layerscope capture --network private -- ./test   a command in a network of its own, without root
";

/// Where a command and its capture run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Where {
    /// On this machine's network; needs CAP_NET_RAW
    Host,
    /// In a network of the command's own that holds nothing but a loopback; needs no privilege where user namespaces
    /// are allowed
    Private,
}

/// What `capture` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n{HELP}\n  With -- COMMAND, that of the command where it has ended (128 + N by signal N)."))]
pub(in crate::cli) struct CaptureArgs {
    /// What to capture, in libpcap's language: `tcp port 80 and host 192.0.2.1` [default: everything]
    #[arg(value_name = "FILTER")]
    pub(in crate::cli) filter: Vec<String>,
    /// A command to run; the capture is active before it starts and ends with it, and it ends with the capture
    #[arg(last = true, value_name = "COMMAND")]
    pub(in crate::cli) command: Vec<OsString>,
    /// Where to capture; `any` is everywhere, with the interface of each packet [default: the interface of the default route]
    #[arg(long, short, value_name = "NAME")]
    pub(in crate::cli) interface: Option<String>,
    /// End after this many packets, 1 or more
    #[arg(long, short, value_name = "N", value_parser = quantity::packets)]
    pub(in crate::cli) count: Option<u64>,
    /// End after this long: 10s, 5m
    #[arg(long, value_name = "TIME", value_parser = quantity::duration)]
    pub(in crate::cli) duration: Option<Duration>,
    /// How many bytes of each packet to keep; 0 for all
    #[arg(long, short, value_name = "BYTES", default_value_t = SNAPLEN,
        value_parser = clap::value_parser!(u32).range(..=i64::from(SNAPLEN)))]
    snaplen: u32,
    /// How much the kernel may hold until it is fetched
    #[arg(long, value_name = "SIZE", default_value = "8MiB", value_parser = quantity::buffer)]
    pub(in crate::cli) buffer_size: u32,
    /// Let the interface hear what is not meant for it (never on a loopback or on `any`)
    #[arg(long)]
    pub(in crate::cli) promiscuous: bool,
    /// The same as without it: tcpdump's way to say no to what is not done here anyway
    #[arg(short = 'p', hide = true, conflicts_with = "promiscuous")]
    not_promiscuous: bool,
    /// Where to run the command and capture
    #[arg(long, value_name = "WHERE", default_value = "host", requires = "command")]
    pub(in crate::cli) network: Where,
    /// Show connections instead of packets: a live table on a terminal, else a line an event
    #[arg(long)]
    pub(in crate::cli) connections: bool,
    /// Name the process behind each local socket, as far as this user may see it: its name, number and user, +1 where
    /// one more process holds the socket. A .pcapng file gets it as packet comments
    #[arg(long)]
    pub(in crate::cli) process: bool,
    /// Show hosts by name once the name servers have told it; no row waits for that. Addresses are sent to them
    #[arg(long)]
    pub(in crate::cli) resolve: bool,
    /// Show nothing but the summary
    #[arg(long, short, conflicts_with_all = ["print", "connections"])]
    pub(in crate::cli) quiet: bool,
    #[command(flatten)]
    pub(in crate::cli) save: SaveArgs,
    #[command(flatten)]
    pub(in crate::cli) rows: RowArgs,
}

/// Where packets are saved.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Saving")]
pub(in crate::cli) struct SaveArgs {
    /// Save the packets instead of showing them: .pcap or .pcapng, .gz or .zst after it to compress; `-` for standard
    /// output. Their connections are then left to `layerscope flows FILE`
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) write: Option<PathBuf>,
    /// Show them as well, and in the end how their connections went
    #[arg(long, requires = "write")]
    pub(in crate::cli) print: bool,
    /// Write out every packet at once, not only when there is a pause
    #[arg(long, short_alias = 'U', requires = "write")]
    pub(in crate::cli) flush: bool,
    /// Begin another file when one has this size: 100MB
    #[arg(long, value_name = "SIZE", requires = "write", value_parser = quantity::size)]
    pub(in crate::cli) rotate_size: Option<u64>,
    /// Begin another file when one holds packets of this long: 1h
    #[arg(long, value_name = "TIME", requires = "write", value_parser = quantity::duration)]
    pub(in crate::cli) rotate_every: Option<Duration>,
    /// Keep the last N files
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) keep: Option<u32>,
}

impl SaveArgs {
    /// Whether standard output takes the packets.
    pub(in crate::cli) fn is_stdout(&self) -> bool {
        self.write.as_deref().is_some_and(|path| path.as_os_str() == "-")
    }

    /// Whether there will be several files.
    pub(in crate::cli) const fn rotates(&self) -> bool {
        self.rotate_size.is_some() || self.rotate_every.is_some()
    }
}

impl CaptureArgs {
    /// The filter in one piece.
    pub(in crate::cli) fn filter(&self) -> String {
        self.filter.join(" ")
    }

    /// How many bytes of each packet to keep.
    pub(in crate::cli) const fn snaplen(&self) -> u32 {
        if self.snaplen == 0 { SNAPLEN } else { self.snaplen }
    }

    /// Whether packets are shown, a row each.
    pub(in crate::cli) const fn shows_rows(&self) -> bool {
        !self.quiet && !self.connections && (self.save.write.is_none() || self.save.print)
    }

    /// Whether anything is shown on standard output while the capture runs.
    pub(in crate::cli) const fn shows(&self) -> bool {
        self.shows_rows() || self.connections
    }

    /// Whether somebody may be waiting for each packet: not where a file takes them and nothing else.
    pub(in crate::cli) fn is_awaited(&self) -> bool {
        self.shows() || self.save.flush || self.save.write.is_none() || self.save.is_stdout()
    }

    /// Whether the processes behind packets are asked for.
    pub(in crate::cli) fn asks_for_processes(&self) -> bool {
        self.process || self.rows.columns.iter().any(|column| column.needs_processes())
    }

    /// Whether hosts are to be named.
    pub(in crate::cli) fn asks_for_names(&self) -> bool {
        self.resolve || self.rows.columns.iter().any(|column| column.needs_names())
    }

    /// Whether connections are followed: not where packets are saved and nothing else. That takes about 0.1 µs of CPU time
    /// a packet, as tcpdump does, and would take 0.25 µs.
    pub(in crate::cli) const fn follows_connections(&self) -> bool {
        self.shows() || self.save.write.is_none()
    }
}
