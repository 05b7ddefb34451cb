//! What `inspect` is asked to do, as typed.

use std::path::PathBuf;

use clap::ValueEnum;

use super::choice::choosing;
use super::{ChoiceArgs, Format, HELP, LookArgs, SafetyArgs};
use crate::lab::Encoding;
use crate::model::Layer;

const INSPECT_EXAMPLES: &str = "\
Examples:
  layerscope inspect captures/demo.pcapng 4                     its layers, fields and bytes
  layerscope inspect captures/demo.pcapng 4 --field tcp.seq     its values alone, for scripts
  layerscope inspect captures/demo.pcapng 4 --layer transport   one layer
  layerscope inspect captures/demo.pcapng --filter 'tcp[13] & 1 != 0'   the first packet with a FIN
";

const OPENED: &str = "The first chosen packet is opened, where N names none.";

/// What `inspect` is asked to do.
#[derive(Debug, clap::Args)]
#[command(mut_arg("stream", |arg| arg.short('s')), mut_arg("limit", |arg| arg.hide(true)),
    after_help = format!("{INSPECT_EXAMPLES}\n{HELP}"),
    after_long_help = format!("{}\n{INSPECT_EXAMPLES}\n{HELP}", choosing(OPENED)))]
pub(in crate::cli) struct InspectArgs {
    /// The capture: pcap or pcapng, plain, gzip or zstd; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// The packet's number in the capture, from 1; left out, the first that is chosen, or you are told which there are
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
    /// How payload bytes are read as text [default: as a saved lesson says, else UTF-8, other bytes as \x..]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) encoding: Option<Encoding>,
    #[command(flatten)]
    pub(in crate::cli) choice: ChoiceArgs,
    #[command(flatten)]
    pub(in crate::cli) look: LookArgs,
    #[command(flatten)]
    pub(in crate::cli) safety: SafetyArgs,
}

impl InspectArgs {
    /// Whether a packet is chosen by what it is.
    pub(in crate::cli) const fn chooses(&self) -> bool {
        let ChoiceArgs { filter, stream, from, to, .. } = &self.choice;
        filter.is_some() || stream.is_some() || from.is_some() || to.is_some()
    }
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
