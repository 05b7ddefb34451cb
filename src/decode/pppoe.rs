//! PPP over Ethernet (RFC 2516): the header around a discovery packet or a PPP session's frames.

use super::cursor::{Cursor, Next};
use super::protocol::Protocol;
use super::spec::{Show, Spec};

const LENGTH: Spec = Spec::bytes("pppoe.payload_length", "Payload length", 4, 2);

pub(super) const FIELDS: &[Spec] = &[
    Spec::bits("pppoe.version", "Version", 0, 4),
    Spec::bits("pppoe.type", "Type", 4, 4),
    Spec::bytes("pppoe.code", "Code", 1, 1).shown(Show::Hex),
    Spec::bytes("pppoe.session_id", "Session id", 2, 2).shown(Show::Hex),
    LENGTH,
];

/// Of a session, or of the discovery before it.
pub(super) fn walk(cursor: &mut Cursor<'_, '_>, session: bool) -> Next {
    let stated = LENGTH.read(cursor.rest_bytes());
    if let Some(len) = stated {
        cursor.narrow(Protocol::Pppoe, (len as usize).saturating_add(6), LENGTH.key);
    }
    match cursor.header(Protocol::Pppoe, 6) {
        Some(_) if session => Next::Ppp,
        Some(_) => Next::Data,
        None => Next::Stop,
    }
}
