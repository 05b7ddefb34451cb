//! The IP Encapsulating Security Payload (RFC 4303): the two fields in the clear. What follows is encrypted.

use super::cursor::{Cursor, Next};
use super::protocol::Protocol;
use super::spec::{Show, Spec};

pub(super) const FIELDS: &[Spec] = &[
    Spec::bytes("esp.spi", "Security parameters index", 0, 4).shown(Show::Hex),
    Spec::bytes("esp.sequence", "Sequence number", 4, 4),
];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    if cursor.header(Protocol::Esp, 8).is_some() { Next::Data } else { Next::Stop }
}
