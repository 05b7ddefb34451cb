//! Captures whose packets mean something to each other: a few conversations between a few ends, told step by step.
//!
//! Random bytes would hardly ever acknowledge what was sent; here numbers are given by what they follow, near enough to
//! be judged and free enough to be wrong.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use arbitrary::Arbitrary;
use layerscope::analyse::call_notation;
use layerscope::model::{
    self, Descriptors, Errno, Lane, LinkType, Outcome, OwnedFrame, SocketCall, TcpState, Timestamp, Transport,
};

/// The most steps of a scene, so that one run stays short.
const STEPS: usize = 60;

/// What a capture tells.
#[derive(Arbitrary, Debug)]
pub struct Scene {
    /// How many conversations the tracker may remember.
    pub room: u8,
    /// Whether to draw with ASCII alone, and in how many columns.
    pub look: (bool, u8),
    /// Each side's first sequence number, by conversation.
    first: [[u32; 2]; 4],
    steps: Vec<Step>,
    calls: Vec<Call>,
}

#[derive(Arbitrary, Debug)]
struct Step {
    conversation: u8,
    from_server: bool,
    after: After,
    what: What,
    envelope: Envelope,
}

/// When, seen from the step before.
#[derive(Arbitrary, Debug)]
enum After {
    Nanos(u16),
    Millis(u16),
    Seconds(i16),
    At(i64),
    Untimed,
}

#[derive(Arbitrary, Debug)]
enum What {
    Segment(Segment),
    /// The usual: data, or an acknowledgment, in order.
    Plain(u8),
    Datagram(Vec<u8>),
    /// The packet so many before, with a time to live of so many less, perhaps through another MAC.
    Again(u8, u8, bool),
    /// An ICMP error of this type and code about the packet so many before, of which so many bytes are quoted.
    Error(u8, u8, u8, u8),
    /// Anything behind the IP header, under any protocol.
    Other(u8, Vec<u8>),
}

#[derive(Arbitrary, Debug)]
struct Segment {
    flags: u16,
    seq: Number,
    ack: Number,
    window: u16,
    urgent: u16,
    len: Length,
    options: Vec<TcpOption>,
}

/// A sequence number, by what it follows.
#[derive(Arbitrary, Debug)]
enum Number {
    Next,
    First(i8),
    Near(i16),
    Far(i32),
    At(u32),
}

#[derive(Arbitrary, Debug)]
enum Length {
    None,
    Some(u8),
    Full,
    Super(u16),
}

#[derive(Arbitrary, Debug)]
enum TcpOption {
    Mss(u16),
    Scale(u8),
    SackPermitted,
    Sack(Vec<(Number, Number)>),
    Timestamps(u32, u32),
    Other(u8, Vec<u8>),
    Bytes(Vec<u8>),
}

/// What is around a packet, and what the capture kept of it.
#[derive(Arbitrary, Debug)]
struct Envelope {
    fragment: Option<(u8, bool)>,
    ethernet: bool,
    interface: bool,
    cut: Option<u8>,
    /// What the IP header claims, and the capture.
    claims: Option<(Claim, Claim)>,
}

/// A length that is said, seen from the one that there is.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Claim {
    Near(i8),
    /// As with segmentation offload.
    Nothing,
    Most,
}

impl Claim {
    /// What is said of so many bytes, in a field that has room for `most`.
    fn of(self, there: usize, most: u32) -> u32 {
        match self {
            Self::Near(more) => (there as u32).saturating_add_signed(more.into()).min(most),
            Self::Nothing => 0,
            Self::Most => most,
        }
    }
}

#[derive(Arbitrary, Debug)]
struct Call {
    conversation: u8,
    by_server: bool,
    is_udp: bool,
    name: String,
    arguments: String,
    result: Result<String, String>,
    moved: Option<u32>,
    at: i64,
    lasts: i64,
    state: Option<u8>,
    peer: bool,
}

/// The frames of a scene, and the calls beside them.
#[derive(Debug, Default)]
pub struct Captured {
    /// The frames, in the order of the capture.
    pub frames: Vec<OwnedFrame>,
    /// The calls.
    pub calls: Vec<SocketCall>,
}

