//! Facts in English, a file a kind of fact.

mod count;
mod exchange;
mod explanation;
mod fragment;
mod handshake;
mod lane;
mod ledger;
mod live;
mod mark;
mod measured;
mod problem;
mod programs;
mod scenario;
mod scenario_networks;
mod shown;
#[cfg(feature = "cli")]
mod stream;
mod tally;
mod timeline;
mod verdict;
mod views;
mod why;

#[cfg(feature = "cli")]
pub(crate) use count::count;
pub(super) use exchange::exchange;
pub(super) use explanation::explanation;
pub(super) use fragment::fragment;
pub(super) use handshake::{agreed, attempts, handshake_times};
pub(super) use ledger::{MISSING, UNEXPECTED, entry, ledger, missing, purpose, unexpected};
pub(super) use live::{BEGINS, OPENED, WAS_OPEN, active_before, amounts, dropped};
pub(super) use mark::{SEPARATOR, counted, mark};
pub(super) use measured::{MEASURED, measured};
pub(super) use problem::problem;
pub(super) use programs::{
    closed, conversation_begins, cut_off, from_elsewhere, got, happening, left_open, not_sent, sent, unreadable,
};
pub(super) use scenario::scenario;
#[cfg(feature = "cli")]
pub(crate) use stream::{no_such_stream, streams};
pub(super) use tally::{forgotten, tcp, udp};
pub(super) use timeline::{clock_went_back, omitted, sent_again, zero_is_call, zero_is_packet};
pub(super) use verdict::{cause, ending, opening, verdict};
pub(super) use views::{
    LADDER, OPENED_PACKET, WAYS, asks, at_each_place, bytes_in_all, counted_noun, empty_intervals, first_fragment, gap,
    hosts_beyond, interval_heading, ladder_title, layer, layer_sum, may_capture, not_captured, numbers,
    of_no_conversation, on, opened_title, picture_title, run, within,
};
pub(super) use why::why;
