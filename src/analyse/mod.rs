//! Packets (and calls) to what happened: connections, states, a timeline.
//!
//! One streaming pass over [`decode`](crate::decode)'s packets. Nothing here reads a clock, does I/O or keeps global
//! state: the same packets give the same facts. Memory is bounded by [`Limits`], never by the input's length.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

pub mod act;
mod answers;
mod assembled;
mod canonical;
mod change;
mod closing;
mod connection;
mod copies;
mod digest;
mod early;
mod event;
mod exchange;
mod explanation;
mod finding;
mod fold;
mod follow;
mod fragments;
mod gaps;
mod handshake;
mod health;
mod history;
mod idle;
mod in_flight;
mod index;
mod ledger;
mod marks;
mod moment;
mod observed;
mod offer;
mod part;
mod print;
mod relation;
mod round_trip;
mod seen;
mod segment;
mod state;
mod stats;
mod summary;
mod tally;
mod tcp;
mod timeline;
mod tracker;
mod transfers;
mod verdict;
mod zeek;

pub use answers::settle_answers;
pub use canonical::canonical;
pub use change::Change;
pub use closing::{Closing, Reset, ResetCause};
pub use connection::{Connection, Traffic};
pub use digest::Digest;
pub use event::{Event, Run, State, What};
pub use exchange::{Exchange, Refusal};
pub use explanation::{Explanation, Who, explain};
pub use finding::{Finding, findings};
pub use fold::Rows;
pub use follow::{Follow, Piece};
pub use handshake::{Handshake, InForce};
pub use health::Health;
pub use ledger::{Entry, Ledger};
pub use marks::{Mark, Marks};
pub use moment::Moment;
pub use observed::Observed;
pub use offer::Offer;
pub use relation::Relation;
pub use round_trip::RoundTrip;
pub use seen::Seen;
pub use stats::{Counts, Intervals, Node, Stats};
pub use tally::{Tally, Way};
pub use timeline::{Timeline, timelines};
pub use tracker::{Limits, Tracker};
pub use verdict::{Ending, Evidence, Manner, Opening, Verdict};
