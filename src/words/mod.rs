//! Facts to sentences: the only place with prose about packets, a folder a language.
//!
//! [`Spelling`] has a method a kind of fact, which asks the language chosen; each language spells all of them, by a `match`
//! that leaves none out. Nothing here computes a fact, reads a clock or knows where its words go. What stands in a packet is
//! spelt as it is: whoever shows a sentence makes it safe to print.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

pub(crate) mod en;
mod labels;
mod language;
mod noun;
mod programs;
pub mod quantity;
mod spelling;
mod views;

pub use labels::{Asks, LadderWords, OpenedWords};
pub use language::Language;
pub use noun::Noun;
pub use spelling::Spelling;
