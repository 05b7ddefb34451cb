//! The command line as typed.

mod capture;
mod choice;
mod columns;
mod connections;
mod deferred;
mod demo;
mod display;
mod echo;
mod expectations;
mod formats;
mod inspect;
mod read;
mod rows;
mod safety;
mod table;
mod verb;

use std::ffi::OsString;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

pub(super) use capture::{CaptureArgs, SaveArgs, Where};
pub(super) use choice::{ChoiceArgs, SelectionArgs};
pub(super) use columns::RowOrder;
pub(super) use connections::{FlowsArgs, FollowArgs, HandshakesArgs, Shape, StatsArgs, TimelineArgs, TimelineFormat};
pub(super) use demo::{DemoArgs, Network, option};
pub(super) use display::{ColorChoice, DetailArgs, Format, LookArgs, Part, TextArgs};
pub(super) use echo::{EchoArgs, EchoClientArgs, EchoProgram, EchoServerArgs, OwnPacketsArgs};
pub(super) use inspect::InspectArgs;
pub(super) use read::ReadArgs;
pub(super) use rows::RowArgs;
pub(super) use safety::SafetyArgs;
pub(super) use table::TableArgs;
pub(super) use verb::VerbArgs;

use super::exit::HELP;
use crate::render::InterfaceRow;
use deferred::Deferred;

const EXAMPLES: &str = "\
Examples:
  layerscope demo                      TCP and UDP on loopback, tied to their bytes and calls
  layerscope capture.pcap              the packets of a saved capture: short for `layerscope read`
  layerscope inspect capture.pcap 4    one packet opened to its bytes
  layerscope capture -i lo port 80     the packets of an interface as they come
";

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
    Demo(VerbArgs<DemoArgs>),
    /// Show the packets of saved captures
    Read(VerbArgs<ReadArgs>),
    /// Open one packet of a saved capture to its bytes
    Inspect(VerbArgs<InspectArgs>),
    /// Every conversation in a row: traffic, round trip, trouble, verdict
    Flows(Deferred<VerbArgs<FlowsArgs>>),
    /// How every TCP connection opened: times, options, verdict
    Handshakes(Deferred<VerbArgs<HandshakesArgs>>),
    /// One conversation from its first packet to its last, in lanes
    Timeline(VerbArgs<TimelineArgs>),
    /// The bytes of one conversation, put together again
    Follow(VerbArgs<FollowArgs>),
    /// Protocols, endpoints, ports, and traffic over time
    Stats(VerbArgs<StatsArgs>),
    /// Run the echo server or client as programs of their own
    Echo(EchoArgs),
    /// Show or save the packets of an interface as they come, or of a command while it runs
    Capture(VerbArgs<CaptureArgs>),
    /// List where packets can be captured, and whether this user may
    Interfaces(InterfacesArgs),
    /// Print a shell's completion script
    Completions(CompletionsArgs),
    /// Print the manual page of layerscope or of one verb
    Man(ManArgs),
    /// Start a command when the capture is active, and end it with the capture: what `capture -- COMMAND` starts itself as
    #[command(hide = true)]
    RunWhenTold(RunWhenToldArgs),
    /// Find the processes behind sockets for a capture: what `capture --process` starts itself as
    #[command(hide = true)]
    FindProcesses,
    /// Create the files of a ring for a capture: what `capture --rotate-size` and `--rotate-every` start themselves as
    #[command(hide = true)]
    WriteFiles(WriteFilesArgs),
    /// Remove a savefile that nothing came to be written to: what verbs with `-w` start themselves as
    #[command(hide = true)]
    RemoveStub(RemoveStubArgs),
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
  layerscope man echo server | man -l -
";

/// Of which verb.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{MAN_EXAMPLES}\n{HELP}"))]
pub(super) struct ManArgs {
    /// The verb, and the verb below it where it has some [default: layerscope itself]
    #[arg(value_name = "VERB")]
    pub(super) verb: Vec<String>,
}

const INTERFACES_EXAMPLES: &str = "\
Examples:
  layerscope interfaces                            as whom you are
  sudo layerscope interfaces                       as root
  layerscope interfaces --format json              an object a line, for programs
";

/// What `interfaces` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{INTERFACES_EXAMPLES}\n{HELP}"),
    after_long_help = format!("{}\n{INTERFACES_EXAMPLES}\n{HELP}", columns::listing::<InterfaceRow>(None)))]
pub(super) struct InterfacesArgs {
    #[command(flatten)]
    pub(super) table: TableArgs<InterfaceRow>,
    /// Which come first, by the key of a column [default: as the system lists them]
    #[arg(long, value_name = "KEY", hide_possible_values = true, value_parser = columns::of_rows::<InterfaceRow>())]
    pub(super) sort: Option<&'static str>,
    #[command(flatten)]
    pub(super) look: LookArgs,
}

/// What the supervisor of a command is told.
#[derive(Debug, clap::Args)]
pub(super) struct RunWhenToldArgs {
    #[arg(last = true, required = true)]
    pub(super) command: Vec<OsString>,
}

/// What the writer of a capture's files is told.
#[derive(Debug, clap::Args)]
pub(super) struct WriteFilesArgs {
    /// The name that was typed, which those of the files are made of
    #[arg(last = true, required = true)]
    pub(super) name: OsString,
    #[command(flatten)]
    pub(super) safety: SafetyArgs,
}

/// What the remover of a savefile is told.
#[derive(Debug, clap::Args)]
pub(super) struct RemoveStubArgs {
    /// The name
    #[arg(last = true, required = true)]
    pub(super) name: OsString,
}
