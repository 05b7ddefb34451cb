//! What a packet does in its conversation, and what is out of the ordinary about it: facts, no words.

use super::act::{Acknowledged, Act, Carried, Data, Datagram, Farewell, Part, Probes, Repeats, Report, Resets, Step};
use super::event::What;
use super::exchange::is_port_unreachable;
use super::loss::Loss;
use super::marks::Marks;
use super::observed::Observed;
use super::relation::Relation;
use super::seen::Seen;
use super::timeline::Timeline;
use crate::decode::{Flags, Packet};
use crate::model::{Lane, TcpState, Transport};

/// What there is to say of one packet, or of a run of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Who sent it.
    pub who: Who,
    /// What it does.
    pub act: Act,
    /// Whether it is sent again, and no acknowledgment of it was captured before.
    pub is_unanswered: bool,
    /// How it was lost, where that is proven.
    pub loss: Option<Loss>,
    /// What else is out of the ordinary about it: what is not told by `act` itself.
    pub remarks: Marks,
}

/// Who sent a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The client.
    Client,
    /// The server.
    Server,
    /// A socket that is connected to itself.
    Socket,
}

impl Who {
    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Socket => "socket",
        }
    }
}

impl Explanation {
    const fn plain(who: Who, act: Act) -> Self {
        Self { who, act, is_unanswered: false, loss: None, remarks: Marks::NONE }
    }
}

/// What a packet does; `None` for a packet of no conversation.
///
/// `what` is the packet's event in its timeline, which knows the segment it acknowledges.
#[must_use]
pub fn explain(timeline: &Timeline, observed: &Observed, what: What) -> Option<Explanation> {
    let packet = observed.packet();
    let who = match timeline.sender(observed) {
        _ if timeline.is_self_connected() => Who::Socket,
        Lane::Client => Who::Client,
        Lane::Server => Who::Server,
    };
    let plain = |act| Some(Explanation::plain(who, act));
    if let Some(asked) = packet.resolution() {
        return plain(Act::Resolves(asked));
    }
    let Some(seen) = observed.seen else { return plain(Act::Reports(report(&packet)?)) };
    let relation = match what {
        What::Run { run, .. } => return plain(Act::CarriesOn { transport: timeline.transport, run }),
        What::Packet { relation, .. } => relation,
        _ => Relation::default(),
    };
    let told = of_packet(timeline, &packet, &seen, (who, what, relation))?;
    Some(Explanation { loss: relation.loss, ..told })
}

/// What a packet of the conversation itself does.
fn of_packet(
    timeline: &Timeline,
    packet: &Packet<'_>,
    seen: &Seen,
    (who, what, relation): (Who, What, Relation),
) -> Option<Explanation> {
    let plain = |act| Some(Explanation::plain(who, act));
    if packet.is_header_split() {
        return plain(Act::IsFragment(Part::HeaderBegins));
    }
    if let Some(fragment) = packet.fragment().filter(|fragment| fragment.bytes.start > 0) {
        let act = Act::IsFragment(Part::Later { len: seen.len, is_last: !fragment.more });
        return Some(Explanation { remarks: seen.marks, ..Explanation::plain(who, act) });
    }
    if timeline.transport == Transport::Udp {
        return plain(datagram(timeline, what, seen));
    }
    segment(timeline, packet, seen, (who, relation))
}

/// What a message says about the packet that it quotes.
fn report(packet: &Packet<'_>) -> Option<Report> {
    let (_, from, to) = packet.quoted_endpoints()?;
    if is_port_unreachable(packet) {
        return Some(Report::PortUnreachable { host: to.addr, port: to.port, sender: from.addr });
    }
    let by = packet.ip().and_then(|ip| ip.source());
    Some(Report::Trouble { by, from: from.addr, to: to.addr })
}

fn datagram(timeline: &Timeline, what: What, seen: &Seen) -> Act {
    let (len, later) = (seen.len, seen.later_len);
    if later > 0 {
        return Act::IsFragment(Part::First { len, later });
    }
    let first = timeline.events.iter().map(|event| event.what).find(|what| matches!(what, What::Packet { .. }));
    let (client, server) = (timeline.client.port, timeline.server.port);
    Act::IsDatagram(match seen.from {
        Lane::Client if first == Some(what) => Datagram::First { len, from: client, to: server },
        Lane::Client => Datagram::Next { len },
        Lane::Server => Datagram::Answer { len, to: client },
    })
}

fn segment(
    timeline: &Timeline,
    packet: &Packet<'_>,
    seen: &Seen,
    (who, relation): (Who, Relation),
) -> Option<Explanation> {
    let tcp = packet.tcp()?;
    let flags = tcp.flags();
    let is_alone = timeline.is_self_connected();
    let plain = |act| Some(Explanation::plain(who, act));
    if flags.rst() {
        return plain(Act::Resets(reset(timeline, tcp.seq().0, seen, relation)));
    }
    if is_alone && flags.is_syn_ack() {
        return plain(Act::MeetsItself);
    }
    if let Some(act) = marked(seen.marks).filter(|_| !is_alone) {
        return plain(act);
    }
    let act = match seen.ack.filter(|_| flags.ack()) {
        Some(ack) if flags.syn() => Act::Agrees { initial: tcp.seq().0, ack },
        None if flags.syn() => Act::Opens { initial: tcp.seq().0 },
        ack if is_alone && (seen.seq.unwrap_or_default(), ack, seen.len) == (1, Some(1), 0) && !flags.fin() => {
            return plain(Act::ConfirmsItself);
        }
        _ => Act::Carries(carried(flags, seen, relation)),
    };
    let is_unanswered = relation.repeated_by.is_some();
    Some(Explanation { is_unanswered, remarks: seen.marks, ..Explanation::plain(who, act) })
}

