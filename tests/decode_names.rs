//! Every number that a field has a name for, and every form that a number gives a header: all values of the fields that
//! decide, each in a packet of its own, held against what was read of them once (`golden/names.txt`).
//!
//! `UPDATE_GOLDEN=1 cargo test decode_names` writes the file anew.

use std::fmt::Write as _;
use std::path::Path;

use layerscope::decode::{Protocol, application, dissect, headers};
use layerscope::model::{Field, LinkType};

use crate::support::packets::{address6, dns, ethernet, ipv4, ipv6, on, record, tcp, udp};

/// What is asked of one field: its values, and the packet for each.
struct Question {
    name: &'static str,
    link: LinkType,
    values: Vec<u16>,
    packet: Box<dyn Fn(u16) -> Vec<u8>>,
}

fn ask(
    name: &'static str,
    values: impl IntoIterator<Item = u16>,
    packet: impl Fn(u16) -> Vec<u8> + 'static,
) -> Question {
    Question { name, link: LinkType::RAW, values: values.into_iter().collect(), packet: Box::new(packet) }
}

/// The same in frames of a link type.
fn ask_on(
    link: LinkType,
    name: &'static str,
    values: impl IntoIterator<Item = u16>,
    packet: impl Fn(u16) -> Vec<u8> + 'static,
) -> Question {
    Question { link, ..ask(name, values, packet) }
}

/// Each bit of a word alone, none, and the values of the `width` bits from bit `at` on.
fn flags_and(at: u32, width: u32) -> impl Iterator<Item = u16> {
    std::iter::once(0).chain((0..16).map(|bit| 1 << bit)).chain((1..1 << width).map(move |value| value << at))
}

/// The words without what is another in each packet: the value, and the checksum that it would need.
fn constant(words: &str, value: u16) -> String {
    let value = value.to_string();
    let other = |word: &str| word == value || word.trim_start_matches("TYPE") == value || word.starts_with("0x");
    words.split(' ').map(|word| if other(word) { "#" } else { word }).collect::<Vec<_>>().join(" ")
}

/// What a field is and means.
fn told(field: &Field, value: u16, out: &mut Vec<String>) {
    let place = field.range.as_ref().map_or_else(|| "-".to_owned(), |range| format!("{}..{}", range.start, range.end));
    let meaning = field.meaning.as_ref().map_or_else(String::new, |meaning| format!(" = {meaning}"));
    out.push(format!("{} {place} {}", field.key, constant(&format!("{}{meaning}", field.label), value)));
    field.children.iter().for_each(|child| told(child, value, out));
}

/// The headers of a packet, but not those of IP and of a transport that only carry what is asked of; and the application's
/// words.
fn read(question: &Question, value: u16) -> Vec<String> {
    let bytes = (question.packet)(value);
    let frame = on(question.link, &bytes);
    let dissection = dissect(&frame);
    let mut out = Vec::new();
    let is_asked = |protocol: Protocol| match protocol {
        Protocol::Tcp => question.name.starts_with("tcp."),
        Protocol::Udp => false,
        _ => true,
    };
    let layers = dissection.layers.iter().skip(usize::from(question.link == LinkType::RAW));
    for layer in layers.filter(|layer| is_asked(layer.protocol)) {
        out.push(format!("[{}]", layer.protocol.name()));
        let fields = layer.fields.iter().filter(|field| !field.is_derived());
        fields.for_each(|field| told(field, value, &mut out));
    }
    if let Some(said) = application(&headers(&frame)) {
        let line: String = said.line.chars().flat_map(char::escape_default).collect();
        out.push(format!("{}: {}", said.protocol, constant(&line, value)));
    }
    out
}

