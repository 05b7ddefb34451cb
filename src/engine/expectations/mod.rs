//! What a capture must hold: clauses as people write them, and whether the conversations keep them.

mod check;
mod clause;
mod language;

pub(crate) use clause::Expectations;
