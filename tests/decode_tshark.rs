//! Every field that layerscope and tshark both know carries the same value, on every packet of every capture.
//!
//! It runs tshark on every file, which takes minutes: `make compare` runs it, the normal tests do not.

#![expect(clippy::print_stdout, reason = "the differences are what this test is for")]

use crate::support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::Ipv6Addr;
use std::path::Path;
use std::process::Command;

use layerscope::decode::{Dissection, dissect};
use layerscope::model::{Field, Frame, OwnedFrame, Value};
use support::{captures, frames, name, over, without_corpus};

/// What makes tshark tell what is in each packet rather than what it worked out from several.
const PREFERENCES: [&str; 10] = [
    "tcp.relative_sequence_numbers:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
    "ip.check_checksum:TRUE",
    "tcp.check_checksum:TRUE",
    "udp.check_checksum:TRUE",
    "ip.decode_tos_as_diffserv:TRUE",
    "esp.enable_null_encryption_decode_heuristic:FALSE",
];

/// Fields that Wireshark shows without a key, or not at all.
const OWN_KEYS: [&str; 6] =
    ["dns.resp.data", "ieee8021ad.etype", "ip.opt.data", "slip.direction", "slip.header", "sll.reserved"];

/// A difference that stays.
struct Explained {
    /// Part of the file's name; empty for all.
    file: &'static str,
    /// The beginning of the key.
    key: &'static str,
    /// `value`: another value; `count`: layerscope has the field more often.
    kind: &'static str,
    reason: &'static str,
}

const fn explained(file: &'static str, key: &'static str, kind: &'static str, reason: &'static str) -> Explained {
    Explained { file, key, kind, reason }
}

const EXPLAINED: &[Explained] = &[
    explained("", "data.data", "value", "the whole frame, of a link type that is not taken apart here"),
    explained("", "ip.len", "value", "0 for segmentation offload: tshark shows the frame's own length instead"),
    explained("", "ip.version", "value", "tshark gives the version of IPv6 under this key as well"),
    explained("", "tls.", "count", "a record that goes on in the next segment: tshark tells of whole ones only"),
    explained("", "dhcp.secs", "value", "tshark takes it for little-endian where that makes it small"),
    explained("", "nbns.name", "value", "tshark adds what the name's suffix stands for"),
    explained("", "nbns.netbios_name", "value", "with its suffix, as the other names have it"),
    explained("", "telnet.data", "", "tshark has a field for each line"),
    explained("telnet-iac-check-oobr.pcap", "telnet.cmd", "", "a subnegotiation without an end"),
    explained("dhcp-option-33.pcap", "dhcp.option.value", "", "a static route option of a length it cannot have"),
    explained("", "dns.resp.name", "value", "of an SRV record tshark shows the domain alone"),
    explained("", "dns.resp.type", "value", "tshark gives the types that NSEC lists and RRSIG covers here as well"),
    explained("", "dns.resp.", "count", "what is whole of a record that is cut"),
    explained(
        "Dhcp2.pcap",
        "dhcp.option",
        "",
        "options in the file and server name fields (RFC 2132 §9.3) are not read",
    ),
    explained("DTP.pcap", "eth.", "", "Cisco ISL, which is not taken apart"),
    explained("decode-dce.pcap", "", "", "Cisco FabricPath, which is not taken apart"),
    explained(
        "bug-6875-01.fuzz.pcap",
        "",
        "",
        "tshark finds other packets in this damaged file than the test's reader",
    ),
    explained("rpl-dao-oobr.pcap", "icmpv6.data", "", "RPL, which is not taken apart"),
    explained("ipv6-too-long-jumbo.pcap", "ipv6.opt", "", "tshark stops at an option that is not allowed there"),
    explained("ipv4-options.pcap", "ip.", "", "source route: tshark shows its last hop as ip.dst"),
    explained("IpV4PacketTest.pcap", "ip.", "", "source route: tshark shows its last hop as ip.dst"),
    explained("snap80.pcap", "tcp.checksum.status", "", "0xffff for 0: the same number, which receivers take"),
    explained("lisp_invalid_length.pcap", "udp.checksum.status", "", "the datagram is whole by its own length field"),
    explained("", "tcp.option_", "count", "the kind and the length of an option that is cut"),
];

/// tshark's word on one packet: the values of each key, in the order of the packet.
type Told = HashMap<String, Vec<String>>;

