//! Texts and small messages that come from people, files and other programs. The first byte says which.
#![no_main]

use std::net::IpAddr;

use layerscope::analyse::call_notation;
use layerscope::cli::fuzzing as cli;
use layerscope::decode::{dns_name, sack_edges, tcp_options};
use layerscope::model::{Frame, LinkType, ProcessNote, Timestamp};
use layerscope::render::text;
use layerscope::host::{Answer, SocketEnd, fuzzing as host};
use layerscope::source::{Filter, fuzzing as source};
use layerscope_fuzz::is_harmless;
use libfuzzer_sys::fuzz_target;

/// Options whose values have a language of their own: the words before the value.
const OPTIONS: [&[&str]; 11] = [
    &["flows", "-", "--expect"],
    &["read", "-", "--from"],
    &["read", "-", "--to"],
    &["stats", "-", "--interval"],
    &["handshakes", "-", "--slower-than"],
    &["read", "-", "--columns"],
    &["follow", "-", "--stream"],
    &["read", "-", "--show"],
    &["capture", "-w", "x.pcap", "--rotate-size"],
    &["capture", "--buffer-size"],
    &["read", "-", "--encoding"],
];

/// Words of the filter language. Names of hosts are left out: libpcap would ask the network for them.
const FILTER_WORDS: [&str; 48] = [
    "tcp",
    "udp",
    "icmp",
    "ip",
    "ip6",
    "arp",
    "and",
    "or",
    "not",
    "(",
    ")",
    "port",
    "portrange",
    "80",
    "1-5",
    "host",
    "192.0.2.1",
    "2001:db8::1",
    "net",
    "192.0.2.0/24",
    "src",
    "dst",
    "ether",
    "proto",
    "vlan",
    "mpls",
    "pppoes",
    "greater",
    "less",
    "len",
    ">",
    "<",
    "=",
    "&",
    "|",
    "+",
    "-",
    "*",
    "/",
    "%",
    "[",
    "]",
    ":",
    "0",
    "4",
    "0xffffffff",
    "gateway",
    "inbound",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((&kind, bytes)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    match kind % 16 {
        0 => option(bytes, &text),
        1 => command_line(&text),
        2 => socket_call(&text),
        3 => process_note(&text),
        4 => moment(&text),
        5 => resolver_files(&text),
        6 => name_server(bytes),
        7 => drop(dns_name(bytes, bytes.len() / 2)),
        8 => drop(host::netlink(bytes)),
        9 => finder(bytes),
        10 => program(bytes),
        11 => filter(bytes),
        12 => options_of_tcp(bytes),
        _ => on_a_terminal(bytes, &text),
    }
});

/// A value of an option; the complaint about it is harmless.
fn option(bytes: &[u8], text: &str) {
    let Some(option) = bytes.first() else { return };
    let value = text.get(1..).unwrap_or_default();
    let words: Vec<&str> = OPTIONS[usize::from(*option) % OPTIONS.len()].iter().copied().chain([value]).collect();
    let _ = cli::parse(&words);
}

fn command_line(text: &str) {
    let words: Vec<&str> = text.split(' ').collect();
    let _ = cli::parse(&words);
}

/// What can be read as a call can be written and read back.
fn socket_call(text: &str) {
    let Some(call) = call_notation::read(text) else { return };
    assert_eq!(call_notation::read(&call_notation::write(&call)), Some(call));
}

fn process_note(text: &str) {
    let Ok(note) = text.parse::<ProcessNote>() else { return };
    assert_eq!(note.to_string().parse(), Ok(note));
}

fn moment(text: &str) {
    let Ok(time) = text.parse::<Timestamp>() else { return };
    assert_eq!(time.to_string().parse(), Ok(time));
}

/// Every name that is taken from the file can be shown.
fn resolver_files(text: &str) {
    let (hosts, _) = host::resolver_files(text);
    assert!(hosts.iter().all(|(_, name)| name.is_ascii() && is_harmless(name.as_bytes()) && !name.contains('\n')));
}

