//! Facts in English, a file a kind of fact.

mod count;
mod exchange;
mod explanation;
mod finding;
mod handshake;
mod lane;
mod ledger;
mod live;
mod mark;
mod scenario;
#[cfg(feature = "cli")]
mod stream;
mod tally;
mod timeline;
mod verdict;

pub(crate) use count::count;
pub(super) use exchange::exchange;
pub(super) use explanation::explanation;
pub(super) use finding::{MEASURED, finding};
pub(super) use handshake::{agreed, attempts, handshake_times};
pub(super) use ledger::{MISSING, UNEXPECTED, entry, ledger, missing, purpose, unexpected};
pub(super) use live::{BEGINS, OPENED, WAS_OPEN, active_before, amounts};
pub(super) use mark::{SEPARATOR, counted, mark};
pub(super) use scenario::scenario;
#[cfg(feature = "cli")]
pub(crate) use stream::{no_such_stream, streams};
pub(super) use tally::{forgotten, tcp, udp};
pub(super) use timeline::{clock_went_back, omitted, sent_again, zero_is_call, zero_is_packet};
pub(super) use verdict::{cause, ending, opening, verdict};