/// What each side of a conversation sends next.
struct Sides([[u32; 2]; 4]);

impl Scene {
    /// Plays it.
    #[must_use]
    pub fn play(&self) -> Captured {
        let (mut captured, mut next, mut time) = (Captured::default(), Sides(self.first), Timestamp::default());
        for step in self.steps.iter().take(STEPS) {
            time = step.after.from(time);
            let (link, bytes) = self.packet(step, &mut next, &captured.frames);
            captured.frames.push(step.envelope.captured(link, bytes, &step.after, time, captured.frames.len()));
        }
        captured.calls = self.calls.iter().take(STEPS).map(Call::made).collect();
        captured.calls.sort_by_key(|call| call.entered);
        captured
    }

    /// A packet's link type and bytes.
    fn packet(&self, step: &Step, next: &mut Sides, before: &[OwnedFrame]) -> (LinkType, Vec<u8>) {
        let (conversation, side) = (usize::from(step.conversation) % 4, usize::from(step.from_server));
        let (protocol, body) = match &step.what {
            What::Segment(segment) => (6, segment.bytes(conversation, side, next, &self.first)),
            What::Plain(len) => (6, plain(*len).bytes(conversation, side, next, &self.first)),
            What::Datagram(payload) => (17, datagram(conversation, side, payload)),
            What::Again(back, hops, other_mac) => return again(before, *back, *hops, *other_mac),
            What::Error(kind, code, back, len) => {
                let quoted = quoted(before, *back);
                let head = [*kind, *code, 0, 0, 0, 0, 0, 0];
                let protocol = if conversation % 2 == 0 { 1 } else { 58 };
                (protocol, [&head[..], &quoted[..quoted.len().min(usize::from(*len))]].concat())
            }
            What::Other(protocol, bytes) => (*protocol, bytes.clone()),
        };
        step.envelope.packed(conversation, side, protocol, &body, before.len())
    }
}

/// A segment as most are.
fn plain(len: u8) -> Segment {
    let len = if len == 0 { Length::None } else { Length::Some(len) };
    Segment { flags: 0x10, seq: Number::Next, ack: Number::Next, window: 500, urgent: 0, len, options: Vec::new() }
}

impl After {
    fn from(&self, before: Timestamp) -> Timestamp {
        match *self {
            Self::Nanos(nanos) => before + i64::from(nanos),
            Self::Millis(millis) => before + i64::from(millis) * 1_000_000,
            Self::Seconds(seconds) => before + i64::from(seconds) * 1_000_000_000,
            Self::At(nanos) => Timestamp::from_nanos(nanos),
            Self::Untimed => before,
        }
    }
}

impl Number {
    fn of(&self, next: u32, first: u32) -> u32 {
        match *self {
            Self::Next => next,
            Self::First(by) => first.wrapping_add_signed(by.into()),
            Self::Near(by) => next.wrapping_add_signed(by.into()),
            Self::Far(by) => next.wrapping_add_signed(by),
            Self::At(number) => number,
        }
    }
}

