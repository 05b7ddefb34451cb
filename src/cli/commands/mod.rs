//! The verbs, a file each.

pub(super) mod completions;
pub(super) mod demo;
pub(super) mod inspect;
mod lesson;
pub(super) mod man;
pub(super) mod read;
