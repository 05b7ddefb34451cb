//! Frames to a savefile: pcap with nanoseconds, or pcapng with comments.
//!
//! What is written is little-endian whatever the machine, so that the same frames give the same bytes. Only whole records
//! are handed on, so what was written can be read whenever it ends. Opening the file, and whose it is, belongs to the
//! caller. pcap-parser's serializer is not used: it allocates every block anew
//! and leaves lengths, padding and options to its caller, which is most of the work.
#![expect(clippy::arithmetic_side_effects, reason = "places in a buffer, of bytes that were put into it")]

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::SourceError;
use super::format::{Format, PCAP_HEADER};
use super::vectored::{whole, write_parts};
use crate::model::{Frame, LinkType, Timestamp};

/// The snapshot length to state: loopback frames reach 65549 bytes, and libpcap refuses to read more than this.
pub const SNAPLEN: u32 = 262_144;

const OPT_END: u16 = 0;
const OPT_COMMENT: u16 = 1;
const SHB_USERAPPL: u16 = 4;
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
const ISB_IFRECV: u16 = 4;
const ISB_IFDROP: u16 = 5;

/// How many bytes are gathered before they are written.
const GATHERED: usize = 1 << 16;

/// A frame of this many bytes is written from where it lies: copying it costs more than a system call.
const LARGE: usize = 1 << 13;

/// What a savefile says about itself before the first frame.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// The link type of the first (in pcap: the only) interface.
    pub link: LinkType,
    /// That interface's name; pcap has no place for it.
    pub interface: Option<&'a str>,
    /// A remark about the whole capture; pcap has no place for it.
    pub comment: Option<&'a str>,
}

/// Writes frames to a savefile.
///
/// Records are gathered, so a full disk may show only in [`CaptureWriter::flush`] or [`CaptureWriter::finish`]: dropping
/// the writer without calling one of them hides the error and the loss.
#[derive(Debug)]
pub struct CaptureWriter<W: Write> {
    out: W,
    path: PathBuf,
    format: Format,
    /// The interfaces described so far: their numbers among the frames', and their link types. A pcap file has one.
    interfaces: Vec<(u32, LinkType)>,
    /// Whole records that are not yet written.
    gathered: Vec<u8>,
    /// How many bytes are.
    written: u64,
    /// How many of those `out` was told to hold back no longer.
    flushed: u64,
}

impl<W: Write> CaptureWriter<W> {
    /// Starts a savefile on `out`; `path` only names it in errors.
    ///
    /// # Errors
    ///
    /// [`SourceError::File`] when the heading cannot be written.
    pub fn new(out: W, path: impl Into<PathBuf>, format: Format, heading: &Heading<'_>) -> Result<Self, SourceError> {
        let mut writer = Self {
            out,
            path: path.into(),
            format,
            interfaces: Vec::new(),
            gathered: Vec::with_capacity(2 * GATHERED),
            written: 0,
            flushed: 0,
        };
        match format {
            Format::Pcap => {
                writer.interfaces.push((0, heading.link));
                writer.gathered.extend(pcap_header(heading.link));
            }
            Format::Pcapng => {
                writer.add_section(heading.comment);
                writer.add_interface(0, heading.link, heading.interface);
            }
        }
        writer.spill()?;
        Ok(writer)
    }

    /// Appends one frame with its comments (which pcap has no place for).
    ///
    /// A frame without a time gets the epoch: no block that carries comments can leave it out. The heading describes
    /// interface 0; a frame of another, or of another link type, that was not described gets one without a name.
    ///
    /// # Errors
    ///
    /// [`SourceError::File`] when the system refuses, [`SourceError::SecondLinkType`] when a pcap file would need one.
    pub fn write_frame(&mut self, frame: &Frame<'_>) -> Result<(), SourceError> {
        let known = self.position(frame.interface, frame.link);
        match (self.format, known) {
            (Format::Pcap, Some(_)) => self.add_record(frame)?,
            (Format::Pcap, None) => {
                return Err(SourceError::SecondLinkType {
                    path: self.path.clone(),
                    first: self.interfaces[0].1,
                    second: frame.link,
                });
            }
            (Format::Pcapng, Some(interface)) => self.add_packet(interface as u32, frame)?,
            (Format::Pcapng, None) => {
                let interface = self.interfaces.len() as u32;
                self.add_interface(frame.interface, frame.link, None);
                self.add_packet(interface, frame)?;
            }
        }
        if self.gathered.len() >= GATHERED { self.spill() } else { Ok(()) }
    }

