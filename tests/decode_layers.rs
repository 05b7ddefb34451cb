//! Which headers are found, on packets that stand for their kind, and what stops decoding.

use crate::support;

use layerscope::decode::{Checksum, Protocol, Unknowable, checksum, dissect, headers};
use layerscope::model::{Fault, Field, Frame, LinkType, OwnedFrame, Value};
use layerscope::words::Spelling;
use support::packets::{ethernet, ipv4, ipv6, on, raw, tcp, udp};
use support::{frames, ours, there};

/// File, packet, its headers in order; those of a quoted packet are marked.
const FOUND: &[(&str, u64, &str)] = &[
    ("derived/loop-108-be-header.pcap", 3, "Loopback/IPv4/TCP"),
    ("derived/null-be-header-freebsd-af28.pcap", 17, "Loopback/IPv6/ICMPv6"),
    ("derived/null-le-header-macos-af30.pcap", 17, "Loopback/IPv6/ICMPv6"),
    ("derived/ipv4-228.pcap", 4, "IPv4/TCP/Payload"),
    ("derived/ipv6-229.pcap", 8, "IPv6/TCP/Payload"),
    ("derived/mixed-links-en10mb-sll-sll2.pcapng", 22, "Linux cooked v1/IPv4/TCP/Payload"),
    ("derived/mixed-links-en10mb-sll-sll2.pcapng", 36, "Linux cooked v2/IPv6/TCP"),
    ("links/pcapplusplus__Sll2PacketLLC.pcap", 1, "Linux cooked v2/LLC/Link payload"),
    ("tcpdump-tests/lspping-fec-ldp.pcap", 3, "PPP/IPv4/UDP/Payload"),
    ("tcpdump-tests/cve2015-0261-ipv6.pcap", 1, "SLIP/IPv6/Data"),
    ("tcp/pcapplusplus__one_http_stream_rst.pcap", 1, "Ethernet II/802.1Q/802.1Q/PPPoE/PPP/IPv4/TCP"),
    ("ip/pcapplusplus__MplsPackets.pcap", 1, "Ethernet II/802.1Q/802.1Q/MPLS/IPv4/TCP/Payload"),
    ("derived/unknown-linktype-250.pcap", 1, "Link bytes"),
    ("derived/eth-padding-60.pcap", 3, "Ethernet II/ARP/Trailer"),
    ("derived/fcs-linktype-high-bits.pcap", 8, "Ethernet II/IPv4/TCP/Payload/Trailer"),
    ("ip/pcapplusplus__EthDot3_2.pcap", 1, "802.3/LLC/Link payload"),
    ("links/pcap4j__SnapPacketTest.pcap", 1, "802.3/LLC/SNAP/Link payload/Trailer"),
    ("ip/pcapplusplus__VlanPackets.pcap", 21, "Ethernet II/802.1Q/LLC/SNAP/Link payload"),
    ("derived/vlan-triple.pcap", 8, "Ethernet II/802.1ad/802.1Q/802.1Q/IPv4/TCP/Payload"),
    ("generated/fragments-icmp.client.pcap", 5, "Ethernet II/IPv4/ICMP/*IPv4/*UDP/*Payload"),
    ("generated/fragments-icmp.client.pcap", 6, "Ethernet II/IPv6/IPv6 Fragment/UDP/Payload"),
    ("generated/fragments-icmp.client.pcap", 7, "Ethernet II/IPv6/IPv6 Fragment/Data"),
    // An extension structure follows the packet that is quoted.
    ("ip/chrissanders__icmp_traceroute.pcapng", 26, "Ethernet II/IPv4/ICMP/*IPv4/*ICMP/*Data/Data"),
    ("ip/pcapplusplus__ipv6_options.pcap", 3, "Ethernet II/IPv6/IPv6 Routing/UDP"),
    ("ip/pcapplusplus__ipv6_options.pcap", 4, "Ethernet II/IPv6/AH/OSPF/Data"),
    ("ip/pcapplusplus__ipv6_options.pcap", 6, "Ethernet II/IPv6/IPv6 Destination Options/UDP/Payload"),
    ("ip/suricata__bug-5633-gre-02.gre-sample.pcap", 14, "Ethernet II/IPv4/GRE/IPv4/TCP/Payload"),
    ("ip/pcapplusplus__GrePackets.pcap", 4, "Ethernet II/IPv4/GRE/IPv4/ICMP/Data"),
    ("ip/pcapplusplus__GrePackets.cap", 26, "Ethernet II/IPv4/GRE/PPP/IPv4/ICMP/Data"),
    ("ip/pcapplusplus__IPv4-encapsulated-IPv6.pcap", 1, "Ethernet II/IPv4/IPv6/TCP/Payload"),
    ("libpcap-tests/AH-IPcomp-IPv4.pcap", 1, "Ethernet II/IPv4/AH/IPv4/TCP"),
    ("tcpdump-tests/02-sunrise-sunset-esp.pcap", 1, "Ethernet II/IPv4/ESP/Data"),
    ("tcpdump-tests/EIGRP_adjacency.pcap", 1, "Ethernet II/IPv4/EIGRP/Data"),
    ("mixed/spindump__trace_sctp_two_addr.pcap", 1, "Linux cooked v1/IPv4/SCTP/Payload"),
    ("ip/pcapplusplus__IgmpPackets.pcap", 2, "Ethernet II/IPv4/IGMP"),
];

