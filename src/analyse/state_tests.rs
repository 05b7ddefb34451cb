//! The state machine's tests, grouped by the RFC state the end under test is in.

use super::*;
use Lane::{Client, Server};

/// A bare ACK of everything that is not a SYN or FIN; each test changes what it is about.
const ACK: Event =
    Event { syn: false, ack: true, fin: false, rst: false, acks_syn: false, acks_fin: false, both_sent_data: false };
const SYN: Event = Event { syn: true, ack: false, ..ACK };
const SYN_ACK: Event = Event { syn: true, acks_syn: true, ..ACK };
const HANDSHAKE_ACK: Event = Event { acks_syn: true, ..ACK };
const FIN: Event = Event { fin: true, acks_syn: true, ..ACK };
const RST: Event = Event { rst: true, ..ACK };
const ACK_OF_FIN: Event = Event { acks_syn: true, acks_fin: true, ..ACK };
const FIN_ACKING_FIN: Event = Event { fin: true, ..ACK_OF_FIN };

fn ends(client: impl Into<Option<TcpState>>, server: impl Into<Option<TcpState>>) -> Ends {
    Ends([client.into(), server.into()].map(|state| End { state, owes_ack: false }))
}

/// What can be seen of them.
impl PartialEq for Ends {
    fn eq(&self, other: &Self) -> bool {
        [Client, Server].iter().all(|lane| self.of(*lane) == other.of(*lane))
    }
}

fn after(mut ends: Ends, segments: &[(Lane, Event)]) -> Ends {
    for (from, event) in segments {
        ends.advance(*from, *event);
    }
    ends
}

fn established() -> Ends {
    after(Ends::default(), &[(Client, SYN), (Server, SYN_ACK), (Client, HANDSHAKE_ACK)])
}

// CLOSED

#[test]
fn a_syn_leaves_closed_and_tells_nothing_of_who_it_goes_to() {
    assert_eq!(after(Ends::default(), &[(Client, SYN)]), ends(SynSent, None));
}

#[test]
fn a_syn_repeated_changes_nothing() {
    assert_eq!(after(Ends::default(), &[(Client, SYN), (Client, SYN)]), ends(SynSent, None));
}

#[test]
fn a_syn_ack_seen_first_tells_of_both_ends() {
    assert_eq!(after(Ends::default(), &[(Server, SYN_ACK)]), ends(SynSent, SynReceived));
}

// SYN-SENT

#[test]
fn the_client_is_established_when_it_acknowledges_not_when_it_is_answered() {
    let answered = after(Ends::default(), &[(Client, SYN), (Server, SYN_ACK)]);
    assert_eq!(answered, ends(SynSent, SynReceived));
    assert_eq!(after(answered, &[(Client, HANDSHAKE_ACK)]), ends(Established, Established));
}

#[test]
fn an_ack_of_something_else_does_not_establish() {
    assert_eq!(after(Ends::default(), &[(Client, SYN), (Client, ACK)]), ends(SynSent, None));
}

#[test]
fn a_reset_answers_a_syn_with_closed() {
    let reset = Event { acks_syn: true, ..RST };
    assert_eq!(after(Ends::default(), &[(Client, SYN), (Server, reset)]), ends(Closed, Closed));
}

#[test]
fn syns_that_cross_make_a_simultaneous_open() {
    let crossed = after(Ends::default(), &[(Client, SYN), (Server, SYN)]);
    assert_eq!(crossed, ends(SynSent, SynSent));
    let first = after(crossed, &[(Client, SYN_ACK)]);
    assert_eq!(first, ends(SynReceived, SynSent));
    // The server's SYN-ACK acknowledges the client's SYN; its own is acknowledged by what the client sends next.
    assert_eq!(after(first, &[(Server, SYN_ACK)]), ends(Established, SynReceived));
    assert_eq!(after(first, &[(Server, SYN_ACK), (Client, HANDSHAKE_ACK)]), ends(Established, Established));
}

#[test]
fn a_socket_connected_to_itself_goes_through_a_simultaneous_open_and_close() {
    let mut alone = Ends::default();
    let mut after = |event| {
        alone.advance_alone(event);
        alone.of(Client)
    };
    assert_eq!(after(SYN), Some(SynSent));
    assert_eq!(after(SYN_ACK), Some(SynReceived));
    assert_eq!(after(HANDSHAKE_ACK), Some(Established));
    assert_eq!(after(FIN), Some(FinWait1));
    assert_eq!(after(ACK_OF_FIN), Some(TimeWait));
    assert_eq!(alone.of(Server), None);
}

// SYN-RECEIVED

#[test]
fn a_syn_ack_repeated_changes_nothing() {
    let twice = after(Ends::default(), &[(Client, SYN), (Server, SYN_ACK), (Server, SYN_ACK)]);
    assert_eq!(twice, ends(SynSent, SynReceived));
}

#[test]
fn data_finishes_a_handshake_whose_bare_ack_was_lost() {
    let data = Event { acks_syn: true, ..ACK };
    assert_eq!(after(ends(SynSent, SynReceived), &[(Client, data)]), ends(Established, Established));
}

