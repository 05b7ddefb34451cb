//! Frames to a savefile: pcap with nanoseconds, or pcapng with comments.
//!
//! What is written is little-endian whatever the machine, so that the same frames give the same bytes. Opening the
//! file, and whose it is, belongs to the caller. pcap-parser's serializer is not used: it allocates every block anew
//! and leaves lengths, padding and options to its caller, which is most of the work.

use std::ffi::OsStr;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::SourceError;
use crate::model::{Frame, LinkType};

/// The snapshot length to state: loopback frames reach 65549 bytes, and libpcap refuses to read more than this.
pub const SNAPLEN: u32 = 262_144;

const OPT_END: u16 = 0;
const OPT_COMMENT: u16 = 1;
const SHB_USERAPPL: u16 = 4;
const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;

/// The savefile formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// draft-ietf-opsawg-pcap, here always with nanoseconds.
    Pcap,
    /// draft-ietf-opsawg-pcapng: several link types, interface names, comments.
    Pcapng,
}

impl Format {
    /// The format a file's ending asks for: `.pcap` (or `.cap`) and `.pcapng`, in any case.
    ///
    /// # Errors
    ///
    /// [`SourceError::UnknownEnding`] for every other name.
    pub fn from_path(path: &Path) -> Result<Self, SourceError> {
        let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("pcap" | "cap") => Ok(Self::Pcap),
            Some("pcapng") => Ok(Self::Pcapng),
            _ => Err(SourceError::UnknownEnding { path: path.to_owned() }),
        }
    }
}

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
/// Writes are buffered, so a full disk may show only in [`CaptureWriter::finish`]: dropping the writer without calling
/// it hides the error and the loss.
#[derive(Debug)]
pub struct CaptureWriter<W: Write> {
    out: BufWriter<W>,
    path: PathBuf,
    format: Format,
    /// The link type of each interface described so far.
    links: Vec<LinkType>,
    /// The pcapng block being put together.
    block: Vec<u8>,
}

impl<W: Write> CaptureWriter<W> {
    /// Starts a savefile on `out`; `path` only names it in errors.
    ///
    /// # Errors
    ///
    /// [`SourceError::File`] when the heading cannot be written.
    pub fn new(out: W, path: impl Into<PathBuf>, format: Format, heading: &Heading<'_>) -> Result<Self, SourceError> {
        let mut writer = Self {
            out: BufWriter::with_capacity(1 << 16, out),
            path: path.into(),
            format,
            links: Vec::new(),
            block: Vec::new(),
        };
        let written = match format {
            Format::Pcap => {
                writer.links.push(heading.link);
                writer.out.write_all(&pcap_header(heading.link))
            }
            Format::Pcapng => writer
                .write_section(heading.comment)
                .and_then(|()| writer.write_interface(heading.link, heading.interface)),
        };
        writer.checked(written)?;
        Ok(writer)
    }

    /// Appends one frame with its comments (which pcap has no place for).
    ///
    /// A frame without a time gets the epoch: no block that carries comments can leave it out. A frame of a link type
    /// that was not met before gets an interface of its own.
    ///
    /// # Errors
    ///
    /// [`SourceError::File`] when the system refuses, [`SourceError::SecondLinkType`] when a pcap file would need one.
    pub fn write_frame(&mut self, frame: &Frame<'_>) -> Result<(), SourceError> {
        let known = self.links.iter().position(|&link| link == frame.link);
        let written = match (self.format, known) {
            (Format::Pcap, Some(_)) => self.write_record(frame),
            (Format::Pcap, None) => {
                return Err(SourceError::SecondLinkType {
                    path: self.path.clone(),
                    first: self.links[0],
                    second: frame.link,
                });
            }
            (Format::Pcapng, Some(interface)) => self.write_packet(interface as u32, frame),
            (Format::Pcapng, None) => {
                let interface = self.links.len() as u32;
                self.write_interface(frame.link, None).and_then(|()| self.write_packet(interface, frame))
            }
        };
        self.checked(written)
    }