/// One packet of our own captures.
fn packet(file: &str, number: u64) -> OwnedFrame {
    frames(&ours(file)).swap_remove(number as usize - 1)
}

#[test]
fn the_headers_of_each_kind_of_packet_are_found() {
    for (file, number, expected) in FOUND {
        let Some(path) = there(file) else { continue };
        let frame = frames(&path).swap_remove(*number as usize - 1);
        assert_eq!(names(&frame.as_frame()), *expected, "{file} #{number}");
    }
}

/// The headers of a packet that was read to its end, in order.
fn names(frame: &Frame<'_>) -> String {
    let found = headers(frame);
    let stopped = found.problem.filter(|problem| !matches!(problem.fault, Fault::LengthTooLarge { .. }));
    assert_eq!(stopped, None, "{:02x?}", frame.bytes);
    let mark = |quoted| if quoted { "*" } else { "" };
    let names = found.spans.iter().map(|span| format!("{}{}", mark(span.quoted), span.protocol.name()));
    names.collect::<Vec<_>>().join("/")
}

#[test]
fn the_headers_below_ip_are_found_on_every_link() {
    let (bare, data) = (ipv4(6, &tcp(1, 2, &[], b"")), ipv4(17, &udp(9, 9, b"data")));
    let vlans = [0x81, 0, 0, 100, 0x81, 0, 0, 200];
    let session = [0x11, 0, 0, 7, 0, 2 + bare.len() as u8, 0, 0x21];
    let snap = [0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0x04, 1, 2, 3, 4];
    let cooked = [0, 4, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
    let slip = [&[0, 0x70][..], &[0; 14], &ipv6(253, b"data")].concat();
    let vlan = |carried: &[u8]| ethernet(0x8100, &[&vlans[2..], carried].concat());
    for (link, bytes, expected) in [
        (LinkType::LINUX_SLL2, [&cooked[..], b"\x42\x42\x03data"].concat(), "Linux cooked v2/LLC/Link payload"),
        (LinkType::PPP, [&[0xff, 3, 0, 0x21][..], &data].concat(), "PPP/IPv4/UDP/Payload"),
        (LinkType::SLIP, slip, "SLIP/IPv6/Data"),
        (
            LinkType::ETHERNET,
            vlan(&[&[0x88, 0x64][..], &session, &bare].concat()),
            "Ethernet II/802.1Q/802.1Q/PPPoE/PPP/IPv4/TCP",
        ),
        (
            LinkType::ETHERNET,
            vlan(&[&[0x88, 0x47, 0, 0x01, 0x01, 64][..], &data].concat()),
            "Ethernet II/802.1Q/802.1Q/MPLS/IPv4/UDP/Payload",
        ),
        (LinkType::ETHERNET, ethernet(7, b"\x42\x42\x03data"), "802.3/LLC/Link payload"),
        (LinkType::ETHERNET, ethernet(12, &[&snap[..], &[0; 40]].concat()), "802.3/LLC/SNAP/Link payload/Trailer"),
        (
            LinkType::ETHERNET,
            ethernet(0x8100, &[&[0, 1, 0, 12][..], &snap].concat()),
            "Ethernet II/802.1Q/LLC/SNAP/Link payload",
        ),
    ] {
        assert_eq!(names(&on(link, &bytes)), expected);
    }
}

#[test]
fn the_headers_between_and_above_ip_are_found() {
    let (empty, segment) = (tcp(1, 2, &[], b""), tcp(1, 2, &[], b"data"));
    let echo = ipv4(1, b"\x08\0\0\0\0\x01\0\x01data");
    let authentication = |next: u8| [&[next, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1][..], &[0; 12]].concat();
    let ospf = [&[3, 5, 0, 20][..], &[0; 16]].concat();
    // An ICMP error with extensions quotes as many bytes as whole words are counted (RFC 4884 §4).
    let mut quoted = echo.clone();
    quoted.resize(128, 0);
    let error = [&[11, 0, 0, 0, 0, 32, 0, 0][..], &quoted, &[0x20, 0, 0, 0, 0, 8, 1, 1, 0, 1, 1, 64]].concat();
    quoted[2..4].copy_from_slice(&128_u16.to_be_bytes());
    for (bytes, expected) in [
        (ipv4(1, &error), "IPv4/ICMP/*IPv4/*ICMP/*Data/Data"),
        (ipv6(43, &[&[17, 2, 4, 0, 0, 0, 0, 0][..], &[0xfd; 16], &udp(9, 9, b"")].concat()), "IPv6/IPv6 Routing/UDP"),
        (ipv6(51, &[authentication(89), ospf].concat()), "IPv6/AH/OSPF/Data"),
        (
            ipv6(60, &[&[17, 0, 1, 4, 0, 0, 0, 0][..], &udp(9, 9, b"data")].concat()),
            "IPv6/IPv6 Destination Options/UDP/Payload",
        ),
        (ipv4(47, &[&[0, 0, 8, 0][..], &ipv4(6, &segment)].concat()), "IPv4/GRE/IPv4/TCP/Payload"),
        (ipv4(47, &[&[0, 0, 8, 0][..], &echo].concat()), "IPv4/GRE/IPv4/ICMP/Data"),
        (
            ipv4(47, &[&[0x30, 1, 0x88, 0x0b, 0, 36, 0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21][..], &echo].concat()),
            "IPv4/GRE/PPP/IPv4/ICMP/Data",
        ),
        (ipv4(41, &ipv6(6, &segment)), "IPv4/IPv6/TCP/Payload"),
        (ipv4(51, &[authentication(4), ipv4(6, &empty)].concat()), "IPv4/AH/IPv4/TCP"),
        (ipv4(50, b"\0\0\x01\0\0\0\0\x01encrypted"), "IPv4/ESP/Data"),
        (ipv4(88, &[&[2, 5][..], &[0; 18], b"data"].concat()), "IPv4/EIGRP/Data"),
        (ipv4(132, &[&[0, 9, 0, 9][..], &[0; 8], b"data"].concat()), "IPv4/SCTP/Payload"),
        (ipv4(2, &[0x16, 0, 0, 0, 224, 0, 0, 9]), "IPv4/IGMP"),
    ] {
        assert_eq!(names(&raw(&bytes)), expected);
    }
}

#[test]
fn the_sources_of_a_long_igmp_query_are_all_read() {
    // 4000 sources: the last of them begins beyond byte 16000 of the message.
    let mut bytes = vec![0x45, 0, 0x3e, 0xa0, 0, 0, 0, 0, 1, 2, 0, 0, 10, 0, 0, 1, 224, 0, 0, 1];
    bytes.extend([0x11, 100, 0, 0, 224, 0, 0, 9, 2, 125, 0x0f, 0xa0]);
    bytes.extend((0..4000_u32).flat_map(|source| (0x0a00_0000 + source).to_be_bytes()));
    let wire_len = bytes.len() as u32;
    bytes[2..4].copy_from_slice(&(wire_len as u16).to_be_bytes());
    let frame =
        Frame { number: 1, time: None, interface: 0, link: LinkType::RAW, wire_len, bytes: &bytes, comments: &[] };
    let dissection = dissect(&frame);
    let sources: Vec<&Field> = dissection.fields().filter(|field| field.key == "igmp.saddr").collect();
    assert_eq!(sources.len(), 4000);
    assert_eq!(sources[3999].value, Value::Ipv4([10, 0, 15, 159].into()));
    assert_eq!(sources[3999].range, Some(bytes.len() - 4..bytes.len()));
}

#[test]
fn a_fragment_says_which_part_it_is() {
    let part = |file, number| {
        let frame = packet(file, number);
        headers(&frame.as_frame()).fragment().map(|fragment| Spelling::default().fragment(&fragment).to_string())
    };
    let file = "generated/fragments-icmp.client.pcap";
    let said = [
        (1, Some("first fragment 0..1480 of UDP")),
        (3, Some("fragment 2960..4440 of UDP")),
        (4, Some("last fragment 4440..5128 of UDP")),
        // It quotes a fragment.
        (5, None),
        (6, Some("first fragment 0..1448 of UDP")),
        (7, Some("fragment 1448..2896 of UDP")),
        (9, Some("last fragment 4344..5128 of UDP")),
    ];
    for (number, words) in said {
        assert_eq!(part(file, number).as_deref(), words, "#{number}");
    }
    let frame = packet(file, 1);
    let length = dissect(&frame.as_frame()).field("udp.length").expect("a length").clone();
    assert_eq!(
        (length.value, length.meaning.as_deref()),
        (Value::Decimal(5128), Some("1480 of them in this fragment"))
    );
    assert_eq!(part("generated/basic-v4.client.pcap", 8), None);
}

#[test]
fn a_fragment_whose_lengths_lie_has_no_bytes_rather_than_many() {
    let mut bytes = SEGMENT;
    // More fragments at the largest offset, a total length of the header alone.
    bytes[2..8].copy_from_slice(&[0, 20, 0, 1, 0x3f, 0xff]);
    let frame =
        Frame { number: 1, time: None, interface: 0, link: LinkType::RAW, wire_len: 55, bytes: &bytes, comments: &[] };
    let fragment = headers(&frame).fragment().expect("a fragment");
    assert_eq!((fragment.bytes, fragment.more), (65528..65528, true));
}

/// 10.0.0.1:40000 → 10.0.0.2:80 with one NOP-padded timestamps option and 3 bytes of payload, as a raw IPv4 frame.
const SEGMENT: [u8; 55] = [
    0x45, 0, 0, 55, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2,
    0x80, 0x18, 1, 0, 0, 0, 0, 0, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, b'a', b'b', b'c',
];

fn frame(bytes: &[u8]) -> Frame<'_> {
    let wire_len = SEGMENT.len() as u32;
    Frame { number: 1, time: None, interface: 0, link: LinkType::RAW, wire_len, bytes, comments: &[] }
}

