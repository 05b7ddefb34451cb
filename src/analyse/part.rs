//! A part of a packet that came in fragments: of which packet it is, and its place there.

use std::net::IpAddr;

use super::moment::Moment;
use super::print::{Place, hash_of};
use crate::decode::{Fragment, Packet};
use crate::model::{Endpoint, Frame};

/// How many packets that come in fragments are remembered at once; the oldest gives way.
pub(super) const REMEMBERED: usize = 512;

/// How many fragments of one packet are told apart, and how many may wait for the first.
pub(super) const PIECES: usize = 64;

/// How long the longest header of TCP is, in bytes (RFC 9293 §3.1).
pub(super) const LONGEST_HEAD: u32 = 60;

/// How long the fragments of a packet are waited for, in nanoseconds (RFC 8200 §4.5); then the same identification is that
/// of another packet.
const PATIENCE: i64 = 60_000_000_000;

/// What the fragments of a packet have in common (RFC 791 §3.2, RFC 8200 §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Whole {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: u8,
    pub(super) identification: u32,
}

/// TCP and UDP, by IANA's numbers: what conversations are of.
const CONVERSING: [u8; 2] = [6, 17];

impl Whole {
    /// The packet that this one is a fragment of, and which; `None` where it is whole, or quotes a part.
    pub(super) fn of(packet: &Packet<'_>) -> Option<(Self, Fragment)> {
        let (fragment, ip) = (packet.fragment()?, packet.ip()?);
        let (source, destination) = (ip.source()?, ip.destination()?);
        Some((
            Self { source, destination, protocol: fragment.protocol, identification: fragment.identification },
            fragment,
        ))
    }

    /// Whether it can belong to a conversation.
    pub(super) fn is_of_conversation(&self) -> bool {
        CONVERSING.contains(&self.protocol)
    }
}

/// Whether a fragment comes so long after the last one that its identification is that of another packet.
pub(super) fn is_past(last: Moment, now: Moment) -> bool {
    now.since(last).is_some_and(|nanos| nanos > PATIENCE)
}

/// A fragment's place in what its packet carries: from `start` up to `end`, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) whole: Whole,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) more: bool,
    /// Of a first one: where the transport's payload begins.
    pub(super) payload: u32,
    /// For TCP, what the numbers of the piece are reckoned from: flags and options of the whole are in the first.
    pub(super) has_fin: bool,
    /// Of a first one that does not hold all of TCP's header: whom it is from and to.
    pub(super) ends: Option<(Endpoint, Endpoint)>,
    /// What it may hold of such a header.
    pub(super) head: Box<[u8]>,
    /// A hash of its place and of its bytes, as far as they were captured.
    pub(super) content: u64,
    /// Where it was seen.
    pub(super) place: Place,
}

impl Part {
    /// Which part of a packet this is; `None` where it is whole, or quotes a part.
    #[cold]
    pub(super) fn of(frame: &Frame<'_>, packet: &Packet<'_>) -> Option<Self> {
        let (whole, fragment) = Whole::of(packet)?;
        let (start, bytes) = (fragment.bytes.start, packet.fragment_bytes());
        let ends =
            packet.ends().filter(|_| packet.is_header_split()).map(|(_, source, destination)| (source, destination));
        // The first fragment of most packets has all of the transport's header.
        let room = if start > 0 || ends.is_some() { LONGEST_HEAD.saturating_sub(start) as usize } else { 0 };
        Some(Self {
            whole,
            start,
            end: fragment.bytes.end,
            more: fragment.more,
            payload: packet.payload_start().unwrap_or(0),
            has_fin: packet.tcp().is_some_and(|tcp| tcp.flags().fin()),
            ends,
            head: bytes.get(..room).unwrap_or(bytes).into(),
            content: u64::from(start).rotate_left(32) ^ hash_of(bytes),
            place: Place::of(frame, packet),
        })
    }

    /// How many bytes it holds behind the header, which ends at `header`.
    pub(super) fn payload_behind(&self, header: u32) -> u32 {
        self.end.saturating_sub(self.start.max(header))
    }
}