fn reset(timeline: &Timeline, number: u32, seen: &Seen, relation: Relation) -> Resets {
    let acknowledged = relation.acknowledges;
    if number == 0 && acknowledged.is_some_and(|(first, _)| first == 0) {
        return Resets::Unheard;
    }
    if [seen.client, seen.server].iter().flatten().any(|state| *state != TcpState::Closed) {
        return Resets::Stray;
    }
    if seen.from == Lane::Server && acknowledged == Some((0, 1)) {
        return Resets::Refused { port: timeline.server.port };
    }
    Resets::Connection
}

/// What a segment does that repeats or asks; its numbers are those of another, and tell nothing.
fn marked(marks: Marks) -> Option<Act> {
    let acts = [
        (Marks::SPURIOUS_RETRANSMISSION, Act::Repeats(Repeats::Acknowledged)),
        (Marks::FAST_RETRANSMISSION, Act::Repeats(Repeats::Asked)),
        (Marks::RETRANSMISSION, Act::Repeats(Repeats::Unacknowledged)),
        (Marks::KEEP_ALIVE, Act::Probes(Probes::Life)),
        (Marks::KEEP_ALIVE_ACK, Act::Probes(Probes::Alive)),
        (Marks::ZERO_WINDOW_PROBE, Act::Probes(Probes::Room)),
        (Marks::ZERO_WINDOW_PROBE_ACK, Act::Probes(Probes::NoRoom)),
        (Marks::ZERO_WINDOW, Act::ClosesWindow),
        (Marks::WINDOW_UPDATE, Act::OpensWindow),
    ];
    acts.into_iter().find(|(mark, _)| marks.contains(*mark)).map(|(_, act)| act)
}

fn carried(flags: Flags, seen: &Seen, relation: Relation) -> Carried {
    let seq = seen.seq.unwrap_or_default();
    let segment = relation.acknowledges;
    Carried {
        data: (seen.len > 0).then(|| Data {
            seq,
            len: seen.len,
            is_pushed: flags.psh(),
            is_first_push: relation.is_first_push,
        }),
        fin: flags.fin().then(|| seq.wrapping_add(seen.len)),
        acknowledges: seen.ack.filter(|_| flags.ack()).map(|ack| Acknowledged { ack, segment }),
        farewell: farewell(flags, relation, seen),
        step: step(flags, relation, seen),
    }
}

/// Which of the four segments of a farewell it is, where the sides close one after the other.
fn farewell(flags: Flags, relation: Relation, seen: &Seen) -> Option<Farewell> {
    let (own, peer) = match seen.from {
        Lane::Client => (seen.client?, seen.server?),
        Lane::Server => (seen.server?, seen.client?),
    };
    match (flags.fin(), relation.acknowledges_fin, own, peer) {
        (true, false, TcpState::FinWait1, _) => Some(Farewell::First),
        (true, true, TcpState::LastAck, _) => Some(Farewell::SecondAndThird),
        (true, false, TcpState::LastAck, _) => Some(Farewell::Third),
        (false, true, TcpState::CloseWait, _) => Some(Farewell::Second),
        (false, true, TcpState::TimeWait, TcpState::Closed) => Some(Farewell::Fourth),
        _ => None,
    }
}

/// What takes number 0, and no data with it: a SYN.
const A_SYN: (u32, u32) = (0, 1);

fn step(flags: Flags, relation: Relation, seen: &Seen) -> Option<Step> {
    match (seen.client?, seen.server) {
        (TcpState::Established, Some(TcpState::Established))
            if seen.from == Lane::Client && relation.acknowledges == Some(A_SYN) =>
        {
            Some(Step::Opened)
        }
        (TcpState::TimeWait, None) if relation.acknowledges_fin => Some(Step::ClosedByItself),
        (TcpState::TimeWait, Some(TcpState::Closed)) => Some(Step::TimeWait(Lane::Client)),
        (TcpState::Closed, Some(TcpState::TimeWait)) => Some(Step::TimeWait(Lane::Server)),
        (TcpState::Closing, Some(TcpState::Closing)) => Some(Step::FinsCrossed),
        (TcpState::TimeWait, Some(TcpState::TimeWait)) => Some(Step::BothTimeWait),
        (TcpState::FinWait2, Some(TcpState::CloseWait)) | (TcpState::CloseWait, Some(TcpState::FinWait2))
            if relation.acknowledges_fin && !flags.fin() =>
        {
            Some(Step::HalfClosed)
        }
        _ => None,
    }
}
