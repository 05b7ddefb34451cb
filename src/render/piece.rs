//! A piece of what a conversation carried, for programs: bytes that stand together, or a gap.

use super::connection::LANES;
use super::grid::{Column, Get, Tabular};
use super::value::hex;
use crate::analyse::{Moment, Piece};

/// A piece as a row.
pub struct PieceRow {
    kind: &'static str,
    from: &'static str,
    offset: u64,
    len: u64,
    at: Option<Moment>,
    /// The bytes as text, and in hexadecimal; of a gap nothing.
    text: Option<String>,
    hex: Option<String>,
}

impl PieceRow {
    pub(super) fn new(piece: Piece<'_>, read_text: &dyn Fn(&[u8]) -> String) -> Self {
        let (kind, from, offset, len, bytes) = match piece {
            Piece::Bytes { from, offset, bytes, at } => (BYTES, from, offset, bytes.len() as u64, Some((bytes, at))),
            Piece::Gap { from, offset, len } => (GAP, from, offset, len, None),
        };
        Self {
            kind,
            from: from.name(),
            offset,
            len,
            at: bytes.map(|(_, at)| at),
            text: bytes.map(|(bytes, _)| read_text(bytes)),
            hex: bytes.map(|(bytes, _)| hex(bytes)),
        }
    }
}

const BYTES: &str = "bytes";
const GAP: &str = "gap";

/// A column of it.
type Of = Column<PieceRow>;

impl Tabular for PieceRow {
    const TITLE: &'static str = "A piece of a conversation, one line of the JSON of `layerscope follow`";
    const KINDS: &'static [&'static str] = &[BYTES, GAP];
    const CSV: &'static [&'static str] = &["kind", "from", "offset", "len", "frame", "time", "hex"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Of::new(
                "kind",
                "a gap is bytes that are not in the capture, or in fragments that came before their first one",
                Get::Key(Self::KINDS, |row| Some(row.kind)),
            ),
            Of::new("from", "who sent it", Get::Key(&LANES, |row| Some(row.from))),
            Of::new("offset", "how many bytes this side sent before", Get::Number(|row| Some(row.offset))),
            Of::new("len", "how many bytes it has", Get::Count(|row| Some(row.len))),
            Of::new(
                "frame",
                "the packet that brought the bytes; null for a gap",
                Get::Number(|row| row.at.map(Moment::frame)),
            )
            .or_null(),
            Of::new("time", "when it came; null for a gap", Get::Time(|row| row.at.and_then(Moment::time))).or_null(),
            Of::new("text", "the bytes as text; null for a gap", Get::Text(|row| row.text.as_deref().map(Into::into)))
                .or_null(),
            Of::new(
                "hex",
                "the bytes in hexadecimal; null for a gap",
                Get::Text(|row| row.hex.as_deref().map(Into::into)),
            )
            .or_null(),
        ]
    }

    fn kind(&self) -> Option<&'static str> {
        Some(self.kind)
    }
}
