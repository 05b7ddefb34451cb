//! Which captures, and which of their packets, as typed: what the verbs over captures have in common.

use std::ffi::OsString;
use std::str::FromStr;

use crate::cli::input::Input;
use crate::cli::report::Failure;
use crate::engine::{Moment, Stream, quantity};
use crate::model::Transport;

/// What is meant by a chosen packet, for a long help; `then` says what the verb does with those.
pub(super) fn choosing(then: &str) -> String {
    format!(
        "Choosing packets:
  A packet is chosen if FILTER accepts it, if it is of the --stream named, and if its time lies
  from --from to --to, as far as these are given; -c ends the reading after so many of them.
  Packets, streams and relative times are counted through the whole captures, whatever is chosen.
  {then}
"
    )
}

/// Which packets.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Packets")]
pub(in crate::cli) struct ChoiceArgs {
    /// A filter expression in libpcap's language (pcap-filter(7)), in one argument
    #[arg(long, value_name = "EXPRESSION")]
    pub(in crate::cli) filter: Option<String>,
    /// One conversation, as `layerscope flows` numbers them: `N` of TCP, `udp:N` of UDP
    #[arg(long, value_name = "N")]
    pub(in crate::cli) stream: Option<Stream>,
    /// From this moment on: +10s after the capture's first packet, 14:00:00 in UTC on the day of that one, 2026-11-28
    /// 14:00:00 in UTC, RFC 3339 with Z or an offset, or seconds since 1970 as -T epoch tells them
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) from: Option<Moment>,
    /// Up to this moment, in the same forms; not earlier than --from
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) to: Option<Moment>,
    /// Stop after so many packets, 1 or more
    #[arg(short = 'c', long = "limit", value_name = "N", value_parser = quantity::packets)]
    pub(in crate::cli) limit: Option<u64>,
}

/// Which captures, and which of their packets.
#[derive(Debug, clap::Args)]
#[command(mut_arg("stream", |arg| arg.short('s')))]
pub(in crate::cli) struct SelectionArgs {
    /// Captures (pcap or pcapng, plain, gzip or zstd; `-` for standard input), then a filter expression as tcpdump takes
    /// it: it begins with the first word that is not an existing file
    #[arg(value_name = "FILE... [FILTER]", required = true)]
    words: Vec<OsString>,
    /// Merge several captures in the order of their times, instead of one after the other
    #[arg(long)]
    pub(in crate::cli) merge: bool,
    #[command(flatten)]
    pub(in crate::cli) choice: ChoiceArgs,
}

impl SelectionArgs {
    /// The captures and the filter that the words name.
    ///
    /// # Errors
    ///
    /// Where the first word is not an existing file, or there are two filters.
    pub(in crate::cli) fn input(&self) -> Result<Input, Failure> {
        Input::new(&self.words, &[], self.choice.filter.as_deref())
    }
}

/// `3`, `tcp:3`, `udp:0`.
impl FromStr for Stream {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (transport, number) = match text.split_once(':') {
            None => (Transport::Tcp, text),
            Some(("tcp", number)) => (Transport::Tcp, number),
            Some(("udp", number)) => (Transport::Udp, number),
            Some((other, _)) => return Err(format!("`{other}` is neither `tcp` nor `udp`")),
        };
        let number =
            number.parse().map_err(|_| format!("`{number}` is not a stream number; `layerscope flows` lists them"))?;
        Ok(Self { transport, number })
    }
}
