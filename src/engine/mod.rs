//! What several commands do: batches of packets in order, the choice among them, passes over captures.
//!
//! An engine takes plain options and gives facts; what is said of them, and to whom, is its caller's.

mod choice;
pub(crate) mod companion;
mod demonstration;
mod derived_fields;
pub(crate) mod echo;
mod exit;
mod expectations;
mod failure;
pub(crate) mod file_identity;
mod follow_all;
pub(crate) mod live;
mod moment;
mod ordered_batches;
mod process_notes;
pub(crate) mod quantity;
pub(crate) mod savefile;
mod scan;
pub(crate) mod stub;
mod transcript;

pub(crate) use choice::{Choice, NoneChosen, Stream, Wanted};
pub(crate) use demonstration::{Demonstration, NoCapture, Performance, Place};
pub(crate) use derived_fields::dissect_seen;
pub use exit::Exit;
pub(crate) use expectations::Expectations;
pub(crate) use failure::Failure;
pub(crate) use follow_all::follow_all;
pub(crate) use moment::Moment;
pub(crate) use ordered_batches::{OrderedBatches, threads};
pub(crate) use process_notes::ProcessNotes;
pub(crate) use scan::{Scan, packets, scan};
pub(crate) use transcript::{Document, Selection, Transcript};
