//! What was measured in a run, a sentence a number.

use super::count::count;
use super::lane::lane;
use crate::analyse::Measured;
use crate::words::quantity::duration;

/// What stands above them.
pub(in crate::words) const MEASURED: &str = "Measured in this run";

/// `None` for what is nothing but a time, where times are not told.
pub(in crate::words) fn measured(measured: &Measured, has_times: bool, ascii: bool) -> Option<String> {
    let time = |nanos: &i64| duration(*nanos, ascii);
    let timed = |sentence: String| has_times.then_some(sentence);
    match measured {
        Measured::Accepted { handshake, after, waited } => {
            let did = if *waited { "returned" } else { "was called" };
            timed(format!("accept() {did} {} after packet {handshake} had finished the handshake.", time(after)))
        }
        Measured::Woken { lane: whose, call, packet, waited, after } => {
            let times = match has_times {
                true => format!(" after {}; it returned {} later", time(waited), time(after)),
                false => String::new(),
            };
            Some(format!("The {}'s {call}() was waiting: packet {packet} ended its wait{times}.", lane(*whose)))
        }
        Measured::Repeated { first, again, after } => {
            timed(format!("Packet {again} repeats packet {first} after {}.", time(after)))
        }
        Measured::WindowClosed { packet, unread, probe, opened } => {
            let told = |what, found| later(what, found, has_times, ascii);
            let (probe, opened) = (told("the first probe", *probe), told("word of room", *opened));
            Some(format!(
                "When packet {packet} closed the window, {unread} bytes had arrived that nobody had read{probe}{opened}."
            ))
        }
        Measured::Segments { from, bytes, sizes } => {
            Some(format!("The {}'s {bytes} bytes left in {}.", lane(*from), segments(sizes, ascii)))
        }
        Measured::SlowestAck { data, ack, after } => {
            timed(format!("The slowest acknowledgment was packet {ack}, {} after packet {data}.", time(after)))
        }
        Measured::Probed { packet, after } => {
            timed(format!("Packet {packet} probes after {} of silence.", time(after)))
        }
        Measured::WaitedInVain { lane: whose, call, after } => {
            timed(format!("The {}'s {call}() waited in vain for {}.", lane(*whose), time(after)))
        }
        Measured::Echoed { request, reply, identifier, sequence, after } => {
            let after = if has_times { format!(", {} later", time(after)) } else { String::new() };
            Some(format!(
                "Packet {reply} answers packet {request}{after}: both have identifier {identifier} and sequence number {sequence}."
            ))
        }
        Measured::Flights { from, segments } => {
            let each: Vec<String> = segments.iter().map(u32::to_string).collect();
            Some(format!("The {}'s segments left in flights of {}.", lane(*from), each.join(", ")))
        }
        Measured::Traffic { connections, packets, with_data } => Some(format!(
            "It took {} and {}, {with_data} of them with data.",
            count(*connections, "connection"),
            count(*packets, "packet")
        )),
    }
}

/// A packet that came later, and how long after.
fn later(what: &str, found: Option<(u64, i64)>, has_times: bool, ascii: bool) -> String {
    let Some((number, after)) = found else { return String::new() };
    let after = if has_times { format!(", {} after it", duration(after, ascii)) } else { String::new() };
    format!("; {what} was packet {number}{after}")
}

/// `5 segments of 1448 bytes`, `7 segments: 5, 2, 6 and 4 × 2 bytes`
fn segments(sizes: &[(u32, u32)], ascii: bool) -> String {
    let all = count(sizes.iter().map(|(count, _)| u64::from(*count)).sum(), "segment");
    let size = |(count, size): &(u32, u32)| match count {
        1 => size.to_string(),
        _ => format!("{count} {} {size}", if ascii { "x" } else { "×" }),
    };
    match sizes {
        [(_, size)] => format!("{all} of {size} bytes"),
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(size).collect();
            format!("{all}: {} and {} bytes", rest.join(", "), size(last))
        }
        [] => all,
    }
}