#[test]
#[ignore = "runs tshark on every file; see `make compare`"]
fn every_common_field_has_tsharks_value() {
    if without_corpus() {
        return;
    }
    let types = field_types();
    let files = captures();
    let keys: Vec<String> = over(&files, own_keys).into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect();
    let (known, unknown): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| types.contains_key(key));
    println!("{} keys compared", known.len());
    assert_eq!(unknown, OWN_KEYS, "keys that Wireshark does not have");
    let differences: Vec<Difference> =
        over(&files, |path| compare_file(path, &known, &types)).into_iter().flatten().collect();
    let (explained, open): (Vec<_>, Vec<_>) =
        differences.iter().partition(|difference| explanation(difference).is_some());
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    explained
        .iter()
        .filter_map(|difference| explanation(difference))
        .for_each(|reason| *reasons.entry(reason).or_default() += 1);
    reasons.iter().for_each(|(reason, count)| println!("{count} explained: {reason}"));
    let mut by_key: BTreeMap<(&str, &str), Vec<&Difference>> = BTreeMap::new();
    open.iter().for_each(|difference| by_key.entry((&difference.key, difference.kind)).or_default().push(difference));
    for ((key, kind), all) in &by_key {
        let files: BTreeSet<_> = all.iter().map(|difference| &difference.file).collect();
        println!("== {key} {kind}: {} in {} files", all.len(), files.len());
        let mut shown = BTreeSet::new();
        for difference in all.iter().filter(|difference| shown.insert(&difference.file)).take(6) {
            println!("   {} #{}: {}", difference.file, difference.number, difference.text);
        }
    }
    assert!(open.is_empty(), "{} differences, {} more are explained", open.len(), explained.len());
}

struct Difference {
    file: String,
    number: u64,
    key: String,
    kind: &'static str,
    text: String,
}

fn explanation(difference: &Difference) -> Option<&'static str> {
    let fits = |it: &&Explained| {
        difference.file.contains(it.file)
            && difference.key.starts_with(it.key)
            && (it.kind.is_empty() || it.kind == difference.kind)
    };
    EXPLAINED.iter().find(fits).map(|found| found.reason)
}

/// Wireshark's fields and their types.
fn field_types() -> HashMap<String, String> {
    let told = Command::new("tshark").args(["-G", "fields"]).output().expect("tshark is installed");
    let text = String::from_utf8_lossy(&told.stdout);
    let columns = text.lines().map(|line| line.split('\t').collect::<Vec<_>>()).filter(|columns| columns[0] == "F");
    columns.map(|columns| (columns[2].to_owned(), columns[3].to_owned())).collect()
}

fn own_keys(path: &Path) -> BTreeSet<String> {
    let of_frame = |frame: &OwnedFrame| -> Vec<String> {
        let dissection = dissect(&frame.as_frame());
        dissection.fields().filter(|field| field.value != Value::Group).map(|field| field.key.to_owned()).collect()
    };
    frames(path).iter().flat_map(of_frame).collect()
}

fn compare_file(path: &Path, keys: &[String], types: &HashMap<String, String>) -> Vec<Difference> {
    let name = name(path);
    if is_guessed(path) {
        println!("{name}: tshark takes it for a dialect of pcap that its magic number does not name; left out");
        return Vec::new();
    }
    let theirs = ask_tshark(path, keys);
    let mut differences = Vec::new();
    for (frame, theirs) in frames(path).iter().zip(&theirs) {
        let frame = frame.as_frame();
        // tshark has no number for what is longer than 2^31 - 1 bytes.
        let lengths = [frame.bytes.len() as u64, u64::from(frame.wire_len)].map(|len| vec![len.to_string()]);
        if ["frame.cap_len", "frame.len"].map(|key| theirs.get(key)) != lengths.each_ref().map(Some) {
            println!("{name} #{}: not the same packet for tshark; the rest of the file is left out", frame.number);
            break;
        }
        for (key, kind, text) in compare_packet(&frame, &dissect(&frame), theirs, types) {
            differences.push(Difference { file: name.clone(), number: frame.number, key, kind, text });
        }
    }
    differences
}

/// Whether tshark guesses by the first records that the file is of a kind (Nokia's, Red Hat 6.1's) that has the magic
/// number of the common one. libpcap goes by the number.
fn is_guessed(path: &Path) -> bool {
    let told = Command::new("capinfos").args(["-T", "-r", "-m", "-Q", "-t"]).arg(path).output();
    let told = told.expect("capinfos is installed");
    ["nokiapcap", "rh6_1pcap"].iter().any(|kind| String::from_utf8_lossy(&told.stdout).contains(kind))
}