    /// Writes out what is still buffered and hands `out` back.
    ///
    /// # Errors
    ///
    /// [`SourceError::File`]; this is where a full disk shows.
    pub fn finish(self) -> Result<W, SourceError> {
        let Self { mut out, path, .. } = self;
        out.flush().map_err(|source| writing(&path, source))?;
        out.into_inner().map_err(|error| writing(&path, error.into_error()))
    }

    fn checked(&self, written: io::Result<()>) -> Result<(), SourceError> {
        written.map_err(|source| writing(&self.path, source))
    }

    fn write_record(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let nanos = nanos(frame);
        let seconds = u32::try_from(nanos / 1_000_000_000).unwrap_or(u32::MAX);
        for number in [seconds, (nanos % 1_000_000_000) as u32, frame.bytes.len() as u32, frame.wire_len] {
            self.out.write_all(&number.to_le_bytes())?;
        }
        self.out.write_all(frame.bytes)
    }

    fn write_section(&mut self, comment: Option<&str>) -> io::Result<()> {
        self.block.extend(0x1a2b_3c4d_u32.to_le_bytes());
        self.block.extend([1, 0, 0, 0]); // version 1.0
        self.block.extend((-1_i64).to_le_bytes()); // the section's length is not known
        self.option(SHB_USERAPPL, concat!("layerscope ", env!("CARGO_PKG_VERSION")).as_bytes());
        if let Some(comment) = comment {
            self.option(OPT_COMMENT, comment.as_bytes());
        }
        self.option(OPT_END, &[]);
        self.end_block(0x0a0d_0d0a)
    }

    fn write_interface(&mut self, link: LinkType, name: Option<&str>) -> io::Result<()> {
        self.links.push(link);
        self.block.extend(link.0.to_le_bytes());
        self.block.extend([0, 0]);
        self.block.extend(SNAPLEN.to_le_bytes());
        if let Some(name) = name {
            self.option(IF_NAME, name.as_bytes());
        }
        self.option(IF_TSRESOL, &[9]); // units of 10^-9 s
        self.option(OPT_END, &[]);
        self.end_block(1)
    }

    fn write_packet(&mut self, interface: u32, frame: &Frame<'_>) -> io::Result<()> {
        let nanos = nanos(frame);
        let numbers = [interface, (nanos >> 32) as u32, nanos as u32, frame.bytes.len() as u32, frame.wire_len];
        for number in numbers {
            self.block.extend(number.to_le_bytes());
        }
        self.block.extend(frame.bytes);
        self.pad();
        for comment in frame.comments {
            self.option(OPT_COMMENT, comment.as_bytes());
        }
        if !frame.comments.is_empty() {
            self.option(OPT_END, &[]);
        }
        self.end_block(6)
    }

    /// Appends an option to the block; what its 16-bit length cannot hold is cut at a character's end.
    fn option(&mut self, code: u16, value: &[u8]) {
        let mut value = &value[..value.len().min(usize::from(u16::MAX))];
        while let Err(error) = std::str::from_utf8(value) {
            value = &value[..error.valid_up_to()];
        }
        self.block.extend(code.to_le_bytes());
        self.block.extend((value.len() as u16).to_le_bytes());
        self.block.extend(value);
        self.pad();
    }

    /// Blocks and options end on a 32-bit boundary.
    fn pad(&mut self) {
        self.block.resize(self.block.len().next_multiple_of(4), 0);
    }

    /// Writes the block out between its type and its length, which stands at both ends.
    fn end_block(&mut self, kind: u32) -> io::Result<()> {
        let length = (self.block.len() as u32 + 12).to_le_bytes();
        self.out.write_all(&kind.to_le_bytes())?;
        self.out.write_all(&length)?;
        self.out.write_all(&self.block)?;
        self.out.write_all(&length)?;
        self.block.clear();
        Ok(())
    }
}

fn pcap_header(link: LinkType) -> [u8; 24] {
    let mut header = [0; 24];
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
