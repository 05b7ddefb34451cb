//! A conversation's bytes: as text, in hexadecimal, or piece by piece for programs.

use std::borrow::Cow;
use std::io::{self, Write};

use super::grid::{LineFormat, RowLines};
use super::piece::PieceRow;
use super::style::Style;
use super::text;
use crate::analyse::Piece;
use crate::model::{Lane, Layer};

/// How many bytes of one side are gathered before they are written, at the most.
const GATHERED: usize = 1 << 16;

/// How the bytes of a conversation are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowShape {
    /// Lines of text.
    Text,
    /// Sixteen bytes a line, beside their text.
    Hex,
    /// As they are.
    Raw,
    /// A row a piece.
    Rows(LineFormat),
}

/// Writes the pieces of a conversation as they come.
pub struct FollowWriter<'a> {
    shape: FollowShape,
    style: Style,
    /// Whether one side alone is shown, which then needs no marks.
    alone: bool,
    read_text: &'a (dyn Fn(&[u8]) -> String + Sync),
    /// Who speaks, and what is not written yet, with its place.
    from: Lane,
    gathered: Vec<u8>,
    offset: u64,
    /// How a piece becomes a row, where it does, and whether the heading is written.
    rows: Option<RowLines<PieceRow>>,
    begun: bool,
}

impl<'a> FollowWriter<'a> {
    /// A writer that has written nothing yet; `read_text` makes text of bytes.
    #[must_use]
    pub fn new(shape: FollowShape, style: Style, alone: bool, read_text: &'a (dyn Fn(&[u8]) -> String + Sync)) -> Self {
        let rows = match shape {
            FollowShape::Rows(format) => Some(RowLines::new(format, &[])),
            FollowShape::Text | FollowShape::Hex | FollowShape::Raw => None,
        };
        let (from, gathered, offset) = (Lane::Client, Vec::new(), 0);
        Self { shape, style, alone, read_text, from, gathered, offset, rows, begun: false }
    }

    /// Writes a piece, or keeps it until its line is complete.
    ///
    /// # Errors
    ///
    /// Whatever `out` says.
    pub fn write(&mut self, piece: Piece<'_>, out: &mut dyn Write) -> io::Result<()> {
        if let Some(rows) = &self.rows {
            let mut line = if std::mem::replace(&mut self.begun, true) { Vec::new() } else { rows.heading() };
            rows.push(&PieceRow::new(piece, self.read_text), &mut line);
            return out.write_all(&line);
        }
        match (self.shape, piece) {
            (FollowShape::Raw, Piece::Bytes { bytes, .. }) => out.write_all(bytes),
            (FollowShape::Raw, Piece::Gap { .. }) => Ok(()),
            (_, Piece::Bytes { from, offset, bytes, .. }) => self.gather(from, offset, bytes, out),
            (_, Piece::Gap { from, offset, len }) => {
                self.flush(out)?;
                let words = self.style.spelling().gap(offset, len);
                writeln!(out, "{}{}", self.gutter(from), self.style.alarm(&words))
            }
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    ///
    /// Whatever `out` says.
    pub fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.flush(out)
    }

    fn gather(&mut self, from: Lane, offset: u64, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        if from != self.from || offset != self.offset.saturating_add(self.gathered.len() as u64) {
            self.flush(out)?;
            (self.from, self.offset) = (from, offset);
        }
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() < GATHERED {
            return Ok(());
        }
        // Neither a line's end nor what comes before the digits is part of a longer character in any encoding that
        // ASCII is a part of.
        let last = |ends: fn(&u8) -> bool| self.gathered.iter().rposition(ends).map(|at| at.saturating_add(1));
        let complete = match self.shape {
            FollowShape::Hex => self.gathered.len() & !15,
            _ => last(|byte| *byte == b'\n').or_else(|| last(|byte| *byte < b'0')).unwrap_or(self.gathered.len()),
        };
        let rest = self.gathered.split_off(complete);
        let next = self.offset.saturating_add(complete as u64);
        self.flush(out)?;
        (self.gathered, self.offset) = (rest, next);
        Ok(())
    }

    fn flush(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let gathered = std::mem::take(&mut self.gathered);
        if gathered.is_empty() {
            return Ok(());
        }
        match self.shape {
            FollowShape::Hex => self.write_hex(&gathered, out),
            _ => self.write_lines(&gathered, out),
        }
    }

    fn write_lines(&self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let text = (self.read_text)(bytes);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        for line in text.split('\n') {
            let line = text::sanitise(line.strip_suffix('\r').unwrap_or(line));
            writeln!(out, "{}{}", self.gutter(self.from), self.colour(&line))?;
        }
        Ok(())
    }

    fn write_hex(&self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let mut offset = self.offset;
        for bytes in bytes.chunks(16) {
            let (mut hex, mut ascii) = (String::with_capacity(50), String::with_capacity(16));
            for (index, byte) in bytes.iter().enumerate() {
                hex.push_str(if index == 8 { "  " } else { " " });
                hex.push_str(&format!("{byte:02x}"));
                ascii.push(if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' });
            }
            let line = format!("{offset:08x} {hex:<49}  {ascii}");
            writeln!(out, "{}{}", self.gutter(self.from), self.colour(&line))?;
            offset = offset.saturating_add(16);
        }
        Ok(())
    }

    /// Who speaks, for those who see no colour.
    fn gutter(&self, from: Lane) -> &'static str {
        match (self.alone, from) {
            (true, _) => "",
            (false, Lane::Client) => self.style.glyph("▶ ", "> "),
            (false, Lane::Server) => self.style.glyph("◀ ", "< "),
        }
    }

    fn colour<'t>(&self, line: &'t str) -> Cow<'t, str> {
        let layer = if self.from == Lane::Client { Layer::Transport } else { Layer::Application };
        self.style.layer(layer, line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Moment;
    use crate::model::{Frame, LinkType};
    use crate::words::Language;

    #[test]
    fn a_stream_without_lines_is_cut_between_characters() {
        let frame =
            Frame { number: 1, time: None, interface: 0, link: LinkType::RAW, wire_len: 0, bytes: &[], comments: &[] };
        let style = Style { color: false, ascii: true, width: 80, language: Language::En };
        let mut writer = FollowWriter::new(FollowShape::Text, style, true, &text::utf8_or_hex);
        let (words, mut out) = ("d\u{e9}j\u{e0} vu ".repeat(20_000), Vec::new());
        // Pieces that end anywhere.
        for (index, bytes) in words.as_bytes().chunks(1_461).enumerate() {
            let offset = index as u64 * 1_461;
            writer.write(Piece::Bytes { from: Lane::Client, offset, bytes, at: Moment::of(&frame) }, &mut out).unwrap();
        }
        writer.finish(&mut out).unwrap();
        let lines = String::from_utf8(out).unwrap();
        assert!(lines.lines().count() > 2 && !lines.contains("\\x"));
        assert_eq!(lines.replace('\n', ""), words);
    }
}