    /// Describes the interface that frames with this number come from, if that was not done before (pcap has no place for
    /// it).
    pub fn describe(&mut self, number: u32, link: LinkType, name: Option<&str>) {
        if self.position(number, link).is_none() && self.format == Format::Pcapng {
            self.add_interface(number, link, name);
        }
    }

    /// The place of an interface among those described; in a pcap file all frames of its link type come from one.
    fn position(&self, number: u32, link: LinkType) -> Option<usize> {
        let is_it = |known: &(u32, LinkType)| match self.format {
            Format::Pcap => known.1 == link,
            Format::Pcapng => *known == (number, link),
        };
        self.interfaces.iter().position(is_it)
    }

    /// Says how many packets the first interface received and how many of them were lost (which pcap has no place for);
    /// `time` is when.
    ///
    /// # Errors
    ///
    /// [`SourceError::File`] when the system refuses.
    pub fn write_statistics(&mut self, time: Timestamp, received: u64, dropped: u64) -> Result<(), SourceError> {
        if self.format == Format::Pcap {
            return Ok(());
        }
        let start = self.begin_block(5);
        let nanos = u64::try_from(time.nanos()).unwrap_or(0);
        for number in [0, (nanos >> 32) as u32, nanos as u32] {
            self.gathered.extend(number.to_le_bytes());
        }
        self.option(ISB_IFRECV, &received.to_le_bytes());
        self.option(ISB_IFDROP, &dropped.to_le_bytes());
        self.option(OPT_END, &[]);
        self.end_block(start);
        self.spill()
    }