impl Segment {
    fn bytes(&self, conversation: usize, side: usize, next: &mut Sides, first: &[[u32; 2]; 4]) -> Vec<u8> {
        let (own, other) = (next.0[conversation][side], next.0[conversation][1 - side]);
        let seq = self.seq.of(own, first[conversation][side]);
        let ack = self.ack.of(other, first[conversation][1 - side]);
        let mut options: Vec<u8> = self.options.iter().flat_map(|option| option.bytes(ack)).collect();
        options.resize(options.len().next_multiple_of(4).min(40), 1);
        let len = match self.len {
            Length::None => 0,
            Length::Some(len) => usize::from(len),
            Length::Full => 1460,
            Length::Super(len) => usize::from(len).min(60_000),
        };
        let mut bytes = ports(conversation, side);
        bytes.extend(seq.to_be_bytes());
        bytes.extend(ack.to_be_bytes());
        bytes.extend((((5 + options.len() / 4) as u16) << 12 | self.flags & 0x1ff).to_be_bytes());
        bytes.extend(self.window.to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(self.urgent.to_be_bytes());
        bytes.extend(options);
        bytes.extend((0..len).map(|place| seq.wrapping_add(place as u32) as u8));
        if matches!(self.seq, Number::Next | Number::First(_)) {
            let flags = u32::from(self.flags & 1) + u32::from(self.flags >> 1 & 1);
            next.0[conversation][side] = seq.wrapping_add(len as u32).wrapping_add(flags);
        }
        bytes
    }
}

impl TcpOption {
    fn bytes(&self, acknowledged: u32) -> Vec<u8> {
        let with = |kind: u8, body: &[u8]| [&[kind, body.len() as u8 + 2], body].concat();
        match self {
            Self::Mss(size) => with(2, &size.to_be_bytes()),
            Self::Scale(bits) => with(3, &[*bits]),
            Self::SackPermitted => with(4, &[]),
            Self::Sack(blocks) => {
                let edge = |number: &Number| number.of(acknowledged, acknowledged).to_be_bytes();
                let edges = blocks.iter().take(4).flat_map(|(left, right)| [edge(left), edge(right)]);
                with(5, &edges.flatten().collect::<Vec<u8>>())
            }
            Self::Timestamps(value, echoed) => with(8, &[value.to_be_bytes(), echoed.to_be_bytes()].concat()),
            Self::Other(kind, body) => with(*kind, &body[..body.len().min(38)]),
            Self::Bytes(bytes) => bytes.clone(),
        }
    }
}

fn ports(conversation: usize, side: usize) -> Vec<u8> {
    // The last conversation is of a socket connected to itself.
    let ports = [[40_000, 80], [40_001, 53], [40_002, 69], [9000, 9000]][conversation];
    let [from, to] = if side == 0 { ports } else { [ports[1], ports[0]] };
    [u16::to_be_bytes(from), u16::to_be_bytes(to)].concat()
}

fn datagram(conversation: usize, side: usize, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()).min(0xffff) as u16;
    [&ports(conversation, side)[..], &length.to_be_bytes(), &[0, 0], payload].concat()
}

/// The packet so many before, its time to live changed.
fn again(before: &[OwnedFrame], back: u8, hops: u8, other_mac: bool) -> (LinkType, Vec<u8>) {
    let Some(frame) = before.iter().rev().nth(back.into()) else { return (LinkType::RAW, Vec::new()) };
    let mut bytes = frame.bytes.clone();
    let ip = ip_start(frame.link);
    let ttl = ip + if bytes.get(ip).is_some_and(|first| first >> 4 == 6) { 7 } else { 8 };
    if let Some(ttl) = bytes.get_mut(ttl) {
        *ttl = ttl.wrapping_sub(hops);
    }
    if let (true, 14, Some(mac)) = (other_mac, ip, bytes.get_mut(5)) {
        *mac ^= 1;
    }
    (frame.link, bytes)
}

fn quoted(before: &[OwnedFrame], back: u8) -> &[u8] {
    let frame = before.iter().rev().nth(back.into());
    frame.and_then(|frame| frame.bytes.get(ip_start(frame.link)..)).unwrap_or_default()
}

fn ip_start(link: LinkType) -> usize {
    if link == LinkType::ETHERNET { 14 } else { 0 }
}

/// Both addresses of a conversation; every second one speaks IPv6.
fn addresses(conversation: usize) -> [IpAddr; 2] {
    let six = |last: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last));
    let four = |last: u8| IpAddr::V4(Ipv4Addr::new(192, 0, 2, last));
    [[four(1), four(2)], [six(1), six(2)], [four(1), four(3)], [six(1), six(1)]][conversation]
}

