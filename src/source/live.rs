//! Live capture with libpcap.
//!
//! The capture is non-blocking: [`LiveCapture::wait`] sleeps in `poll` until the kernel has packets, and
//! [`LiveCapture::try_next`] hands out those that are there. Immediate mode stays off: it costs a 64 KiB slot a packet
//! and loses bursts on loopback.

use std::os::fd::AsFd;
use std::time::Duration;

use pcap::{Active, Capture, Device, Error, Precision};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::SourceError;
use crate::model::{Frame, LinkType, Timestamp};

/// Longer than the largest frame of a loopback interface (65,549 bytes); libpcap's own largest value.
const SNAPLEN: i32 = 262_144;

/// The kernel's ring, in bytes.
const BUFFER: i32 = 8 << 20;

/// How long the kernel may keep a packet back to hand over several at once, in milliseconds.
const BATCH_MS: i32 = 10;

/// An open capture on one interface.
pub struct LiveCapture {
    capture: Capture<Active>,
    link: LinkType,
    is_loopback: bool,
    /// Packets handed out so far.
    count: u64,
}

/// Packets that passed the filter and were lost all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drops {
    /// Packets lost because the ring was full.
    pub by_kernel: u32,
    /// Packets lost by the interface or its driver.
    pub by_interface: u32,
}

impl LiveCapture {
    /// Opens `interface` and starts capturing what `filter` (in libpcap's language) lets through.
    ///
    /// Every packet that passes the filter after this returns is captured. A filter must not say `inbound` or
    /// `outbound`: libpcap 1.10 filters the ring's first blocks in user space, where it does not know a packet's
    /// direction, and loses them.
    ///
    /// # Errors
    ///
    /// [`SourceError::Pcap`] with libpcap's own words: no such device, no permission, a filter that does not compile.
    pub fn open(interface: &str, filter: &str) -> Result<Self, SourceError> {
        let failed = |action: String| move |error: Error| SourceError::Pcap { action, message: in_words(&error) };
        let capture = Capture::from_device(Device::from(interface))
            .and_then(|capture| {
                capture
                    .snaplen(SNAPLEN)
                    .buffer_size(BUFFER)
                    .timeout(BATCH_MS)
                    .immediate_mode(false)
                    .precision(Precision::Nano)
                    .open()
            })
            .and_then(Capture::setnonblock)
            .map_err(failed(format!("capturing on {interface}")))?;
        let mut capture = capture;
        capture.filter(filter, true).map_err(failed(format!("compiling the filter {filter:?}")))?;
        let link = LinkType(u16::try_from(capture.get_datalink().0).unwrap_or(u16::MAX));
        let is_loopback =
            Device::list().is_ok_and(|all| all.iter().any(|it| it.name == interface && it.flags.is_loopback()));
        Ok(Self { capture, link, is_loopback, count: 0 })
    }

    /// What the interface's frames begin with.
    #[must_use]
    pub const fn link(&self) -> LinkType {
        self.link
    }

    /// Waits until packets may be there, at most for `patience`. A signal ends the wait early.
    ///
    /// # Errors
    ///
    /// [`SourceError::Pcap`] where the capture cannot be waited on.
    pub fn wait(&self, patience: Duration) -> Result<(), SourceError> {
        let timeout = rustix::time::Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: patience.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::new(&self.capture.as_fd(), PollFlags::IN)], Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(errno) => {
                Err(SourceError::Pcap { action: "waiting for packets".to_owned(), message: errno.to_string() })
            }
        }
    }

    /// The next packet, if one is there now.
    ///
    /// # Errors
    ///
    /// [`SourceError::Pcap`]: the interface went down or disappeared.
    pub fn try_next(&mut self) -> Result<Option<Frame<'_>>, SourceError> {
        match self.capture.next_packet() {
            Ok(packet) => {
                self.count += 1;
                // With nanosecond precision, `tv_usec` holds nanoseconds.
                let time = Timestamp::from_parts(packet.header.ts.tv_sec, packet.header.ts.tv_usec);
                Ok(Some(Frame {
                    number: self.count,
                    time: Some(time),
                    interface: 0,
                    link: self.link,
                    wire_len: packet.header.len,
                    bytes: packet.data,
                    comments: &[],
                }))
            }
            Err(Error::TimeoutExpired | Error::NoMorePackets) => Ok(None),
            Err(error) => Err(SourceError::Pcap { action: "capturing".to_owned(), message: in_words(&error) }),
        }
    }

    /// What was lost so far.
    ///
    /// On loopback every packet passes the filter twice, out and in, and libpcap hands out the second pass alone; the
    /// kernel's counts are of both, so they are halved here.
    ///
    /// # Errors
    ///
    /// [`SourceError::Pcap`] where the kernel does not say.
    pub fn drops(&mut self) -> Result<Drops, SourceError> {
        let stats = self.capture.stats().map_err(|error| SourceError::Pcap {
            action: "asking the kernel what it dropped".to_owned(),
            message: in_words(&error),
        })?;
        let passes = if self.is_loopback { 2 } else { 1 };
        Ok(Drops { by_kernel: stats.dropped.div_ceil(passes), by_interface: stats.if_dropped })
    }
}

/// libpcap's message without the crate's own prefix.
fn in_words(error: &Error) -> String {
    match error {
        Error::PcapError(message) => message.clone(),
        other => other.to_string(),
    }
}
