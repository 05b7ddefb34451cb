//! What a capture is made of: protocols, endpoints, ports, and how its traffic is spread over time.

use std::collections::HashMap;
use std::net::IpAddr;

use super::transfers::Transfers;
use crate::decode::{Packet, Protocol, application_name};
use crate::model::{Frame, Timestamp, Transport};

/// How many different stacks of protocols are told apart; what more there are count where they branch off.
const NODES: usize = 4096;

/// How many hosts are told apart.
const HOSTS: usize = 1_000_000;

/// How many intervals are kept apart; where there would be more, ten become one.
const INTERVALS: usize = 100_000;

/// Packets and their bytes on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets.
    pub packets: u64,
    /// Bytes on the wire.
    pub bytes: u64,
}

impl Counts {
    fn add(&mut self, bytes: u64) {
        *self = self.and(Self { packets: 1, bytes });
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { packets: self.packets.saturating_add(other.packets), bytes: self.bytes.saturating_add(other.bytes) }
    }
}

/// A protocol below another, as packets were built.
#[derive(Clone, Debug)]
pub struct Node {
    /// The protocol's name: `TCP`, `HTTP`.
    pub name: &'static str,
    /// How many protocols lie around it.
    pub depth: usize,
    /// The packets that hold it there.
    pub counts: Counts,
    parent: Option<usize>,
}

/// What was counted.
#[derive(Debug)]
pub struct Stats {
    /// All packets.
    total: Counts,
    nodes: Vec<Node>,
    /// What each host sent and received.
    hosts: HashMap<IpAddr, [Counts; 2]>,
    other_hosts: u64,
    /// By transport and port; a packet counts at both of its ports.
    ports: [Box<[Counts]>; 2],
    intervals: Intervals,
    /// When the first packet was captured, and the earliest and the latest time of all.
    first: Option<Timestamp>,
    earliest: Option<Timestamp>,
    last: Option<Timestamp>,
    transfers: Transfers,
}

impl Stats {
    /// Nothing counted yet; `interval` is the length of an interval in nanoseconds, else as fine as can be kept.
    #[must_use]
    pub fn new(interval: Option<i64>) -> Self {
        let ports = || vec![Counts::default(); 1 << 16].into_boxed_slice();
        Self {
            total: Counts::default(),
            nodes: Vec::new(),
            hosts: HashMap::new(),
            other_hosts: 0,
            ports: [ports(), ports()],
            intervals: Intervals { width: interval.unwrap_or(1_000).max(1), counts: Vec::new() },
            first: None,
            earliest: None,
            last: None,
            transfers: Transfers::default(),
        }
    }

    /// Counts a packet.
    pub fn observe(&mut self, frame: &Frame<'_>, packet: &Packet<'_>) {
        let bytes = u64::from(frame.wire_len);
        self.total.add(bytes);
        self.place(packet, bytes);
        if let Some(ip) = packet.ip() {
            for (side, host) in [ip.source(), ip.destination()].into_iter().enumerate() {
                host.into_iter().for_each(|host| self.host(host, side, bytes));
            }
        }
        if let Some((transport, source, destination)) = packet.endpoints() {
            let ports = &mut self.ports[transport as usize];
            ports[usize::from(source.port)].add(bytes);
            if source.port != destination.port {
                ports[usize::from(destination.port)].add(bytes);
            }
        }
        if let Some(time) = frame.time {
            let first = *self.first.get_or_insert(time);
            self.earliest = Some(self.earliest.map_or(time, |earliest| earliest.min(time)));
            self.last = self.last.max(Some(time));
            self.intervals.add(time - first, bytes);
        }
    }

    fn host(&mut self, host: IpAddr, side: usize, bytes: u64) {
        if self.hosts.len() >= HOSTS && !self.hosts.contains_key(&host) {
            self.other_hosts = self.other_hosts.saturating_add(1);
            return;
        }
        self.hosts.entry(host).or_default()[side].add(bytes);
    }

    /// Counts the packet at each of its protocols.
    fn place(&mut self, packet: &Packet<'_>, bytes: u64) {
        let spans = packet.spans.iter().filter(|span| !span.quoted);
        let named = spans.filter(|span| !matches!(span.protocol, Protocol::Payload | Protocol::Trailer));
        let says = application_name(packet, self.transfers.observe(packet));
        let mut parent = None;
        for name in named.map(|span| span.protocol.name()).chain(says) {
            let known = self.nodes.iter().position(|node| node.parent == parent && node.name == name);
            let Some(place) = known.or_else(|| self.new_node(name, parent)) else { return };
            self.nodes[place].counts.add(bytes);
            parent = Some(place);
        }
    }

    fn new_node(&mut self, name: &'static str, parent: Option<usize>) -> Option<usize> {
        let depth = parent.map_or(0, |parent| self.nodes[parent].depth.saturating_add(1));
        let place = self.nodes.len();
        (place < NODES).then(|| {
            self.nodes.push(Node { name, depth, counts: Counts::default(), parent });
            place
        })
    }

    /// All packets.
    #[must_use]
    pub const fn total(&self) -> Counts {
        self.total
    }

