//! Facts to a writer, a file per format.
//!
//! Nothing here computes a fact, reads a clock or knows where its output goes. Bytes from a packet reach a terminal
//! through [`text`] or not at all.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

use std::io;

mod about;
mod bytes;
mod cells;
mod columns;
mod connection;
mod csv;
mod direction;
mod encapsulation;
mod event;
mod events;
mod explanation;
mod field_values;
mod fields;
mod flows;
mod follow;
mod gist;
pub mod grid;
mod handshake;
mod handshakes;
mod interfaces;
mod ladder;
mod ledger;
mod live;
mod live_connections;
mod measured;
mod mermaid;
mod packet_rows;
mod payload;
mod pen;
mod piece;
mod pixels;
mod plain;
mod process;
mod protocols;
mod row;
mod rungs;
mod runs;
mod shares;
mod stats;
mod style;
mod svg;
mod table;
pub mod text;
mod time;
mod timeline;
mod totals;
mod value;
mod ways;
mod wrapped;

pub mod json;

pub use bytes::{Details, write_layer, write_packet_bytes};
pub use columns::Column;
pub use connection::evidence_words;
pub use csv::CsvRows;
pub use encapsulation::write_encapsulation;
pub use event::EventRow;
pub use explanation::{write_explanations, write_teaching};
pub use field_values::{field_keys, field_values};
pub use flows::{Flow, stream_name};
pub use follow::{FollowShape, FollowWriter};
pub use grid::{GridFormat, LineFormat, Tabular, schema, sort_rows, write_csv, write_ndjson, write_rows, write_table};
pub use handshake::write_handshake;
pub use handshakes::HandshakeRow;
pub use interfaces::{InterfaceRow, Reason, Refusal, write_interfaces};
pub use json::{ChosenJsonRows, JsonRows};
pub use ladder::Ladder;
pub use ledger::write_ledger;
pub use live::{Live, LiveRow, LiveRows};
pub use live_connections::{LiveConnection, write_connection_change, write_live_connections};
pub use measured::write_measured;
pub use mermaid::write_mermaid;
pub use packet_rows::{PacketFormat, PacketRows};
pub use payload::{ReadText, Utf8OrHex};
pub use piece::PieceRow;
pub use plain::PlainRows;
pub use process::processes_words;
pub use protocols::{layer_key, protocols};
pub use row::{Known, Names, Row};
pub use stats::{StatsRow, StatsView, write_stats};
pub use style::{Style, TextReader, View};
pub use svg::write_svg;
pub use table::{PacketTable, TableRows};
pub use time::TimeStyle;
pub use timeline::write_timeline;
pub use totals::Totals;
pub use value::raw_value;
pub use ways::{Ways, write_ways};
pub use wrapped::write_wrapped;

/// A format that packets are written in, one after the other, into memory.
///
/// No method fails but where a value has no place in the format.
pub trait PacketWriter: Send {
    /// Writes what stands above the first packet, and where there is none.
    ///
    /// # Errors
    ///
    /// See above, as for all methods.
    fn begin(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// Writes one packet, or holds it back to lay it out together with the next ones.
    ///
    /// # Errors
    ///
    /// See above.
    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()>;

    /// Writes what was held back, because the next packet may be long in coming.
    ///
    /// # Errors
    ///
    /// See above.
    fn pause(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let _ = out;
        Ok(())
    }

    /// Writes what was held back: there is no further packet, and perhaps there was none.
    ///
    /// # Errors
    ///
    /// See above.
    fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let _ = out;
        Ok(())
    }
}