/// What the first value reads like, and how each run of others differs from the one before it.
fn answers(question: &Question) -> String {
    let mut runs: Vec<(u16, u16, Vec<String>)> = Vec::new();
    for value in &question.values {
        let said = read(question, *value);
        match runs.last_mut() {
            Some((_, last, before)) if *before == said => *last = *value,
            _ => runs.push((*value, *value, said)),
        }
    }
    let mut before: &[String] = &[];
    let mut out = String::new();
    for (first, last, said) in &runs {
        let values = if first == last { format!("{first}") } else { format!("{first}..{last}") };
        writeln!(out, "{} {values}: {}", question.name, difference(before, said)).unwrap();
        before = said;
    }
    out
}

/// The pieces that are in one list alone.
fn difference(before: &[String], now: &[String]) -> String {
    let lacking = |from: &[String], in_list: &[String], sign: &str| -> Vec<String> {
        let pieces = from.iter().filter(|piece| !in_list.contains(piece));
        pieces.map(|piece| format!("{sign}{piece}")).collect()
    };
    [lacking(before, now, "-"), lacking(now, before, "+")].concat().join(" | ")
}

fn word(value: u16) -> [u8; 2] {
    value.to_be_bytes()
}

fn of_links() -> Vec<Question> {
    vec![
        ask_on(LinkType::ETHERNET, "eth.type", (1500..=0x9200).chain(0xff00..=u16::MAX), |value| ethernet(value, &[])),
        ask_on(LinkType::ETHERNET, "llc.dsap", 0..=255, |value| ethernet(6, &[value as u8, 0, 3, 0, 0, 0])),
        ask_on(LinkType::ETHERNET, "llc control", 0..=255, |value| ethernet(6, &[8, 0, value as u8, 0, 0, 0])),
        ask_on(LinkType::ETHERNET, "snap oui", 0..=255, |value| {
            ethernet(10, &[0xaa, 0xaa, 3, 0, 0, value as u8, 8, 0, 0, 0])
        }),
        ask_on(LinkType::LINUX_SLL, "sll.pkttype", 0..=8, |value| {
            [&word(value)[..], &[0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0, 4]].concat()
        }),
        ask_on(LinkType::LINUX_SLL, "sll.hatype", (0..=1000).chain(0xff00..=u16::MAX), |value| {
            [&[0, 0][..], &word(value), &[0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0x12, 0x34]].concat()
        }),
        ask_on(LinkType::LINUX_SLL, "sll.halen", 0..=9, |value| {
            [&[0, 0, 0, 1][..], &word(value), &[1, 2, 3, 4, 5, 6, 7, 8, 8, 0]].concat()
        }),
        ask_on(LinkType::LINUX_SLL2, "sll2.halen", 0..=9, |value| {
            [&[8, 0, 0, 0, 0, 0, 0, 7, 0, 1, 4][..], &[value as u8, 1, 2, 3, 4, 5, 6, 7, 8]].concat()
        }),
        ask_on(LinkType::PPP, "ppp.protocol", (0..=0x1ff).chain(0x8000..=0x81ff).chain(0xc000..=0xc3ff), |value| {
            word(value).to_vec()
        }),
        ask_on(LinkType::SLIP, "slip.direction", 0..=3, |value| [&[value as u8][..], &[0; 15]].concat()),
        ask_on(LinkType::NULL, "null.family", 0..=40, |value| [&u32::from(value).to_le_bytes()[..], &[0; 4]].concat()),
        ask_on(LinkType::ETHERNET, "arp.hw.type", 0..=300, |value| {
            ethernet(0x0806, &[&word(value)[..], &[8, 0, 6, 4, 0, 1], &[1; 20]].concat())
        }),
        ask_on(LinkType::ETHERNET, "arp.opcode", 0..=30, |value| {
            ethernet(0x0806, &[&[0, 1, 8, 0, 6, 4][..], &word(value), &[1; 20]].concat())
        }),
        ask_on(LinkType::ETHERNET, "vlan.etype", 0x88a0..=0x88b0, |value| {
            ethernet(value, &[0xa0, 1, 0x81, 0, 0x20, 2, 0x12, 0x34])
        }),
    ]
}

