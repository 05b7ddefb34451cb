//! Times, sizes and numbers that no honest capture has, through every verb in every format: each is told or refused, and
//! no sum, difference or product of them runs over. The binary under test checks its arithmetic.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use layerscope::decode::headers;
use layerscope::model::{Frame, LinkType};

use crate::run::{layerscope, public_folder};
use crate::support::ending::shared;
use crate::support::packets::{address6, ipv4_between, ipv6, raw, tcp, udp};
use crate::support::savefile::{COMMENT, IF_TSOFFSET, IF_TSRESOL, Order, Pcapng};
use crate::support::segments::{ACK, FIN, RST, SYN};
use crate::support::{ours, over};

/// A capture with calls, whose timeline has everything that a picture can show.
const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng");

/// What a capture says of a packet's time: the interface whose clock it is, and nanoseconds since that clock began.
type Time = (u32, u64);

/// The ends of what can be told, of an interface's clock that counts nanoseconds from 1970, or from 1823 on.
const LATEST: Time = (0, i64::MAX as u64 / 2);
const EARLIEST: Time = (1, 0);
const BEGINNING: i64 = -4_611_686_018;

/// Beyond all that can be told: nanoseconds to the year 2554, and clocks that began when no year has a number.
const BEYOND: [Time; 3] = [(0, u64::MAX), (2, 5), (3, u64::MAX)];

/// Captures' times, packet after packet, over and over.
fn times() -> Vec<(&'static str, Vec<Time>)> {
    let now = 1_700_000_000_000_000_000;
    let decade = 315_360_000_000_000_000;
    vec![
        ("latest-first", vec![LATEST, EARLIEST]),
        ("earliest-first", vec![EARLIEST, LATEST]),
        ("one-at-the-end", vec![(0, now), (0, now), (0, now + 1), LATEST]),
        ("beyond", BEYOND.to_vec()),
        ("some-untimed", vec![BEYOND[0], LATEST, BEYOND[1], EARLIEST, BEYOND[2], (0, 0)]),
        ("all-at-once", vec![(0, now)]),
        ("backwards", (0..100).map(|packet| (0, now - packet)).collect()),
        ("decades-apart", (0..9).map(|packet| (0, packet * decade)).collect()),
    ]
}

/// A segment between 10.0.0.1:1000, the client, and 10.0.0.2:80.
fn segment(from_client: bool, seq: u32, ack: u32, flags: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let (client, server) = (([10, 0, 0, 1], 1000), ([10, 0, 0, 2], 80));
    let (from, to) = if from_client { (client, server) } else { (server, client) };
    let mut segment = tcp(from.1, to.1, options, payload);
    segment[4..12].copy_from_slice(&[seq.to_be_bytes(), ack.to_be_bytes()].concat());
    segment[13] = flags;
    ipv4_between(from.0, to.0, 6, &segment)
}

/// The same, of which the IP header says no length: it is as long as the frame was.
fn unstated(mut packet: Vec<u8>) -> Vec<u8> {
    packet[2..4].fill(0);
    packet
}

/// The same, of which the IP header claims to be as long as it can.
fn claiming(mut packet: Vec<u8>) -> Vec<u8> {
    packet[2..4].fill(0xff);
    packet
}

/// A conversation whose numbers wrap and leap; every length and number is at an end of what its field can say.
fn conversation() -> Vec<Vec<u8>> {
    let scaled = [2, 4, 0xff, 0xff, 1, 3, 3, 14];
    let blocks = [[1, 1, 5, 18].to_vec(), [0xff; 4].to_vec(), [0; 4].to_vec(), [0; 4].to_vec(), [0xff; 4].to_vec()];
    let last = u32::MAX;
    vec![
        segment(true, last, 0, SYN, &scaled, b""),
        segment(true, last, 0, SYN, &scaled, b""),
        segment(false, last - 1, 0, SYN | ACK, &scaled, b""),
        segment(true, 0, last, ACK, &[], b""),
        segment(true, 0, last, ACK, &[], b"one"),
        claiming(segment(true, 3, last, ACK, &[], b"two")),
        unstated(segment(true, 0, last, ACK, &[], b"one")),
        claiming(segment(true, last - 9, last, ACK, &[], b"over the wrap")),
        segment(false, last, 1 << 31, ACK, &blocks.concat(), b"three"),
        segment(false, 4, 65_518, ACK, &blocks.concat(), b""),
        segment(false, 4, 65_518, ACK, &[], b""),
        segment(true, 1 << 31, 4, ACK | FIN, &[], b"far"),
        segment(false, 1 << 31, last, ACK | FIN, &[], b""),
        segment(true, 0, 0, ACK | RST, &[], b""),
    ]
}

