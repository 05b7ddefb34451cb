//! Saved captures: pcap and pcapng, plain or compressed, from a file or a pipe.
//!
//! The content decides what a file is, never its name. The formats themselves are read in `pcap` and `pcapng`; here
//! they become one [`FrameSource`].

use std::io::{self, ErrorKind, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::pcap::{self, Pcap};
use super::pcapng::{self, Pcapng};
use super::record::{Fault, Interface, Record};
use super::stream::{BLOCK, Part, Stream};
use super::unread::{Awaited, Unread, What};
use super::window::Window;
use super::{Batch, FrameSource, SourceError, sniff};
use crate::model::Frame;

/// How many bytes are looked at to tell what a file is.
const START: usize = 512;

enum Layout {
    Pcap(Pcap),
    Pcapng(Box<Pcapng>),
}

/// A saved capture, read front to back through one buffer.
///
/// Reading allocates nothing for a packet, unless the packet has comments. A packet that reaches a pipe is handed out
/// as soon as its last byte is there.
pub struct CaptureFile {
    path: PathBuf,
    window: Window,
    compression: Option<&'static str>,
    layout: Layout,
    /// The last packet handed out.
    record: Record,
    /// How many were.
    packets: u64,
    ended: bool,
    /// What ended it, where packets before that have still to be handed out.
    failure: Option<SourceError>,
}

impl CaptureFile {
    /// Opens a capture; `-` is standard input.
    ///
    /// # Errors
    ///
    /// [`SourceError::File`] where the system refuses, [`SourceError::NotACapture`] where the file is something else,
    /// [`SourceError::Damaged`] where not even its header is whole.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SourceError> {
        Self::read(Unread::open(path.as_ref()))
    }

    /// Reads a capture that is open.
    ///
    /// # Errors
    ///
    /// As [`CaptureFile::open`].
    pub fn read(unread: Unread) -> Result<Self, SourceError> {
        let Unread { path, what } = unread;
        match what {
            What::Stdin => Self::stdin(),
            What::Plain(file) => Self::from_stream(path, Stream::plain(file)),
            What::Stream(file) => Self::from_stream(path, Stream::Reader(Box::new(Awaited::new(file)))),
            What::Refused(source) => Err(SourceError::File { action: "opening", path, source }),
        }
    }

    /// Reads standard input, without waiting for more than the capture's header.
    ///
    /// # Errors
    ///
    /// As [`CaptureFile::open`].
    pub fn stdin() -> Result<Self, SourceError> {
        Self::from_reader("standard input", io::stdin())
    }

    /// Reads any stream; `name` stands for its path in errors.
    ///
    /// # Errors
    ///
    /// As [`CaptureFile::open`].
    pub fn from_reader(name: impl Into<PathBuf>, reader: impl Read + Send + 'static) -> Result<Self, SourceError> {
        Self::from_stream(name.into(), Stream::Reader(Box::new(reader)))
    }

    fn from_stream(path: PathBuf, stream: Stream) -> Result<Self, SourceError> {
        let (stream, compression) = sniff::decompress(stream).map_err(|source| SourceError::File {
            action: "reading",
            path: path.clone(),
            source,
        })?;
        let mut window = Window::new(stream);
        match layout(&mut window, compression) {
            Ok(layout) => {
                let (record, packets, ended, failure) = (Record::EMPTY, 0, false, None);
                Ok(Self { path, window, compression, layout, record, packets, ended, failure })
            }
            Err(fault) => Err(report(fault, &path, &window, compression, 0)),
        }
    }

    /// The interfaces described so far; [`Frame::interface`] counts through them, over all sections.
    #[must_use]
    pub fn interfaces(&self) -> &[Interface] {
        match &self.layout {
            Layout::Pcap(pcap) => std::slice::from_ref(pcap.interface()),
            Layout::Pcapng(pcapng) => pcapng.interfaces(),
        }
    }

    /// The names the file has given to addresses so far.
    #[must_use]
    pub fn names(&self) -> &[(IpAddr, String)] {
        match &self.layout {
            Layout::Pcap(_) => &[],
            Layout::Pcapng(pcapng) => pcapng.names(),
        }
    }

    /// What the file's section headers say of the whole capture.
    #[must_use]
    pub fn comments(&self) -> &[String] {
        match &self.layout {
            Layout::Pcap(_) => &[],
            Layout::Pcapng(pcapng) => pcapng.remarks(),
        }
    }

    /// How far reading has come, in bytes of the decompressed stream.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.window.offset()
    }

    /// How many packets were handed out.
    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    /// Moves to the next packet; `false` at the end.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool, SourceError> {
        let next = self.wait_for_next()?;
        Ok(next.map(|record| self.record = record).is_some())
    }

    /// The packet that [`CaptureFile::advance`] moved to.
    #[inline]
    pub(super) fn current(&self) -> Frame<'_> {
        let Record { time, interface, link, wire_len, ref bytes } = self.record;
        let bytes = self.window.taken(bytes.clone());
        let comments = match &self.layout {
            Layout::Pcap(_) => &[],
            Layout::Pcapng(pcapng) => pcapng.comments(),
        };
        Frame { number: self.packets, time, interface, link, wire_len, bytes, comments }
    }

    /// The next packet's record, or what ended the file before it; `None` at the end.
    #[inline]
    fn wait_for_next(&mut self) -> Result<Option<Record>, SourceError> {
        match self.failure.take() {
            Some(error) => Err(error),
            None => self.next().map_err(|fault| self.report(fault)),
        }
    }

    /// The next packet's record; `None` at the end, which a fault is too, unless the packet is only not here yet.
    #[inline]
    fn next(&mut self) -> Result<Option<Record>, Fault> {
        if self.ended {
            return Ok(None);
        }
        let next = match &mut self.layout {
            Layout::Pcap(pcap) => pcap.next(&mut self.window),
            Layout::Pcapng(pcapng) => pcapng.next(&mut self.window),
        };
        match &next {
            Ok(Some(_)) => self.packets = self.packets.saturating_add(1),
            Err(Fault::NotHere) => {}
            Ok(None) | Err(_) => self.ended = true,
        }
        next
    }

    /// Puts the next packet into the batch, and those behind it that are in the window already.
    fn gather(&mut self, batch: &mut Batch) -> Result<bool, SourceError> {
        let mut next = self.wait_for_next()?;
        self.window.hold(true);
        while let Some(record) = next {
            match &mut self.layout {
                Layout::Pcap(_) => batch.hold(self.packets, record, []),
                Layout::Pcapng(pcapng) => batch.hold(self.packets, record, pcapng.take_comments()),
            }
            if batch.is_full() {
                break;
            }
            next = match self.next() {
                Ok(next) => next,
                Err(Fault::NotHere) => None,
                Err(fault) => {
                    self.failure = Some(self.report(fault));
                    None
                }
            };
        }
        self.window.hold(false);
        Ok(!batch.is_empty())
    }

    fn report(&self, fault: Fault) -> SourceError {
        report(fault, &self.path, &self.window, self.compression, self.packets)
    }
}

