//! What `demo` is asked to do, as typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::echo::{TransportArgs, parse_reply};
use super::{DetailArgs, Format, HELP, Part};
use crate::engine::quantity;
use crate::lab::{Encoding, Reply, SCENARIOS, Scenario, Setting};
use crate::words::Spelling;

/// Where the demonstration runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Network {
    /// On the host's loopback where this process may capture there, else in a private network
    Auto,
    /// On the host's loopback; needs CAP_NET_RAW
    Host,
    /// In a network of its own that holds nothing but a loopback; needs no privilege where user namespaces are allowed
    Private,
    /// Between two hosts of their own, joined by a cable: each with its addresses, checksums filled in; no privilege either
    Pair,
    /// Between two hosts with a router between them, captured on every link; no privilege either
    Routed,
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
pub(in crate::cli) struct DemoArgs {
    /// What to demonstrate; `--list` tells what each shows
    #[arg(value_name = "SCENARIO", default_value = "echo", value_parser = scenario_parser(), hide_possible_values = true)]
    pub(in crate::cli) scenario: &'static Scenario,
    /// List the scenarios and what each shows
    #[arg(long, exclusive = true)]
    pub(in crate::cli) list: bool,
    /// A message of up to 4096 bytes for the client to send (repeatable); `exit` is always sent last [default: hello]
    #[arg(long = "message", short, value_name = "TEXT")]
    pub(in crate::cli) messages: Vec<String>,
    /// How the server answers: `upper`, `same`, or a text of your own [default: upper]
    #[arg(long, value_name = "upper|same|TEXT", value_parser = parse_reply)]
    pub(in crate::cli) reply: Option<Reply>,
    /// The servers' port; the UDP client takes the one above it, if there is one. 0: any that is free [default: 8888]
    #[arg(long, short, value_name = "N")]
    pub(in crate::cli) port: Option<u16>,
    /// How text becomes bytes: utf-8, gbk, and every other encoding of the WHATWG standard that can be written
    /// [default: utf-8]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) encoding: Option<Encoding>,
    /// How long the server of `timeout` waits for a silent client: `1s`, `500ms` [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = quantity::duration)]
    pub(in crate::cli) timeout: Option<Duration>,
    /// Use ::1 instead of 127.0.0.1
    #[arg(long, short = '6')]
    pub(in crate::cli) ipv6: bool,
    #[command(flatten)]
    pub(in crate::cli) over: TransportArgs,
    /// Where to run and capture [default: auto for echo, else the network that the scenario needs]
    #[arg(long, value_name = "WHERE")]
    pub(in crate::cli) network: Option<Network>,
    /// Save the packets: .pcap, or .pcapng with calls, states and explanations as packet comments
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) write: Option<PathBuf>,
    /// Which parts to show; they come in this order
    #[arg(long, value_name = "PARTS", value_delimiter = ',', default_value = "table,timeline,bytes")]
    pub(in crate::cli) show: Vec<Part>,
    /// The packet to open to its bytes [default: the first with TCP payload]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) packet: Option<u64>,
    /// The shape of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: Format,
    /// Replace what differs from run to run by stable values: times, the order of what happens at once, the ports and
    /// numbers that the kernel chose
    #[arg(long)]
    pub(in crate::cli) canonical: bool,
    #[command(flatten)]
    pub(in crate::cli) detail: DetailArgs,
}

impl DemoArgs {
    /// What was chosen that can be chosen about some scenarios only.
    pub(in crate::cli) fn settings(&self) -> impl Iterator<Item = Setting> {
        let is_chosen = |setting: &Setting| match setting {
            Setting::Message => !self.messages.is_empty(),
            Setting::Reply => self.reply.is_some(),
            Setting::Port => self.port.is_some(),
            Setting::Encoding => self.encoding.is_some(),
            Setting::Ipv6 => self.ipv6,
            Setting::Tcp => self.over.tcp,
            Setting::Udp => self.over.udp,
            Setting::Timeout => self.timeout.is_some(),
        };
        Setting::ALL.into_iter().filter(is_chosen)
    }
}

/// The option that chooses something about a scenario.
pub(in crate::cli) fn option(setting: Setting) -> String {
    format!("--{}", setting.key())
}

/// The scenarios by name; clap suggests the nearest to a name that is none.
fn scenario_parser() -> impl TypedValueParser<Value = &'static Scenario> {
    let names = SCENARIOS
        .iter()
        .map(|scenario| PossibleValue::new(scenario.key.key()).help(Spelling::default().scenario_title(scenario.key)));
    PossibleValuesParser::new(names).try_map(|name| Scenario::named(&name).ok_or("no such scenario"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_can_be_chosen_has_an_option() {
        let command = <DemoArgs as clap::Args>::augment_args(clap::Command::new("demo"));
        for setting in Setting::ALL {
            let is_it = |option: &clap::Arg| option.get_long() == Some(setting.key());
            assert!(command.get_arguments().any(is_it), "{}", option(setting));
        }
    }
}
