//! The IPv6 header (RFC 8200 §3).

use etherparse::Ipv6HeaderSlice;
use etherparse::err::ipv6::HeaderSliceError;

use super::cursor::{Cursor, Next};
use super::numbers::{dscp_name, ecn_name, ip_protocol_name};
use super::protocol::Protocol;
use super::spec::{Show, Spec};
use crate::model::Fault;

pub(super) const PAYLOAD_LEN: Spec = Spec::bytes("ipv6.plen", "Payload length", 4, 2);
const NEXT_HEADER: Spec = Spec::bytes("ipv6.nxt", "Next header", 6, 1).meaning(ip_protocol_name);
pub(super) const HOP_LIMIT: Spec = Spec::bytes("ipv6.hlim", "Hop limit", 7, 1);
pub(super) const SOURCE: Spec = Spec::bytes("ipv6.src", "Source", 8, 16).shown(Show::Ipv6);
pub(super) const DESTINATION: Spec = Spec::bytes("ipv6.dst", "Destination", 24, 16).shown(Show::Ipv6);

pub(super) const FIELDS: &[Spec] = &[
    Spec::bits("ipv6.version", "Version", 0, 4),
    Spec::bits("ipv6.tclass", "Traffic class", 4, 8).shown(Show::Hex).with(&[
        Spec::bits("ipv6.tclass.dscp", "DSCP", 4, 6).meaning(dscp_name),
        Spec::bits("ipv6.tclass.ecn", "ECN", 10, 2).meaning(ecn_name),
    ]),
    Spec::bits("ipv6.flow", "Flow label", 12, 20).shown(Show::Hex),
    PAYLOAD_LEN,
    NEXT_HEADER,
    HOP_LIMIT,
    SOURCE,
    DESTINATION,
];

/// The length of a whole packet by that of its payload; 0 stands for the frame's own length, as with IPv4.
pub(super) const fn whole_len(payload: u64) -> u64 {
    if payload == 0 { 0 } else { payload.saturating_add(40) }
}

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let header = match Ipv6HeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => header,
        Err(error) => return contradiction(cursor, &error),
    };
    let header_len = header.slice().len();
    let payload_len = header.payload_length() as usize;
    let next = Next::IpProtocol(header.next_header().0);
    // 0 is a jumbogram (RFC 2675) or segmentation offload: the frame's own length is all there is.
    if payload_len > 0 {
        cursor.narrow(Protocol::Ipv6, header_len.saturating_add(payload_len), PAYLOAD_LEN.key);
    }
    cursor.take_ip(Protocol::Ipv6, header_len, next)
}

/// A header that does not fit in what is left, or is none of IPv6's; its version is there if anything is.
#[cold]
fn contradiction(cursor: &mut Cursor<'_, '_>, error: &HeaderSliceError) -> Next {
    match (error, cursor.rest_bytes().first().map(|byte| byte >> 4)) {
        (HeaderSliceError::Len(error), None | Some(6)) => cursor.no_room(Protocol::Ipv6, error.required_len),
        (_, version) => {
            let version = version.unwrap_or_default();
            cursor.problem(Protocol::Ipv6, 0, Fault::WrongVersion { found: version, expected: 6 })
        }
    }
}
