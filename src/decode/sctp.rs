//! The common header of SCTP (RFC 9260 §3.1). Its chunks are shown as payload.

use super::cursor::{Cursor, Next};
use super::protocol::Protocol;
use super::spec::{Show, Spec};

pub(super) const FIELDS: &[Spec] = &[
    Spec::bytes("sctp.srcport", "Source port", 0, 2),
    Spec::bytes("sctp.dstport", "Destination port", 2, 2),
    Spec::bytes("sctp.verification_tag", "Verification tag", 4, 4).shown(Show::Hex),
    Spec::bytes("sctp.checksum", "Checksum", 8, 4).shown(Show::Hex),
];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    if cursor.header(Protocol::Sctp, 12).is_some() { Next::Payload } else { Next::Stop }
}