/// A datagram between two addresses that take as many characters as any.
fn datagram6(to_server: bool, payload: &[u8]) -> Vec<u8> {
    let (from, to) = if to_server { (40_000, 50_000) } else { (50_000, 40_000) };
    let mut packet = ipv6(17, &udp(from, to, payload));
    let ends = [1, 2].map(|last| address6(0x2001, last).map(|byte| if byte == 0 { 0xfa } else { byte }));
    let (source, destination) = if to_server { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
    packet[8..40].copy_from_slice(&[source, destination].concat());
    packet
}

/// A datagram's first fragment, and one that begins where no datagram can have a byte; both say no length.
fn fragments() -> [Vec<u8>; 2] {
    let whole = unstated(ipv4_between([10, 0, 0, 1], [10, 0, 0, 2], 17, &udp(1, 2, &[b'x'; 16])));
    [[0x20, 0], [0x1f, 0xff]].map(|place| {
        let mut packet = whole.clone();
        packet[6..8].copy_from_slice(&place);
        packet
    })
}

/// A call that takes longer than there is time, or ends before it began.
fn call(duration: i64, moved: u32) -> String {
    format!(
        "call [client TCP at 4611686018.427387903 for {duration}ns local 10.0.0.1:1000 peer 10.0.0.2:80 \
         state-after ESTABLISHED moved {moved}] send({moved} B \"one\") = ok {moved} B"
    )
}

/// A capture of these packets, each said to have had this length on the wire, or its own.
fn capture(times: &[Time], wire_len: Option<u32>, packets: &[Vec<u8>]) -> Vec<u8> {
    let calls = [call(i64::MAX, u32::MAX), call(i64::MIN, 0)];
    let mut file = Pcapng::default().section(Order::Little, &[]);
    for offset in [0, BEGINNING, i64::MIN, i64::MAX] {
        let options: [(u16, &[u8]); 2] = [(IF_TSRESOL, &[9]), (IF_TSOFFSET, &offset.to_le_bytes())];
        file = file.interface(LinkType::RAW, 0, &options);
    }
    for ((packet, (interface, ticks)), number) in packets.iter().zip(times.iter().cycle()).zip(0..) {
        let calls = if number == 4 { &calls[..] } else { &[] };
        let comments: Vec<(u16, &[u8])> = calls.iter().map(|call| (COMMENT, call.as_bytes())).collect();
        file = file.packet(*interface, *ticks, wire_len.unwrap_or(packet.len() as u32), packet, &comments);
    }
    file.bytes
}

/// All the captures that are made here.
fn hostile() -> &'static [PathBuf] {
    static HOSTILE: OnceLock<Vec<PathBuf>> = OnceLock::new();
    HOSTILE.get_or_init(|| {
        let mut packets = conversation();
        packets.extend([datagram6(true, b"?"), datagram6(false, b"")]);
        packets.extend(fragments());
        packets.extend(fragments().map(claiming));
        let many: Vec<_> = (0..300).flat_map(|_| [datagram6(true, b"?"), datagram6(false, b"!")]).collect();
        let made = times().into_iter().flat_map(|(name, times)| {
            let larger = [None, Some(u32::MAX)].map(|wire_len| capture(&times, wire_len, &packets));
            larger.into_iter().zip([name.to_owned(), format!("{name}-large")])
        });
        let folder = shared(public_folder());
        let files = made.chain([(capture(&times()[0].1, Some(u32::MAX), &many), "many".to_owned())]);
        let files = files.map(|(bytes, name)| {
            let path = folder.join(name).with_extension("pcapng");
            std::fs::write(&path, bytes).unwrap();
            path
        });
        files.collect()
    })
}

/// The captures that misled the first release.
fn attacks() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(ours("attacks")).unwrap();
    let files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 3, "{files:?}");
    files
}

/// Every verb that reads a capture, in every format; `FILE` is the capture.
const RUNS: [&str; 39] = [
    "read FILE",
    "read FILE -v --hex --relative",
    "read FILE --format plain --time delta",
    "read FILE --format plain --time absolute",
    "read FILE --format json",
    "read FILE --format csv --columns number,time,absolute,delta,epoch,interface,length",
    "read FILE --show timeline --explain --limit 18446744073709551615",
    "read FILE --count --from +1s --to +1h",
    "read --merge FILE FILE --format plain",
    "inspect FILE 6",
    "inspect FILE 6 --format json",
    "inspect FILE 18 --format json",
    "inspect FILE 6 --field frame.time_relative",
    "handshakes FILE",
    "handshakes FILE --ladder --max-connections 18446744073709551615",
    "handshakes FILE --format json",
    "handshakes FILE --format csv --sort total",
    "flows FILE",
    "flows FILE --sort duration --top 18446744073709551615",
    "flows FILE --format json",
    "flows FILE --format csv --sort rtt",
    "flows FILE --expect rtt<1s;duration<2s;packets<10;bytes>1k",
    "stats FILE",
    "stats FILE --interval 1ms",
    "stats FILE --format json --interval 106751d",
    "stats FILE --format json --interval 292d",
    "timeline FILE -s 0 --explain",
    "timeline FILE -s 0 --format json",
    "timeline FILE -s 0 --format csv",
    "timeline FILE -s 0 --format mermaid",
    "timeline FILE -s 0 --format svg",
    "timeline FILE -s udp:0 --max-rows 18446744073709551615",
    "timeline FILE -s udp:0 --format svg",
    "timeline FILE -s udp:1 --format json",
    "follow FILE -s 0",
    "follow FILE -s 0 --as hex",
    "follow FILE -s 0 --format json",
    "follow FILE -s udp:0 --as raw",
    "follow FILE -s udp:1 --as hex",
];