impl FrameSource for CaptureFile {
    fn interface(&self, number: u32) -> Option<&Interface> {
        self.interfaces().get(number as usize)
    }

    fn remarks(&self) -> &[String] {
        self.comments()
    }

    #[inline]
    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, SourceError> {
        Ok(if self.advance()? { Some(self.current()) } else { None })
    }

    fn part(&mut self) -> Option<Part> {
        if self.ended { None } else { self.window.part() }
    }

    fn fill(&mut self, batch: &mut Batch) -> Result<bool, SourceError> {
        batch.forget();
        let part = batch.part.take();
        if !part.is_some_and(|part| self.window.go_on_in(&part, &mut batch.bytes)) {
            self.window.exchange(&mut batch.bytes, BLOCK);
        }
        let filled = self.gather(batch);
        self.window.exchange(&mut batch.bytes, 0);
        filled
    }
}

/// Finds out the format and reads its header.
fn layout(window: &mut Window, compression: Option<&'static str>) -> Result<Layout, Fault> {
    window.want(12)?;
    if pcapng::recognises(window.unread()) {
        return Ok(Layout::Pcapng(Box::default()));
    }
    if !pcap::recognises(window.unread()) {
        window.want(START)?;
        let start = &window.unread()[..window.unread().len().min(START)];
        return Err(Fault::NotACapture(sniff::describe(start, compression)));
    }
    window.want(pcap::HEADER)?;
    let Some(header) = window.unread().first_chunk().copied() else {
        let cause = format!("the file ends inside its header, after {} of 24 bytes", window.unread().len());
        return Err(Fault::damage(0, cause));
    };
    window.take(pcap::HEADER);
    Pcap::new(header).map(Layout::Pcap).map_err(Fault::NotACapture)
}

/// A fault as the caller sees it. What a decompressor refuses is damage of the file; a failing disk is not.
fn report(fault: Fault, path: &Path, window: &Window, compression: Option<&'static str>, packets: u64) -> SourceError {
    let path = path.to_owned();
    let (offset, cause) = match (fault, compression) {
        (Fault::NotACapture(found), _) => return SourceError::NotACapture { path, found },
        (Fault::Damage { offset, cause }, _) => (offset, cause),
        (Fault::Reading(error), Some(compression))
            if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData) =>
        {
            let offset = window.offset().saturating_add(window.unread().len() as u64);
            let cause = match error.kind() {
                ErrorKind::UnexpectedEof => format!("the {compression} data ends too early"),
                _ => format!("the {compression} data cannot be decompressed ({error})"),
            };
            (offset, cause)
        }
        (Fault::Reading(source), _) => return SourceError::File { action: "reading", path, source },
        (Fault::NotHere, _) => {
            return SourceError::File { action: "reading", path, source: ErrorKind::WouldBlock.into() };
        }
    };
    SourceError::Damaged { path, offset, cause, packets }
}
