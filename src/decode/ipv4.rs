//! IPv4 (RFC 791).

use std::borrow::Cow;

use etherparse::Ipv4HeaderSlice;
use etherparse::err::ipv4::{HeaderError, HeaderSliceError};

use super::spec::named;
use super::walk::{Cursor, Next};
use super::{Protocol, Show, Spec};

pub(super) const HEADER_LEN: Spec =
    Spec::bits("ip.hdr_len", "Header length", 4, 4).in_units_of(4).meaning(|_| named("bytes"));
pub(super) const TOTAL_LEN: Spec = Spec::bytes("ip.len", "Total length", 2, 2);
pub(super) const FLAGS: Spec = Spec::bits("ip.flags", "Flags", 48, 3).shown(Show::Hex).with(&[
    Spec::flag("ip.flags.rb", "Reserved", 48),
    Spec::flag("ip.flags.df", "Don't fragment", 49),
    Spec::flag("ip.flags.mf", "More fragments", 50),
]);
pub(super) const FRAGMENT_OFFSET: Spec = Spec::bits("ip.frag_offset", "Fragment offset", 51, 13).in_units_of(8);
pub(super) const TTL: Spec = Spec::bytes("ip.ttl", "Time to live", 8, 1);
pub(super) const PROTOCOL: Spec = Spec::bytes("ip.proto", "Protocol", 9, 1).meaning(protocol_name);
pub(super) const SOURCE: Spec = Spec::bytes("ip.src", "Source", 12, 4).shown(Show::Ipv4);
pub(super) const DESTINATION: Spec = Spec::bytes("ip.dst", "Destination", 16, 4).shown(Show::Ipv4);

pub(super) const FIELDS: &[Spec] = &[
    Spec::bits("ip.version", "Version", 0, 4),
    HEADER_LEN,
    Spec::bytes("ip.dsfield", "Differentiated services", 1, 1).shown(Show::Hex).with(&[
        Spec::bits("ip.dsfield.dscp", "DSCP", 8, 6).meaning(dscp_name),
        Spec::bits("ip.dsfield.ecn", "ECN", 14, 2).meaning(ecn_name),
    ]),
    TOTAL_LEN,
    Spec::bytes("ip.id", "Identification", 4, 2).shown(Show::Hex),
    FLAGS,
    FRAGMENT_OFFSET,
    TTL,
    PROTOCOL,
    Spec::bytes("ip.checksum", "Header checksum", 10, 2).shown(Show::Hex),
    SOURCE,
    DESTINATION,
];

pub(super) fn walk(cursor: &mut Cursor<'_>) -> Next {
    let bytes = cursor.rest_bytes();
    let header = match Ipv4HeaderSlice::from_slice(bytes) {
        Ok(header) => header,
        Err(HeaderSliceError::Len(error)) => {
            return cursor.problem(Protocol::Ipv4, error.required_len, "no room for the IPv4 header".to_owned());
        }
        Err(HeaderSliceError::Content(error)) => {
            let cause = match error {
                HeaderError::UnexpectedVersion { version_number } => {
                    format!("the version field says {version_number}, not 4")
                }
                HeaderError::HeaderLengthSmallerThanHeader { ihl } => {
                    format!("the header length is {ihl} words, less than the 5 an IPv4 header has")
                }
            };
            return cursor.problem(Protocol::Ipv4, 0, cause);
        }
    };
    let header_len = header.slice().len();
    let total_len = header.total_len() as usize;
    // A total length of 0 is segmentation offload: the frame's own length is all there is (as for one below the header's).
    if total_len >= header_len {
        cursor.narrow(total_len, TOTAL_LEN.key);
    }
    let protocol = header.protocol().0;
    cursor.later_fragment |= header.fragments_offset().value() > 0;
    if !cursor.take(Protocol::Ipv4, header_len) {
        return Next::Stop;
    }
    if !cursor.quoted {
        cursor.packet.ip = cursor.last_index();
    }
    Next::IpProtocol(protocol)
}

/// The keyword of an IP protocol number (IANA "Assigned Internet Protocol Numbers").
pub(super) fn protocol_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "HOPOPT",
        1 => "ICMP",
        2 => "IGMP",
        4 => "IPv4",
        6 => "TCP",
        17 => "UDP",
        41 => "IPv6",
        43 => "IPv6-Route",
        44 => "IPv6-Frag",
        47 => "GRE",
        50 => "ESP",
        51 => "AH",
        58 => "IPv6-ICMP",
        59 => "IPv6-NoNxt",
        60 => "IPv6-Opts",
        88 => "EIGRP",
        89 => "OSPF",
        132 => "SCTP",
        _ => return None,
    })
}

/// The name of a differentiated services code point (RFC 2474, 2597, 3246).
pub(super) fn dscp_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "CS0",
        8 => "CS1",
        10 => "AF11",
        12 => "AF12",
        14 => "AF13",
        16 => "CS2",
        18 => "AF21",
        20 => "AF22",
        22 => "AF23",
        24 => "CS3",
        26 => "AF31",
        28 => "AF32",
        30 => "AF33",
        32 => "CS4",
        34 => "AF41",
        36 => "AF42",
        38 => "AF43",
        40 => "CS5",
        46 => "EF",
        48 => "CS6",
        56 => "CS7",
        _ => return None,
    })
}

/// The name of an explicit congestion notification code point (RFC 3168 §5).
pub(super) fn ecn_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        0 => "not ECN-capable",
        1 => "ECT(1)",
        2 => "ECT(0)",
        _ => "congestion experienced",
    })
}
