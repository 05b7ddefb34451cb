//! UDP (RFC 768).

use etherparse::UdpHeaderSlice;

use super::walk::{Cursor, Next};
use super::{Protocol, Show, Spec};

pub(super) const LENGTH: Spec = Spec::bytes("udp.length", "Length", 4, 2);

pub(super) const FIELDS: &[Spec] = &[
    Spec::bytes("udp.srcport", "Source port", 0, 2),
    Spec::bytes("udp.dstport", "Destination port", 2, 2),
    LENGTH,
    Spec::bytes("udp.checksum", "Checksum", 6, 2).shown(Show::Hex),
];

pub(super) fn walk(cursor: &mut Cursor<'_>) -> Next {
    let header = match UdpHeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => header,
        Err(error) => {
            return cursor.problem(Protocol::Udp, error.required_len, "no room for the UDP header".to_owned());
        }
    };
    let length = header.length() as usize;
    // 0 is a jumbogram (RFC 2675) or segmentation offload; less than the header's own 8 bytes says nothing either.
    if length >= header.slice().len() {
        cursor.narrow(length, LENGTH.key);
    }
    if !cursor.take(Protocol::Udp, header.slice().len()) {
        return Next::Stop;
    }
    if !cursor.quoted {
        cursor.packet.transport = cursor.last_index();
    }
    Next::Payload
}