fn of_ip() -> Vec<Question> {
    vec![
        ask_on(LinkType::IPV4, "ip.proto", 0..=255, |value| ipv4(value as u8, &[])),
        ask_on(LinkType::IPV4, "ip.dsfield", 0..=255, |value| {
            let mut bytes = ipv4(255, &[]);
            bytes[1] = value as u8;
            bytes
        }),
        ask_on(LinkType::IPV4, "ip.opt.type", 0..=255, |value| {
            let mut bytes = ipv4(255, &[value as u8, 8, 4, 1, 2, 3, 4, 5]);
            bytes[0] = 0x47;
            bytes
        }),
        ask_on(LinkType::IPV6, "ipv6.opt.type", 0..=255, |value| {
            ipv6(60, &[&[59, 2, value as u8, 4, 0, 0, 0, 0][..], &[value as u8, 1, 7, 0, 0, 0, 0, 0], &[0; 8]].concat())
        }),
        ask_on(LinkType::IPV6, "ipv6.routing.type", 0..=255, |value| {
            ipv6(43, &[&[59, 4, value as u8, 1, 0, 0, 0, 0][..], &[9; 32]].concat())
        }),
        ask("ah.length", 0..=8, |value| ipv4(51, &[&[59, value as u8][..], &[0; 30]].concat())),
        ask("gre.flags", (0..16).flat_map(|upper| [upper << 12, upper << 12 | 0x80, upper << 12 | 0x81]), |value| {
            ipv4(47, &[&word(value)[..], &[0x12, 0x34], &[0; 24]].concat())
        }),
        ask("icmp.type", 0..=255, |value| ipv4(1, &[&[value as u8, 0, 0, 0][..], &[0; 16]].concat())),
        ask("icmp.code", (0..=0x2fff).filter(|code| code & 0xff < 20), |value| {
            ipv4(1, &[&[(value / 256) as u8, value as u8][..], &[0; 18]].concat())
        }),
        ask("icmpv6.type", 0..=255, |value| ipv6(58, &[&[value as u8, 0, 0, 0][..], &[0; 40]].concat())),
        ask("icmpv6.code", (0x0100..=0x04ff).filter(|code| code & 0xff < 12), |value| {
            ipv6(58, &[&word(value)[..], &[0; 10]].concat())
        }),
        ask("icmpv6.opt.type", 0..=255, |value| {
            let option = [&[value as u8, 4][..], &[7; 30]].concat();
            ipv6(58, &[&[133, 0, 0, 0, 0, 0, 0, 0][..], &option].concat())
        }),
        ask("icmpv6.opt.length", 0..=5, |value| {
            ipv6(58, &[&[135, 0, 0, 0, 0, 0, 0, 0][..], &address6(0xfe80, 1), &[1, value as u8], &[7; 30]].concat())
        }),
        ask("icmpv6.mldr.mar.record_type", 0..=9, |value| {
            ipv6(58, &[&[143, 0, 0, 0, 0, 0, 0, 1, value as u8, 0, 0, 0][..], &address6(0xff05, 1)].concat())
        }),
        ask("igmp.type", 0..=255, |value| ipv4(2, &[&[value as u8, 100, 0, 0, 224, 0, 0, 9][..], &[0; 4]].concat())),
        ask("igmp.record_type", 0..=9, |value| {
            ipv4(2, &[0x22, 0, 0, 0, 0, 0, 0, 1, value as u8, 0, 0, 0, 224, 0, 0, 9])
        }),
        ask("ospf", (0..=0x3ff).filter(|code| code & 0xff < 12), |value| {
            ipv4(89, &[&[(value >> 8) as u8, value as u8, 0, 24][..], &[0; 10], &word(value & 7), &[0; 8]].concat())
        }),
        ask("eigrp.opcode", 0..=20, |value| ipv4(88, &[&[2, value as u8][..], &[0; 18]].concat())),
    ]
}