    /// How long the savefile is with what is gathered, in bytes before any compression.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.written + self.gathered.len() as u64
    }

    /// How many bytes were written, which end with a whole record.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// Where it writes to, if what was written ends with a whole record and nothing is gathered.
    pub fn between_records(&mut self) -> Option<&mut W> {
        self.gathered.is_empty().then_some(&mut self.out)
    }

    /// Writes what is gathered, and has `out` hand on what it holds back.
    ///
    /// # Errors
    ///
    /// [`SourceError::File`] when the system refuses; what was gathered and not taken is lost, and the file may end within
    /// a record behind [`CaptureWriter::written`].
    pub fn flush(&mut self) -> Result<(), SourceError> {
        if !self.gathered.is_empty() {
            self.spill()?;
        }
        if self.flushed < self.written {
            self.out.flush().map_err(|source| writing(&self.path, source))?;
            self.flushed = self.written;
        }
        Ok(())
    }

    /// Writes what is gathered and hands `out` back.
    ///
    /// # Errors
    ///
    /// [`SourceError::File`]; this is where a full disk shows.
    pub fn finish(mut self) -> Result<W, SourceError> {
        self.spill()?;
        self.out.flush().map_err(|source| writing(&self.path, source))?;
        Ok(self.out)
    }

    /// Hands `out` back after an error; what was gathered is lost.
    #[must_use]
    pub fn abandon(self) -> W {
        self.out
    }

    /// Hands the gathered records on.
    fn spill(&mut self) -> Result<(), SourceError> {
        self.spill_with([&[], &[]])
    }

    /// Hands the gathered records on, the last of which ends with these parts.
    fn spill_with(&mut self, [bytes, end]: [&[u8]; 2]) -> Result<(), SourceError> {
        let (taken, result) = write_parts(&mut self.out, [&self.gathered, bytes, end]);
        let kept = if result.is_ok() { taken } else { whole(&self.gathered, self.format, taken) };
        self.written += kept as u64;
        self.gathered.clear();
        result.map_err(|source| writing(&self.path, source))
    }

    fn add_record(&mut self, frame: &Frame<'_>) -> Result<(), SourceError> {
        let nanos = nanos(frame);
        let seconds = u32::try_from(nanos / 1_000_000_000).unwrap_or(u32::MAX);
        for number in [seconds, (nanos % 1_000_000_000) as u32, frame.bytes.len() as u32, frame.wire_len] {
            self.gathered.extend(number.to_le_bytes());
        }
        if frame.bytes.len() >= LARGE {
            return self.spill_with([frame.bytes, &[]]);
        }
        self.gathered.extend(frame.bytes);
        Ok(())
    }

    fn add_section(&mut self, comment: Option<&str>) {
        let start = self.begin_block(0x0a0d_0d0a);
        self.gathered.extend(0x1a2b_3c4d_u32.to_le_bytes());
        self.gathered.extend([1, 0, 0, 0]); // version 1.0
        self.gathered.extend((-1_i64).to_le_bytes()); // the section's length is not known
        self.text_option(SHB_USERAPPL, concat!("layerscope ", env!("CARGO_PKG_VERSION")));
        if let Some(comment) = comment {
            self.text_option(OPT_COMMENT, comment);
        }
        self.option(OPT_END, &[]);
        self.end_block(start);
    }

    fn add_interface(&mut self, number: u32, link: LinkType, name: Option<&str>) {
        self.interfaces.push((number, link));
        let start = self.begin_block(1);
        self.gathered.extend(link.0.to_le_bytes());
        self.gathered.extend([0, 0]);
        self.gathered.extend(SNAPLEN.to_le_bytes());
        if let Some(name) = name {
            self.text_option(IF_NAME, name);
        }
        self.option(IF_TSRESOL, &[9]); // units of 10^-9 s
        self.option(OPT_END, &[]);
        self.end_block(start);
    }

    fn add_packet(&mut self, interface: u32, frame: &Frame<'_>) -> Result<(), SourceError> {
        let nanos = nanos(frame);
        let start = self.begin_block(6);
        let numbers = [interface, (nanos >> 32) as u32, nanos as u32, frame.bytes.len() as u32, frame.wire_len];
        for number in numbers {
            self.gathered.extend(number.to_le_bytes());
        }
        if frame.bytes.len() >= LARGE && frame.comments.is_empty() {
            let padding = frame.bytes.len().next_multiple_of(4) - frame.bytes.len();
            let length = ((self.gathered.len() - start + frame.bytes.len() + padding + 4) as u32).to_le_bytes();
            self.gathered[start + 4..start + 8].copy_from_slice(&length);
            let end = [[0; 4], length].concat();
            return self.spill_with([frame.bytes, &end[4 - padding..]]);
        }
        self.gathered.extend(frame.bytes);
        self.pad(start);
        for comment in frame.comments {
            self.text_option(OPT_COMMENT, comment);
        }
        if !frame.comments.is_empty() {
            self.option(OPT_END, &[]);
        }
        self.end_block(start);
        Ok(())
    }

    /// Appends an option with a text; what its 16-bit length cannot hold is cut at a character's end.
    fn text_option(&mut self, code: u16, text: &str) {
        let mut length = text.len().min(usize::from(u16::MAX));
        while !text.is_char_boundary(length) {
            length -= 1;
        }
        self.option(code, &text.as_bytes()[..length]);
    }

    /// Appends an option of at most 65,535 bytes.
    fn option(&mut self, code: u16, value: &[u8]) {
        let start = self.gathered.len();
        self.gathered.extend(code.to_le_bytes());
        self.gathered.extend((value.len() as u16).to_le_bytes());
        self.gathered.extend(value);
        self.pad(start);
    }

    /// Blocks and options, which begin on a 32-bit boundary of their block, end on one.
    fn pad(&mut self, start: usize) {
        let length = (self.gathered.len() - start).next_multiple_of(4);
        self.gathered.resize(start + length, 0);
    }

    /// Begins a block with its type and a place for its length; says where it begins.
    fn begin_block(&mut self, kind: u32) -> usize {
        let start = self.gathered.len();
        self.gathered.extend(kind.to_le_bytes());
        self.gathered.extend([0; 4]);
        start
    }

    /// Ends a block with its length, which stands at both ends.
    fn end_block(&mut self, start: usize) {
        let length = (self.gathered.len() as u32 + 4 - start as u32).to_le_bytes();
        self.gathered.extend(length);
        self.gathered[start + 4..start + 8].copy_from_slice(&length);
    }
}

fn pcap_header(link: LinkType) -> [u8; PCAP_HEADER] {
    let mut header = [0; PCAP_HEADER];
    header[0..4].copy_from_slice(&0xa1b2_3c4d_u32.to_le_bytes()); // times in nanoseconds
    header[4..8].copy_from_slice(&[2, 0, 4, 0]); // version 2.4
    header[16..20].copy_from_slice(&SNAPLEN.to_le_bytes());
    header[20..22].copy_from_slice(&link.0.to_le_bytes());
    header
}

/// The frame's time as savefiles count it, which know nothing before 1970.
fn nanos(frame: &Frame<'_>) -> u64 {
    frame.time.map_or(0, |time| u64::try_from(time.nanos()).unwrap_or(0))
}

fn writing(path: &Path, source: io::Error) -> SourceError {
    SourceError::File { action: "writing", path: path.to_owned(), source }
}
