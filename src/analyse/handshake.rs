//! How a TCP connection opened: the three segments, their times, and what the ends agreed on.

use super::gaps::LARGEST_WINDOW;
use super::moment::Moment;
use super::offer::Offer;
use super::segment::Segment;
use crate::model::{Lane, SeqNumber};

/// The facts of a connection's handshake (RFC 9293 §3.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handshake {
    /// The client's first SYN.
    pub syn: Option<Moment>,
    /// The client's last SYN before it was answered; the same as `syn` where the first was.
    pub last_syn: Option<Moment>,
    /// The first SYN-ACK that acknowledges the client's SYN.
    pub syn_ack: Option<Moment>,
    /// The last such SYN-ACK before the client acknowledged it.
    pub last_syn_ack: Option<Moment>,
    /// The first segment of the client that acknowledges the server's SYN and is no SYN-ACK; it may carry data.
    pub ack: Option<Moment>,
    /// Where the capture does not hold that segment: the first that was sent after it for sure. It is one of the client's
    /// that acknowledges more than the server's SYN, or one of the server's that acknowledges more than the client's.
    pub proof: Option<Moment>,
    /// How many SYNs the client sent.
    pub syns: u32,
    /// How many SYN-ACKs the server sent.
    pub syn_acks: u32,
    /// How many of those had other numbers than the one that counts.
    pub other_syn_acks: u32,
    /// Payload bytes in the client's SYN (RFC 7413 where it asked for fast open).
    pub syn_data: u32,
    crossing: Option<Box<Crossing>>,
    offers: [Option<Offer>; 2],
}

/// What there is to know where both ends opened with a SYN of their own. Few connections do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Crossing {
    /// The server's SYN.
    syn: Moment,
    /// The first segment of each end that acknowledges the other's SYN, be it a SYN-ACK or not.
    acks: [Option<Moment>; 2],
}

/// Where an end's sequence numbers begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    /// The number of its SYN.
    pub(super) isn: SeqNumber,
    /// The number after its SYN and the data in it.
    pub(super) end: SeqNumber,
}

impl Handshake {
    /// Takes in a segment of `from`. `own` and `peer` are both ends' initial sequence numbers and the ones after their SYNs
    /// and the data in those: an acknowledgment of the SYN lies between them.
    pub(super) fn observe(&mut self, from: Lane, segment: &Segment, own: Option<Opened>, peer: Option<Opened>) {
        let is_settled = self.ack.is_some() || self.syn_ack.is_none() || (from == Lane::Server && self.proof.is_some());
        if !segment.flags.syn() && self.crossing.is_none() && is_settled {
            // What only a SYN or the client's first acknowledgment of one has to tell is known.
            return;
        }
        if let Some(offer) = &segment.offer {
            self.offers[from as usize].get_or_insert_with(|| offer.clone());
        }
        let acks_syn = match (segment.ack, peer) {
            (Some(ack), Some(Opened { isn, end })) => ack - isn >= 1 && ack - isn <= end - isn,
            _ => false,
        };
        match (from, segment.flags.is_opening_syn(), segment.flags.is_syn_ack()) {
            (Lane::Client, true, _) => self.syn(segment),
            (Lane::Server, true, _) => self.cross(segment.moment),
            (Lane::Server, _, true) => self.syn_ack(segment.moment, acks_syn),
            (Lane::Client, false, false) => {
                let exact = segment.ack.zip(peer).is_some_and(|(ack, peer)| ack == peer.isn + 1);
                if exact && self.syn_ack.is_some() && !segment.flags.rst() {
                    self.ack.get_or_insert(segment.moment);
                } else {
                    self.prove(from, segment, own, peer);
                }
            }
            (Lane::Server, false, false) => self.prove(from, segment, own, peer),
            // Of a simultaneous open, below.
            (Lane::Client, false, true) => {}
        }
        if let Some(crossing) = self.crossing.as_mut().filter(|_| acks_syn && !segment.flags.rst()) {
            crossing.acks[from as usize].get_or_insert(segment.moment);
        }
    }

