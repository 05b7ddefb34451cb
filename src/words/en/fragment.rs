//! Parts of a packet that was too large for a link.

use std::fmt::{self, Formatter};

use crate::decode::Fragment;

/// `first fragment 0..1480 of UDP`: the bytes are those of the whole packet's payload, half-open.
pub(in crate::words) fn fragment(fragment: &Fragment, f: &mut Formatter<'_>) -> fmt::Result {
    let place = match (fragment.bytes.start, fragment.more) {
        (0, _) => "first fragment",
        (_, true) => "fragment",
        (_, false) => "last fragment",
    };
    write!(f, "{place} {}..{} of ", fragment.bytes.start, fragment.bytes.end)?;
    match fragment.protocol_name() {
        Some(name) => f.write_str(&name),
        None => write!(f, "protocol {}", fragment.protocol),
    }
}
