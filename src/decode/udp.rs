//! UDP (RFC 768).

use etherparse::UdpHeaderSlice;

use super::cursor::{Cursor, Next};
use super::protocol::Protocol;
use super::spec::{Show, Spec};
use crate::model::Fault;

/// Bytes of the header.
pub(super) const HEADER_LEN: u32 = 8;

pub(super) const LENGTH: Spec = Spec::bytes("udp.length", "Length", 4, 2);

pub(super) const CHECKSUM: Spec = Spec::bytes("udp.checksum", "Checksum", 6, 2).shown(Show::Hex);

pub(super) const FIELDS: &[Spec] = &[
    Spec::bytes("udp.srcport", "Source port", 0, 2),
    Spec::bytes("udp.dstport", "Destination port", 2, 2),
    LENGTH,
    CHECKSUM,
];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let header = match UdpHeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => header,
        Err(error) => return cursor.cut_transport(Protocol::Udp, HEADER_LEN as usize, error.required_len),
    };
    let header_len = header.slice().len();
    match header.length() as usize {
        // Of a jumbogram (RFC 2675 §4) or with segmentation offload, where the Internet layer's length is 0 as well.
        0 if !cursor.is_measured() => {}
        length if length < header_len => {
            let fault = Fault::LengthTooSmall { field: LENGTH.key, stated: length, header: header_len };
            return cursor.contradicting_transport(Protocol::Udp, header_len, fault);
        }
        length => cursor.narrow(Protocol::Udp, length, LENGTH.key),
    }
    cursor.take_transport(Protocol::Udp, header_len)
}