    /// The earliest and the latest time of all packets, in whatever order they were captured.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.earliest.zip(self.last)
    }

    /// The protocols, each followed by those within it, those with most packets first.
    #[must_use]
    pub fn hierarchy(&self) -> Vec<(Vec<&'static str>, Counts)> {
        let mut listed = Vec::with_capacity(self.nodes.len());
        self.list(None, &mut Vec::new(), &mut listed);
        listed
    }

    fn list(&self, parent: Option<usize>, path: &mut Vec<&'static str>, listed: &mut Vec<(Vec<&'static str>, Counts)>) {
        let mut children: Vec<usize> =
            (0..self.nodes.len()).filter(|place| self.nodes[*place].parent == parent).collect();
        children.sort_by_key(|place| std::cmp::Reverse(self.nodes[*place].counts.packets));
        for place in children {
            path.push(self.nodes[place].name);
            listed.push((path.clone(), self.nodes[place].counts));
            self.list(Some(place), path, listed);
            path.pop();
        }
    }

    /// Hosts with what they sent and received, the busiest first.
    #[must_use]
    pub fn hosts(&self) -> Vec<(IpAddr, [Counts; 2])> {
        let mut hosts: Vec<_> = self.hosts.iter().map(|(host, counts)| (*host, *counts)).collect();
        hosts.sort_by_key(|(host, [sent, received])| (std::cmp::Reverse(sent.and(*received).bytes), *host));
        hosts
    }

    /// How many packets' ends are of hosts beyond those told apart.
    #[must_use]
    pub const fn other_hosts(&self) -> u64 {
        self.other_hosts
    }

    /// The ports that were used, the busiest first.
    #[must_use]
    pub fn ports(&self) -> Vec<(Transport, u16, Counts)> {
        let of = |transport: Transport| {
            (0..=u16::MAX).zip(self.ports[transport as usize].iter()).map(move |p| (transport, p))
        };
        let mut ports: Vec<_> = [Transport::Tcp, Transport::Udp]
            .into_iter()
            .flat_map(of)
            .filter(|(_, (_, counts))| counts.packets > 0)
            .map(|(transport, (port, counts))| (transport, port, *counts))
            .collect();
        ports.sort_by_key(|(transport, port, counts)| (std::cmp::Reverse(counts.bytes), *transport, *port));
        ports
    }

    /// The traffic over time, from the first packet on.
    #[must_use]
    pub const fn intervals(&self) -> &Intervals {
        &self.intervals
    }
}

/// Traffic by equal lengths of time.
#[derive(Clone, Debug)]
pub struct Intervals {
    width: i64,
    counts: Vec<Counts>,
}

impl Intervals {
    /// A packet before the first counts with the first.
    fn add(&mut self, since: i64, bytes: u64) {
        while self.place(since) >= INTERVALS {
            *self = self.joined(10);
        }
        let place = self.place(since);
        if self.counts.len() <= place {
            self.counts.resize(place.saturating_add(1), Counts::default());
        }
        self.counts[place].add(bytes);
    }

    fn place(&self, since: i64) -> usize {
        since.checked_div(self.width).map_or(0, |place| usize::try_from(place).unwrap_or(0))
    }

    /// The length of an interval in nanoseconds.
    #[must_use]
    pub const fn width(&self) -> i64 {
        self.width
    }

    /// What each interval held.
    #[must_use]
    pub fn counts(&self) -> &[Counts] {
        &self.counts
    }

    /// The same traffic with `factor` intervals joined into one.
    #[must_use]
    fn joined(&self, factor: usize) -> Self {
        let sum = |counts: &[Counts]| counts.iter().copied().fold(Counts::default(), Counts::and);
        Self { width: self.width.saturating_mul(factor as i64), counts: self.counts.chunks(factor).map(sum).collect() }
    }

    /// The same traffic in at most `most` intervals (2 at least), of 1, 2 or 5 times a power of ten of the finest.
    #[must_use]
    pub fn at_most(&self, most: usize) -> Self {
        let steps = (0..6).flat_map(|power| [1, 2, 5].map(|step| 10_usize.saturating_pow(power).saturating_mul(step)));
        let fits = |factor: &usize| self.counts.len().div_ceil(*factor) <= most.max(2);
        self.joined(steps.into_iter().find(fits).unwrap_or(1_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_widen_until_they_are_few_enough_and_lose_nothing() {
        let mut intervals = Intervals { width: 1_000, counts: Vec::new() };
        for second in 0..500 {
            intervals.add(second * 1_000_000_000, 100);
        }
        intervals.add(-5, 1);
        assert!(intervals.counts().len() <= INTERVALS);
        let few = intervals.at_most(40);
        assert_eq!((few.width(), few.counts().len()), (20_000_000_000, 25));
        let sum = few.counts().iter().copied().fold(Counts::default(), Counts::and);
        assert_eq!(sum, Counts { packets: 501, bytes: 50_001 });
        assert_eq!(few.counts()[1], Counts { packets: 20, bytes: 2_000 });
    }
}
