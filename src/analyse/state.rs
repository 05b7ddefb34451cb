//! The states of both ends of a TCP connection (RFC 9293 §3.3.2), inferred from its segments alone.
//!
//! A capture shows what was sent, not what arrived. So an end is in a new state as soon as the capture proves it: by a
//! segment that it sends, or, where the transition makes it send nothing, by the segment that it is sent. Whether somebody
//! listens where a SYN goes, only the answer shows; a FIN that is never acknowledged leaves its receiver in ESTABLISHED.

use crate::model::{Lane, TcpState};

use TcpState::{CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, SynReceived, SynSent, TimeWait};

/// What a segment says to the state machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) syn: bool,
    pub(super) ack: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    /// It acknowledges the SYN of the end it is sent to.
    pub(super) acks_syn: bool,
    /// It acknowledges the FIN of the end it is sent to.
    pub(super) acks_fin: bool,
    /// With it, both ends have sent data.
    pub(super) both_sent_data: bool,
}

impl Event {
    /// Whether it neither opens nor closes nor resets, nor acknowledges that.
    const fn is_plain(self) -> bool {
        !(self.syn || self.fin || self.rst || self.acks_fin)
    }
}

/// The states of both ends, [`Lane::Client`] first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends([End; 2]);

/// One end.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    /// `None` while the capture has not shown it.
    state: Option<TcpState>,
    /// Whether its FIN was acknowledged before it acknowledged the peer's, which it must have received by then: it is in
    /// CLOSING and leaves that with its own acknowledgment.
    owes_ack: bool,
}

impl Ends {
    /// The state of one end; `None` while the capture has not shown it.
    pub(super) const fn of(self, lane: Lane) -> Option<TcpState> {
        self.0[lane as usize].state
    }

    /// The same states with the roles of client and server exchanged.
    pub(super) const fn swapped(self) -> Self {
        Self([self.0[1], self.0[0]])
    }

    /// Takes in the next segment, sent by `from`.
    pub(super) fn advance(&mut self, from: Lane, event: Event) {
        let to = from.other();
        let (own, peer) = (self.0[from as usize], self.0[to as usize]);
        if (own.state, peer.state) == (Some(Established), Some(Established)) && event.is_plain() {
            return;
        }
        let acks_fin = event.acks_fin && !event.rst;
        let state = if own.owes_ack && acks_fin { Some(TimeWait) } else { sending(own.state, event) };
        self.0[from as usize] = End { state, owes_ack: own.owes_ack && state == Some(Closing) };
        // The sender's FIN lies before this acknowledgment of the other, and so arrives before it: the FINs crossed.
        if acks_fin && matches!(own.state, Some(FinWait1 | Closing)) && peer.state == Some(FinWait1) {
            self.0[to as usize] = End { state: Some(Closing), owes_ack: true };
        } else if !peer.owes_ack || event.rst {
            self.0[to as usize] = End { state: receiving(peer.state, event), owes_ack: false };
        }
    }

    /// Takes in the next segment of a socket that is connected to itself: what it sends, it also receives. Only the
    /// client's place is used.
    pub(super) fn advance_alone(&mut self, event: Event) {
        let state = sending(self.0[0].state, event);
        // Its SYN,ACK it sends in SYN-RECEIVED, and only having received it is it established.
        self.0[0].state = if event.syn { state } else { receiving(state, event) };
    }
}

fn sending(state: Option<TcpState>, event: Event) -> Option<TcpState> {
    if event.rst {
        return Some(Closed);
    }
    if event.syn {
        return Some(after_sending_syn(state, event.ack));
    }
    let state = after_acknowledging(state, event).or(event.both_sent_data.then_some(Established));
    if event.fin { after_sending_fin(state) } else { state }
}

fn receiving(state: Option<TcpState>, event: Event) -> Option<TcpState> {
    if event.rst {
        Some(Closed)
    } else if event.syn {
        after_being_sent_syn(state, event)
    } else {
        after_being_acknowledged(state, event).or(event.both_sent_data.then_some(Established))
    }
}

/// An opening SYN, or one that answers; an end that has got further only repeats itself.
fn after_sending_syn(state: Option<TcpState>, ack: bool) -> TcpState {
    match (state, ack) {
        (None | Some(Closed), false) => SynSent,
        (None | Some(Closed | SynSent), true) => SynReceived,
        (Some(state), _) => state,
    }
}

/// Where a SYN-ACK comes, somebody has sent a SYN.
fn after_being_sent_syn(state: Option<TcpState>, event: Event) -> Option<TcpState> {
    match state {
        None => event.ack.then_some(SynSent),
        // The SYN-ACKs of a simultaneous open cross.
        Some(SynReceived) if event.acks_syn => Some(Established),
        state => state,
    }
}

/// The transitions in which the receiver of an acknowledgment sends nothing.
fn after_being_acknowledged(state: Option<TcpState>, event: Event) -> Option<TcpState> {
    match state {
        Some(SynReceived) if event.acks_syn => Some(Established),
        Some(FinWait1) if event.acks_fin => Some(FinWait2),
        Some(Closing) if event.acks_fin => Some(TimeWait),
        Some(LastAck) if event.acks_fin => Some(Closed),
        state => state,
    }
}

/// The transitions that the sender of an acknowledgment proves by it.
fn after_acknowledging(state: Option<TcpState>, event: Event) -> Option<TcpState> {
    let state = match state {
        Some(SynSent) if event.acks_syn => Some(Established),
        state => state,
    };
    if !event.acks_fin {
        return state;
    }
    Some(match state {
        None | Some(SynReceived | Established) => CloseWait,
        Some(FinWait1) => Closing,
        Some(FinWait2) => TimeWait,
        Some(state) => state,
    })
}

/// A FIN proves that its sender was synchronized; without a FIN of the peer it closes first.
fn after_sending_fin(state: Option<TcpState>) -> Option<TcpState> {
    match state {
        None | Some(SynReceived | Established) => Some(FinWait1),
        Some(CloseWait) => Some(LastAck),
        state => state,
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
