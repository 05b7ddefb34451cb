//! Where a savefile's bytes go: as they are, or compressed on the way.

use std::fmt;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::path::Path;

use flate2::Compression as Level;
use flate2::write::GzEncoder;
use zstd::stream::write::Encoder;

use super::format::{Compression, Format, PCAP_HEADER};
use super::vectored::whole;

/// Fast enough for a busy interface.
const LEVEL: i32 = 1;

/// How many bytes are compressed together: so many that two parts are hardly longer than one.
const PART: usize = 4 << 20;

/// A stream that compresses where its file's name asks for it, in parts that can be read each by itself.
pub enum Target<W: Write> {
    /// As they are.
    Plain(W),
    /// Compressed.
    Compressed(Box<Parts<W>>),
}

impl<W: Write> Target<W> {
    /// Writes to `out`; `path` says with its ending (`.zst`, `.gz`) whether to compress.
    ///
    /// # Errors
    ///
    /// What zstd says where it cannot begin.
    pub fn new(out: W, path: &Path) -> io::Result<Self> {
        Ok(match Compression::of_path(path) {
            None => Self::Plain(out),
            Some(how) => {
                let parts = Parts { encoder: Some(AnyEncoder::new(out, how)?), how, written: Vec::new() };
                Self::Compressed(Box::new(parts))
            }
        })
    }

    /// Ends a part that is long enough and begins the next one; says whether it did. To be called where a record ends.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn end_part(&mut self) -> io::Result<bool> {
        match self {
            Self::Compressed(parts) if parts.written.len() >= PART => parts.end().map(|()| true),
            Self::Plain(_) | Self::Compressed(_) => Ok(false),
        }
    }

    /// Ends the stream. Nothing more can be written.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Compressed(parts) => parts.encoder.as_mut().map_or(Ok(()), AnyEncoder::end),
        }
    }

    /// What was compressed since the last part ended, after an error.
    #[must_use]
    pub fn into_last_part(self) -> Option<LastPart> {
        match self {
            Self::Plain(_) => None,
            Self::Compressed(parts) => {
                let Parts { how, written, .. } = *parts;
                Some(LastPart { how, written })
            }
        }
    }
}

impl<W: Write> Write for Target<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Compressed(parts) => parts.write(bytes),
        }
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write_vectored(slices),
            Self::Compressed(parts) => parts.write(slices.iter().find(|slice| !slice.is_empty()).map_or(&[], |it| it)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Compressed(parts) => parts.encoder.as_mut().map_or(Ok(()), AnyEncoder::flush),
        }
    }
}

impl<W: Write> fmt::Debug for Target<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Compressed(_)) { "Target::Compressed" } else { "Target::Plain" })
    }
}

/// gzip members or zstd frames, one behind the other.
pub struct Parts<W: Write> {
    /// `None` after an error.
    encoder: Option<AnyEncoder<W>>,
    how: Compression,
    /// What the current part holds: if the disk is full before it ends, as much of it as there is room for is compressed
    /// anew.
    written: Vec<u8>,
}

impl<W: Write> Parts<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(encoder) = &mut self.encoder else { return Err(ErrorKind::BrokenPipe.into()) };
        let taken = encoder.write(bytes)?;
        self.written.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn end(&mut self) -> io::Result<()> {
        if let Some(mut encoder) = self.encoder.take() {
            // What was written is still needed where this fails.
            encoder.end()?;
            self.encoder = Some(AnyEncoder::new(encoder.into_inner()?, self.how)?);
            self.written.clear();
        }
        Ok(())
    }
}

