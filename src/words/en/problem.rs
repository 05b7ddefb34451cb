//! Why decoding stopped, or what contradicts itself.

use std::fmt::{self, Formatter};

use crate::model::{Fault, Limit, Problem};

/// `TCP at byte 34: no room for the TCP header (needs 20 bytes, has 6, cut by the capture)`.
pub(in crate::words) fn problem(problem: &Problem, f: &mut Formatter<'_>) -> fmt::Result {
    let Problem { protocol, needed, available, .. } = problem;
    write!(f, "{protocol} at byte {}: ", problem.range.start)?;
    fault(problem, f)?;
    if needed <= available {
        return Ok(());
    }
    write!(f, " (needs {needed} bytes, has {available}, ")?;
    match problem.limit {
        Limit::Capture => f.write_str("cut by the capture)"),
        Limit::Packet => f.write_str("the packet ends there)"),
        Limit::Field(key) => write!(f, "limited by {key})"),
    }
}

/// `no room for the TCP header`.
fn fault(problem: &Problem, f: &mut Formatter<'_>) -> fmt::Result {
    let Problem { protocol, available, .. } = problem;
    match problem.fault {
        Fault::NoRoom => write!(f, "no room for the {protocol} header"),
        Fault::TooManyHeaders { around } => {
            write!(f, "{around} headers lie around it, more than a packet honestly has: it is not read")
        }
        Fault::LengthTooLarge { field, stated } => {
            write!(f, "by {field} it has {stated} bytes, more than the {available} that there are")
        }
        Fault::LengthTooSmall { field, stated, header } => {
            write!(f, "{} {stated}, less than the {header} bytes of the header itself", says(field))
        }
        Fault::HeaderTooShort { field, words, least } => header_too_short(field, words, least, protocol, f),
        Fault::WrongVersion { found, expected } => write!(f, "the version field says {found}, not {expected}"),
        Fault::NoSequenceNumber => f.write_str("its length of 0 leaves no place for the sequence number"),
        Fault::OptionLength => {
            f.write_str("the length of an option does not fit; the options from here on are not read")
        }
    }
}

/// `the total length is`, as the field's RFC calls it.
fn says(field: &str) -> &str {
    match field {
        "ip.len" => "the total length is",
        _ => "the length field says",
    }
}

fn header_too_short(field: &str, words: u8, least: u8, protocol: &str, f: &mut Formatter<'_>) -> fmt::Result {
    match field {
        "tcp.hdr_len" => write!(f, "the data offset is {words}, less than the {least} words a {protocol} header has"),
        _ => write!(f, "the header length is {words} words, less than the {least} an {protocol} header has"),
    }
}