fn of_transports() -> Vec<Question> {
    let option = |kind: u16, len: u8| {
        let mut bytes = vec![kind as u8, len];
        bytes.resize(usize::from(len), 0);
        bytes.resize(usize::from(len).next_multiple_of(4), 1);
        ipv4(6, &tcp(40000, 7777, &bytes, b""))
    };
    let mut questions = vec![ask("tcp.flags", flags_and(0, 5).filter(|flags| *flags < 1 << 12), |value| {
        let mut segment = tcp(40000, 7777, &[], b"");
        segment[12] |= (value >> 8) as u8;
        segment[13] = value as u8;
        ipv4(6, &segment)
    })];
    for (name, len) in [
        ("tcp.option_kind of 2", 2),
        ("tcp.option_kind of 3", 3),
        ("tcp.option_kind of 4", 4),
        ("tcp.option_kind of 6", 6),
        ("tcp.option_kind of 8", 8),
        ("tcp.option_kind of 10", 10),
        ("tcp.option_kind of 12", 12),
        ("tcp.option_kind of 18", 18),
        ("tcp.option_kind of 20", 20),
    ] {
        questions.push(ask(name, 0..=255, move |kind| option(kind, len)));
    }
    questions
        .push(ask("tcp.option_kind, cut", 0..=255, |kind| ipv4(6, &tcp(40000, 7777, &[kind as u8, 36, 1, 2], b""))));
    questions
}

