//! Live capture with libpcap.
//!
//! The capture is non-blocking: [`LiveCapture::wait`] sleeps in `poll` until the kernel has packets, and
//! [`LiveCapture::deliver`] hands out those that are there. Immediate mode stays off: it costs a 64 KiB slot a packet
//! and loses bursts on loopback.

use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};
use std::time::Duration;

use pcap::{Active, Capture, Device, Error, Linktype, Packet, Precision};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{netdevice, sockopt};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};

use super::SourceError;
use super::compile::compile;
use super::interface::{NetworkInterface, interfaces};
use super::interface_names::InterfaceNames;
use super::kernel;
use super::libpcap::{in_words, refused};
use super::missed::Missed;
use super::origins::Origins;
use crate::model::{Frame, LinkType, Timestamp};

/// How long the kernel may keep a packet back to hand over several at once, where somebody looks on.
pub const BATCH: Duration = Duration::from_millis(10);

/// The interface that stands for all of them.
const ANY: &str = "any";

/// How a capture is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveOptions {
    /// How many bytes of each packet are kept.
    pub snaplen: u32,
    /// The kernel's ring, in bytes.
    pub buffer: u32,
    /// Whether the interface should hear what is not meant for it; never done on a loopback or on `any`.
    pub promiscuous: bool,
    /// How long the kernel may keep a packet back to hand over several at once: each time costs a wake-up.
    pub batch: Duration,
}

impl Default for LiveOptions {
    /// Whole packets (a loopback's reach 65,549 bytes; libpcap's own limit is kept), a ring of 8 MiB, handed over every
    /// [`BATCH`].
    fn default() -> Self {
        Self { snaplen: super::SNAPLEN, buffer: 8 << 20, promiscuous: false, batch: BATCH }
    }
}

/// An open capture on one interface.
pub struct LiveCapture {
    capture: Capture<Active>,
    interface: String,
    link: LinkType,
    /// How many times the kernel counts each packet.
    passes: u32,
    /// What the kernel had dropped before the filter was in place, by its own count.
    dropped_before: u32,
    batch: Duration,
    missed: Missed,
    names: InterfaceNames,
    /// Which interfaces packets come from, where the capture is on all of them and the packets say.
    origins: Option<Origins>,
    /// Packets handed out so far.
    count: u64,
    /// What the socket said when the interface was lost; told when the last packets were handed out.
    lost: Option<Errno>,
    filters_by_itself: bool,
}

/// Packets that passed the filter and were lost all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drops {
    /// Packets lost because the ring was full.
    pub by_kernel: u32,
    /// Packets lost by the interface or its driver.
    pub by_interface: u32,
}

impl AsFd for LiveCapture {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.capture.as_fd()
    }
}

