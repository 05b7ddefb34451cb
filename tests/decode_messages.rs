//! Messages of applications made for the question: the records of DNS, HTTP with odd lines, what only looks like TLS, the
//! transfers of TFTP; and messages that are made to cost much.

use layerscope::analyse::{Limits, Stats, Tracker};
use layerscope::decode::{
    Announced, Dissection, application, application_as, application_name, dissect, dissect_as, headers,
};
use layerscope::model::{Field, Value};

use crate::support::packets::{cut, dns, domain, ipv4, ipv4_between, opt, raw, record, tcp, udp};

/// The values of a key in the order of the packet, as text.
fn said(dissection: &Dissection, key: &str) -> Vec<String> {
    let fields = dissection.fields().filter(|field| field.key == key);
    fields
        .map(|field| match &field.value {
            Value::Text(text) => text.clone(),
            Value::Decimal(number) | Value::Hex(number, _) => number.to_string(),
            Value::Ipv4(address) => address.to_string(),
            Value::Ipv6(address) => address.to_string(),
            Value::Flag(set) => set.to_string(),
            other => format!("{other:?} {:?}", field.range.as_ref().map(ExactSizeIterator::len)),
        })
        .collect()
}

fn line(bytes: &[u8]) -> Option<String> {
    application(&headers(&raw(bytes))).map(|said| format!("{} {}", said.protocol, said.line))
}

