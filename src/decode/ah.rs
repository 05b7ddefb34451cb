//! The IP Authentication Header (RFC 4302).

use etherparse::IpAuthHeaderSlice;
use etherparse::err::ip_auth::HeaderSliceError;

use super::cursor::{Cursor, Next};
use super::numbers::ip_protocol_name;
use super::protocol::Protocol;
use super::spec::{Show, Spec};
use crate::model::{Fault, Field, Value};

pub(super) const FIELDS: &[Spec] = &[
    Spec::bytes("ah.next_header", "Next header", 0, 1).meaning(ip_protocol_name),
    Spec::bytes("ah.length", "Length in 4-byte units minus 2", 1, 1),
    Spec::bytes("ah.reserved", "Reserved", 2, 2).shown(Show::Hex),
    Spec::bytes("ah.spi", "Security parameters index", 4, 4).shown(Show::Hex),
    Spec::bytes("ah.sequence", "Sequence number", 8, 4),
];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    match IpAuthHeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => {
            let next = Next::IpProtocol(header.next_header().0);
            cursor.take_and(Protocol::Ah, header.slice().len(), next)
        }
        Err(HeaderSliceError::Len(error)) => cursor.no_room(Protocol::Ah, error.required_len),
        Err(HeaderSliceError::Content(_)) => {
            let len = super::spec::len(FIELDS).min(cursor.rest_bytes().len());
            cursor.contradiction(Protocol::Ah, len, Fault::NoSequenceNumber)
        }
    }
}

pub(super) fn check_value(header: &[u8], start: usize) -> Vec<Field> {
    let fixed = super::spec::len(FIELDS);
    if header.len() <= fixed {
        return Vec::new();
    }
    vec![Field::new("ah.icv", "Integrity check value", super::spec::placed(start, fixed..header.len()), Value::Bytes)]
}
