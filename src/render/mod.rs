//! Facts to a writer, a file per format.
//!
//! Nothing here computes a fact, reads a clock or knows where its output goes. Bytes from a packet reach a terminal
//! through [`text`] or not at all.

mod bytes;
mod columns;
mod explanation;
mod handshake;
mod ledger;
mod style;
mod table;
pub mod text;
mod timeline;

pub mod json;

pub use bytes::write_packet_bytes;
pub use columns::{Column, Row};
pub use explanation::write_explanations;
pub use handshake::write_handshake;
pub use ledger::write_ledger;
pub use style::{Style, View};
pub use table::PacketTable;
pub use timeline::write_timeline;
