//! Packets (and calls) to what happened: connections, states, a timeline.
//!
//! One streaming pass over [`decode`](crate::decode)'s packets. Nothing here reads a clock, does I/O or keeps global
//! state: the same packets give the same facts. Memory is bounded by [`Limits`], never by the input's length.

mod explain;
mod ledger;
mod timeline;
mod tracker;

pub use explain::sentence;
pub use ledger::{Entry, Ledger, Purpose};
pub use timeline::{Event, Observed, State, Timeline, What, timelines};
pub use tracker::{Limits, Seen, Tracker};
