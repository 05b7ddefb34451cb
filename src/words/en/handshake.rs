//! A handshake: how long it took, what was sent again, what both ends agreed on.

use crate::analyse::{Handshake, Opening};
use crate::model::Lane;
use crate::words::quantity::duration;

/// `handshake 33.8 µs (SYN → ACK):`, `20.1 µs to SYN,ACK`, `+ 13.7 µs to ACK`; nothing where it did not come about.
pub(in crate::words) fn handshake_times(handshake: &Handshake, ascii: bool) -> Vec<String> {
    let Some(total) = handshake.total() else { return Vec::new() };
    let time = |nanos: i64| duration(nanos, ascii);
    let crossed = handshake.is_opened_by_crossing();
    let last = if crossed { "both acknowledged" } else { "ACK" };
    let mut facts = vec![format!("handshake {} (SYN {} {last})", time(total), if ascii { "->" } else { "→" })];
    let halves = handshake.syn_to_syn_ack().zip(handshake.syn_ack_to_ack()).filter(|_| !crossed);
    if let Some((first, second)) = halves {
        let again = handshake.resending().map(|nanos| format!("{} resending", time(nanos)));
        let parts = [again, Some(format!("{} to SYN,ACK", time(first))), Some(format!("{} to ACK", time(second)))];
        facts[0].push(':');
        for (part, sign) in parts.into_iter().flatten().zip(["", "+ ", "+ "]) {
            facts.push(format!("{sign}{part}"));
        }
    }
    facts.extend(repeated(handshake).map(|again| format!("({again})")));
    facts
}

/// `SYN sent 3 times`, for what did not go at the first try.
fn repeated(handshake: &Handshake) -> impl Iterator<Item = String> {
    let again = [(handshake.syn_retransmissions(), "SYN"), (handshake.syn_ack_retransmissions(), "SYN,ACK")];
    let told = again.into_iter().filter(|(times, _)| *times > 0);
    told.map(|(times, what)| format!("{what} sent {} times", times.saturating_add(1)))
}

/// `, SYN sent 3 times`: what did not go at the first try, behind how a connection opened; nothing where that says it, or
/// where it was not captured.
pub(in crate::words) fn attempts(opening: Opening, handshake: &Handshake) -> String {
    match opening {
        Opening::NoAnswer { .. } | Opening::Missed => String::new(),
        Opening::Complete { .. } | Opening::Refused | Opening::HalfOpen => {
            repeated(handshake).map(|again| format!(", {again}")).collect()
        }
    }
}

/// `MSS 65495/65495`, `SACK yes`: of two values the client's comes first; nothing where an offer is missing.
pub(in crate::words) fn agreed(handshake: &Handshake, ascii: bool) -> Vec<String> {
    let (Some(client), Some(server)) = (handshake.offer(Lane::Client), handshake.offer(Lane::Server)) else {
        return Vec::new();
    };
    let number = |value: Option<u32>| match value {
        Some(value) => value.to_string(),
        None => if ascii { "-" } else { "–" }.to_owned(),
    };
    let mss = [client.mss, server.mss].map(|mss| number(mss.map(u32::from)));
    let scale = [client.window_scale, server.window_scale].map(|scale| number(scale.map(u32::from)));
    let both = |agreed: bool| if agreed { "yes" } else { "no" };
    vec![
        format!("MSS {}/{}", mss[0], mss[1]),
        format!("window scale {}/{}", scale[0], scale[1]),
        format!("SACK {}", both(client.sack_permitted && server.sack_permitted)),
        format!("timestamps {}", both(client.timestamps && server.timestamps)),
    ]
}