/// A record's data out of parts.
fn parts(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Records of every kind that stands among answers.
fn answers() -> Vec<Vec<u8>> {
    vec![
        record(1, &[192, 0, 2, 1]),
        record(28, &[0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        record(5, &domain("alias.example")),
        record(12, &domain("host.example")),
        record(15, &parts(&[&[0, 10], &domain("mail.example")])),
        record(16, b"\x05hello\x03you"),
        record(33, &parts(&[&[0, 1, 0, 2, 0x13, 0xc4], &domain("sip.example")])),
        record(35, &parts(&[&[0, 3, 0, 4], b"\x01u\x03E2U\x04!^.!", &domain("next.example")])),
        record(257, b"\x00\x05issueca.example"),
        record(13, b"\x03CPU\x02OS"),
        record(39, &domain("tree.example")),
        record(43, &[0, 7, 8, 2, 1, 2, 3, 4]),
        record(99, b"\x06v=spf1"),
        record(
            65,
            &parts(&[
                &[0, 1],
                &domain("svc.example"),
                &[0, 0, 0, 2, 0, 1],
                &[0, 1, 0, 6, 2, b'h', b'3', 2, b'h', b'2'],
                &[0, 3, 0, 2, 0x20, 0xfb],
                &[0, 4, 0, 8, 192, 0, 2, 3, 192, 0, 2, 4],
                &[0, 5, 0, 3, 1, 2, 3],
                &[0, 6, 0, 16, 0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6],
                &[0, 99, 0, 1, 7],
            ]),
        ),
        record(64, &parts(&[&[0, 0], &domain("other.example")])),
    ]
}

/// A response with records in all three sections.
fn every_record() -> Vec<u8> {
    let soa = parts(&[
        &domain("ns.example"),
        &domain("admin.example"),
        &[0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5],
    ]);
    let authority = [record(6, &soa), record(2, &domain("ns2.example"))];
    let options = [
        &[0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2][..],
        &[0, 10, 0, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9],
        &[0, 11, 0, 2, 0, 100],
        &[0, 12, 0, 4, 0, 0, 0, 0],
        b"\x00\x0f\x00\x07\x00\x12stale",
        &[0, 3, 0, 2, b'n', b's'],
    ];
    let additional = [record(1, &[192, 0, 2, 9]), opt(&options.concat())];
    dns(&answers(), &authority, &additional)
}

/// What each key says of it.
const SAID: &[(&str, &[&str])] = &[
    ("dns.a", &["192.0.2.1", "192.0.2.9"]),
    ("dns.aaaa", &["2001::1"]),
    ("dns.cname", &["alias.example"]),
    ("dns.ptr.domain_name", &["host.example"]),
    ("dns.mx.preference", &["10"]),
    ("dns.mx.mail_exchange", &["mail.example"]),
    ("dns.txt.length", &["5", "3"]),
    ("dns.txt", &["hello", "you"]),
    ("dns.srv.priority", &["1"]),
    ("dns.srv.weight", &["2"]),
    ("dns.srv.port", &["5060"]),
    ("dns.srv.target", &["sip.example"]),
    ("dns.naptr.order", &["3"]),
    ("dns.naptr.flags", &["u"]),
    ("dns.naptr.service", &["E2U"]),
    ("dns.naptr.regex", &["!^.!"]),
    ("dns.naptr.replacement", &["next.example"]),
    ("dns.caa.tag", &["issue"]),
    ("dns.caa.value", &["ca.example"]),
    ("dns.hinfo.cpu", &["CPU"]),
    ("dns.hinfo.os", &["OS"]),
    ("dns.dname", &["tree.example"]),
    ("dns.ds.key_id", &["7"]),
    ("dns.ds.digest", &["Bytes Some(4)"]),
    ("dns.spf", &["v=spf1"]),
    ("dns.svcb.svcpriority", &["1", "0"]),
    ("dns.svcb.targetname", &["svc.example", "other.example"]),
    ("dns.svcb.svcparam.key", &["0", "1", "3", "4", "5", "6", "99"]),
    ("dns.svcb.svcparam.mandatory.key", &["1"]),
    ("dns.svcb.svcparam.alpn", &["h3", "h2"]),
    ("dns.svcb.svcparam.port", &["8443"]),
    ("dns.svcb.svcparam.ipv4hint.ip", &["192.0.2.3", "192.0.2.4"]),
    ("dns.svcb.svcparam.echconfig", &["Bytes Some(3)"]),
    ("dns.svcb.svcparam.ipv6hint.ip", &["2001::6"]),
    ("dns.svcb.svcparam.value", &["Bytes Some(1)"]),
    ("dns.soa.mname", &["ns.example"]),
    ("dns.soa.rname", &["admin.example"]),
    ("dns.soa.serial_number", &["1"]),
    ("dns.soa.refresh_interval", &["2"]),
    ("dns.soa.retry_interval", &["3"]),
    ("dns.soa.expire_limit", &["4"]),
    ("dns.soa.minimum_ttl", &["5"]),
    ("dns.ns", &["ns2.example"]),
    ("dns.rr.udp_payload_size", &["1232"]),
    ("dns.resp.ext_rcode", &["1"]),
    ("dns.resp.edns0_version", &["0"]),
    ("dns.resp.z.do", &["true"]),
    ("dns.opt.code", &["8", "10", "11", "12", "15", "3"]),
    ("dns.opt.client.netmask", &["24"]),
    ("dns.opt.client.addr4", &["192.0.2.0"]),
    ("dns.opt.cookie.client", &["Bytes Some(8)"]),
    ("dns.opt.cookie.server", &["Bytes Some(8)"]),
    ("dns.opt.edns_tcp_keepalive.timeout", &["100"]),
    ("dns.opt.padding", &["Bytes Some(4)"]),
    ("dns.opt.ext_error.info_code", &["18"]),
    ("dns.opt.ext_error.extra_text", &["stale"]),
    ("dns.resp.data", &[]),
];

#[test]
fn the_records_of_every_section_are_spelled_out() {
    let message = every_record();
    let bytes = ipv4(17, &udp(53, 40000, &message));
    let dissection = dissect(&raw(&bytes));
    for (key, values) in SAID {
        assert_eq!(said(&dissection, key), *values, "{key}");
    }
    let labels: Vec<_> =
        dissection.fields().filter(|field| field.key == "dns.resp").map(|field| &*field.label).collect();
    let count = |label| labels.iter().filter(|it| **it == label).count();
    assert_eq!((count("Answer"), count("Authority record"), count("Additional record")), (15, 2, 2));
}

#[test]
fn the_line_says_what_records_say() {
    let message = every_record();
    let said = line(&ipv4(17, &udp(53, 40000, &message))).unwrap();
    let expected = "DNS response 0x1234 A example.org: A 192.0.2.1, AAAA 2001::1, CNAME alias.example, PTR host.example, \
                    MX 10 mail.example, TXT \"hello\", SRV 1 2 5060 sip.example, NAPTR 3 4 u next.example, \
                    CAA issue \"ca.example\", HINFO CPU OS, DNAME tree.example, DS, SPF \"v=spf1\", HTTPS 1 svc.example, \
                    SVCB 0 other.example";
    assert_eq!(said, expected);
}

#[test]
fn a_line_says_how_many_questions_it_leaves_out() {
    for (questions, more) in [(32, None), (33, Some(" and 1 more questions"))] {
        let mut message = vec![0, 1, 0, 0, 0, questions, 0, 0, 0, 0, 0, 0];
        (0..questions).for_each(|_| message.extend([&domain("a")[..], &[0, 1, 0, 1]].concat()));
        let said = line(&ipv4(17, &udp(40000, 53, &message))).unwrap();
        assert_eq!(said.matches(" A a").count(), 32, "{said}");
        assert_eq!(said.split(" A a").last().filter(|rest| !rest.is_empty()), more, "{said}");
    }
}

#[test]
fn mail_is_told_by_its_words_or_by_its_port() {
    let over_tcp = |from, to, text: &str| line(&ipv4(6, &tcp(from, to, &[], text.as_bytes())));
    for port in [25, 587] {
        assert_eq!(over_tcp(40000, port, "DATA\r\n").as_deref(), Some("SMTP DATA"));
        assert_eq!(over_tcp(port, 40000, "250 OK\r\n").as_deref(), Some("SMTP 250 OK"));
    }
    for own in ["HELO a", "ehlo a", "MAIL FROM:<a@b>", "RCPT TO:<a@b>", "220 mail.example ESMTP"] {
        assert_eq!(over_tcp(40000, 2525, &format!("{own}\r\n")), Some(format!("SMTP {own}")));
    }
    for shared in ["DATA", "QUIT", "250 OK", "220 ready"] {
        assert_eq!(over_tcp(40000, 2525, &format!("{shared}\r\n")), None, "{shared}");
    }
    assert_eq!(line(&ipv4(17, &udp(40000, 25, b"DATA\r\n"))), None, "it has no datagrams");
}

#[test]
fn a_line_may_lack_its_end_unless_it_is_too_long_for_one() {
    let over_25 = |text: &str| line(&ipv4(6, &tcp(40000, 25, &[], text.as_bytes())));
    assert_eq!(over_25("QUIT").as_deref(), Some("SMTP QUIT"));
    let longest = format!("NOOP {}", "a".repeat(1024 - 5));
    assert_eq!(over_25(&longest), Some(format!("SMTP {longest}")));
    assert_eq!(over_25(&format!("{longest}a")), None);
    assert_eq!(over_25("QUIT\u{1}"), None, "no line of text has control characters");
}

#[test]
fn lengths_of_every_form_are_read_in_snmp() {
    let lengths: [fn(u8) -> Vec<u8>; 4] =
        [|len| vec![len], |len| vec![0x81, len], |len| vec![0x82, 0, len], |len| vec![0x84, 0, 0, 0, len]];
    for length in lengths {
        let value = |tag: u8, content: &[u8]| [&[tag][..], &length(content.len() as u8), content].concat();
        let variable = value(0x30, &[value(6, &[0x2b, 6, 0x81, 0x48]), value(5, &[])].concat());
        let numbers = [value(2, &[1]), value(2, &[0]), value(2, &[0])].concat();
        let request = value(0xa0, &[numbers, value(0x30, &variable)].concat());
        let message = value(0x30, &[value(2, &[1]), value(4, b"public"), request].concat());
        let said = line(&ipv4(17, &udp(40000, 161, &message)));
        assert_eq!(said.as_deref(), Some("SNMP v2c get-request public 1.3.6.200"), "{:x?}", length(7));
    }
    for length in [&[0x80][..], &[0x85, 0, 0, 0, 0, 5]] {
        let message = [&[0x30][..], length, &[2, 1, 1, 4, 0]].concat();
        assert_eq!(line(&ipv4(17, &udp(40000, 161, &message))), None, "{length:x?}");
    }
}

/// Fields without parts, of the payload.
fn leaves(dissection: &Dissection) -> impl Iterator<Item = &Field> {
    dissection.fields().filter(|field| {
        field.key.starts_with("dns.")
            && field.children.is_empty()
            && field.range.is_some()
            && field.value != Value::Group
    })
}

#[test]
fn a_message_cut_anywhere_keeps_the_fields_that_are_whole() {
    let message = every_record();
    let bytes = ipv4(17, &udp(53, 40000, &message));
    let whole = dissect(&raw(&bytes));
    let wholly: Vec<_> = leaves(&whole).collect();
    // What ends with the data of its record shows only how much of it is there.
    for kept in 40..bytes.len() {
        let shown = dissect(&cut(&bytes, kept));
        let shown: Vec<_> = leaves(&shown).collect();
        for field in wholly.iter().filter(|field| field.range.as_ref().is_some_and(|range| range.end <= kept)) {
            let found = shown.iter().find(|other| (other.key, &other.range) == (field.key, &field.range));
            assert_eq!(found.map(|found| &found.value), Some(&field.value), "cut at {kept}: {}", field.key);
        }
    }
}

#[test]
fn all_messages_of_a_segment_are_read() {
    let one = dns(&[record(1, &[192, 0, 2, 1])], &[], &[]);
    let prefixed = [&(one.len() as u16).to_be_bytes()[..], &one].concat();
    let bytes = ipv4(6, &tcp(53, 40000, &[], &prefixed.repeat(3)));
    assert_eq!(said(&dissect(&raw(&bytes)), "dns.a").len(), 3);
    let expected = "DNS response 0x1234 A example.org: A 192.0.2.1 and 2 more messages";
    assert_eq!(line(&bytes).as_deref(), Some(expected));
}

#[test]
fn a_cut_capture_does_not_hide_that_it_is_dns() {
    let answers: Vec<_> = (0..20).map(|last| record(1, &[192, 0, 2, last])).collect();
    let bytes = ipv4(17, &udp(53, 40000, &dns(&answers, &[], &[])));
    let dissection = dissect(&cut(&bytes, 96));
    assert_eq!(said(&dissection, "dns.a"), ["192.0.2.0", "192.0.2.1"]);
    let count = dissection.field("dns.count.answers").unwrap();
    assert_eq!((&count.value, count.meaning.as_deref()), (&Value::Decimal(20), Some("2 of them are spelled out")));
}

/// A message of 56 KB whose records' names lead through a chain of pointers, one longer than the other.
fn chained() -> Vec<u8> {
    let mut message = vec![0x12, 0x34, 0x81, 0x80, 0, 0, 0x0f, 0xa0, 0, 0, 0, 0];
    message.extend([1, b'a', 0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 0]);
    let mut name = 12_u16;
    while message.len() < 16_000 {
        let here = message.len() as u16;
        message.extend((0xc000 | name).to_be_bytes());
        message.extend([0, 1, 0, 1, 0, 0, 0, 60, 0, 0]);
        name = here;
    }
    while message.len() < 56_000 {
        message.extend((0xc000 | name).to_be_bytes());
        message.extend([0, 1, 0, 1, 0, 0, 0, 60, 0, 0]);
    }
    message
}

#[test]
fn a_chain_of_pointers_is_bounded_and_what_is_left_out_is_said() {
    let message = chained();
    let bytes = ipv4(17, &udp(53, 40000, &message));
    let dissection = dissect(&raw(&bytes));
    let spelled = said(&dissection, "dns.resp.name").len();
    assert!((100..1024).contains(&spelled), "{spelled}");
    let meaning = dissection.field("dns.count.answers").unwrap().meaning.clone();
    assert_eq!(meaning.as_deref(), Some(&*format!("{spelled} of them are spelled out")));
    let line = line(&bytes).unwrap();
    assert!(line.ends_with(" and 3968 more") && line.len() < 400, "{line}");
}

#[test]
fn many_records_are_bounded_and_what_is_left_out_is_said() {
    let answers: Vec<_> = (0..3000).map(|_| record(1, &[192, 0, 2, 1])).collect();
    let bytes = ipv4(17, &udp(53, 40000, &dns(&answers, &[record(2, &domain("a"))], &[])));
    let dissection = dissect(&raw(&bytes));
    let meaning = |key: &str| dissection.field(key).unwrap().meaning.clone();
    assert_eq!(meaning("dns.count.answers").as_deref(), Some("1023 of them are spelled out"));
    assert_eq!(meaning("dns.count.auth_rr").as_deref(), Some("0 of them are spelled out"));
    assert!(line(&bytes).unwrap().ends_with(", A 192.0.2.1 and 2968 more"));
}

#[test]
fn whoever_wants_the_name_alone_has_nothing_spelled_out() {
    // The names of its records cannot be read, so that spelling it out would leave a trace.
    let bytes = ipv4(17, &udp(53, 40000, &chained()));
    assert_eq!(application_name(&headers(&raw(&bytes)), None), Some("DNS"));
    let message = every_record();
    for (transport, payload) in [(17, udp(53, 40000, &message)), (17, udp(40000, 5353, &message))] {
        let bytes = ipv4(transport, &payload);
        let packet = headers(&raw(&bytes));
        assert_eq!(application_name(&packet, None), application(&packet).map(|said| said.protocol));
    }
}

fn http(text: &str) -> Vec<u8> {
    ipv4(6, &tcp(40000, 8000, &[], text.as_bytes()))
}

#[test]
fn http_with_one_odd_line_keeps_its_fields() {
    for odd in ["no colon", "bad name: x", " folded", ": no name", "X-Nul: a\0b", "\u{e9}t\u{e9}: 1", "X", "\t"] {
        let bytes = http(&format!("GET /x HTTP/1.1\r\nHost: a\r\n{odd}\r\nUser-Agent: b\r\n\r\n"));
        let dissection = dissect(&raw(&bytes));
        assert_eq!(said(&dissection, "http.host"), ["a"], "{odd:?}");
        assert_eq!(said(&dissection, "http.user_agent"), ["b"], "{odd:?}");
        assert_eq!(line(&bytes).as_deref(), Some("HTTP GET /x HTTP/1.1"), "{odd:?}");
        let bytes = http(&format!("HTTP/1.1 200 OK\r\nServer: a\r\n{odd}\r\nContent-Type: b\n\nHost: body\r\n"));
        let dissection = dissect(&raw(&bytes));
        assert_eq!(said(&dissection, "http.server"), ["a"], "{odd:?}");
        assert_eq!(said(&dissection, "http.content_type"), ["b"], "{odd:?}");
        assert_eq!(said(&dissection, "http.host"), [""; 0], "the body is no header");
    }
}

#[test]
fn http_requests_of_every_form_are_read() {
    let cases: [(&str, &str, &[&str]); 9] = [
        ("CONNECT example.org:443 HTTP/1.1", "CONNECT", &["example.org:443"]),
        ("OPTIONS * HTTP/1.1", "OPTIONS", &["*"]),
        ("GET HTTP/1.1", "GET", &[]),
        ("GET  HTTP/1.0", "GET", &[]),
        ("M-SEARCH * HTTP/1.1", "M-SEARCH", &["*"]),
        ("GET http://a/b?c=d HTTP/1.1", "GET", &["http://a/b?c=d"]),
        ("GET /a b HTTP/1.1", "GET", &["/a"]),
        ("GET  /a  b c  HTTP/1.1", "GET", &["/a"]),
        ("POST /\u{e4} HTTP/1.1", "POST", &["/\u{e4}"]),
    ];
    for (first, method, target) in cases {
        let bytes = http(&format!("{first}\r\nHost: a\r\n\r\n"));
        let dissection = dissect(&raw(&bytes));
        assert_eq!(said(&dissection, "http.request.method"), [method], "{first}");
        assert_eq!(said(&dissection, "http.request.uri"), target, "{first}");
        assert_eq!(said(&dissection, "http.host"), ["a"], "{first}");
    }
    for text in [
        "GET / HTTP/2.0\r\n",
        "GETTING THERE\r\n",
        "GET /\r\n",
        "Get / HTTP/1.1\r\n",
        "HTTP/1.1 2x0 OK\r\n",
        "HTTP/1.1\r\n",
    ] {
        assert_eq!(line(&http(text)), None, "{text:?}");
    }
    assert_eq!(line(&http("HTTP/1.0 204\r\n\r\n")).as_deref(), Some("HTTP HTTP/1.0 204"));
}

/// A TLS record.
fn tls(content: u8, version: u16, body: &[u8]) -> Vec<u8> {
    [&[content][..], &version.to_be_bytes(), &(body.len() as u16).to_be_bytes(), body].concat()
}

#[test]
fn what_only_looks_like_tls_is_not_told_by_a_strange_port() {
    let by = |port, payload: &[u8]| line(&ipv4(6, &tcp(40000, port, &[], payload)));
    let encrypted = tls(24, 0x0302, &[0x5a; 40]);
    assert_eq!(by(49152, &encrypted), None, "an encrypted heartbeat is like any bytes");
    assert_eq!(by(443, &encrypted).as_deref(), Some("TLS TLSv1.1 Heartbeat"));
    let open = tls(24, 0x0303, &[&[1, 0, 16][..], &[7; 32]].concat());
    assert_eq!(by(49152, &open).as_deref(), Some("TLS TLSv1.2 Heartbeat"));
    assert_eq!(by(443, &[24, 3, 2, 0, 3, 1, 0x40, 0]).as_deref(), Some("TLS TLSv1.1 Heartbeat"), "as an attack has it");
    let implausible: [&[u8]; 9] = [
        &tls(24, 0x0302, &[1]),
        &tls(24, 0x0302, &[1; 2]),
        &tls(20, 0x0303, &[2]),
        &tls(20, 0x0303, &[1, 1]),
        &tls(21, 0x0303, &[3, 0]),
        &tls(21, 0x0303, &[1; 5]),
        &tls(22, 0x0303, &[1; 3]),
        &tls(22, 0x0304, &[2, 0, 0, 0]),
        &tls(25, 0x0303, &[1; 20]),
    ];
    for bytes in implausible {
        assert_eq!(by(443, bytes), None, "{bytes:?}");
        assert_eq!(by(49152, bytes), None, "{bytes:?}");
    }
    // Behind a record comes another.
    let application = tls(23, 0x0303, &[9; 30]);
    assert_eq!(by(49152, &application).as_deref(), Some("TLS TLSv1.2 Application Data"));
    assert_eq!(by(49152, &[&application[..], b"something else"].concat()), None);
    // DCE/RPC over TCP, in the middle of a fragment.
    let rpc = [24, 3, 0, 0, 32, 5, 0, 2, 3, 16, 0, 0, 0, 64, 0, 0, 0, 1, 0, 0, 0];
    assert_eq!(by(135, &rpc), None);
    assert_eq!(by(49155, &rpc), None);
}

const CLIENT: [u8; 4] = [10, 0, 0, 1];
const SERVER: [u8; 4] = [10, 0, 0, 2];
const STRANGER: [u8; 4] = [10, 0, 0, 3];

/// What rows say of packets in their order: what an earlier one announced is known of the later ones.
fn told(packets: &[Vec<u8>]) -> Vec<Option<String>> {
    let mut tracker = Tracker::new(Limits::default());
    let tell = |bytes: &Vec<u8>| {
        let frame = raw(bytes);
        let packet = headers(&frame);
        let announced = tracker.observe(&frame, &packet).and_then(|seen| seen.announced);
        application_as(&packet, announced).map(|said| format!("{} {}", said.protocol, said.line))
    };
    packets.iter().map(tell).collect()
}

#[test]
fn a_file_is_transferred_from_the_servers_new_port() {
    let from =
        |host, to, source, destination, payload: &[u8]| ipv4_between(host, to, 17, &udp(source, destination, payload));
    let request = from(CLIENT, SERVER, 2000, 69, b"\0\x01boot.img\0octet\0blksize\x001024\0");
    let acknowledged = from(SERVER, CLIENT, 3000, 2000, b"\0\x06blksize\x001024\0");
    let data = from(SERVER, CLIENT, 3000, 2000, b"\0\x03\0\x01content");
    let answer = from(CLIENT, SERVER, 2000, 3000, b"\0\x04\0\x01");
    let failed = from(SERVER, CLIENT, 3000, 2000, b"\0\x05\0\x01no such file\0");
    let packets = [request.clone(), acknowledged, data.clone(), answer, failed];
    let expected = [
        "TFTP Read Request boot.img octet",
        "TFTP Option Acknowledgement",
        "TFTP Data block 1",
        "TFTP Acknowledgement block 1",
        "TFTP Error no such file",
    ];
    assert_eq!(told(&packets), expected.map(|line| Some(line.to_owned())));
    // Without the request before it, from another host, to another port, or in another form it is no transfer.
    assert_eq!(told(&[data.clone(), request.clone()])[0], None);
    let strange = [
        from(STRANGER, CLIENT, 3000, 2000, b"\0\x03\0\x01content"),
        from(SERVER, CLIENT, 3000, 2001, b"\0\x03\0\x01content"),
        from(SERVER, STRANGER, 3000, 2000, b"\0\x03\0\x01content"),
        from(SERVER, CLIENT, 3000, 2000, b"\0\x04\0\x01too long"),
        from(SERVER, CLIENT, 3000, 2000, b"\0\x07\0\x01"),
        from(SERVER, CLIENT, 3000, 2000, b"\0"),
    ];
    for packet in strange {
        assert_eq!(told(&[request.clone(), packet])[1], None);
    }
    // What is no request announces nothing.
    for payload in [&b"\0\x03\0\x01boot.img\0octet\0"[..], b"\0\x01boot.img\0tar\0", b"\0\x01boot.img\0octet"] {
        let no_request = from(CLIENT, SERVER, 2000, 69, payload);
        assert_eq!(told(&[no_request, data.clone()])[1], None, "{payload:?}");
    }
    let dissection = dissect_as(&raw(&data), Some(Announced::Tftp));
    assert_eq!(
        (said(&dissection, "tftp.block"), said(&dissection, "tftp.data")),
        (vec!["1".into()], vec!["Bytes Some(7)".into()])
    );
    assert_eq!(said(&dissect(&raw(&request)), "tftp.option.value"), ["1024"]);
}

#[test]
fn stats_know_a_transfer_by_its_request() {
    let from =
        |host, to, source, destination, payload: &[u8]| ipv4_between(host, to, 17, &udp(source, destination, payload));
    let mut stats = Stats::new(None);
    for bytes in [
        from(CLIENT, SERVER, 2000, 69, b"\0\x02log\0netascii\0"),
        from(SERVER, CLIENT, 3000, 2000, b"\0\x04\0\0"),
        from(CLIENT, SERVER, 2000, 3000, b"\0\x03\0\x01content"),
        from(CLIENT, SERVER, 2001, 3000, b"\0\x03\0\x01content"),
    ] {
        let frame = raw(&bytes);
        stats.observe(&frame, &headers(&frame));
    }
    let transfers =
        stats.hierarchy().into_iter().find(|(path, _)| path.last() == Some(&"TFTP")).map(|(_, counts)| counts.packets);
    assert_eq!(transfers, Some(3));
}

#[test]
fn requests_that_are_remembered_are_bounded() {
    let request = |port: u16| ipv4_between(CLIENT, SERVER, 17, &udp(port, 69, b"\0\x01a\0octet\0"));
    let mut packets: Vec<_> = (1000..1000 + 4097).map(request).collect();
    for port in [1000, 1001] {
        packets.push(ipv4_between(SERVER, CLIENT, 17, &udp(3000, port, b"\0\x03\0\x01content")));
    }
    let told = told(&packets);
    assert_eq!(told[4097..], [None, Some("TFTP Data block 1".to_owned())], "the oldest gave way");
}

#[test]
fn an_http_status_line_with_more_spaces_than_one_keeps_its_fields() {
    for (line, phrase) in [
        ("HTTP/1.1  200 OK", Some("OK")),
        ("HTTP/1.1 200  OK", Some("OK")),
        ("HTTP/1.1    200    Not quite OK ", Some("Not quite OK")),
        ("HTTP/1.1  200", None),
    ] {
        let bytes = http(&format!("{line}\r\nServer: a\r\n\r\n"));
        let dissection = dissect(&raw(&bytes));
        let code = dissection.field("http.response.code").map(|field| field.value.clone());
        assert_eq!(code, Some(Value::Decimal(200)), "{line}");
        let said = dissection.field("http.response.phrase").map(|field| field.value.clone());
        assert_eq!(said, phrase.map(|phrase| Value::Text(phrase.into())), "{line}");
        assert!(dissection.field("http.server").is_some(), "{line}");
    }
    for line in ["HTTP/1.1200 OK", "HTTP/1.1  2000 OK", "HTTP/1.1  abc", "HTTP/1.1 "] {
        let bytes = http(&format!("{line}\r\n\r\n"));
        assert!(dissect(&raw(&bytes)).field("http.response.code").is_none(), "{line}");
    }
}
