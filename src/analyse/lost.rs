//! Which packets were lost on their way to a socket, as far as the calls prove it.

use super::event::{Event, What};
use super::loss::Loss;
use super::observed::Observed;
use crate::decode::Packet;
use crate::model::{Call, Lane, OptionValue, SocketCall, SocketOption};

/// Notes which packets came while the other side's socket let nothing in.
pub(super) fn note_losses(events: &mut [Event], packets: &[Observed], calls: &[SocketCall]) {
    let mut minimum = [0, 0];
    for event in events {
        match &mut event.what {
            What::Called(place) | What::Returned(place) => {
                if let Some((lane, ttl)) = calls.get(*place).and_then(asks_for) {
                    minimum[lane as usize] = ttl;
                }
            }
            What::Packet { packet, relation } => {
                let Some((observed, from)) = packets.get(*packet).and_then(|it| Some((it, it.seen?.from))) else {
                    continue;
                };
                let is_let_in = i64::from(ttl(&observed.packet())) >= minimum[from.other() as usize];
                relation.loss = (!is_let_in).then_some(Loss::MinimumTtl);
            }
            What::Entered(_) | What::Run { .. } | What::Omitted(_) => {}
        }
    }
}

/// The least TTL that a call makes its socket ask for, and whose socket that is.
fn asks_for(call: &SocketCall) -> Option<(Lane, i64)> {
    match (&call.what, &call.result) {
        (&Call::SetOption(SocketOption::MinimumTtl, OptionValue::Number(ttl)), Ok(_)) => Some((call.lane, ttl)),
        _ => None,
    }
}

fn ttl(packet: &Packet<'_>) -> u8 {
    packet.ip().and_then(|ip| ip.ttl()).unwrap_or(u8::MAX)
}