    /// Notes a segment that only one who took part in the whole handshake sends.
    fn prove(&mut self, from: Lane, segment: &Segment, own: Option<Opened>, peer: Option<Opened>) {
        let (Some(own), Some(peer), Some(ack)) = (own, peer, segment.ack) else { return };
        // A server acknowledges the client's SYN, and the data in it, without having been acknowledged itself.
        let beyond = if from == Lane::Client { peer.isn } else { peer.end };
        let is_ahead = |number: SeqNumber, of: SeqNumber| (1..=LARGEST_WINDOW).contains(&number.distance_from(of));
        let is_proof = is_ahead(ack, beyond) && is_ahead(segment.seq, own.isn);
        if is_proof && self.syn.is_some() && self.syn_ack.is_some() && !segment.flags.rst() {
            self.proof.get_or_insert(segment.moment);
        }
    }

    /// Counts a SYN-ACK with other numbers than the one that counts.
    pub(super) fn put_aside(&mut self) {
        self.syn_acks = self.syn_acks.saturating_add(1);
        self.other_syn_acks = self.other_syn_acks.saturating_add(1);
    }

    /// A SYN-ACK that was put aside is the one that counts: it came `times` times, last at `last`.
    pub(super) fn take_instead(&mut self, syn_ack: &Segment, last: Moment, times: u32) {
        self.syn_ack = Some(syn_ack.moment);
        self.last_syn_ack = Some(last);
        self.other_syn_acks = self.syn_acks.saturating_sub(times);
        self.offers[Lane::Server as usize].clone_from(&syn_ack.offer);
    }

    fn cross(&mut self, syn: Moment) {
        if self.syn.is_some() && self.crossing.is_none() {
            self.crossing = Some(Box::new(Crossing { syn, acks: [None; 2] }));
        }
    }

    fn syn(&mut self, segment: &Segment) {
        self.syns = self.syns.saturating_add(1);
        if self.syn.is_none() {
            self.syn = Some(segment.moment);
            self.syn_data = segment.len;
        }
        if self.syn_ack.is_none() {
            self.last_syn = Some(segment.moment);
        }
    }

    fn syn_ack(&mut self, moment: Moment, acks_syn: bool) {
        self.syn_acks = self.syn_acks.saturating_add(1);
        if acks_syn || self.syn.is_none() {
            self.syn_ack.get_or_insert(moment);
            if self.ack.is_none() {
                self.last_syn_ack = Some(moment);
            }
        }
    }

    /// Whether the capture shows which SYN-ACK the client took.
    pub(super) fn is_acknowledged(&self) -> bool {
        self.ack.is_some() || self.proof.is_some() || self.crossed().is_some()
    }

    /// What was taken for proof of an acknowledgment is none.
    pub(super) const fn disprove(&mut self) {
        self.proof = None;
    }

    /// Whether both ends opened with a SYN of their own (RFC 9293 §3.5, simultaneous connection synchronization).
    #[must_use]
    pub const fn is_simultaneous(&self) -> bool {
        self.crossing.is_some()
    }

    /// Where both ends opened with a SYN of their own and acknowledged each other's: both SYNs and both acknowledgments,
    /// the client's first. In a split handshake the server acknowledges without a SYN-ACK.
    #[must_use]
    pub fn crossed(&self) -> Option<[Moment; 4]> {
        let Crossing { syn, acks: [client, server] } = **self.crossing.as_ref()?;
        Some([self.syn?, syn, client?, server?])
    }

    /// The same where both knew of each other before the client's [`ack`](Self::ack), or without one: then they were open.
    pub(super) fn opened_by_crossing(&self) -> Option<[Moment; 4]> {
        let is_earlier = |moment: &Moment| self.ack.is_none_or(|ack| moment.frame() < ack.frame());
        self.crossed().filter(|moments| moments.iter().all(is_earlier))
    }

    /// Whether the connection was open before the client's [`ack`](Self::ack), or without one: both SYNs had crossed and
    /// were acknowledged, by a SYN-ACK of each end or by less.
    #[must_use]
    pub fn is_opened_by_crossing(&self) -> bool {
        self.opened_by_crossing().is_some()
    }

    /// How many SYNs the client had to repeat.
    #[must_use]
    pub const fn syn_retransmissions(&self) -> u32 {
        self.syns.saturating_sub(1)
    }

    /// How many SYN-ACKs the server had to repeat.
    #[must_use]
    pub const fn syn_ack_retransmissions(&self) -> u32 {
        self.syn_acks.saturating_sub(self.other_syn_acks).saturating_sub(1)
    }

    /// Nanoseconds from the SYN that was answered to the SYN-ACK: the path and the server, seen from here.
    #[must_use]
    pub fn syn_to_syn_ack(&self) -> Option<i64> {
        self.syn_ack?.since(self.last_syn?)
    }

