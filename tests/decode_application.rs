//! What the application line says, on packets of captures, and on bytes nobody sends by accident.

use crate::support;
use crate::support::packets::{dns, record as record_of};

use layerscope::decode::{application, dissect, headers};
use layerscope::model::{Frame, LinkType, Value};
use support::{frames, there};

/// File, packet, protocol, line.
const SAID: &[(&str, u64, &str, &str)] = &[
    ("derived/be-ns.pcap", 4, "HTTP", "GET / HTTP/1.1"),
    ("derived/qinq-8100-8100.pcap", 10, "HTTP", "HTTP/1.1 200 OK"),
    ("reports/22c-tls-unknown-ca.pcap", 4, "TLS", "TLSv1.3 Client Hello (SNI=a.example.test)"),
    ("reports/22c-tls-unknown-ca.pcap", 6, "TLS", "TLSv1.2 Alert"),
    ("reports/11-dns-a-aaaa.pcap", 3, "DNS", "response 0x2222 AAAA example.test: AAAA 2001:db8::1"),
    ("reports/40-dns-tc-servfail.pcap", 4, "DNS", "response 0x0008 A x.example.test: server failure"),
    ("reports/33b-dhcp.pcap", 2, "DHCP", "Offer transaction 0x00001234"),
    ("reports/33c-tftp.pcap", 1, "TFTP", "Read Request boot.img octet"),
    ("formats/gopacket__le_test300.pcapng", 4, "TLS", "TLSv1.3 Client Hello (SNI=www.baidu.com)"),
    ("tcp/retina__tls_ciphers.pcap", 321, "TLS", "TLSv1.2 Server Hello, Certificate, Server Hello Done"),
    (
        "mixed/suricata__tls_tls-subjectaltname.pcap",
        870,
        "TLS",
        "TLSv1.2 Client Key Exchange, Change Cipher Spec, Encrypted Handshake Message",
    ),
    ("formats/ptcpdump__test_dns.pcap", 4, "DNS", "query 0xd9d0 AAAA xage.ru"),
    (
        "mixed/pcapplusplus__many-protocols.pcap",
        791,
        "DNS",
        "response 0xc5cf A ajax.googleapis.com: CNAME googleapis.l.google.com, A 173.194.66.95",
    ),
    ("formats/pcapng-test-generator__be_basic_test001.pcapng", 4, "DHCP", "ACK transaction 0x00003d1e"),
    ("tcpdump-tests/eapon1.pcap", 45, "NBNS", "registration 0x892e NB DJP95S0J<00>: 169.254.67.194"),
    (
        "mixed/gopacket__cip.pcap",
        15,
        "NBNS",
        "query response 0x4835 OICU812-XP<20>: OICU812-XP<00>, CTF<00>, OICU812-XP<20>, CTF<1e>, CTF<1d>, \
         \u{1}\u{2}__MSBROWSE__\u{2}<01>",
    ),
    ("tcp/suricata__llmnr_llmnr-tcp.pcap", 6, "LLMNR", "response 0x1234 A workstation: A 192.168.1.100"),
    ("formats/pcap-parser__wireshark_samples-test.pcapng", 1931, "mDNS", "query 0x0000 PTR _googlecast._tcp.local"),
    ("formats/pcap-parser__ntp.pcap", 1, "NTP", "version 4, client"),
    ("tcp/ipfixprobe__smtp.pcap", 7, "SMTP", "EHLO GP"),
    ("tcp/suricata__bug-8489_bug-8489-03.bug-8489-03.pcap", 4, "FTP", "220 (Ftp Server)"),
    ("tcpdump-tests/tftp.pcap", 1, "TFTP", "Read Request file1 octet"),
    ("tcpdump-tests/snmp-heapoverflow-1.pcap", 5, "SNMP", "v3"),
    (
        "packets/pcapplusplus__telnet.pcap",
        1,
        "Telnet",
        "Will Suppress Go Ahead, Do Terminal Type, Do Window Size, Do Terminal Speed, Do Remote Flow Control, \
         Do Linemode, Subnegotiate Linemode",
    ),
];