/// Numbers that ran over: `i64::MIN` and its seconds, and what is a little below zero as `u64` and `u32` see it. The wire
/// can have had `u32::MAX` bytes.
const RUN_OVER: [&str; 3] = ["9223372036854775808", "9223372036.854775808", "1844674407370955"];

/// Runs a verb over a file at a width; what it wrote, and what is wrong with how it ended.
fn run(words: &str, file: &Path, columns: usize) -> (String, Option<String>) {
    let words = words.split(' ').map(|word| if word == "FILE" { file.as_os_str() } else { word.as_ref() });
    let output = layerscope(words).env("COLUMNS", columns.to_string()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let written = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_documented = output.status.code().is_some_and(|code| code <= 4) && !said.contains("Usage: ");
    let over = RUN_OVER.into_iter().find(|number| written.contains(number) || said.contains(number));
    let wrong = match over {
        _ if !is_documented => Some(format!("{}: {said}", output.status)),
        Some(number) => Some(format!("says {number}")),
        None => None,
    };
    (written, wrong)
}

/// What is wrong with a file's runs.
fn faults(file: &Path) -> Vec<String> {
    let told = |words: &&str| run(words, file, 100).1.map(|wrong| format!("{words}, {}: {wrong}", file.display()));
    RUNS.iter().filter_map(told).collect()
}

#[test]
fn no_time_size_or_number_runs_over_in_any_format() {
    let files: Vec<_> = attacks().into_iter().chain(hostile().to_vec()).collect();
    let faults = over(&files, faults).concat();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_width_of_a_terminal_runs_over() {
    for columns in [usize::MAX, usize::MAX / 2, 1] {
        let faults: Vec<_> = RUNS.iter().filter_map(|words| run(words, DEMO.as_ref(), columns).1).collect();
        assert!(faults.is_empty(), "{columns} columns: {}", faults.join("\n"));
    }
}

/// The value of an attribute, as a number of pixels.
fn pixels(element: &str, name: &str) -> Option<f64> {
    let (_, rest) = element.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0.parse().unwrap_or_else(|_| panic!("{element}")))
}

/// Where an element begins and ends from left to right; text by what its characters take.
fn extent(element: &str) -> Option<(f64, f64)> {
    let starts = ["x", "x1"].iter().find_map(|name| pixels(element, name)).unwrap_or(0.0);
    if let Some(width) = pixels(element, "width") {
        return Some((starts, starts + width));
    }
    if let Some(end) = pixels(element, "x2") {
        return Some((starts.min(end), starts.max(end)));
    }
    let said = element.strip_prefix("<text")?.split_once('>')?.1.split('<').next()?;
    let character = if element.contains("\"big\"") { 9.0 } else { 7.8 };
    let long = character * said.replace("&quot;", "\"").chars().count() as f64;
    Some(match element.split_once("text-anchor=\"").map(|(_, anchor)| anchor.split('"').next()) {
        Some(Some("middle")) => (starts - long / 2.0, starts + long / 2.0),
        Some(Some("end")) => (starts - long, starts),
        _ => (starts, starts + long),
    })
}

/// The elements of a picture that are not wholly in it.
fn outside(picture: &str) -> Vec<String> {
    let mut elements = picture.lines();
    let frame = elements.next().unwrap();
    let (width, height) = (pixels(frame, "width").unwrap(), pixels(frame, "height").unwrap());
    let is_in = |element: &&str| {
        let (left, right) = extent(element).unwrap_or_default();
        let heights = ["y", "y1", "y2"].into_iter().filter_map(|name| pixels(element, name));
        0.0 <= left && right <= width && heights.into_iter().all(|y| (0.0..=height).contains(&y))
    };
    elements.filter(|element| !is_in(element)).map(str::to_owned).collect()
}

#[test]
fn every_part_of_a_picture_is_in_it() {
    for file in attacks().iter().chain(hostile()).chain([&PathBuf::from(DEMO)]) {
        for stream in ["0", "udp:0"] {
            let (picture, _) = run(&format!("timeline FILE -s {stream} --format svg"), file, 100);
            let outside = if picture.is_empty() { Vec::new() } else { outside(&picture) };
            assert!(outside.is_empty(), "{} {stream}: {outside:#?}", file.display());
        }
    }
}

#[test]
fn a_fragment_ends_behind_its_beginning() {
    for packet in fragments() {
        let frame = Frame { wire_len: u32::MAX, ..raw(&packet) };
        let bytes = headers(&frame).fragment().unwrap().bytes;
        assert!(bytes.start < bytes.end, "{bytes:?}");
    }
}