    /// Nanoseconds from the SYN-ACK to the client's acknowledgment: the path and the client, seen from here. `None` where
    /// the SYN-ACK is stamped before the SYN that it answers: its time is good for nothing.
    #[must_use]
    pub fn syn_ack_to_ack(&self) -> Option<i64> {
        self.ack?.since(self.last_syn_ack?).filter(|_| !self.answer_went_back())
    }

    /// Whether the SYN-ACK is stamped before the SYN that it answers.
    fn answer_went_back(&self) -> bool {
        self.syn_ack.zip(self.last_syn).is_some_and(|(syn_ack, syn)| syn_ack.went_back(syn))
    }

    /// Whether the acknowledgment is stamped before the SYN-ACK that it answers.
    fn ack_went_back(&self) -> bool {
        self.ack.zip(self.last_syn_ack).is_some_and(|(ack, syn_ack)| ack.went_back(syn_ack))
    }

    /// The initial round trip in nanoseconds, both halves added; repeated SYNs do not lengthen it.
    #[must_use]
    pub fn initial_rtt(&self) -> Option<i64> {
        Some(self.syn_to_syn_ack()?.saturating_add(self.syn_ack_to_ack()?))
    }

    /// Nanoseconds that went by until a SYN was answered or a SYN-ACK acknowledged, and until each was sent again: the
    /// total is the initial round trip and this. `None` where nothing was sent again.
    #[must_use]
    pub fn resending(&self) -> Option<i64> {
        let rest = self.total()?.saturating_sub(self.initial_rtt()?);
        self.is_ambiguous().then_some(rest).filter(|nanos| *nanos >= 0)
    }

    /// Nanoseconds from the first SYN to the acknowledgment: how long the client waited. Where the SYNs crossed, to the later
    /// acknowledgment of the two. `None` where any of them is stamped before the one that it answers.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        let crossed =
            self.opened_by_crossing().and_then(|moments| moments.into_iter().max_by_key(|moment| moment.frame()));
        let is_in_order = !self.answer_went_back() && !self.ack_went_back();
        crossed.or(self.ack)?.since(self.syn?).filter(|_| is_in_order)
    }

    /// Whether a repeated SYN or SYN-ACK leaves open which of them was answered (Karn's problem).
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.last_syn != self.syn || self.last_syn_ack != self.syn_ack
    }

    /// What one end put into its SYN or SYN-ACK; `None` where the capture does not hold it.
    #[must_use]
    pub const fn offer(&self, lane: Lane) -> Option<&Offer> {
        self.offers[lane as usize].as_ref()
    }

    /// What is in force for segments that `from` sends; `None` unless both SYNs were seen.
    #[must_use]
    pub fn in_force(&self, from: Lane) -> Option<InForce> {
        let (own, peer) = (self.offer(from)?, self.offer(from.other())?);
        let both = |has: fn(&Offer) -> bool| has(own) && has(peer);
        Some(InForce {
            mss: peer.mss,
            window_scale: own.window_scale.filter(|_| peer.window_scale.is_some()),
            sack: both(|offer| offer.sack_permitted),
            timestamps: both(|offer| offer.timestamps),
            ecn: both(|offer| offer.ecn),
            mptcp: both(|offer| offer.mptcp),
        })
    }

    /// By how many bits the windows that `from` sends are to be shifted; `None` unless both SYNs were seen.
    pub(super) fn shift(&self, from: Lane) -> Option<u8> {
        let (own, peer) = (self.offer(from)?, self.offer(from.other())?);
        // RFC 7323 §2.3: a shift count above 14 is used as 14.
        Some(own.window_scale.filter(|_| peer.window_scale.is_some()).unwrap_or(0).min(14))
    }
}

/// What both ends agreed on, for the segments of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The largest segment the receiver takes, in bytes; without the option RFC 9293 §3.7.1 sets 536 (IPv4) or 1220.
    pub mss: Option<u16>,
    /// The shift of the sender's windows; `None` where scaling is off.
    pub window_scale: Option<u8>,
    /// Selective acknowledgments.
    pub sack: bool,
    /// Timestamps.
    pub timestamps: bool,
    /// Explicit congestion notification.
    pub ecn: bool,
    /// Multipath TCP.
    pub mptcp: bool,
}