#[test]
fn each_protocol_says_its_line() {
    for (file, number, protocol, line) in SAID {
        let Some(path) = there(file) else { continue };
        let frames = frames(&path);
        let frame = frames[*number as usize - 1].as_frame();
        let said = application(&headers(&frame)).unwrap_or_else(|| panic!("{file} #{number} says nothing"));
        assert_eq!((said.protocol, said.line.as_str()), (*protocol, *line), "{file}");
    }
}

/// A packet from 10.0.0.1 to 10.0.0.2 whose payload says something, as a raw IP frame.
fn packet(protocol: u8, source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let mut transport = [source.to_be_bytes(), destination.to_be_bytes()].concat();
    match protocol {
        17 => transport.extend([(8 + payload.len() as u16).to_be_bytes(), [0, 0]].concat()),
        _ => transport.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]),
    }
    let len = (20 + transport.len() + payload.len()) as u16;
    let [high, low] = len.to_be_bytes();
    let mut bytes = vec![0x45, 0, high, low, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    bytes.extend(transport);
    bytes.extend(payload);
    bytes
}

fn frame(bytes: &[u8]) -> Frame<'_> {
    let wire_len = bytes.len() as u32;
    Frame { number: 1, time: None, interface: 0, link: LinkType::RAW, wire_len, bytes, comments: &[] }
}

/// Protocol and line of a payload.
fn say(protocol: u8, source: u16, destination: u16, payload: &[u8]) -> Option<(&'static str, String)> {
    let bytes = packet(protocol, source, destination, payload);
    application(&headers(&frame(&bytes))).map(|said| (said.protocol, said.line))
}

const TCP: u8 = 6;
const UDP: u8 = 17;

/// A query for `a.b`, id 0x0102.
const QUERY: [u8; 21] = [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, b'a', 1, b'b', 0, 0, 1, 0, 1];

#[test]
fn content_comes_before_the_port() {
    let http = Some(("HTTP", "GET /x HTTP/1.1".to_owned()));
    assert_eq!(say(TCP, 40000, 53, b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"), http);
    assert_eq!(say(UDP, 40000, 7777, &QUERY), Some(("DNS", "query 0x0102 A a.b".to_owned())));
    assert_eq!(say(TCP, 40000, 2525, b"EHLO me\r\n"), Some(("SMTP", "EHLO me".to_owned())));
}

#[test]
fn one_format_has_a_name_for_each_who_speaks_it() {
    for (port, protocol) in [(53, "DNS"), (5353, "mDNS"), (5355, "LLMNR")] {
        assert_eq!(say(UDP, 40000, port, &QUERY), Some((protocol, "query 0x0102 A a.b".to_owned())));
    }
    assert_eq!(say(UDP, 5353, 53, &QUERY).unwrap().0, "DNS", "5353 is an ephemeral port here");
    assert_eq!(say(UDP, 40000, 137, &QUERY), Some(("NBNS", "query 0x0102 A a.b".to_owned())));
}

/// A name of NetBIOS in a DNS message: each half of a byte is a letter (RFC 1001 §14.1).
fn netbios(name: &[u8; 16]) -> Vec<u8> {
    let letters = name.iter().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]);
    [32].into_iter().chain(letters).chain([0]).collect()
}