impl LiveCapture {
    /// Opens `interface` and starts capturing what `filter` (in libpcap's language) lets through.
    ///
    /// Every packet that passes the filter after this returns is captured. From here on other processes of the same user
    /// can look neither into this one's memory nor at its descriptors (`PR_SET_DUMPABLE`). A filter must not say `inbound` or
    /// `outbound`: libpcap 1.10 filters the ring's first blocks in user space, where it does not know a packet's
    /// direction, and loses them.
    ///
    /// # Errors
    ///
    /// [`SourceError::NoInterface`], [`SourceError::InterfaceDown`], [`SourceError::NoPermission`], [`SourceError::NoRoom`],
    /// [`SourceError::FilterTooLarge`];
    /// [`SourceError::Filter`] where the filter makes no sense for the interface, [`SourceError::Pcap`] with libpcap's own
    /// words for the rest.
    pub fn open(interface: &str, filter: &str, options: &LiveOptions) -> Result<Self, SourceError> {
        let devices = Device::list().unwrap_or_default();
        let listed = devices.iter().find(|device| device.name == interface);
        let is_loopback = listed.is_some_and(|device| device.flags.is_loopback());
        let promiscuous = options.promiscuous && !is_loopback && interface != ANY;
        // Whoever gets hold of the socket can send through it: nobody looks into this process from here on.
        set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|errno| SourceError::Pcap {
            action: "keeping other processes from the capture".to_owned(),
            message: errno.to_string(),
        })?;
        let before = kernel::open_descriptors();
        let mut capture =
            activate(interface, options, promiscuous).map_err(|error| explain(interface, listed, options, &error))?;
        // A loopback's packets pass twice, out and in. Where they are counted once, the counts are exact.
        let passes = if is_loopback && kernel::ignore_outgoing(capture.as_fd()).is_err() { 2 } else { 1 };
        if interface == ANY {
            // The newer cooked header tells which interface each packet came from; an old libpcap keeps to the older.
            let _ = capture.set_datalink(Linktype(i32::from(LinkType::LINUX_SLL2.0)));
        }
        let link = LinkType(u16::try_from(capture.get_datalink().0).unwrap_or(u16::MAX));
        let refused = |message| SourceError::Filter { expression: filter.to_owned(), link: Some(link), message };
        let (_, is_optimised) =
            compile(filter, capture.get_datalink()).map_err(|refusal| refusal.into_error(filter, Some(link)))?;
        // libpcap warns on standard error where the kernel does not take a filter; whoever asks is told here.
        kernel::without_standard_error(|| capture.filter(filter, is_optimised))
            .map_err(|error| refused(in_words(&error)))?;
        let filters_by_itself = !kernel::has_filter(capture.as_fd());
        kernel::keep_from_programs(&before);
        let dropped_before = dropped(&mut capture)?;
        // Where the kernel cannot lock it, the system calls of a confined process are still refused.
        let _ = kernel::lock_filter(capture.as_fd());
        // As libpcap has it: what it lost concerns who hears everything.
        let missed = if promiscuous { Missed::of(interface) } else { Missed::unknown() };
        let names = InterfaceNames::default();
        names.learn(Some(interface));
        let origins = (interface == ANY && link == LinkType::LINUX_SLL2)
            .then(|| Origins::new(capture.as_fd(), devices.iter().map(|device| device.name.as_str()), names.clone()));
        let (interface, batch) = (interface.to_owned(), options.batch);
        Ok(Self {
            capture,
            interface,
            link,
            passes,
            dropped_before,
            batch,
            missed,
            names,
            origins,
            count: 0,
            lost: None,
            filters_by_itself,
        })
    }

    /// What the interface's frames begin with.
    #[must_use]
    pub const fn link(&self) -> LinkType {
        self.link
    }

    /// The name of the interface.
    #[must_use]
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// What the interfaces are called that packets come from: 0 is the one that was opened. Where that is `any`, those from 1
    /// on are the interfaces behind it, each from its first packet on; one that was gone before that may have no name.
    #[must_use]
    pub fn interface_names(&self) -> InterfaceNames {
        self.names.clone()
    }

    /// Whether the filter was too long for the kernel: all packets come here, and those that do not match are left out here.
    /// They too take room in the ring, and count among the dropped ones.
    #[must_use]
    pub const fn filters_by_itself(&self) -> bool {
        self.filters_by_itself
    }

    /// How long the kernel may keep a packet back.
    #[must_use]
    pub const fn batch(&self) -> Duration {
        self.batch
    }

    /// Waits until packets may be there, at most for `patience`. A signal ends the wait early.
    ///
    /// # Errors
    ///
    /// [`SourceError::InterfaceLost`], once: the interface went down or disappeared, and every packet before that was
    /// handed out. [`SourceError::Pcap`] where the capture cannot be waited on.
    pub fn wait(&mut self, patience: Duration) -> Result<(), SourceError> {
        // What the kernel holds back when the interface goes, it hands over a batch later.
        let patience = if self.lost.is_some() { patience.max(self.batch.saturating_mul(2)) } else { patience };
        let timeout = rustix::time::Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: patience.subsec_nanos().into(),
        };
        let socket = self.capture.as_fd();
        let mut polled = [PollFd::new(&socket, PollFlags::IN)];
        let ready = match poll(&mut polled, Some(&timeout)) {
            Ok(_) => polled[0].revents(),
            Err(Errno::INTR) => PollFlags::empty(),
            Err(errno) => {
                return Err(SourceError::Pcap { action: "waiting for packets".to_owned(), message: errno.to_string() });
            }
        };
        if ready.contains(PollFlags::ERR) {
            self.lost = sockopt::socket_error(self.capture.as_fd()).ok().and_then(Result::err);
        } else if !ready.contains(PollFlags::IN)
            && let Some(errno) = self.lost.take()
        {
            return Err(self.loss(errno));
        }
        Ok(())
    }

    /// Hands out the packets that are there now, at most `at_most` (0 hands out none), and says how many they were.
    ///
    /// One call empties one block of the ring, so there may be more.
    ///
    /// # Errors
    ///
    /// [`SourceError::Pcap`] where libpcap cannot read on.
    pub fn deliver(&mut self, at_most: usize, mut sink: impl FnMut(&Frame<'_>)) -> Result<usize, SourceError> {
        let (count, link) = (&mut self.count, self.link);
        let (origins, socket) = (&mut self.origins, self.capture.as_fd().as_raw_fd());
        let hand_out = |packet: Packet<'_>| {
            *count = count.saturating_add(1);
            // With nanosecond precision, `tv_usec` holds nanoseconds.
            let time = Timestamp::from_parts(packet.header.ts.tv_sec, packet.header.ts.tv_usec);
            sink(&Frame {
                number: *count,
                time: Some(time),
                interface: origins.as_mut().map_or(0, |origins| origins.number(packet.data, socket)),
                link,
                wire_len: packet.header.len,
                bytes: packet.data,
                comments: &[],
            });
        };
        self.capture.dispatch(Some(at_most.min(i32::MAX as usize)), hand_out).map_err(refused("capturing"))
    }

    /// What was lost so far.
    ///
    /// On loopback every packet passes twice, out and in, and the second pass alone is handed out. A kernel before Linux
    /// 4.20 counts both, so its counts are halved here, which is right to within a packet; on `any`, too, the first pass of a
    /// loopback's packets is counted where it was dropped.
    ///
    /// # Errors
    ///
    /// [`SourceError::Pcap`] where the kernel does not say.
    pub fn drops(&mut self) -> Result<Drops, SourceError> {
        let dropped = dropped(&mut self.capture)?.wrapping_sub(self.dropped_before);
        Ok(Drops { by_kernel: dropped.div_ceil(self.passes), by_interface: self.missed.so_far() })
    }

    fn loss(&self, errno: Errno) -> SourceError {
        let exists = netdevice::name_to_index(self.capture.as_fd(), &self.interface).is_ok();
        let how = match errno {
            Errno::NETDOWN if exists => "went down".to_owned(),
            Errno::NETDOWN => "disappeared".to_owned(),
            other => format!("cannot be read any more: {other}"),
        };
        SourceError::InterfaceLost { name: self.interface.clone(), how }
    }
}

