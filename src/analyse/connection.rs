//! One conversation, TCP or UDP: who talks to whom, and how much.

use std::net::IpAddr;

use super::closing::Closing;
use super::copies::Copies;
use super::digest::Digest;
use super::exchange::{Exchange, Refusal};
use super::handshake::Handshake;
use super::health::Health;
use super::history::History;
use super::marks::Marks;
use super::moment::Moment;
use super::segment::Segment;
use super::tcp::{Relative, TcpConnection};
use crate::decode::service;
use crate::model::{Endpoint, Lane, SeqNumber, TcpState, Timestamp, Transport};

/// A TCP connection, or the datagrams exchanged between two UDP endpoints.
#[derive(Clone, Debug)]
pub struct Connection {
    transport: Transport,
    stream: u32,
    /// When it was last used, for [`Idle`](super::idle::Idle).
    pub(super) last_use: u64,
    client: Endpoint,
    server: Endpoint,
    assumed: bool,
    /// Whether its SYN took the ports of an earlier connection over.
    pub(super) reopens: bool,
    traffic: [Traffic; 2],
    /// The earliest and the latest time of all packets, where they do not come in the order of their times.
    extremes: Option<Box<(Timestamp, Timestamp)>>,
    detail: Detail,
}

/// What is known beyond the traffic.
#[derive(Clone, Debug)]
enum Detail {
    Tcp(TcpConnection),
    Udp(Exchange),
}

/// What one side sent, counted as it was captured: what came twice counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Packets.
    pub packets: u64,
    /// Bytes of those packets on the wire, link header included.
    pub bytes: u64,
    /// Bytes the transport carried.
    pub payload: u64,
    /// Packets of which the capture kept only a part.
    pub cut: u64,
    /// The first packet.
    pub first: Option<Moment>,
    /// The last packet.
    pub last: Option<Moment>,
}

impl Traffic {
    fn count(&mut self, digest: &Digest) {
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(u64::from(digest.wire_len));
        self.payload = self.payload.saturating_add(u64::from(digest.payload_len));
        self.cut = self.cut.saturating_add(u64::from(digest.is_cut));
        self.first.get_or_insert(digest.moment);
        self.last = Some(digest.moment);
    }

    /// Counts a packet that came before the last one, but is known only now.
    fn count_late(&mut self, digest: &Digest) {
        let (first, last) = (self.first, self.last);
        self.count(digest);
        let by_frame = |moment: &Moment| moment.frame();
        self.first = first.into_iter().chain([digest.moment]).min_by_key(by_frame);
        self.last = last.into_iter().chain([digest.moment]).max_by_key(by_frame);
    }
}

/// How much a TCP port looks like one that a server listens on, compared with another.
fn standing(port: u16) -> u8 {
    match (service(Transport::Tcp, port).is_some(), (1..=1023).contains(&port)) {
        (true, true) => 3,
        (true, false) => 2,
        // Clients of NFS and of the r-commands bind one of these to show that they are root.
        (false, true) => 1,
        (false, false) => 0,
    }
}

impl Connection {
    /// A conversation that begins with a packet from `source` to `destination`; for TCP, with `segment`.
    pub(super) fn new(
        transport: Transport,
        stream: u32,
        (source, destination): (Endpoint, Endpoint),
        segment: Option<&Segment>,
    ) -> Self {
        let flags = segment.map(|segment| segment.flags).unwrap_or_default();
        let assumed = transport == Transport::Tcp && !flags.syn();
        let from_server = flags.is_syn_ack() || (assumed && standing(source.port) > standing(destination.port));
        let (client, server) = if from_server { (destination, source) } else { (source, destination) };
        let detail = match transport {
            Transport::Tcp => Detail::Tcp(TcpConnection::new(client == server)),
            Transport::Udp => Detail::Udp(Exchange::default()),
        };
        let (traffic, extremes) = (Default::default(), None);
        Self { transport, stream, last_use: 0, client, server, assumed, reopens: false, traffic, extremes, detail }
    }

