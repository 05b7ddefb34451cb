//! What goes wrong on the way, one record a direction: sequence numbers, windows, gaps, and how long a round trip takes.
//! Which marks that gives a segment, [`rules`] says.

mod both_ways;
mod later;
mod one_way;
mod rules;

pub(super) use both_ways::BothWays;
pub use one_way::Health;
pub(super) use rules::Context;