impl Envelope {
    /// A packet's bytes under their link type.
    fn packed(&self, conversation: usize, side: usize, protocol: u8, body: &[u8], id: usize) -> (LinkType, Vec<u8>) {
        let [client, server] = addresses(conversation);
        let (from, to) = if side == 0 { (client, server) } else { (server, client) };
        let claim = self.claims.map_or(Claim::Near(0), |claims| claims.0);
        let claimed = |header: usize| claim.of(header + body.len(), u16::MAX.into()) as u16;
        let mut bytes = match (from, to) {
            (IpAddr::V4(from), IpAddr::V4(to)) => self.ipv4(from, to, protocol, claimed(20), id),
            (from, to) => {
                let octets = |address| match address {
                    IpAddr::V6(address) => address.octets(),
                    IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
                };
                let head = [&[0x60, 0, 0, 0][..], &claimed(0).to_be_bytes(), &[protocol, 64]].concat();
                [&head[..], &octets(from), &octets(to)].concat()
            }
        };
        bytes.extend(body);
        if !self.ethernet {
            return (LinkType::RAW, bytes);
        }
        let ether_type = if client.is_ipv4() { [0x08, 0x00] } else { [0x86, 0xdd] };
        (LinkType::ETHERNET, [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1][..], &ether_type, &bytes].concat())
    }

    fn ipv4(&self, from: Ipv4Addr, to: Ipv4Addr, protocol: u8, claimed: u16, id: usize) -> Vec<u8> {
        let (offset, more) = self.fragment.unwrap_or_default();
        let mut bytes = vec![0x45, 0];
        bytes.extend(claimed.to_be_bytes());
        bytes.extend((id as u16).to_be_bytes());
        bytes.extend((u16::from(offset) | u16::from(more) << 13).to_be_bytes());
        bytes.extend([64, protocol, 0, 0]);
        bytes.extend(from.octets());
        bytes.extend(to.octets());
        bytes
    }

    /// The frame as the capture kept it.
    fn captured(
        &self,
        link: LinkType,
        mut bytes: Vec<u8>,
        after: &After,
        time: Timestamp,
        before: usize,
    ) -> OwnedFrame {
        let claim = self.claims.map_or(Claim::Near(0), |claims| claims.1);
        let wire_len = claim.of(bytes.len(), u32::MAX);
        if let Some(cut) = self.cut {
            bytes.truncate(cut.into());
        }
        let time = (!matches!(after, After::Untimed)).then_some(time);
        let (number, interface) = (before as u64 + 1, u32::from(self.interface));
        OwnedFrame { number, time, interface, link, wire_len, bytes, comments: Vec::new() }
    }
}

impl Call {
    /// What was called and what it gave: as a comment would say it, or as it is.
    fn typed(&self) -> (model::Call, Result<Outcome, Errno>) {
        let Self { name, arguments, result, moved, .. } = self;
        let (ok, text) = match result {
            Ok(text) => ("ok ", text),
            Err(text) => ("", text),
        };
        let moved_words = moved.map_or_else(String::new, |moved| format!(" moved {moved}"));
        let comment = format!("call [client TCP at 0.0 for 0ns{moved_words}] {name}({arguments}) = {ok}{text}");
        if let Some(SocketCall { what, result, .. }) = call_notation::read(&comment) {
            return (what, result);
        }
        let given = result.clone().map(|text| Outcome::Other { text, moved: *moved }).map_err(Errno::Other);
        (model::Call::Other { name: name.clone(), arguments: arguments.clone() }, given)
    }

    fn made(&self) -> SocketCall {
        let conversation = usize::from(self.conversation) % 4;
        let port = |side: usize| {
            let ports = ports(conversation, side);
            u16::from_be_bytes([ports[0], ports[1]])
        };
        let end = |side: usize| SocketAddr::new(addresses(conversation)[side], port(side)).into();
        let side = usize::from(self.by_server);
        let entered = Timestamp::from_nanos(self.at);
        let (what, result) = self.typed();
        SocketCall {
            lane: if self.by_server { Lane::Server } else { Lane::Client },
            transport: Some(if self.is_udp { Transport::Udp } else { Transport::Tcp }),
            what,
            result,
            entered,
            returned: entered + self.lasts,
            local: Some(end(side)),
            peer: self.peer.then(|| end(1 - side)),
            state: self
                .state
                .map(|state| [TcpState::Established, TcpState::Listen, TcpState::Closed][usize::from(state) % 3]),
            descriptors: Descriptors::default(),
        }
    }
}