/// `SEGMENT` with some bytes overwritten.
fn changed(at: usize, with: &[u8]) -> [u8; 55] {
    let mut bytes = SEGMENT;
    bytes[at..at + with.len()].copy_from_slice(with);
    bytes
}

#[test]
fn a_capture_that_cuts_the_options_keeps_the_segment() {
    let packet = headers(&frame(&SEGMENT[..45]));
    let (_, source, _) = packet.endpoints().expect("the ports are there");
    assert_eq!((source.port, packet.payload_len(), packet.payload()), (40000, 3, &[][..]));
    assert_eq!(packet.tcp().expect("the fixed header is there").seq().0, 1);
    let problem = packet.problem.expect("the options are not");
    assert_eq!(
        Spelling::default().problem(&problem).to_string(),
        "TCP at byte 20: no room for the TCP header (needs 32 bytes, has 25, cut by the capture)"
    );
}

#[test]
fn a_header_cut_in_its_fixed_part_is_shown_but_not_followed() {
    let cut = frame(&SEGMENT[..30]);
    assert_eq!(headers(&cut).endpoints(), None);
    assert_eq!(dissect(&cut).field("tcp.srcport").map(|field| field.value.clone()), Some(Value::Decimal(40000)));
}

#[test]
fn offload_leaves_the_length_to_the_frame() {
    let bytes = changed(2, &[0, 0]);
    let packet = headers(&frame(&bytes));
    assert_eq!((packet.payload(), packet.payload_len()), (&b"abc"[..], 3));
    assert_eq!(packet.problem, None);
}