#[test]
fn a_client_may_close_with_its_first_segment() {
    assert_eq!(after(ends(SynSent, SynReceived), &[(Client, FIN)]), ends(FinWait1, Established));
}

// ESTABLISHED

#[test]
fn the_four_segments_of_a_close_visit_every_state() {
    let closing = after(established(), &[(Client, FIN)]);
    assert_eq!(closing, ends(FinWait1, Established));
    let half = after(closing, &[(Server, ACK_OF_FIN)]);
    assert_eq!(half, ends(FinWait2, CloseWait));
    let last = after(half, &[(Server, FIN_ACKING_FIN)]);
    assert_eq!(last, ends(FinWait2, LastAck));
    assert_eq!(after(last, &[(Client, ACK_OF_FIN)]), ends(TimeWait, Closed));
}

#[test]
fn the_server_may_close_first_and_then_holds_time_wait() {
    let closed =
        after(established(), &[(Server, FIN), (Client, ACK_OF_FIN), (Client, FIN_ACKING_FIN), (Server, ACK_OF_FIN)]);
    assert_eq!(closed, ends(Closed, TimeWait));
}

#[test]
fn a_fin_that_acknowledges_a_fin_passes_close_wait_at_once() {
    let three = after(established(), &[(Client, FIN), (Server, FIN_ACKING_FIN)]);
    assert_eq!(three, ends(FinWait2, LastAck));
    assert_eq!(after(three, &[(Client, ACK_OF_FIN)]), ends(TimeWait, Closed));
}

#[test]
fn a_reset_closes_both_ends() {
    assert_eq!(after(established(), &[(Server, RST)]), ends(Closed, Closed));
}

#[test]
fn a_late_copy_of_the_syn_ack_does_not_reopen() {
    assert_eq!(after(established(), &[(Server, SYN_ACK)]), ends(Established, Established));
}

// FIN-WAIT-1, CLOSING

#[test]
fn fins_that_cross_take_both_ends_through_closing() {
    // RFC 9293 §3.6, figure 13.
    let crossed = after(established(), &[(Client, FIN), (Server, FIN)]);
    assert_eq!(crossed, ends(FinWait1, FinWait1));
    let one = after(crossed, &[(Client, ACK_OF_FIN)]);
    assert_eq!(one, ends(Closing, Closing));
    assert_eq!(after(one, &[(Server, ACK_OF_FIN)]), ends(TimeWait, TimeWait));
    let other_order = after(crossed, &[(Server, ACK_OF_FIN)]);
    assert_eq!(other_order, ends(Closing, Closing));
    assert_eq!(after(other_order, &[(Client, ACK_OF_FIN)]), ends(TimeWait, TimeWait));
}

#[test]
fn closing_is_left_by_the_acknowledgment_that_was_missing() {
    let one = after(established(), &[(Client, FIN), (Server, FIN), (Client, ACK_OF_FIN)]);
    // The client says it again; the server still owes its own.
    assert_eq!(after(one, &[(Client, ACK_OF_FIN)]), ends(Closing, Closing));
    assert_eq!(after(one, &[(Client, FIN_ACKING_FIN), (Server, ACK_OF_FIN)]), ends(TimeWait, TimeWait));
    assert_eq!(after(one, &[(Server, RST)]), ends(Closed, Closed));
    assert_eq!(after(one, &[(Client, RST)]), ends(Closed, Closed));
}

#[test]
fn a_fin_that_was_lost_is_repeated_from_the_same_state() {
    assert_eq!(after(established(), &[(Client, FIN), (Client, FIN)]), ends(FinWait1, Established));
}

// FIN-WAIT-2, CLOSE-WAIT: a half-closed connection

#[test]
fn data_after_a_half_close_leaves_the_states_alone() {
    let half = ends(FinWait2, CloseWait);
    let data = Event { acks_fin: true, acks_syn: true, ..ACK };
    assert_eq!(after(half, &[(Server, data), (Client, HANDSHAKE_ACK)]), half);
}

// LAST-ACK, TIME-WAIT

#[test]
fn a_lost_last_ack_is_asked_for_again() {
    let closed = ends(TimeWait, Closed);
    assert_eq!(after(closed, &[(Server, FIN_ACKING_FIN), (Client, ACK_OF_FIN)]), closed);
}

// Unknown: the capture began in the middle

#[test]
fn an_acknowledgment_alone_tells_nothing() {
    assert_eq!(after(Ends::default(), &[(Client, ACK), (Server, ACK)]), ends(None, None));
}

#[test]
fn data_from_both_sides_shows_established() {
    let data = Event { both_sent_data: true, ..ACK };
    assert_eq!(after(Ends::default(), &[(Server, data)]), ends(Established, Established));
}

#[test]
fn a_close_seen_from_the_middle_ends_as_any_other() {
    let closed =
        after(Ends::default(), &[(Client, FIN), (Server, ACK_OF_FIN), (Server, FIN_ACKING_FIN), (Client, ACK_OF_FIN)]);
    assert_eq!(closed, ends(TimeWait, Closed));
}
