//! The verbs, a file each.

pub(super) mod demo;
mod lesson;
pub(super) mod read;
