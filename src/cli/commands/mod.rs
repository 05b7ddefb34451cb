//! The verbs, a file each.

pub(super) mod capture;
pub(super) mod completions;
mod connections;
pub(super) mod demo;
pub(super) mod echo;
pub(super) mod flows;
pub(super) mod follow;
pub(super) mod handshakes;
pub(super) mod inspect;
pub(super) mod interfaces;
pub(super) mod man;
pub(super) mod read;
pub(super) mod stats;
pub(super) mod timeline;