#[test]
fn a_header_that_contradicts_itself_is_shown_with_the_reason() {
    let cases: [(usize, &[u8], &str); 2] = [
        (3, &[19], "IPv4 at byte 0: the total length is 19, less than the 20 bytes of the header itself"),
        (32, &[0x40], "TCP at byte 20: the data offset is 4, less than the 5 words a TCP header has"),
    ];
    for (at, with, expected) in cases {
        let bytes = changed(at, with);
        let packet = headers(&frame(&bytes));
        let problem = packet.problem.as_ref().expect("a problem");
        assert_eq!(Spelling::default().problem(problem).to_string(), expected);
        assert_eq!(packet.endpoints(), None);
        assert_eq!(dissect(&frame(&bytes)).layers.last().map(|layer| layer.fields.is_empty()), Some(false));
    }
}

#[test]
fn a_length_that_ends_the_packet_early_leaves_a_trailer() {
    let bytes = changed(3, &[53]);
    let packet = headers(&frame(&bytes));
    let trailer = packet.span(Protocol::Trailer).expect("two bytes behind the packet");
    assert_eq!((packet.payload(), packet.slice(trailer)), (&b"a"[..], &b"bc"[..]));
}

#[test]
fn nested_headers_without_end_are_a_problem() {
    let mut bytes = Vec::new();
    for _ in 0..30 {
        bytes.extend([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 4, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    }
    let packet = headers(&frame(&bytes));
    assert_eq!(packet.problem.expect("a problem").fault, Fault::TooManyHeaders { around: 24 });
}

#[test]
fn the_checksum_is_judged_beside_its_field() {
    let dissection = dissect(&frame(&SEGMENT));
    let field = |key| dissection.field(key).expect(key);
    let meaning = |field: &Field| field.meaning.clone().expect("a meaning").into_owned();
    assert!(meaning(field("tcp.checksum")).starts_with("bad, expected 0x"));
    assert_eq!(field("tcp.checksum.status").value, Value::Decimal(0));
    assert_eq!(meaning(field("ip.checksum")), "not filled in (offload)");
    let cut = frame(&SEGMENT[..50]);
    let packet = headers(&cut);
    let tcp = packet.span(Protocol::Tcp).expect("a segment");
    assert_eq!(checksum(&packet, tcp), Some(Checksum::NotCheckable(Unknowable::Cut)));
}
