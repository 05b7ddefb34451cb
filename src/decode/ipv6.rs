//! IPv6 and its extension headers (RFC 8200).

use etherparse::err::ipv6::HeaderSliceError;
use etherparse::{Ipv6FragmentHeaderSlice, Ipv6HeaderSlice, Ipv6RawExtHeaderSlice};

use super::ipv4::{dscp_name, ecn_name, protocol_name};
use super::walk::{Cursor, Next};
use super::{Protocol, Show, Spec};

const PAYLOAD_LEN: Spec = Spec::bytes("ipv6.plen", "Payload length", 4, 2);
const NEXT_HEADER: Spec = Spec::bytes("ipv6.nxt", "Next header", 6, 1).meaning(protocol_name);
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

pub(super) const OPTIONS_FIELDS: &[Spec] = &[
    Spec::bytes("ipv6.opts.nxt", "Next header", 0, 1).meaning(protocol_name),
    Spec::bytes("ipv6.opts.len", "Length in 8-byte units after the first", 1, 1),
];

pub(super) const ROUTING_FIELDS: &[Spec] = &[
    Spec::bytes("ipv6.routing.nxt", "Next header", 0, 1).meaning(protocol_name),
    Spec::bytes("ipv6.routing.len", "Length in 8-byte units after the first", 1, 1),
    Spec::bytes("ipv6.routing.type", "Type", 2, 1),
    Spec::bytes("ipv6.routing.segleft", "Segments left", 3, 1),
];

pub(super) const FRAGMENT_FIELDS: &[Spec] = &[
    Spec::bytes("ipv6.fraghdr.nxt", "Next header", 0, 1).meaning(protocol_name),
    Spec::bytes("ipv6.fraghdr.reserved_octet", "Reserved octet", 1, 1).shown(Show::Hex),
    Spec::bits("ipv6.fraghdr.offset", "Fragment offset", 16, 13).in_units_of(8),
    Spec::bits("ipv6.fraghdr.reserved_bits", "Reserved bits", 29, 2),
    Spec::flag("ipv6.fraghdr.more", "More fragments", 31),
    Spec::bytes("ipv6.fraghdr.ident", "Identification", 4, 4).shown(Show::Hex),
];

pub(super) fn walk(cursor: &mut Cursor<'_>) -> Next {
    let header = match Ipv6HeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => header,
        Err(HeaderSliceError::Len(error)) => {
            return cursor.problem(Protocol::Ipv6, error.required_len, "no room for the IPv6 header".to_owned());
        }
        Err(HeaderSliceError::Content(_)) => {
            return cursor.problem(Protocol::Ipv6, 0, "the version field does not say 6".to_owned());
        }
    };
    let payload_len = header.payload_length() as usize;
    let next = header.next_header().0;
    if !cursor.take(Protocol::Ipv6, header.slice().len()) {
        return Next::Stop;
    }
    // 0 is a jumbogram or segmentation offload: the frame's own length is all there is.
    if payload_len > 0 {
        cursor.narrow(payload_len, PAYLOAD_LEN.key);
    }
    if !cursor.quoted {
        cursor.packet.ip = cursor.last_index();
    }
    Next::IpProtocol(next)
}

/// An extension header: Hop-by-Hop Options (0), Routing (43), Fragment (44) or Destination Options (60).
pub(super) fn walk_extension(cursor: &mut Cursor<'_>, number: u8) -> Next {
    if number == 44 {
        return walk_fragment(cursor);
    }
    let protocol = match number {
        0 => Protocol::HopByHop,
        43 => Protocol::Routing,
        _ => Protocol::DestinationOptions,
    };
    let header = match Ipv6RawExtHeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => header,
        Err(error) => {
            return cursor.problem(protocol, error.required_len, "no room for the extension header".to_owned());
        }
    };
    let next = header.next_header().0;
    if !cursor.take(protocol, header.slice().len()) {
        return Next::Stop;
    }
    Next::IpProtocol(next)
}

fn walk_fragment(cursor: &mut Cursor<'_>) -> Next {
    let header = match Ipv6FragmentHeaderSlice::from_slice(cursor.rest_bytes()) {
        Ok(header) => header,
        Err(error) => {
            return cursor.problem(
                Protocol::Fragment,
                error.required_len,
                "no room for the fragment header".to_owned(),
            );
        }
    };
    let next = header.next_header().0;
    cursor.later_fragment |= header.fragment_offset().value() > 0;
    if !cursor.take(Protocol::Fragment, header.slice().len()) {
        return Next::Stop;
    }
    Next::IpProtocol(next)
}
