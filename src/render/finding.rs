//! What was measured in a run, a sentence a number.

use std::io::{self, Write};

use super::explanation::write_wrapped;
use super::quantity::{count, duration};
use super::style::Style;
use crate::analyse::Finding;

/// Writes what was measured. Where the run's times were replaced (`has_times` is false), they are not told.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_findings(findings: &[Finding], has_times: bool, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let sentences: Vec<String> = findings.iter().filter_map(|finding| sentence(finding, has_times, style)).collect();
    if sentences.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.bold("Measured in this run"))?;
    let lead = format!("  {} ", style.glyph("•", "*"));
    sentences.iter().try_for_each(|sentence| write_wrapped(&lead, sentence, style, out))
}

fn sentence(finding: &Finding, has_times: bool, style: Style) -> Option<String> {
    let time = |nanos: i64| duration(nanos, style);
    let timed = |sentence: String| has_times.then_some(sentence);
    match finding {
        Finding::Accepted { handshake, after, waited: false } => {
            timed(format!("accept() was called {} after packet {handshake} had finished the handshake.", time(*after)))
        }
        Finding::Accepted { handshake, after, waited: true } => {
            timed(format!("accept() returned {} after packet {handshake} had finished the handshake.", time(*after)))
        }
        Finding::Repeated { first, again, after } => {
            timed(format!("Packet {again} repeats packet {first} after {}.", time(*after)))
        }
        Finding::WindowClosed { packet, unread, probe, opened } => {
            let mut said =
                format!("When packet {packet} closed the window, {unread} bytes had arrived that nobody had read");
            for (what, found) in [("the first probe", probe), ("word of room", opened)] {
                if let Some((number, after)) = found {
                    said += &format!("; {what} was packet {number}");
                    if has_times {
                        said += &format!(", {} after it", time(*after));
                    }
                }
            }
            Some(said + ".")
        }
        Finding::Segments { from, bytes, sizes } => {
            Some(format!("The {from}'s {bytes} bytes left in {}.", segments(sizes, style)))
        }
        Finding::SlowestAck { data, ack, after } => {
            timed(format!("The slowest acknowledgment was packet {ack}, {} after packet {data}.", time(*after)))
        }
        Finding::Probed { packet, after } => {
            timed(format!("Packet {packet} probes after {} of silence.", time(*after)))
        }
        Finding::WaitedInVain { lane, call, after } => {
            timed(format!("The {lane}'s {call}() waited in vain for {}.", time(*after)))
        }
        Finding::Traffic { connections, packets, with_data } => Some(format!(
            "It took {} and {}, {with_data} of them with data.",
            count(*connections, "connection"),
            count(*packets, "packet")
        )),
    }
}

/// `5 segments of 1448 bytes`, `7 segments: 5, 2, 6 and 4 × 2 bytes`
fn segments(sizes: &[(u32, u32)], style: Style) -> String {
    let all = count(sizes.iter().map(|(count, _)| u64::from(*count)).sum(), "segment");
    let size = |(count, size): &(u32, u32)| match count {
        1 => size.to_string(),
        _ => format!("{count} {} {size}", style.glyph("×", "x")),
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
