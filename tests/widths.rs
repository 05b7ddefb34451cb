//! No line of a timeline is wider than the terminal, whatever its width and however it is coloured; and many timelines take
//! no longer each than a few.
#![expect(clippy::disallowed_methods, reason = "whether time grows with the number of conversations, a clock tells")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use layerscope::analyse::{Limits, Observed, Tracker, call_notation, timelines};
use layerscope::model::SocketCall;
use layerscope::render::{Ladder, Style, View, text, write_handshake, write_timeline};
use layerscope::words::Language;

use crate::run::{layerscope, public_folder, stdout};
use crate::support::frames;
use crate::support::segments::ipv4;

/// The captures in the repository: with calls and without, over both transports.
fn own_captures() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/captures");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().contains(".pcap"));
    files.sort();
    assert!(!files.is_empty());
    files
}

/// All timelines of a file, one under the other.
fn draw(file: &Path, style: Style, explain: bool) -> String {
    let mut tracker = Tracker::new(Limits::default());
    let (mut packets, mut calls) = (Vec::new(), Vec::<SocketCall>::new());
    for frame in frames(file) {
        calls.extend(frame.comments.iter().filter_map(|comment| call_notation::read(comment)));
        let mut observed = Observed { frame, seen: None };
        observed.seen = tracker.observe(&observed.frame.as_frame(), &observed.packet());
        packets.push(observed);
    }
    calls.sort_by_key(|call| call.entered);
    let (view, mut out) = (View { style, absolute: true, read_text: &text::utf8_or_hex }, Vec::new());
    let origin = packets.first().and_then(|observed| observed.frame.time);
    let timelines = timelines(&packets, &calls);
    let draw =
        |timeline| Ladder { timeline, packets: &packets, calls: &calls, origin, longest: 0, explain, view: &view };
    let longest = timelines.iter().map(|timeline| draw(timeline).longest_label()).max().unwrap_or(0);
    for timeline in &timelines {
        for longest in [0, longest] {
            write_timeline(&Ladder { longest, ..draw(timeline) }, &mut out).unwrap();
        }
        if let Some(handshake) = tracker.connection(timeline.transport, timeline.stream).and_then(|it| it.handshake()) {
            write_handshake(handshake, style, &mut out).unwrap();
        }
    }
    String::from_utf8(out).unwrap()
}

/// A line without the escape sequences of its colours.
fn bare(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |bare, part| bare + part.split_once('m').map_or("", |(_, text)| text))
}

#[test]
fn no_line_of_a_timeline_is_wider_than_the_terminal() {
    let mut wide = Vec::new();
    for file in own_captures() {
        for width in (40..=200).step_by(1) {
            for (color, ascii) in [(false, false), (true, false), (false, true), (true, true)] {
                let drawn = draw(&file, Style { color, ascii, width, language: Language::En }, width % 8 == 0);
                let widest = drawn.lines().map(bare).max_by_key(|line| text::width(line)).unwrap_or_default();
                if text::width(&widest) > width {
                    wide.push(format!("{} at {width}, color {color}, ascii {ascii}: {widest:?}", file.display()));
                }
            }
        }
    }
    assert!(wide.is_empty(), "{} too wide, such as\n{}", wide.len(), wide[..wide.len().min(10)].join("\n"));
}

#[test]
fn colour_changes_nothing_but_the_colour() {
    for file in own_captures() {
        for width in [40, 79, 80, 81, 120] {
            let plain = draw(&file, Style { color: false, ascii: false, width, language: Language::En }, true);
            let coloured = draw(&file, Style { color: true, ascii: false, width, language: Language::En }, true);
            assert_eq!(coloured.lines().map(bare).collect::<Vec<_>>(), plain.lines().collect::<Vec<_>>());
        }
    }
}

/// A capture of so many UDP conversations of one datagram each, or of one conversation of so many datagrams.
fn datagrams(path: &Path, count: u32, of_one: bool) {
    let mut file = std::fs::File::create(path).unwrap();
    let mut bytes = Vec::new();
    for field in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101_u32] {
        bytes.extend(field.to_le_bytes());
    }
    for number in 0..count {
        let port = if of_one { 40_000 } else { 10_000 + number as u16 };
        let (from, to) = ("192.0.2.1:9".parse().unwrap(), "192.0.2.2:53".parse().unwrap());
        let udp = [&port.to_be_bytes()[..], &53_u16.to_be_bytes(), &12_u16.to_be_bytes(), &[0; 2], b"ping"].concat();
        let packet = ipv4(from, to, 17, number as u16, &udp);
        for field in [1_700_000_000 + number / 1000, number % 1000 * 1000, packet.len() as u32, packet.len() as u32] {
            bytes.extend(field.to_le_bytes());
        }
        bytes.extend(packet);
    }
    file.write_all(&bytes).unwrap();
}

#[test]
fn timelines_take_as_long_each_however_many_there_are() {
    let folder = public_folder();
    for of_one in [false, true] {
        let mut times = Vec::new();
        for count in [1_000, 8_000] {
            let file = folder.path().join(format!("{count}.pcap"));
            datagrams(&file, count, of_one);
            let started = Instant::now();
            let drawn = stdout(layerscope(["read", "--show", "timeline"]).arg(&file));
            times.push(started.elapsed());
            assert_eq!(drawn.matches("\"ping\"").count(), count as usize);
        }
        // Eight times as many take eight times as long, and not sixty-four times; half of that is left to the machine.
        assert!(times[1] < times[0] * 30 + Duration::from_millis(500), "of one {of_one}: {times:?}");
    }
}

#[test]
fn a_time_has_the_room_it_takes() {
    let folder = public_folder();
    let file = folder.path().join("far.pcap");
    let udp = [0, 7, 0, 9, 0, 9, 0, 0, b'x'];
    let packet = ipv4("192.0.2.1:7".parse().unwrap(), "192.0.2.2:9".parse().unwrap(), 17, 1, &udp);
    let stamps = [0_u32, 12_345, 1_234_567_890, u32::MAX];
    let mut bytes = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101].map(u32::to_le_bytes).concat();
    for seconds in stamps {
        let len = packet.len() as u32;
        bytes.extend([seconds, 500_000, len, len].map(u32::to_le_bytes).concat());
        bytes.extend(&packet);
    }
    std::fs::write(&file, bytes).unwrap();
    for (width, with) in [("80", "--ascii"), ("120", "--explain")] {
        let drawn = stdout(layerscope(["timeline", "-s", "udp:0", with]).arg(&file).env("COLUMNS", width));
        for time in ["12345.0", "1234567890.0", "4294967295.0"] {
            assert!(drawn.contains(&format!(" {time} ")), "{time}: {drawn}");
        }
        let widest = drawn.lines().map(text::width).max();
        assert!(widest <= width.parse().ok(), "{widest:?}: {drawn}");
        let rows: Vec<&str> = drawn.lines().filter(|line| line.contains("datagram 1 B")).collect();
        let places: Vec<_> = rows.iter().map(|row| row.find("datagram")).collect();
        assert_eq!(places, [places[0]; 4], "the lanes stand below one another: {drawn}");
    }
}