fn ask_tshark(path: &Path, keys: &[String]) -> Vec<Told> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-r"]).arg(path).args(["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=\u{1f}"]);
    for preference in PREFERENCES {
        command.args(["-o", preference]);
    }
    let asked: Vec<&str> = ["frame.cap_len", "frame.len"].into_iter().chain(keys.iter().map(String::as_str)).collect();
    for key in &asked {
        command.args(["-e", key]);
    }
    let told = command.output().expect("tshark is installed");
    let text = String::from_utf8_lossy(&told.stdout);
    let packet = |line: &str| -> Told {
        let columns = asked.iter().zip(line.split('\t')).filter(|(_, values)| !values.is_empty());
        columns.map(|(key, values)| ((*key).to_owned(), values.split('\u{1f}').map(str::to_owned).collect())).collect()
    };
    text.lines().map(packet).collect()
}

fn compare_packet(
    frame: &Frame<'_>,
    ours: &Dissection,
    theirs: &Told,
    types: &HashMap<String, String>,
) -> Vec<(String, &'static str, String)> {
    let mut values: BTreeMap<&str, Vec<&Field>> = BTreeMap::new();
    ours.fields()
        .filter(|field| field.value != Value::Group)
        .for_each(|field| values.entry(field.key).or_default().push(field));
    let mut differences = Vec::new();
    for (key, fields) in values {
        let (Some(theirs), Some(kind)) = (theirs.get(key), types.get(key)) else { continue };
        // What tshark says of a field without bytes.
        let theirs: Vec<_> = theirs.iter().filter(|text| !matches!(text.as_str(), "<none>" | "<MISSING>")).collect();
        let differs = fields.iter().zip(&theirs).find(|(ours, theirs)| !same(frame, ours, theirs, kind));
        if let Some((ours, theirs)) = differs {
            differences.push((key.to_owned(), "value", format!("{:?}, tshark has {theirs}", ours.value)));
        } else if fields.len() > theirs.len() {
            let extra: Vec<_> = fields.iter().map(|field| &field.value).collect();
            differences.push((key.to_owned(), "count", format!("{extra:?}, tshark has {theirs:?}")));
        }
    }
    differences
}

/// Whether tshark's text for a field of type `kind` is the value of ours.
fn same(frame: &Frame<'_>, ours: &Field, theirs: &str, kind: &str) -> bool {
    if kind == "FT_NONE" {
        return true;
    }
    if kind == "FT_BYTES" {
        let bytes = ours.range.clone().map_or(&[][..], |range| &frame.bytes[range]);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        return theirs.replace(':', "") == hex;
    }
    match &ours.value {
        // Of a checksum left to the network card, or covering more than the packet shows, tshark says "bad".
        Value::Decimal(2) if ours.key.ends_with(".checksum.status") => true,
        Value::Decimal(number) if kind == "FT_BOOLEAN" => (theirs == "1") == (*number != 0),
        Value::Decimal(number) | Value::Hex(number, _) => parse(theirs) == Some(*number),
        Value::Flag(set) => matches!((*set, theirs), (true, "1" | "True") | (false, "0" | "False")),
        Value::Mac(bytes) => {
            let text: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            theirs == text.join(":")
        }
        Value::Ipv4(address) => theirs == address.to_string(),
        Value::Ipv6(address) => theirs.parse() == Ok::<Ipv6Addr, std::net::AddrParseError>(*address),
        Value::Text(text) => theirs == text || (text.contains(is_rewritten) && unescaped(theirs) == legible(text)),
        Value::Bytes | Value::Group => true,
    }
}

/// What tshark escapes, replaces, leaves out or ends a text at, each protocol in its own way.
fn is_rewritten(letter: char) -> bool {
    !letter.is_ascii() || letter.is_ascii_control()
}

/// The letters of a text up to a NUL that everybody spells alike.
fn legible(text: &str) -> String {
    text.chars().take_while(|letter| *letter != '\0').filter(|letter| !is_rewritten(*letter)).collect()
}

/// The same of tshark's spelling, without its escapes (`\033`, `\a`, `\u202E`).
fn unescaped(text: &str) -> String {
    let mut pieces = text.split('\\');
    let first = pieces.next().unwrap_or_default();
    let escape = |piece: &str| match piece.as_bytes() {
        [b'0'..=b'7', ..] => 3,
        [b'u', ..] => 5,
        _ => 1,
    };
    let rest = pieces.map(|piece| piece.get(escape(piece)..).unwrap_or_default());
    legible(&std::iter::once(first).chain(rest).collect::<String>())
}

fn parse(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok().or_else(|| text.parse::<i64>().ok().map(|number| number as u64)),
    }
}