fn of_names() -> Vec<Question> {
    let over_udp = |port: u16, bytes: &[u8]| ipv4(17, &udp(40000, port, bytes));
    let flagged = |flags: u16| [&[0, 1][..], &word(flags), &[0; 8]].concat();
    let answer = |record: Vec<u8>| dns(&[record], &[], &[]);
    vec![
        ask("dns.flags", flags_and(0, 4).chain(flags_and(11, 4)), move |flags| over_udp(53, &flagged(flags))),
        ask("dns.flags of LLMNR", flags_and(0, 4).chain(flags_and(11, 4)), move |flags| {
            over_udp(5355, &flagged(flags))
        }),
        ask("nbns.flags", flags_and(0, 4).chain(flags_and(11, 4)), move |flags| over_udp(137, &flagged(flags))),
        ask("dns.resp.type", 0..=270, move |kind| over_udp(53, &answer(record(kind, &[0, 1, 0, 2, 0, 3, 0, 4])))),
        ask("dns.opt.code", 0..=20, move |code| {
            let option = [&word(code)[..], &[0, 10, 0, 1, 24, 0, 1, 2, 3, 4, 5, 6]].concat();
            over_udp(53, &answer([&[0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 14][..], &option].concat()))
        }),
        ask("dns.svcb.svcparam.key", 0..=10, move |key| {
            let parameter = [&word(key)[..], &[0, 16, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]].concat();
            over_udp(53, &answer(record(65, &[&[0, 1, 0][..], &parameter].concat())))
        }),
        ask("nbns type", 0..=40, move |kind| {
            let name = [&[32][..], &[b'C'; 32], &[0]].concat();
            let question = [&[0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &name, &word(kind), &[0, 1]].concat();
            over_udp(137, &question)
        }),
        ask("nbns.nb_flags", 0..=7, move |flags| {
            let name = [&[32][..], &[b'C'; 32], &[0]].concat();
            let data = [&[0, 32, 0, 1, 0, 0, 0, 9, 0, 6][..], &word(flags << 13), &[10, 0, 0, 1]].concat();
            over_udp(137, &[&[0, 1, 0x85, 0, 0, 0, 0, 1, 0, 0, 0, 0][..], &name, &data].concat())
        }),
    ]
}

fn of_applications() -> Vec<Question> {
    let over_udp = |port: u16, bytes: &[u8]| ipv4(17, &udp(40000, port, bytes));
    let over_tcp = |port: u16, bytes: &[u8]| ipv4(6, &tcp(40000, port, &[], bytes));
    let bootp = |op: u16, options: &[u8]| {
        let mut bytes = vec![op as u8, 1, 6, 0];
        bytes.resize(236, 0);
        [&bytes[..], &[0x63, 0x82, 0x53, 0x63], options, &[255]].concat()
    };
    let hello = |version: u16, extension: &[u8]| {
        let rest =
            [&word(version)[..], &[0; 33], &[0, 2, 0x13, 1, 1, 0], &word(extension.len() as u16), extension].concat();
        let record = [&[1, 0][..], &word(rest.len() as u16), &rest].concat();
        [&[22, 3, 1][..], &word(record.len() as u16), &record].concat()
    };
    let snmp = |tag: u8| {
        let variables = [0x30, 7, 0x30, 5, 6, 3, 0x2b, 6, 1];
        let request = [&[tag, 18, 2, 1, 1, 2, 1, 0, 2, 1, 0][..], &variables].concat();
        [&[0x30, 28, 2, 1, 1, 4, 3, b'p', b'u', b'b'][..], &request].concat()
    };
    vec![
        ask("dhcp.type", 0..=255, move |op| over_udp(67, &bootp(op, &[]))),
        ask("dhcp.option.type", 0..=255, move |kind| over_udp(67, &bootp(1, &[kind as u8, 4, 1, 2, 3, 0]))),
        ask("dhcp.option.dhcp", 0..=20, move |kind| over_udp(67, &bootp(1, &[53, 1, kind as u8]))),
        ask("ntp.flags", 0..=255, move |flags| over_udp(123, &[&[flags as u8][..], &[0; 47]].concat())),
        ask("tftp.opcode", 0..=10, move |opcode| {
            over_udp(69, &[&word(opcode)[..], b"a\0octet\0blksize\x008\0"].concat())
        }),
        ask("snmp.data", 0..=255, move |tag| over_udp(161, &snmp(tag as u8))),
        ask("telnet.cmd", 0..=255, move |command| over_tcp(23, &[255, command as u8, 1])),
        ask("telnet option", 0..=255, move |option| over_tcp(23, &[255, 253, option as u8])),
        ask("tls.record.content_type", 0..=255, move |kind| over_tcp(443, &[kind as u8, 3, 3, 0, 2, 1, 0])),
        ask("tls.record.version", 0x02f0..=0x0310, move |version| {
            over_tcp(443, &[&[23][..], &word(version), &[0, 32], &[9; 32]].concat())
        }),
        ask("tls.handshake.type", 0..=255, move |kind| over_tcp(443, &[22, 3, 3, 0, 4, kind as u8, 0, 0, 0])),
        ask("tls.handshake.version", 0x02f0..=0x0310, move |version| over_tcp(443, &hello(version, &[]))),
        ask("tls extension", 0..=60, move |number| {
            let name = [&word(number)[..], &[0, 9, 0, 7, 0, 0, 4, b'h', b'o', b's', b't']].concat();
            over_tcp(443, &hello(0x0303, &name))
        }),
        ask("tls supported version", 0x02f0..=0x0310, move |version| {
            over_tcp(443, &hello(0x0303, &[&[0, 43, 0, 5, 4, 3, 3][..], &word(version)].concat()))
        }),
    ]
}

#[test]
fn numbers_mean_what_they_meant() {
    let questions = [of_links(), of_ip(), of_transports(), of_names(), of_applications()].into_iter().flatten();
    let now: String = questions.map(|question| answers(&question)).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/names.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    for (now, golden) in now.lines().zip(golden.lines()) {
        assert_eq!(now, golden, "UPDATE_GOLDEN=1 writes it anew: read it");
    }
    assert_eq!(now.lines().count(), golden.lines().count());
}