#[test]
fn protocols_of_many_kinds_say_their_line() {
    let ntp = [&[0x23][..], &[0; 47]].concat();
    assert_eq!(say(UDP, 40000, 123, &ntp), Some(("NTP", "version 4, client".to_owned())));
    let snmp = [0x30, 0x0e, 2, 1, 3, 0x30, 9, 2, 1, 1, 2, 1, 100, 4, 1, 4];
    assert_eq!(say(UDP, 40000, 161, &snmp), Some(("SNMP", "v3".to_owned())));
    let said = Some(("FTP", "220 (Ftp Server)".to_owned()));
    assert_eq!(say(TCP, 21, 40000, b"220 (Ftp Server)\r\n"), said);
    let telnet = [255, 251, 3, 255, 253, 24, 255, 250, 34, 1, 11, 255, 240];
    let said = "Will Suppress Go Ahead, Do Terminal Type, Subnegotiate Linemode";
    assert_eq!(say(TCP, 23, 40000, &telnet), Some(("Telnet", said.to_owned())));
    // A registration and its answer: the name with its suffix, the address it has.
    let question = [&netbios(b"LAYERSCOPE     \0")[..], &[0, 32, 0, 1]].concat();
    let record = [0xc0, 12, 0, 32, 0, 1, 0, 0, 0, 60, 0, 6, 0, 0, 192, 0, 2, 7];
    let registration = [&[0x89, 0x2e, 0x29, 0x10, 0, 1, 0, 0, 0, 0, 0, 1][..], &question, &record].concat();
    let said = "registration 0x892e NB LAYERSCOPE<00>: 192.0.2.7";
    assert_eq!(say(UDP, 137, 137, &registration), Some(("NBNS", said.to_owned())));
    // Over TCP a message has its length before it.
    let answer = dns(&[record_of(1, &[192, 0, 2, 9])], &[], &[]);
    let prefixed = [&(answer.len() as u16).to_be_bytes()[..], &answer].concat();
    let said = "response 0x1234 A example.org: A 192.0.2.9";
    assert_eq!(say(TCP, 5355, 40000, &prefixed), Some(("LLMNR", said.to_owned())));
}

#[test]
fn bytes_that_only_look_alike_say_nothing() {
    assert_eq!(say(TCP, 40000, 9999, b"GETTING THERE\r\n"), None);
    assert_eq!(say(TCP, 40000, 9999, b"220 bottles\r\n"), None);
    assert_eq!(say(TCP, 40000, 9999, &[22, 3, 1, 0xff, 0xff, 1]), None);
    assert_eq!(say(UDP, 40000, 9999, &[0x23; 48]), None);
    assert_eq!(say(UDP, 40000, 9999, b""), None);
    assert_eq!(say(UDP, 40000, 137, &[0xff; 48]), None);
}

#[test]
fn a_dns_name_that_points_at_itself_ends() {
    let mut loops = QUERY.to_vec();
    loops.splice(12..17, [0xc0, 12]);
    assert_eq!(say(UDP, 40000, 53, &loops), Some(("DNS", "query 0x0102".to_owned())));
    // Two pointers at each other.
    loops.splice(12..14, [0xc0, 14, 0xc0, 12]);
    assert_eq!(say(UDP, 40000, 53, &loops), Some(("DNS", "query 0x0102".to_owned())));
}

#[test]
fn hostile_text_stays_as_it_was_sent() {
    let line = "GET /\u{1b}[31m".to_owned();
    let said = say(TCP, 40000, 21, b"RETR \xff\xfe\r\n");
    assert_eq!(said, Some(("FTP", "RETR \u{fffd}\u{fffd}".to_owned())));
    // Control characters are no HTTP at all.
    assert_eq!(say(TCP, 40000, 80, format!("{line} HTTP/1.1\r\n\r\n").as_bytes()), None);
}

#[test]
fn a_field_of_the_application_lies_where_its_text_does() {
    let bytes = packet(TCP, 40000, 80, b"GET /x HTTP/1.1\r\nHost: example.org\r\n\r\n");
    let dissection = dissect(&frame(&bytes));
    let host = dissection.field("http.host").expect("a host");
    assert_eq!(host.value, Value::Text("example.org".to_owned()));
    assert_eq!(&bytes[host.range.clone().expect("a place")], b"example.org");
}
