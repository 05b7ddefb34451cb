//! What `inspect` is asked to do, as typed.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{Format, HELP, LookArgs, SafetyArgs};
use crate::lab::Encoding;
use crate::model::Layer;

const INSPECT_EXAMPLES: &str = "\
Examples:
  layerscope inspect captures/demo.pcapng 4                     its layers, fields and bytes
  layerscope inspect captures/demo.pcapng 4 --field tcp.seq     its values alone, for scripts
  layerscope inspect captures/demo.pcapng 4 --layer transport   one layer
";

/// What `inspect` is asked to do.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{INSPECT_EXAMPLES}\n{HELP}"))]
pub(in crate::cli) struct InspectArgs {
    /// The capture: pcap or pcapng, plain, gzip or zstd; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// The packet's number in the capture, from 1; left out, you are told which there are
    #[arg(value_name = "N", allow_negative_numbers = true)]
    pub(in crate::cli) number: Option<String>,
    /// Print every value of one field, a line each, by its Wireshark name
    #[arg(long, value_name = "KEY", conflicts_with_all = ["layer", "format"])]
    pub(in crate::cli) field: Option<String>,
    /// Show one layer
    #[arg(long, value_name = "LAYER")]
    pub(in crate::cli) layer: Option<LayerChoice>,
    /// The shape of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: Format,
    /// How payload bytes are read as text [default: UTF-8, other bytes as \x..]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) encoding: Option<Encoding>,
    #[command(flatten)]
    pub(in crate::cli) look: LookArgs,
    #[command(flatten)]
    pub(in crate::cli) safety: SafetyArgs,
}

/// The four layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LayerChoice {
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