/// A message about an address: any, or one that begins as an answer does.
fn name_server(bytes: &[u8]) {
    let address = IpAddr::from([192, 0, 2, 7]);
    let question = b"\x017\x012\x010\x03192\x07in-addr\x04arpa\0\0\x0c\0\x01";
    let begun = [b"\0\x07\x81\x80\0\x01\0\x02\0\0\0\0", &question[..], bytes].concat();
    for message in [bytes, &begun] {
        if let Some(name) = host::name_of(message, address) {
            assert!(name.is_ascii() && is_harmless(name.as_bytes()) && name.parse::<IpAddr>().is_err(), "{name:?}");
        }
    }
}

/// What the finder of processes is asked and what it answers.
fn finder(bytes: &[u8]) {
    if let Some(end) = SocketEnd::from_bytes(bytes) {
        assert_eq!(SocketEnd::from_bytes(&end.to_bytes()), Some(end));
    }
    if let Some(answer) = Answer::from_bytes(bytes) {
        assert_eq!(Answer::from_bytes(&answer.to_bytes()), Some(answer));
    }
}

/// A filter's instructions, eight bytes each, and a packet behind them.
fn program(bytes: &[u8]) {
    let Some((&[count, long], rest)) = bytes.split_first_chunk() else { return };
    let (program, packet) = rest.split_at((usize::from(count) * 8).min(rest.len()));
    let instruction = |bytes: &[u8]| {
        let &[a, b, if_true, if_false, w, x, y, z] = bytes.first_chunk()?;
        Some((u16::from_le_bytes([a, b]), if_true, if_false, u32::from_le_bytes([w, x, y, z])))
    };
    let program: Vec<_> = program.chunks_exact(8).filter_map(instruction).collect();
    let _ = source::accepts(&program, packet, packet.len() as u32 + u32::from(long));
}

/// A filter of the language's own words, on packets of many link types.
fn filter(bytes: &[u8]) {
    let words: Vec<&str> =
        bytes.iter().take(24).map(|byte| FILTER_WORDS[usize::from(*byte) % FILTER_WORDS.len()]).collect();
    let Ok(mut filter) = Filter::compile(&words.join(" ")) else { return };
    for link in [0, 1, 9, 101, 108, 113, 276, 105] {
        let (link, wire_len) = (LinkType(link), bytes.len() as u32);
        let frame = Frame { number: 1, time: None, interface: 0, link, wire_len, bytes, comments: &[] };
        let _ = filter.matches(&frame);
    }
}

fn options_of_tcp(bytes: &[u8]) {
    let _ = tcp_options(bytes).map(|options| options.map(|option| format!("{option:?}")).collect::<String>());
    let _ = sack_edges(bytes).count();
}

/// The sanitiser lets nothing through, and text that is fitted fits.
fn on_a_terminal(bytes: &[u8], text: &str) {
    let columns = bytes.first().map_or(0, |first| usize::from(*first));
    let shown = text::sanitise(&text::utf8_or_hex(bytes));
    for clean in [&shown, &text::sanitise(text), &text::sanitise(&text::escape(text))] {
        assert!(is_harmless(clean.as_bytes()) && !clean.contains('\n'), "{clean:?}");
        assert_eq!(text::sanitise(clean), *clean, "clean text stays as it is");
    }
    assert!(text::width(text::head(&shown, columns)) <= columns);
    assert_eq!(text::width(&text::pad(&shown, columns, "")), columns);
    assert_eq!(text::width(&text::pad_left(&shown, columns, "")), columns);
    let lines = text::wrap_hard(&shown, columns.max(2));
    assert!(lines.iter().all(|line| text::width(line) <= columns.max(2)), "{lines:?}");
    assert_eq!(lines.concat().replace(' ', ""), shown.replace(' ', ""), "every word is there");
    let _ = (text::wrap(&shown, columns), text::fit(&shown, columns, "~"));
}
