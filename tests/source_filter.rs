//! Filters accept what tcpdump accepts, on every link type, cut packets included.

use std::path::Path;
use std::process::Command;

use layerscope::model::{Frame, LinkType, OwnedFrame};
use layerscope::source::{CaptureFile, Filter, FrameSource, SourceError};

use crate::support::segments::ipv4;
use crate::support::{ours, those_of};

/// How many packets match; `None` where the expression has no meaning for the link type.
fn matching(path: &Path, expression: &str) -> Option<u64> {
    let mut filter = Filter::compile(expression).unwrap();
    let mut file = CaptureFile::open(path).unwrap();
    let mut count = 0;
    while let Some(frame) = file.next_frame().unwrap() {
        count += u64::from(filter.matches(&frame).ok()?);
    }
    Some(count)
}

fn tcpdump(path: &Path, expression: &str) -> Option<u64> {
    let output = Command::new("tcpdump").args(["--count", "-r"]).arg(path).arg(expression).output();
    let counted = String::from_utf8(output.expect("tcpdump is installed").stdout).unwrap();
    counted.split_whitespace().next()?.parse().ok()
}

#[test]
fn filters_count_what_tcpdump_counts() {
    let files = [
        "generated/basic-v4.client.pcap",
        "generated/basic-v6.client.pcap",
        "generated/snaplen96.client.pcap",
        "generated/any-sll.client.pcap",
        "generated/any-sll2.client.pcap",
        "derived/raw-12.pcap",
        "derived/raw-101.pcap",
        "derived/ipv6-229.pcap",
        "derived/loop-108-be-header.pcap",
        "derived/null-le-header-macos-af30.pcap",
        "derived/snaplen-34.pcap",
        "derived/qinq-88a8-200-100.pcap",
        "mixed/pcapplusplus__many-protocols.pcap",
    ];
    let expressions = [
        "",
        "tcp port 80 or port 8080",
        "greater 100",
        "less 60",
        "len % 3 = 1 and not icmp",
        "ip6 proto 6",
        "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
        "ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0",
        "vlan and tcp",
        "inbound",
        "outbound and tcp",
        "host 10.9.0.1 and (udp[4:2] * 2 / 3 > 10 or tcp[4:4] & 0xff | 1 > 3)",
    ];
    let mut accepted = 0;
    for path in &those_of(&files) {
        for expression in expressions {
            let ours = matching(path, expression);
            assert_eq!(ours, tcpdump(path, expression), "'{expression}' on {}", path.display());
            accepted += ours.unwrap_or(0);
        }
    }
    assert!(accepted > 1000, "the expressions accept hardly anything: {accepted}");
}

/// tcpdump goes by the file's byte order and misses these; the frames say it themselves.
#[test]
fn loopback_frames_match_whoever_wrote_them() {
    for name in ["null-be-header-freebsd-af28", "null-le-header-bsd-af24", "null-le-header-macos-af30"] {
        let path = ours("derived").join(name).with_extension("pcap");
        assert_eq!((matching(&path, "ip6"), matching(&path, "ip")), (Some(18), Some(14)), "{name}");
    }
}

#[test]
fn a_wrong_expression_carries_libpcaps_words() {
    for (wrong, words) in [("tcp prot 80", "syntax error"), ("port http-not-there", "unknown port 'http-not-there'")] {
        let Err(SourceError::Filter { expression, link: None, message }) = Filter::compile(wrong) else {
            panic!("{wrong} is wrong")
        };
        assert_eq!(expression, wrong);
        assert!(message.contains(words), "{message}");
    }
    assert!(matches!(Filter::compile("tcp\0"), Err(SourceError::Filter { .. })));
}

#[test]
fn an_expression_without_meaning_for_a_link_type_says_so_at_its_first_packet() {
    let frame = |link| OwnedFrame {
        number: 1,
        time: None,
        interface: 0,
        link,
        wire_len: 60,
        bytes: vec![0x45; 60],
        comments: Vec::new(),
    };
    let mut filter = Filter::compile("ether host 00:00:00:00:00:01").unwrap();
    assert!(!filter.matches(&frame(LinkType::ETHERNET).as_frame()).unwrap());
    let error = filter.matches(&frame(LinkType::RAW).as_frame()).unwrap_err();
    let words = "filter 'ether host 00:00:00:00:00:01' on packets of RAW: ";
    assert!(error.to_string().starts_with(words), "{error}");
    // What only another link type knows is not wrong in itself.
    assert!(Filter::compile("type mgt subtype beacon").is_ok());
}

/// So many terms, joined.
fn joined(terms: usize, by: &str, term: impl Fn(usize) -> String) -> String {
    (0..terms).map(term).collect::<Vec<_>>().join(by)
}

#[test]
fn a_thousand_alternatives_compile_in_the_time_there_is_and_mean_what_they_say() {
    let bytes =
        ipv4("10.0.3.7:1".parse().unwrap(), "192.0.2.1:999".parse().unwrap(), 17, 1, &[250, 1, 3, 231, 0, 8, 0, 0]);
    let frame = Frame {
        number: 1,
        time: None,
        interface: 0,
        link: LinkType::RAW,
        wire_len: bytes.len() as u32,
        bytes: &bytes,
        comments: &[],
    };
    let host = |number: usize| format!("host 10.0.{}.{}", number / 256, number % 256);
    for (expression, accepted) in [
        (joined(1000, " or ", host), true),
        (joined(700, " or ", host), false),
        (joined(1000, " or ", |number| format!("udp port {number}")), true),
        (joined(998, " or ", |number| format!("udp port {number}")), false),
        (joined(1000, " or ", |number| format!("src or dst port {number}")), true),
    ] {
        let Ok(mut filter) = Filter::compile(&expression) else { panic!("{} is refused", &expression[..40]) };
        assert_eq!(filter.matches(&frame).unwrap(), accepted, "{}", &expression[..40]);
    }
}

#[test]
fn what_libpcap_would_compile_for_ever_or_die_of_is_refused_with_the_reason() {
    let chain = |terms| joined(terms, " and ", |number| format!("not port {number}"));
    for (expression, reason) in [
        (chain(2000), "it has 2000 terms: 10 s of processor time were not enough"),
        (
            format!("({})", joined(20_000, " or ", |number| format!("host 10.0.0.{}", number % 256))),
            "it has 20000 terms: more than 10000 words",
        ),
        (format!("{}tcp{}", "(".repeat(100_000), ")".repeat(100_000)), "memory exhausted"),
        (format!("{}tcp", "not ".repeat(9_000)), ""),
        (format!("tcp[{}1{}] = 1", "(".repeat(100_000), ")".repeat(100_000)), "memory exhausted"),
    ] {
        let said = Filter::compile(&expression).map_or_else(|error| error.to_string(), |_| String::new());
        assert!(said.contains(reason), "{}: {}", &expression[..40], &said[said.len().saturating_sub(300)..]);
    }
}
