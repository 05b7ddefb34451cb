//! What goes wrong on the way, one record a direction: sequence numbers, windows, gaps, and how long a round trip takes.
//! Which marks that gives a segment, [`mark_rules`] says.

mod both_ways;
mod later;
mod mark_rules;
mod one_way;

pub(super) use both_ways::BothWays;
pub(super) use mark_rules::Context;
pub use one_way::Health;
