//! What several commands do: batches of packets in order, the choice among them, passes over captures.
//!
//! An engine takes plain options and gives facts; what is said of them, and to whom, is its caller's.

mod captures;
mod choice;
mod chosen_savefile;
pub(crate) mod command_line;
pub(crate) mod companion;
pub(crate) mod conversation_packets;
mod demonstration;
mod derived_fields;
pub(crate) mod echo;
mod exit;
mod expectations;
mod failure;
pub(crate) mod file_identity;
mod filter_hint;
mod follow_all;
pub(crate) mod likeness;
pub(crate) mod live;
mod moment;
pub(crate) mod opened_packet;
mod opening;
mod ordered_batches;
pub(crate) mod place;
mod probed_interfaces;
mod process_notes;
pub(crate) mod quantity;
pub(crate) mod rows;
pub(crate) mod saved_encoding;
mod saved_lesson;
pub(crate) mod savefile;
mod scan;
pub(crate) mod stub;
mod taps;
mod transcript;
mod unwritten;

pub(crate) use captures::{Captures, NotOpened};
pub(crate) use choice::{Choice, Fate, NoneChosen, Stream, Wanted};
pub(crate) use chosen_savefile::{Beginning, ChosenSavefile};
pub(crate) use demonstration::{Demonstration, NoCapture, Performance, Place};
pub(crate) use derived_fields::dissect_seen;
pub use exit::Exit;
pub(crate) use expectations::Expectations;
pub(crate) use failure::{About, Failure};
pub(crate) use filter_hint::{FilterHint, filter_fault, filter_hint};
pub(crate) use follow_all::follow_all;
pub(crate) use moment::Moment;
pub(crate) use opening::Caller;
pub(crate) use probed_interfaces::probed_interfaces;
pub(crate) use saved_lesson::save_lesson;
pub(crate) use scan::{Passed, Passing, Scan, Sink, Told};
pub(crate) use transcript::{Document, Selection, Transcript};
pub(crate) use unwritten::Unwritten;
