//! What calls account for, and whether it was captured.

use std::borrow::Cow;

use super::count::count;
use crate::analyse::{Entry, Ledger};
use crate::model::Purpose;

/// Whether calls and packets add up; `dropped` is what the kernel says it lost, `broke_off` that the calls themselves came
/// to an early end.
pub(in crate::words) fn ledger(ledger: &Ledger, dropped: u32, broke_off: bool) -> String {
    let (expected, unexpected) = (ledger.expected(), ledger.unexpected.len());
    let found = expected.saturating_sub(ledger.missing().count());
    let dropped = match dropped {
        0 => String::new(),
        dropped => format!("; the kernel dropped {dropped}"),
    };
    let verdict = match (ledger.is_balanced(), broke_off) {
        (_, true) => "the conversation broke off",
        (true, false) => {
            let came = "every packet that the calls should cause was captured";
            return format!("Check: {came} ({found} of {expected}), and no other{dropped}");
        }
        (false, false) => "calls and packets do not add up",
    };
    let lost = match (ledger.thrown_away, ledger.vanished) {
        (0, 0) => String::new(),
        (thrown, vanished) => {
            format!("; {vanished} were lost on the way, {thrown} of them thrown away by the lab's router")
        }
    };
    format!(
        "Check: {verdict}: of {} that the calls should cause {found} were captured, and {unexpected} that no call accounts \
         for{lost}{dropped}",
        count(expected as u64, "packet")
    )
}

/// What stands ahead of a packet that was not captured, and of one that was not expected.
pub(in crate::words) const MISSING: &str = "missing:";
pub(in crate::words) const UNEXPECTED: &str = "unexpected:";

/// A packet that was not captured, and the call that accounts for it.
pub(in crate::words) fn missing(what: &Entry, call: Option<&str>) -> String {
    format!("{}, which {}() accounts for", entry(what), call.unwrap_or("a call"))
}

/// A packet that no call accounts for, by its place among all.
pub(in crate::words) fn unexpected(place: usize, what: Purpose) -> String {
    format!("packet {}, {}: no call accounts for it", place.saturating_add(1), purpose(what))
}

/// `TCP ACK from 127.0.0.1:8888 to 127.0.0.1:40112`.
pub(in crate::words) fn entry(entry: &Entry) -> String {
    let Entry { transport, source, destination, .. } = entry;
    let Some(transport) = transport else {
        let kind = match entry.purpose {
            Purpose::EchoRequest | Purpose::EchoReply => "ICMP",
            _ if source.addr.is_ipv4() => "ARP",
            _ => "IPv6",
        };
        return format!("{kind} {} from {} to {}", purpose(entry.purpose), source.addr, destination.addr);
    };
    format!("{} {} from {source} to {destination}", transport.name(), purpose(entry.purpose))
}

/// `SYN`, `segment of 5 B`.
pub(in crate::words) fn purpose(purpose: Purpose) -> Cow<'static, str> {
    match purpose {
        Purpose::Syn => "SYN".into(),
        Purpose::SynAck => "SYN,ACK".into(),
        Purpose::Ack => "ACK".into(),
        Purpose::Data(len) => format!("segment of {len} B").into(),
        Purpose::Fin => "FIN".into(),
        Purpose::Reset => "RST".into(),
        Purpose::Datagram(len) => format!("datagram of {len} B").into(),
        Purpose::Fragment(len) => format!("fragment of {len} B").into(),
        Purpose::Unreachable => "port unreachable".into(),
        Purpose::Prohibited => "ICMP: administratively prohibited".into(),
        Purpose::EchoRequest => "echo request".into(),
        Purpose::EchoReply => "echo reply".into(),
        Purpose::AsksForNeighbor => "neighbor request".into(),
        Purpose::TellsOfNeighbor => "neighbor reply".into(),
    }
}