    /// TCP or UDP.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        self.transport
    }

    /// Its number, as Wireshark counts `tcp.stream` and `udp.stream`.
    #[must_use]
    pub const fn stream(&self) -> u32 {
        self.stream
    }

    /// One end: the client sent the SYN (or, for UDP, the first datagram).
    #[must_use]
    pub const fn endpoint(&self, lane: Lane) -> Endpoint {
        match lane {
            Lane::Client => self.client,
            Lane::Server => self.server,
        }
    }

    /// Whether client and server are a guess, because the capture holds no SYN. The server is who alone has a port that a
    /// service is registered for, else who alone has a well-known one (1 to 1023, IANA's system ports); where the ports tell
    /// no difference, the first sender is taken as client.
    #[must_use]
    pub const fn is_assumed(&self) -> bool {
        self.assumed
    }

    /// Whether a socket is connected to itself: then everything counts as the client's.
    #[must_use]
    pub fn is_self_connected(&self) -> bool {
        self.client == self.server
    }

    /// What one side sent.
    #[must_use]
    pub const fn traffic(&self, from: Lane) -> &Traffic {
        &self.traffic[from as usize]
    }

    /// The first packet of either side.
    #[must_use]
    pub fn first(&self) -> Option<Moment> {
        self.traffic.iter().filter_map(|traffic| traffic.first).min_by_key(|moment| moment.frame())
    }

    /// The last packet of either side.
    #[must_use]
    pub fn last(&self) -> Option<Moment> {
        self.traffic.iter().filter_map(|traffic| traffic.last).max_by_key(|moment| moment.frame())
    }

    /// How a TCP connection opened.
    #[must_use]
    pub fn handshake(&self) -> Option<&Handshake> {
        self.tcp().map(|tcp| &tcp.handshake)
    }

    /// The state of one end of a TCP connection after its last segment, inferred from the segments alone.
    #[must_use]
    pub fn state(&self, lane: Lane) -> Option<TcpState> {
        self.tcp()?.state(lane)
    }

    /// What went wrong, and how fast, in the segments that one side of a TCP connection sent; `None` for UDP, and while
    /// there is nothing but a SYN.
    #[must_use]
    pub fn health(&self, from: Lane) -> Option<&Health> {
        self.tcp()?.health(from)
    }

    /// Payload bytes of one side that the capture does not hold: for TCP those that were acknowledged, for UDP those of later
    /// fragments that did not come. `None` for TCP while there is nothing but a SYN.
    #[must_use]
    pub fn missed(&self, from: Lane) -> Option<u64> {
        self.exchange().map(|exchange| exchange.fragmented(from)).or_else(|| self.health(from).map(Health::missed))
    }

    /// How a TCP connection closed, or began to; `None` for UDP, and while there is nothing but a SYN.
    #[must_use]
    pub fn closing(&self) -> Option<&Closing> {
        self.tcp()?.closing()
    }

    /// The questions and answers of a UDP conversation.
    #[must_use]
    pub const fn exchange(&self) -> Option<&Exchange> {
        match &self.detail {
            Detail::Tcp(_) => None,
            Detail::Udp(exchange) => Some(exchange),
        }
    }

    pub(super) fn history(&self) -> Option<&History> {
        self.tcp()?.history()
    }

    const fn tcp(&self) -> Option<&TcpConnection> {
        match &self.detail {
            Detail::Tcp(tcp) => Some(tcp),
            Detail::Udp(_) => None,
        }
    }

    /// Whether a packet between two endpoints belongs to it, whichever sent it.
    pub(super) fn is_between(&self, transport: Transport, a: Endpoint, b: Endpoint) -> bool {
        let same = (self.client == a && self.server == b) || (self.client == b && self.server == a);
        same && self.transport == transport
    }

    fn lane_of(&self, source: Endpoint) -> Lane {
        if source == self.client { Lane::Client } else { Lane::Server }
    }

    /// Whether a segment from `source` opens a new connection between the same endpoints.
    pub(super) fn is_reopened_by(&self, source: Endpoint, segment: &Segment) -> bool {
        self.tcp().is_some_and(|tcp| tcp.is_reopened_by(self.lane_of(source), segment))
    }

    /// Counts a packet from `source` and says which side that is.
    pub(super) fn count(&mut self, source: Endpoint, digest: &Digest) -> Lane {
        let from = self.lane_of(source);
        if self.traffic[from as usize].last.is_some_and(|last| digest.moment.nanos() < last.nanos()) {
            self.went_back(digest.moment);
        }
        self.traffic[from as usize].count(digest);
        from
    }

    /// Notes the times so far, and the one of a packet that is stamped before another that it followed.
    #[cold]
    fn went_back(&mut self, moment: Moment) {
        let ends = self.traffic.iter().flat_map(|traffic| [traffic.first, traffic.last]).chain([Some(moment)]);
        for time in ends.flatten().filter_map(Moment::time) {
            let extremes = self.extremes.get_or_insert_with(|| Box::new((time, time)));
            **extremes = (extremes.0.min(time), extremes.1.max(time));
        }
    }

    /// The earliest and the latest time of its packets.
    pub(super) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let ends = self.traffic.iter().flat_map(|traffic| [traffic.first, traffic.last]);
        let noted = self.extremes.iter().flat_map(|extremes| [extremes.0, extremes.1]);
        let times = || ends.clone().flatten().filter_map(Moment::time).chain(noted.clone());
        times().min().zip(times().max())
    }

    /// The same for a fragment that waited for the first one.
    pub(super) fn count_late(&mut self, source: Endpoint, digest: &Digest) -> Lane {
        let from = self.lane_of(source);
        self.traffic[from as usize].count_late(digest);
        from
    }

    /// Counts `payload` bytes of a packet that was counted without them.
    pub(super) fn count_payload(&mut self, source: Endpoint, payload: u32) -> Lane {
        let from = self.lane_of(source);
        let traffic = &mut self.traffic[from as usize];
        traffic.payload = traffic.payload.saturating_add(payload.into());
        from
    }

    /// Where a number of its sender's stands, relative to the sender's first one.
    pub(super) fn relative_number(&self, from: Lane, number: SeqNumber) -> Option<u32> {
        self.tcp()?.relative_number(from, number)
    }

    /// The marks of a packet that came before it was known which segment it is a piece of are those of the one that told:
    /// they are counted there, as far as it has not got the same ones.
    pub(super) fn retell(&mut self, from: Lane, waited: Marks, own: Marks) {
        if let Detail::Tcp(tcp) = &mut self.detail {
            tcp.retell(from, waited, own);
        }
    }

    /// Takes in a later fragment of a TCP segment that brings nothing new.
    pub(super) fn repeat(&mut self, from: Lane, piece: &Segment, copies: &mut Copies) -> Option<(Relative, Marks)> {
        match &mut self.detail {
            Detail::Tcp(tcp) => Some(tcp.repeat(from, piece, self.stream, copies)),
            Detail::Udp(_) => None,
        }
    }

    /// Takes in `bytes` of a datagram's payload in a fragment after the first.
    pub(super) const fn continued(&mut self, from: Lane, bytes: u32) {
        if let Detail::Udp(exchange) = &mut self.detail {
            exchange.continued(from, bytes);
        }
    }

    /// Puts an assumed direction right when a SYN from `source` shows it.
    pub(super) fn orient(&mut self, source: Endpoint, segment: &Segment) {
        if !self.assumed || !segment.flags.syn() {
            return;
        }
        self.assumed = false;
        let from = if segment.flags.ack() { Lane::Server } else { Lane::Client };
        if self.lane_of(source) != from {
            std::mem::swap(&mut self.client, &mut self.server);
            self.traffic.swap(0, 1);
            if let Detail::Tcp(tcp) = &mut self.detail {
                tcp.swap();
            }
        }
    }

    /// Takes in a TCP segment.
    pub(super) fn observe(&mut self, from: Lane, segment: &Segment, copies: &mut Copies) -> Option<(Relative, Marks)> {
        match &mut self.detail {
            Detail::Tcp(tcp) => Some(tcp.observe(from, segment, self.stream, copies)),
            Detail::Udp(_) => None,
        }
    }

    /// Takes in a UDP datagram with `later` bytes in later fragments; returns the one it answers.
    pub(super) fn exchanged(&mut self, from: Lane, moment: Moment, later: u32) -> Option<Moment> {
        match &mut self.detail {
            Detail::Tcp(_) => None,
            Detail::Udp(exchange) => exchange.observe(from, moment, later),
        }
    }

    /// Takes in word that a datagram of `sender` found nobody.
    pub(super) fn refused(&mut self, sender: Endpoint, by: IpAddr, at: Moment) {
        let sender = self.lane_of(sender);
        if let Detail::Udp(exchange) = &mut self.detail {
            exchange.refused(Refusal { at, by, sender });
        }
    }
}
