//! Facts in English, a file a kind of fact.

mod count;
mod explanation;
mod mark;

pub use count::count;
pub(super) use explanation::explanation;
pub(super) use mark::{SEPARATOR, counted, mark};
