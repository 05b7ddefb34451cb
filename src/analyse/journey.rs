//! The way of a packet: where it was seen, and what changed from link to link.
//!
//! What a router changes, Ethernet addresses and TTL, is left out of account when the same packet is looked for at the next
//! place; addresses, identification and all that the packet carries stay.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;

use crate::decode::{Checksum, Packet, Protocol, checksum, headers};
use crate::model::{Mac, OwnedFrame, Timestamp, Transport};

/// A link, and what was captured there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// What its interface is called.
    pub name: String,
    /// Its packets.
    pub frames: Vec<OwnedFrame>,
}

/// A packet at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Which of the place's packets it is.
    pub frame: usize,
    /// When.
    pub at: Option<Timestamp>,
    /// From whom on this link.
    pub source: Mac,
    /// To whom on this link.
    pub destination: Mac,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// Whether it carries something else than it did at the first place.
    pub is_damaged: bool,
}

/// The way of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// Which of the first place's packets it is.
    pub packet: usize,
    /// Where it was seen, by place; `None` where it was not.
    pub sightings: Vec<Option<Sighting>>,
}

impl Journey {
    /// Whether it came from the first place's end.
    #[must_use]
    pub fn is_outward(&self) -> bool {
        let mut seen = self.sightings.iter().flatten();
        let first = seen.next().and_then(|sighting| sighting.at);
        seen.next().is_none_or(|second| first <= second.at)
    }

    /// Whether it left for the last place, and never came there as it was.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        let arrived = self.sightings.last().copied().flatten();
        self.is_outward() && arrived.is_none_or(|sighting| sighting.is_damaged)
    }
}

/// The ways of the packets of the first place, in their order; what goes between neighbours alone has none.
#[must_use]
pub fn journeys(places: &[Place]) -> Vec<Journey> {
    let [first, others @ ..] = places else { return Vec::new() };
    let mut others: Vec<_> = others.iter().map(|place| by_print(&place.frames)).collect();
    let way = |(packet, frame): (usize, &OwnedFrame)| {
        let (print, own) = (print(frame)?, sighting(packet, frame)?);
        let mut sightings = vec![Some(own)];
        sightings.extend(others.iter_mut().map(|seen| take(seen, &print)));
        Some(Journey { packet, sightings })
    };
    first.frames.iter().enumerate().filter_map(way).collect()
}

/// The next packet of a place that is this one; else one that its sender numbered alike, damaged on its way.
fn take(seen: &mut HashMap<Print, VecDeque<Sighting>>, wanted: &Print) -> Option<Sighting> {
    if let Some(same) = seen.get_mut(wanted).and_then(VecDeque::pop_front) {
        return Some(same);
    }
    let is_it = |print: &Print| {
        let of = |print: &Print| (print.source, print.destination, print.transport, print.identification);
        print.identification.is_some_and(|it| it != 0) && of(print) == of(wanted)
    };
    let (_, alike) = seen.iter_mut().find(|(print, alike)| is_it(print) && !alike.is_empty())?;
    let damaged = alike.pop_front()?;
    Some(Sighting { is_damaged: true, ..damaged })
}

/// The packets of a place by what no router changes; those that are the same in all of it in their order.
fn by_print(frames: &[OwnedFrame]) -> HashMap<Print, VecDeque<Sighting>> {
    let mut seen: HashMap<Print, VecDeque<Sighting>> = HashMap::new();
    for (place, frame) in frames.iter().enumerate() {
        if let (Some(print), Some(sighting)) = (print(frame), sighting(place, frame)) {
            seen.entry(print).or_default().push_back(sighting);
        }
    }
    seen
}

/// What no router changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Print {
    source: IpAddr,
    destination: IpAddr,
    transport: Option<Transport>,
    identification: Option<u16>,
    carried: u64,
}

