//! SLIP (RFC 1055) behind libpcap's own header: the direction, and the compressed header (RFC 1144) as it was received.
//! The packet that follows is always whole: the kernel has undone the compression.
//!
//! Wireshark has no keys for this header; these are layerscope's.

use super::cursor::{Cursor, Next};
use super::protocol::Protocol;
use super::spec::{Show, Spec, named};

pub(super) const FIELDS: &[Spec] = &[
    Spec::bytes("slip.direction", "Direction", 0, 1).meaning(|number| match number {
        0 => named("received"),
        1 => named("sent"),
        _ => None,
    }),
    Spec::bytes("slip.header", "Compressed header", 1, 15).shown(Show::Bytes),
];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    if cursor.header(Protocol::Slip, 16).is_some() { Next::Ip } else { Next::Stop }
}