impl NetworkInterface {
    /// Opens it for a moment: what its frames begin with, or why this process may not capture there.
    ///
    /// # Errors
    ///
    /// As [`LiveCapture::open`].
    pub fn probe(&self) -> Result<LinkType, SourceError> {
        let options = LiveOptions { buffer: 1 << 17, ..LiveOptions::default() };
        LiveCapture::open(&self.name, "", &options).map(|capture| capture.link())
    }
}

/// What the kernel has dropped since the capture was activated, by its own count.
fn dropped(capture: &mut Capture<Active>) -> Result<u32, SourceError> {
    Ok(capture.stats().map_err(refused("asking the kernel what it dropped"))?.dropped)
}

fn activate(interface: &str, options: &LiveOptions, promiscuous: bool) -> Result<Capture<Active>, Error> {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    Capture::from_device(Device::from(interface))?
        .snaplen(number(options.snaplen))
        .buffer_size(number(options.buffer))
        .timeout(number(u32::try_from(options.batch.as_millis()).unwrap_or(u32::MAX)))
        .immediate_mode(false)
        .promisc(promiscuous)
        .precision(Precision::Nano)
        .open()?
        .setnonblock()
}

/// Why an interface could not be opened. libpcap speaks of permission even where there is no such interface, and has but
/// words for what happened.
fn explain(interface: &str, listed: Option<&Device>, options: &LiveOptions, error: &Error) -> SourceError {
    let (name, message) = (interface.to_owned(), in_words(error));
    match listed {
        None => {
            let known = interfaces().unwrap_or_default().into_iter().map(|it| it.name).collect();
            SourceError::NoInterface { name, known }
        }
        Some(device) if !device.flags.is_up() && message.contains("not up") => SourceError::InterfaceDown { name },
        Some(_) if message.contains("permi") => SourceError::NoPermission { name },
        Some(_) if message.contains("rx ring") && message.contains("memory") => {
            SourceError::NoRoom { name, buffer: options.buffer, message }
        }
        Some(_) => SourceError::Pcap { action: format!("capturing on {interface}"), message },
    }
}
