//! Headers made for the question: what is whole in a header that is cut is shown, lists have as many entries as they say,
//! and nesting ends.

use layerscope::analyse::{Limits, Tracker};
use layerscope::decode::{Dissection, LayerFields, Protocol, dissect, headers};
use layerscope::model::{Fault, Field, Frame, LinkType, Problem, Value};
use layerscope::render::{Column, CsvRows, JsonRows, Known, PacketWriter, Row, Style, View};
use layerscope::words::{Language, Spelling};
use serde_json::json;

use crate::support::packets::{address6, cut, ipv4, ipv6, raw, tcp, udp};

/// The values of a key in the order of the packet.
fn values(dissection: &Dissection, key: &str) -> Vec<Value> {
    dissection.fields().filter(|field| field.key == key).map(|field| field.value.clone()).collect()
}

const STYLE: Style = Style { color: false, ascii: true, width: 200, language: Language::En };

/// The packet as a line of JSON.
fn as_json(frame: &Frame<'_>) -> serde_json::Value {
    let view = View { style: STYLE, absolute: false, read_text: &|_: &[u8]| String::new() };
    let text = written(&mut JsonRows::new(view, false), frame);
    serde_json::from_str(&text).unwrap()
}

fn written(writer: &mut dyn PacketWriter, frame: &Frame<'_>) -> String {
    let packet = headers(frame);
    let seen = Tracker::new(Limits::default()).observe(frame, &packet);
    let row = Row { frame: *frame, packet: &packet, seen, origin: None, previous: None, known: Known::default() };
    let mut out = Vec::new();
    writer.begin(&mut out).unwrap();
    writer.write(&row, &mut out).unwrap();
    writer.finish(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn options_beyond_the_frame_leave_the_ports() {
    for offset in [0x60, 0xf0] {
        let mut bytes = ipv4(6, &tcp(40000, 80, &[], b""));
        bytes[32] = offset;
        let packet = headers(&raw(&bytes));
        let (_, source, destination) = packet.endpoints().expect("the ports are there");
        assert_eq!((source.port, destination.port), (40000, 80), "data offset {offset:#x}");
        assert_eq!(packet.payload_len(), 0);
        let problem = told(packet.problem.as_deref().expect("the options are not there"));
        let needed = usize::from(offset >> 4) * 4;
        assert!(problem.contains(&format!("no room for the TCP header (needs {needed} bytes, has 20")), "{problem}");
    }
}

#[test]
fn ip_options_beyond_the_frame_leave_the_addresses() {
    let mut bytes = ipv4(6, b"");
    bytes[0] = 0x4f;
    let packet = headers(&raw(&bytes));
    assert_eq!(packet.ip().and_then(|ip| ip.source()), Some([10, 0, 0, 1].into()));
    assert_eq!(packet.problem.expect("a problem").needed, 60);
}

#[test]
fn ports_that_are_there_are_shown_though_nobody_can_follow_them() {
    let mut contradicts = ipv4(6, &tcp(40000, 80, &[], b""));
    contradicts[32] = 0x40;
    let mut short = ipv4(17, &udp(40000, 53, b"abc"));
    short[25] = 7;
    let segment = ipv4(6, &tcp(40000, 80, &[], b""));
    let datagram = ipv4(17, &udp(40000, 53, b"abc"));
    let frames = [raw(&contradicts), raw(&short), cut(&segment, 24), cut(&segment, 39), cut(&datagram, 27)];
    for frame in frames {
        let packet = headers(&frame);
        assert_eq!(packet.endpoints(), None, "not followed");
        assert!(packet.problem.is_some());
        assert_eq!(packet.ends().map(|(_, source, _)| source.port), Some(40000));
        let view = View { style: STYLE, absolute: false, read_text: &|_: &[u8]| String::new() };
        let row = written(&mut CsvRows::new(vec![Column::Ports], view), &frame);
        assert!(row.contains("40000"), "{row}");
    }
    let before_the_ports = cut(&segment, 23);
    assert_eq!(headers(&before_the_ports).ends(), None);
}

#[test]
fn a_udp_length_below_its_header_is_a_problem() {
    for length in 0..8 {
        let mut bytes = ipv4(17, &udp(40000, 9, b"hello"));
        bytes[25] = length;
        let problem = headers(&raw(&bytes)).problem.expect("it says so");
        assert_eq!(problem.fault, Fault::LengthTooSmall { field: "udp.length", stated: length.into(), header: 8 });
        let expected = format!("the length field says {length}, less than the 8 bytes of the header itself");
        assert!(told(&problem).ends_with(&expected));
    }
    // A jumbogram and a datagram left to the network card have no length at all: the IP header's is 0 too.
    let mut bytes = ipv4(17, &udp(40000, 9, b"hello"));
    bytes[2..4].fill(0);
    bytes[25] = 0;
    let packet = headers(&raw(&bytes));
    assert_eq!((packet.problem.is_none(), packet.payload()), (true, &b"hello"[..]));
    let mut bytes = ipv6(17, &udp(40000, 9, b"hello"));
    bytes[45] = 0;
    assert!(headers(&raw(&bytes)).problem.is_some());
}

#[test]
fn icmp_questions_and_answers_have_identifier_and_sequence() {
    for kind in [0, 8, 13, 14, 15, 16, 17, 18, 42, 43] {
        let message = [&[kind, 0, 0, 0, 1, 2, 3, 4][..], &[0; 12]].concat();
        let bytes = ipv4(1, &message);
        let dissection = dissect(&raw(&bytes));
        assert_eq!(values(&dissection, "icmp.ident"), [Value::Decimal(0x0102)], "type {kind}");
        let (key, expected) = if kind > 40 { ("icmp.ext.echo.seq", 3) } else { ("icmp.seq", 0x0304) };
        assert_eq!(values(&dissection, key), [Value::Decimal(expected)], "type {kind}");
    }
    for kind in [128, 129, 160, 161] {
        let bytes = ipv6(58, &[kind, 0, 0, 0, 1, 2, 3, 4]);
        assert_eq!(values(&dissect(&raw(&bytes)), "icmpv6.echo.identifier"), [Value::Hex(0x0102, 16)], "type {kind}");
    }
}

#[test]
fn a_list_has_as_many_sources_as_it_says() {
    let query =
        |count: u8| [&[0x11, 100, 0, 0, 224, 0, 0, 9, 2, 125, 0, count][..], &[10, 0, 0, 7, 10, 0, 0, 8]].concat();
    for (count, listed) in [(0, 0), (1, 1), (2, 2)] {
        let bytes = ipv4(2, &query(count));
        let dissection = dissect(&raw(&bytes));
        assert_eq!(values(&dissection, "igmp.saddr").len(), listed, "of {count}");
        assert_eq!(values(&dissection, "igmp.data").len(), usize::from(listed < 2), "the rest is data");
        assert_eq!(headers(&raw(&bytes)).problem, None);
    }
    let bytes = ipv4(2, &query(3));
    let problem = headers(&raw(&bytes)).problem.expect("the third is not there");
    assert_eq!((problem.needed, problem.available), (24, 20));
    // A record without sources, one with one and auxiliary data, and none of the third.
    let report = [
        &[0x22, 0, 0, 0, 0, 0, 0, 3][..],
        &[4, 0, 0, 0, 224, 0, 0, 9],
        &[1, 1, 0, 1, 224, 0, 0, 10, 10, 0, 0, 7, 1, 2, 3, 4],
    ];
    let bytes = ipv4(2, &report.concat());
    let dissection = dissect(&raw(&bytes));
    assert_eq!(values(&dissection, "igmp.maddr").len(), 2);
    assert_eq!(values(&dissection, "igmp.saddr").len(), 1);
    assert_eq!(values(&dissection, "igmp.aux_data").len(), 1);
    assert_eq!(dissection.problems[0].needed, 40);
}

#[test]
fn a_response_code_of_version_3_is_the_time_it_stands_for() {
    let time = |code| {
        let bytes = ipv4(2, &[0x11, code, 0, 0, 0, 0, 0, 0, 2, 125, 0, 0]);
        values(&dissect(&raw(&bytes)), "igmp.max_resp")
    };
    assert_eq!(time(127), [Value::Decimal(127)]);
    assert_eq!(time(128), [Value::Decimal(128)]);
    assert_eq!(time(0x8f), [Value::Decimal(31 << 3)]);
    assert_eq!(time(255), [Value::Decimal(31_744)]);
    // Version 2 has no such code.
    let bytes = ipv4(2, &[0x11, 255, 0, 0, 0, 0, 0, 0]);
    assert_eq!(values(&dissect(&raw(&bytes)), "igmp.max_resp"), [Value::Decimal(255)]);
}

/// A Hop-by-Hop header with a router alert and padding.
fn hop_by_hop(next: u8) -> Vec<u8> {
    vec![next, 0, 5, 2, 0, 0, 1, 0]
}

/// A routing header of type 0 with three addresses.
fn routing(next: u8) -> Vec<u8> {
    let addresses = [address6(0x2001, 1), address6(0x2001, 2), address6(0x2001, 3)].concat();
    [&[next, 6, 0, 1, 0, 0, 0, 0][..], &addresses].concat()
}

/// An MLDv2 report with two records, the second with two sources and auxiliary data.
fn listener_report() -> Vec<u8> {
    let group = |last| address6(0xff05, last);
    let second = [&[2, 1, 0, 2][..], &group(2), &address6(0x2001, 7), &address6(0x2001, 8), &[1, 2, 3, 4]].concat();
    [&[143, 0, 0, 0, 0, 0, 0, 2][..], &[4, 0, 0, 0], &group(1), &second].concat()
}

#[test]
fn what_repeats_in_a_header_stands_in_arrays() {
    let bytes = ipv6(43, &routing(59));
    let object = as_json(&raw(&bytes));
    assert_eq!(object["ipv6.routing"]["src.addr"], json!(["2001::1", "2001::2", "2001::3"]));

    let report = [
        &[0x22, 0, 0, 0, 0, 0, 0, 2][..],
        &[4, 0, 0, 0, 224, 0, 0, 9],
        &[1, 0, 0, 2, 224, 0, 0, 10, 10, 0, 0, 7, 10, 0, 0, 8],
    ];
    let bytes = ipv4(2, &report.concat());
    let records = json!([
        {"record_type": 4, "aux_data_len": 0, "num_src": 0, "maddr": "224.0.0.9"},
        {"record_type": 1, "aux_data_len": 0, "num_src": 2, "maddr": "224.0.0.10", "saddr": ["10.0.0.7", "10.0.0.8"]},
    ]);
    assert_eq!(as_json(&raw(&bytes))["igmp"]["record"], records);

    let bytes = ipv4(2, &[0x11, 100, 0, 0, 224, 0, 0, 9, 2, 125, 0, 1, 10, 0, 0, 7]);
    assert_eq!(as_json(&raw(&bytes))["igmp"]["saddr"], json!(["10.0.0.7"]), "a list of one is a list");

    let bytes = ipv6(58, &listener_report());
    let records = &as_json(&raw(&bytes))["icmpv6"]["mldr.mar"];
    assert_eq!(records[0]["multicast_address"], json!("ff05::1"));
    assert_eq!(records[1]["source_address"], json!(["2001::7", "2001::8"]));

    let options = &as_json(&raw(&ipv6(0, &hop_by_hop(59))))["ipv6.hopopts"]["opt"];
    assert_eq!((&options[0]["router_alert"], options.as_array().map(Vec::len)), (&json!(0), Some(2)));
}

#[test]
fn a_header_of_the_other_version_is_none_however_little_there_is() {
    for (protocol, version, other) in [(4, 6, 4), (41, 4, 6)] {
        for carried in [&[version << 4 | 5][..], &[version << 4 | 5; 19], &[version << 4 | 5; 48]] {
            let bytes = ipv4(protocol, carried);
            let frame = raw(&bytes);
            let packet = headers(&frame);
            let problem = told(packet.problem.as_deref().expect("it is not what the number says"));
            assert!(problem.contains(&format!("the version field says {version}, not {other}")), "{problem}");
            assert_eq!(values(&dissect(&frame), "ip.version").len(), 1, "only the outer header is one");
            assert!(values(&dissect(&frame), "ipv6.version").is_empty());
        }
    }
}

#[test]
fn a_checksum_over_addresses_that_change_on_the_way_is_not_judged() {
    for (kind, is_judged) in [(131, false), (137, false), (7, true), (148, true)] {
        // 3 bytes of its own, one address, and the end of the list.
        let options = [kind, 7, 4, 9, 9, 9, 9, 0];
        let mut bytes = ipv4(17, &[&options[..], &udp(1, 2, b"x")].concat());
        bytes[0] = 0x47;
        // Some checksum or other.
        bytes[20 + 8 + 6] = 1;
        let status = values(&dissect(&raw(&bytes)), "udp.checksum.status");
        assert_eq!(status, [Value::Decimal(if is_judged { 0 } else { 2 })], "option {kind}");
    }
}

#[test]
fn only_segments_datagrams_and_their_fragments_carry_something() {
    let whole = ipv4(17, &udp(40000, 7777, b"hello"));
    let first = {
        let mut bytes = whole.clone();
        bytes[6] = 0x20;
        bytes
    };
    let mut later = ipv4(17, b"the rest");
    later[7] = 1;
    let echo = ipv4(1, &[8, 0, 0, 0, 0, 1, 0, 2, b'p', b'i', b'n', b'g']);
    for (bytes, carried) in [(&whole, &b"hello"[..]), (&first, b"hello"), (&later, b"the rest"), (&echo, b"")] {
        assert_eq!(headers(&raw(bytes)).carried(), carried, "{bytes:x?}");
    }
}

#[test]
fn a_path_mtu_option_is_read_however_long_it_is() {
    let with = |data: &[u8]| {
        let option = [&[59, 1, 0x30, data.len() as u8][..], data].concat();
        let padding = vec![0; 16 - option.len()];
        ipv6(0, &[option, padding].concat())
    };
    let [bytes, longer, cut] =
        [&[0x05, 0xdc, 0x05, 0x15][..], &[0x05, 0xdc, 0x05, 0x14, 1, 2], &[0x05, 0xdc, 5]].map(with);
    let (dissection, longer, cut) = (dissect(&raw(&bytes)), dissect(&raw(&longer)), dissect(&raw(&cut)));
    for dissection in [&dissection, &longer, &cut] {
        assert_eq!(values(dissection, "ipv6.opt.pmtu.min"), [Value::Decimal(1500)]);
    }
    assert_eq!(values(&dissection, "ipv6.opt.pmtu.rtn"), [Value::Decimal(1300)], "its lowest bit is the flag");
    assert_eq!(values(&dissection, "ipv6.opt.pmtu.r_flag"), [Value::Flag(true)]);
    assert_eq!(values(&longer, "ipv6.opt.pmtu.r_flag"), [Value::Flag(false)]);
    assert_eq!(values(&longer, "ipv6.opt_unknown_data").len(), 1);
    assert!(values(&cut, "ipv6.opt.pmtu.rtn").is_empty());
}

#[test]
fn an_object_has_each_name_once() {
    // An option's own length and its prefix's would both be `length`.
    let bytes = ipv6(58, &router_advertisement());
    let options = &as_json(&raw(&bytes))["icmpv6"]["opt"];
    assert_eq!((&options[0]["length"], &options[0]["prefix.length"]), (&json!(4), &json!(64)));
    assert_eq!(options[1]["rdnss"], json!(["2001::1", "2001::2"]));
}

/// A router advertisement with a prefix and two name servers.
fn router_advertisement() -> Vec<u8> {
    let prefix = [&[3, 4, 64, 0xc0][..], &[0; 12], &address6(0x2001, 0)].concat();
    let servers = [&[25, 5, 0, 0, 0, 0, 0, 9][..], &address6(0x2001, 1), &address6(0x2001, 2)].concat();
    [&[134, 0, 0, 0, 64, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0][..], &prefix, &servers].concat()
}

/// Packets of many kinds, by name.
fn specimens() -> Vec<(&'static str, Vec<u8>)> {
    let sack = [1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4];
    let timestamps = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7];
    let mut routed = ipv4(17, &[&[7, 11, 8, 1, 2, 3, 4, 0, 0, 0, 0, 0][..], &udp(1, 2, b"x")].concat());
    routed[0] = 0x48;
    let key = [0x30, 0, 0x08, 0, 0, 0, 0, 9, 0, 0, 0, 1];
    let authentication = [17, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9];
    let report = [0x22, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 2, 224, 0, 0, 10, 10, 0, 0, 7, 10, 0, 0, 8, 1, 2, 3, 4];
    let neighbor = [&[135, 0, 0, 0, 0, 0, 0, 0][..], &address6(0xfe80, 2), &[1, 1, 2, 0, 0, 0, 0, 1]].concat();
    let quoted = ipv4(17, &udp(9, 9, b"quoted"));
    vec![
        ("TCP with SACK", ipv4(6, &tcp(40000, 80, &sack, b"hello"))),
        ("TCP with timestamps", ipv6(6, &tcp(40000, 80, &timestamps, b"hello"))),
        ("UDP", ipv4(17, &udp(40000, 7777, b"hello"))),
        ("IPv4 with a recorded route", routed),
        ("ICMP timestamps", ipv4(1, &[13, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5])),
        ("ICMP information", ipv4(1, &[16, 0, 0, 0, 0, 1, 0, 2])),
        ("ICMP error", ipv4(1, &[&[3, 3, 0, 0, 0, 0, 0, 0][..], &quoted].concat())),
        ("IGMP query", ipv4(2, &[0x11, 100, 0, 0, 224, 0, 0, 9, 2, 125, 0, 1, 10, 0, 0, 7])),
        ("IGMP report", ipv4(2, &report)),
        ("MLD report", ipv6(58, &listener_report())),
        ("router advertisement", ipv6(58, &router_advertisement())),
        ("neighbor solicitation", ipv6(58, &neighbor)),
        ("hop-by-hop options", ipv6(0, &[hop_by_hop(17), udp(1, 2, b"x")].concat())),
        ("routing header", ipv6(43, &[routing(17), udp(1, 2, b"x")].concat())),
        ("fragment header", ipv6(44, &[17, 0, 0, 1, 0, 0, 0, 9, 0, 1, 0, 2, 0, 9, 0, 0])),
        ("GRE with key and sequence", ipv4(47, &[&key[..], &ipv4(1, &[8, 0, 0, 0, 0, 1, 0, 2])].concat())),
        ("authentication header", ipv4(51, &[&authentication[..], &udp(1, 2, b"x")].concat())),
        ("OSPF", ipv4(89, &[2, 1, 0, 24, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])),
        ("SCTP", ipv4(132, &[0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4])),
    ]
}

/// Fields without parts, that were read rather than worked out.
fn leaves(dissection: &Dissection) -> impl Iterator<Item = &Field> {
    let layers = dissection.layers.iter().filter(|layer| layer.protocol != Protocol::Payload);
    let fields = layers.flat_map(LayerFields::all_fields);
    fields.filter(|field| field.children.is_empty() && field.range.is_some() && field.value != Value::Group)
}

#[test]
fn a_header_cut_anywhere_keeps_what_is_whole() {
    for (name, bytes) in specimens() {
        let whole = dissect(&raw(&bytes));
        assert_eq!(whole.problems, [], "{name}");
        for kept in 0..bytes.len() {
            let frame = cut(&bytes, kept);
            let shown = dissect(&frame);
            for field in leaves(&whole).filter(|field| field.range.as_ref().is_some_and(|range| range.end <= kept)) {
                let same = |other: &&Field| (other.key, &other.range) == (field.key, &field.range);
                let found = leaves(&shown).find(same);
                assert_eq!(found.map(|found| &found.value), Some(&field.value), "{name} cut at {kept}: {}", field.key);
            }
            // Where a header is cut, and where a packet has more to come, it is said; a quoted packet may end anywhere.
            let in_header = whole.layers.iter().any(|layer| {
                let carries = matches!(layer.protocol, Protocol::Payload | Protocol::Data);
                !layer.quoted && !carries && layer.range.start < kept && kept < layer.range.end
            });
            assert!(!in_header || !shown.problems.is_empty(), "{name} cut at {kept} says nothing");
        }
    }
}

/// How much work a packet makes, in what comes out of it: fields, and the bytes of their texts.
fn work(frame: &Frame<'_>) -> usize {
    let dissection = dissect(frame);
    let text = |field: &Field| match &field.value {
        Value::Text(text) => text.len() / 32,
        _ => 0,
    };
    dissection.fields().map(|field| 1 + text(field)).sum()
}

#[test]
fn nesting_of_every_kind_ends_and_says_so() {
    let in_frames = |link: LinkType, bytes: &[u8]| {
        let frame = Frame { link, ..raw(bytes) };
        let packet = headers(&frame);
        assert_eq!(packet.spans.len(), 24);
        let problem = told(packet.problem.as_deref().expect("it says so"));
        assert!(
            problem.contains("24 headers lie around it, more than a packet honestly has: it is not read"),
            "{problem}"
        );
        assert!(work(&frame) < 24 * 64);
    };
    let around = |times: usize, wrap: &dyn Fn(&[u8]) -> Vec<u8>| (0..times).fold(Vec::new(), |inner, _| wrap(&inner));
    in_frames(LinkType::RAW, &around(1000, &|inner| ipv4(4, inner)));
    in_frames(LinkType::RAW, &around(1000, &|inner| ipv6(41, inner)));
    in_frames(LinkType::RAW, &around(1000, &|inner| ipv4(47, &[&[0, 0, 0x08, 0][..], inner].concat())));
    in_frames(LinkType::RAW, &ipv6(0, &around(1000, &|inner| [&hop_by_hop(0)[..], inner].concat())));
    in_frames(LinkType::RAW, &around(100, &|inner| ipv4(1, &[&[3, 0, 0, 0, 0, 0, 0, 0][..], inner].concat())));
    let ethernet = |ether_type: u16| [&[0; 12][..], &ether_type.to_be_bytes()].concat();
    let tags = around(1000, &|inner| [&[0, 1, 0x81, 0][..], inner].concat());
    in_frames(LinkType::ETHERNET, &[ethernet(0x8100), tags].concat());
    let labels = around(1000, &|inner| [&[0, 1, 0, 64][..], inner].concat());
    in_frames(LinkType::ETHERNET, &[ethernet(0x8847), labels].concat());
}

#[test]
fn lists_make_no_more_work_than_they_have_bytes() {
    // Options of one byte, records of eight, sources of four.
    let padding = [&[59, 255][..], &[0; 2046]].concat();
    let records = [&[0x22, 0, 0, 0, 0, 0, 0xff, 0xff][..], &[4, 0, 0, 0, 224, 0, 0, 9].repeat(4000)].concat();
    let options = [&[135, 0, 0, 0][..], &[0; 20], &[14, 1, 0, 0, 0, 0, 0, 0].repeat(4000)].concat();
    for bytes in [ipv6(0, &padding), ipv4(2, &records), ipv6(58, &options)] {
        let work = work(&raw(&bytes));
        assert!(work < 8 * bytes.len() + 64, "{work} of {} bytes", bytes.len());
    }
}

/// A problem in words.
fn told(problem: &Problem) -> String {
    Spelling::default().problem(problem).to_string()
}

/// The problem of a packet in words, of which JSON has the facts.
fn problem(frame: &Frame<'_>) -> Option<String> {
    let (packet, facts) = (headers(frame), &as_json(frame)["problem"]);
    let problem = packet.trouble();
    let start = problem.as_ref().map(|problem| problem.range.start as u64);
    let key = problem.as_ref().map(|problem| problem.fault.key());
    assert_eq!((facts["range"][0].as_u64(), facts["key"].as_str()), (start, key));
    problem.map(|problem| told(&problem))
}

#[test]
fn a_length_that_says_more_than_there_is_is_a_problem_on_every_layer() {
    // A datagram by its own length, with 5 bytes of payload.
    for (length, is_problem) in [(8, false), (9, false), (13, false), (14, true), (60_000, true)] {
        let mut datagram = udp(5000, 5001, b"hello");
        datagram[4..6].copy_from_slice(&u16::to_be_bytes(length));
        for bytes in [ipv4(17, &datagram), ipv6(17, &datagram)] {
            let found = problem(&raw(&bytes));
            assert_eq!(found.is_some(), is_problem, "{length}: {found:?}");
            let words = format!("by udp.length it has {length} bytes, more than the 13 that there are");
            assert!(found.is_none_or(|found| found.contains(&words)), "{length}");
            assert!(headers(&raw(&bytes)).endpoints().is_some(), "what there is is read: {length}");
        }
        // What the capture cut off was there.
        let bytes = ipv4(17, &datagram);
        for kept in 28..bytes.len() {
            assert_eq!(problem(&cut(&bytes, kept)).is_some(), is_problem, "{length} {kept}");
        }
    }
    let datagram = udp(5000, 5001, b"hello");
    let (mut v4, mut v6) = (ipv4(17, &datagram), ipv6(17, &datagram));
    v4[3] += 1;
    v6[5] += 1;
    let words =
        |found: Option<String>, key: &str| found.is_some_and(|found| found.contains(&format!("by {key} it has")));
    assert!(words(problem(&raw(&v4)), "ip.len") && words(problem(&raw(&v6)), "ipv6.plen"));
    assert_eq!(headers(&raw(&v4)).payload_len(), 5, "as much as there is");
    // A fragment holds a part of what the datagram's length says; a quoted packet is cut by who quotes it.
    let mut first = datagram;
    first[4..6].copy_from_slice(&100_u16.to_be_bytes());
    let mut fragment = ipv4(17, &first);
    fragment[6] = 0x20;
    assert_eq!(problem(&raw(&fragment)), None);
    let error = [&[3, 3, 0, 0, 0, 0, 0, 0][..], &ipv4(17, &first)].concat();
    assert_eq!(problem(&raw(&ipv4(1, &error))), None);
    // A real problem further in says why nothing more is read.
    let mut both = ipv4(6, &[0; 12]);
    both[3] += 1;
    assert!(problem(&raw(&both)).is_some_and(|found| found.contains("no room for the TCP header")));
}

#[test]
fn an_option_whose_length_does_not_fit_is_a_problem() {
    let segment = |options: &[u8]| ipv4(6, &tcp(40000, 80, options, b"data"));
    for damaged in [&[1, 1, 1, 2][..], &[1, 1, 2, 4], &[2, 0, 0, 0], &[2, 1, 0, 0], &[8, 10, 0, 0], &[1, 1, 1, 8]] {
        let bytes = segment(damaged);
        let at = 40 + damaged.iter().position(|kind| *kind != 1).unwrap();
        let words = format!("TCP at byte {at}: the length of an option does not fit");
        assert!(problem(&raw(&bytes)).is_some_and(|found| found.starts_with(&words)), "{damaged:?}");
        let dissection = dissect(&raw(&bytes));
        assert_eq!(dissection.problems.len(), 1, "{damaged:?}");
        assert!(dissection.fields().any(|field| field.label.starts_with("Malformed option")));
        assert_eq!(headers(&raw(&bytes)).payload(), b"data", "what it carries is read");
    }
    for sound in [&[3, 3, 7, 1][..], &[2, 4, 5, 0xb4], &[0, 9, 9, 9], &[1, 1, 1, 0], &[30, 4, 0, 0x81]] {
        assert_eq!(problem(&raw(&segment(sound))), None, "{sound:?}");
    }
    let mut ip = ipv4(17, &[&[7, 9, 4, 0][..], &udp(1, 2, b"")].concat());
    ip[0] = 0x46;
    assert!(problem(&raw(&ip)).is_some_and(|found| found.starts_with("IPv4 at byte 20: the length of an option")));
    let hop_by_hop = ipv6(0, &[&[17, 0, 1, 40, 0, 0, 0, 0][..], &udp(1, 2, b"")].concat());
    assert!(problem(&raw(&hop_by_hop)).is_some_and(|found| found.contains("the length of an option")));
    let mut solicitation = vec![135, 0, 0, 0, 0, 0, 0, 0];
    solicitation.extend([[0; 16].as_slice(), &[1, 0, 2, 0, 0, 0, 0, 1]].concat());
    assert!(problem(&raw(&ipv6(58, &solicitation))).is_some_and(|found| found.contains("the length of an option")));
    // What the capture cut off is no fault of the packet.
    let bytes = segment(&[8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1]);
    for kept in 40..52 {
        let found = problem(&cut(&bytes, kept));
        assert!(found.as_ref().is_none_or(|found| !found.contains("option")), "{kept}: {found:?}");
    }
}