enum AnyEncoder<W: Write> {
    Zstd(Encoder<'static, W>),
    Gzip(GzEncoder<W>),
}

impl<W: Write> AnyEncoder<W> {
    fn new(out: W, how: Compression) -> io::Result<Self> {
        Ok(match how {
            Compression::Zstd => Self::Zstd(Encoder::new(out, LEVEL)?),
            Compression::Gzip => Self::Gzip(GzEncoder::new(out, Level::fast())),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Zstd(encoder) => encoder.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Zstd(encoder) => encoder.flush(),
            Self::Gzip(encoder) => encoder.flush(),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Zstd(encoder) => encoder.do_finish(),
            Self::Gzip(encoder) => encoder.try_finish(),
        }
    }

    fn into_inner(self) -> io::Result<W> {
        match self {
            Self::Zstd(encoder) => encoder.finish(),
            Self::Gzip(encoder) => encoder.finish(),
        }
    }
}

/// What a compressed part was to hold when there was no room left for all of it.
pub struct LastPart {
    how: Compression,
    written: Vec<u8>,
}

impl LastPart {
    /// As many of its whole records as have room in so many bytes, compressed; `None` where that is none. `is_first` says
    /// that the savefile begins with it.
    #[must_use]
    pub fn fitted(&self, format: Format, is_first: bool, room: u64) -> Option<Vec<u8>> {
        let heading = if is_first && format == Format::Pcap { PCAP_HEADER } else { 0 };
        let records = self.written.get(heading..)?;
        let mut length = records.len();
        loop {
            length = whole(records, format, length);
            let kept = length.saturating_add(heading);
            let compressed = self.compressed(kept).ok()?;
            match (compressed.len() as u64 <= room, length) {
                (true, _) => return (kept > 0).then_some(compressed),
                (false, 0) => return None,
                // Fewer, by as much as it was too long, and a little more.
                (false, _) => {
                    let fits = (length as u64).saturating_mul(room).checked_div(compressed.len() as u64).unwrap_or(0);
                    length = (fits.saturating_mul(15) / 16) as usize;
                }
            }
        }
    }

    fn compressed(&self, length: usize) -> io::Result<Vec<u8>> {
        let mut encoder = AnyEncoder::new(Vec::new(), self.how)?;
        let mut rest = &self.written[..length];
        while !rest.is_empty() {
            let taken = encoder.write(rest)?;
            rest = &rest[taken..];
        }
        encoder.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::super::decompress::Decompressed;
    use super::*;

    /// pcap records of 1,016 bytes that compress to a third or so.
    fn records(count: u32) -> Vec<u8> {
        let mut records = Vec::new();
        for number in 0..count {
            records.extend([0; 8]);
            records.extend([1000_u32.to_le_bytes(), 1000_u32.to_le_bytes()].concat());
            records
                .extend((0..1000_u32).map(|at| (number.wrapping_mul(at * at).wrapping_mul(2_654_435_761) >> 29) as u8));
        }
        records
    }

    fn decompressed(bytes: &[u8], how: Compression) -> Vec<u8> {
        let mut all = Vec::new();
        match how {
            Compression::Gzip => Decompressed::gzip(bytes).read_to_end(&mut all).unwrap(),
            Compression::Zstd => Decompressed::zstd(bytes).unwrap().read_to_end(&mut all).unwrap(),
        };
        all
    }

    #[test]
    fn parts_are_one_stream() {
        for (name, how) in [("x.gz", Compression::Gzip), ("x.zst", Compression::Zstd)] {
            let (records, mut out, mut parts) = (records(10_000), Vec::new(), 0);
            let mut target = Target::new(&mut out, Path::new(name)).unwrap();
            for piece in records.chunks(101_600) {
                target.write_all(piece).unwrap();
                parts += u32::from(target.end_part().unwrap());
            }
            target.finish().unwrap();
            drop(target);
            assert_eq!(parts, 2);
            assert_eq!(decompressed(&out, how), records);
        }
    }

    #[test]
    fn as_many_whole_records_as_have_room_are_kept() {
        for how in [Compression::Gzip, Compression::Zstd] {
            let (records, heading) = (records(1_000), [7; PCAP_HEADER]);
            let part = LastPart { how, written: [&heading[..], &records, &[0; 9]].concat() };
            let mut least = 0;
            for room in [40, 2_000, 20_000, 100_000, u64::MAX] {
                let fitted = part.fitted(Format::Pcap, true, room).unwrap();
                assert!(
                    fitted.len() as u64 <= room && (room == u64::MAX || fitted.len() as u64 > room / 2 || room < 9_999)
                );
                let kept = decompressed(&fitted, how);
                assert_eq!((kept.len() - PCAP_HEADER) % 1016, 0);
                assert!(kept.len() > least || room == 40);
                assert!(kept.starts_with(&heading) && records.starts_with(&kept[PCAP_HEADER..]));
                least = kept.len();
            }
            assert_eq!(least, PCAP_HEADER + records.len());
            assert_eq!(part.fitted(Format::Pcap, true, 10), None);
        }
    }
}