fn print(frame: &OwnedFrame) -> Option<Print> {
    let packet = headers(&frame.as_frame());
    if packet.resolution().is_some() {
        return None;
    }
    let ip = packet.ip()?;
    let behind = packet.span(Protocol::Ipv4).or(packet.span(Protocol::Ipv6))?.end as usize;
    let mut hasher = DefaultHasher::new();
    let mut carried = frame.bytes.get(behind..)?.to_vec();
    // A checksum that was left to the card is filled in somewhere on the way.
    let field = if packet.tcp().is_some() { 16_usize } else { 6 };
    if packet.endpoints().is_some() {
        carried.get_mut(field..field.saturating_add(2))?.fill(0);
    }
    carried.hash(&mut hasher);
    let (source, destination) = (ip.source()?, ip.destination()?);
    let transport = packet.endpoints().map(|(transport, ..)| transport);
    Some(Print { source, destination, transport, identification: ip.identification(), carried: hasher.finish() })
}

fn sighting(place: usize, frame: &OwnedFrame) -> Option<Sighting> {
    let packet = headers(&frame.as_frame());
    let ethernet = packet.slice(packet.span(Protocol::Ethernet)?);
    let mac = |at: usize| Some(Mac(*ethernet.get(at..)?.first_chunk()?));
    let (destination, source) = (mac(0)?, mac(6)?);
    Some(Sighting { frame: place, at: frame.time, source, destination, ttl: packet.ip()?.ttl()?, is_damaged: false })
}

/// Between a packet's canonical times at two places that follow each other.
const STEP: i64 = 1_000;

/// Gives the packets of the other places the canonical bytes and times of the first place's, but for what changed on their way;
/// what did not pass the first place is left out.
pub fn follow_canonical(places: &mut [Place], journeys: &[Journey]) {
    let [first, others @ ..] = places else { return };
    for (index, place) in others.iter_mut().enumerate() {
        let number = index.saturating_add(1);
        let after = STEP.saturating_mul(i64::try_from(number).unwrap_or(i64::MAX));
        let sighting = |journey: &Journey| journey.sightings.get(number).copied().flatten();
        let mut seen: Vec<(Sighting, &Journey)> =
            journeys.iter().filter_map(|journey| Some((sighting(journey)?, journey))).collect();
        // Who overtook whom stays.
        seen.sort_by_key(|(sighting, _)| sighting.frame);
        let mut latest = None;
        let mut canonical = Vec::new();
        for (Sighting { frame, is_damaged, .. }, journey) in seen {
            let (Some(known), Some(own)) = (first.frames.get(journey.packet), place.frames.get(frame)) else {
                continue;
            };
            let after = if journey.is_outward() { after } else { after.saturating_neg() };
            let time = known.time.map(|time| time + after).max(latest.map(|latest: Timestamp| latest + STEP));
            latest = time;
            let bytes = changed(known, own, is_damaged).unwrap_or_else(|| own.bytes.clone());
            canonical.push(OwnedFrame { time, interface: own.interface, bytes, ..known.clone() });
        }
        place.frames = canonical;
    }
}

/// The bytes of a canonical packet with the Ethernet header and the TTL that it has elsewhere.
fn changed(canonical: &OwnedFrame, own: &OwnedFrame, is_damaged: bool) -> Option<Vec<u8>> {
    let packet = headers(&own.as_frame());
    let ip = packet.span(Protocol::Ipv4).or(packet.span(Protocol::Ipv6))?;
    let (start, ttl) = (ip.start as usize, if ip.protocol == Protocol::Ipv4 { 8_usize } else { 7 });
    let mut frame = canonical.clone();
    frame.bytes.get_mut(..start)?.copy_from_slice(own.bytes.get(..start)?);
    let at = start.saturating_add(ttl);
    *frame.bytes.get_mut(at)? = *own.bytes.get(at)?;
    mend_checksum(&mut frame, start);
    if is_damaged {
        *frame.bytes.last_mut()? = *own.bytes.last()?;
    }
    Some(frame.bytes)
}

fn mend_checksum(frame: &mut OwnedFrame, start: usize) {
    let is_wrong = |packet: &Packet<'_>| match checksum(packet, packet.span(Protocol::Ipv4)?)? {
        Checksum::Bad { expected } => Some(expected),
        _ => None,
    };
    let Some(expected) = is_wrong(&headers(&frame.as_frame())) else { return };
    let at = start.saturating_add(10);
    if let Some(field) = frame.bytes.get_mut(at..at.saturating_add(2)) {
        field.copy_from_slice(&expected.to_be_bytes());
    }
}
