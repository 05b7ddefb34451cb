//! Saved captures: every file we have is read to its end or to a named damage, and Wireshark counts the same packets.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use layerscope::model::{LinkType, OwnedFrame};
use layerscope::source::{CaptureFile, FrameSource, SourceError};

use crate::support::savefile::{self, COMMENT, IF_TSOFFSET, IF_TSRESOL, Order, Pcapng};
use crate::support::{captures, corpus, ours, those_of};

/// Where our count is not capinfos', and why.
const DIFFERENT: [(&str, u64, &str); 5] = [
    ("pcapplusplus__solaris.snoop", 0, "snoop is neither pcap nor pcapng; the error says how to convert it"),
    ("python-pcapng__test007.ntar", 1, "the block is longer than its packet needs, which Wireshark trips over"),
    // Wireshark guesses from the first records that these were written by old modified versions of libpcap, whose
    // magic number is the standard one. libpcap does not guess, and the records read well as what the magic says.
    ("pcapplusplus__clusterfuzz-testcase-minimized-FuzzTarget-5766899836387328", 1, "guessed modified"),
    ("pcapplusplus__crash-exception-cast-constructed-record", 2, "guessed modified"),
    ("suricata__bug-6875-01.fuzz.pcap", 1, "guessed modified"),
];

/// Everything a capture hands out, and the error it ends with.
fn read(opened: Result<CaptureFile, SourceError>) -> (Vec<OwnedFrame>, Option<SourceError>) {
    let mut file = match opened {
        Ok(file) => file,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut frames = Vec::new();
    loop {
        match file.next_frame() {
            Ok(Some(frame)) => frames.push(frame.to_owned()),
            Ok(None) => return (frames, None),
            Err(error) => {
                assert!(file.next_frame().unwrap().is_none(), "nothing follows an error");
                return (frames, Some(error));
            }
        }
    }
}

fn frames(path: &Path) -> Vec<OwnedFrame> {
    let (frames, error) = read(CaptureFile::open(path));
    assert!(error.is_none(), "{error:?}");
    frames
}

/// What Wireshark's reader counts in each file that it can read, up to where it finds the file damaged.
fn capinfos(files: &[PathBuf]) -> HashMap<PathBuf, u64> {
    let mut counts = HashMap::new();
    for batch in files.chunks(400) {
        let output = Command::new("capinfos").args(["-c", "-M", "-T", "-r"]).args(batch).output();
        let output = output.expect("capinfos is installed (package wireshark-common)");
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let (file, packets) = line.split_once('\t').unwrap();
            counts.insert(file.into(), packets.parse().unwrap());
        }
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            let Some(rest) = line.strip_prefix("capinfos: An error occurred after reading ") else { continue };
            let (packets, file) = rest.split_once(" packets from ").unwrap();
            counts.insert(file.trim_end_matches('.').trim_matches('"').into(), packets.parse().unwrap());
        }
    }
    assert!(counts.len() + 50 > files.len(), "capinfos read {} captures", counts.len());
    counts
}

#[test]
fn every_capture_is_read_as_far_as_wireshark_reads_it() {
    let files = captures();
    let mut expected = capinfos(&files);
    for (name, packets, _) in DIFFERENT {
        let excused = expected.iter_mut().find(|(path, _)| path.ends_with(name));
        assert_eq!(excused.is_some(), corpus().is_some(), "{name} is another project's");
        let Some((_, wireshark)) = excused else { continue };
        assert_ne!(*wireshark, packets, "{name} need not be excused any more");
        *wireshark = packets;
    }
    let mut differences = Vec::new();
    for path in &files {
        let (frames, error) = read(CaptureFile::open(path));
        let packets = frames.len() as u64;
        assert!(frames.iter().zip(1..).all(|(frame, number)| frame.number == number));
        if let Some(SourceError::Damaged { packets: told, .. }) = error {
            assert_eq!(told, packets, "{}", path.display());
        }
        if expected.get(path).is_some_and(|&expected| expected != packets) {
            differences.push(format!("{}: {packets} packets, not {}: {error:?}", path.display(), expected[path]));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_damage_is_named_with_its_place() {
    let cases = [
        ("cut-after-magic.pcap", 0, 0, "the file ends inside its header, after 4 of 24 bytes"),
        ("cut-in-last-record-header.pcap", 4510, 17, "the file ends inside a record's header, after 9 of 16 bytes"),
        ("cut-in-last-packet-data.pcap", 4510, 17, "the file ends inside a packet, after 46 of 66 bytes"),
        ("record5-caplen-2GiB.pcap", 442, 5, "a record claims 2147483647 captured bytes"),
        ("garbage-after-last-record.pcap", 4592, 18, "a record claims 4294967295 captured bytes"),
        ("cut-in-block-header.pcapng", 62164, 88, "the file ends inside a block's header, after 6 bytes"),
        ("cut-in-block.pcapng", 62164, 88, "the file ends inside a block of type 0x6, after 70 of 100 bytes"),
        ("last-block-length-mismatch.pcapng", 62164, 88, "a block's two lengths differ: 100 before it, 9999 after"),
        ("gzip-truncated.pcap.gz", 808, 8, "the gzip data ends too early"),
    ];
    for (name, at, count, words) in cases {
        let Some(SourceError::Damaged { offset, cause, packets, .. }) =
            read(CaptureFile::open(ours("derived").join(name))).1
        else {
            panic!("{name} is damaged")
        };
        assert_eq!((offset, packets), (at, count), "{name}");
        assert!(cause.starts_with(words), "{name}: {cause}");
    }
}

#[test]
fn what_is_no_capture_is_told_by_name() {
    let cases: [(&[u8], &str); 9] = [
        (b"", "it is empty (0 bytes)"),
        ("12:00:01 \u{6d}äß\u{4e2d}".as_bytes().split_last().unwrap().1, "it is text"),
        (b"MZ\x90\0\x03\0\0\0\x04", "it starts with the bytes 4d 5a 90"),
        (b"12:00:01.000000 IP 10.0.0.1.80 > 10.0.0.2.4000: Flags [S]\n", "it is text"),
        (b"\x7fELF\x02\x01\x01", "it is a program (ELF)"),
        (b"BZh91AY&SY", "it is compressed with bzip2; try `bzip2 -dc"),
        (
            b"\xd4\xc3\xb2\xa1\x01\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0",
            "it starts like pcap, but of version 1.4",
        ),
        (b"\x34\x12\xb2\xa1more", "it starts like pcap, but no known variant has the magic bytes 34 12 b2 a1"),
        (&[0xff; 99], "it starts with the bytes ff ff ff ff ff ff ff ff"),
    ];
    for (bytes, words) in cases {
        match CaptureFile::from_reader("input", bytes) {
            Err(SourceError::NotACapture { found, .. }) => assert!(found.starts_with(words), "{found}"),
            _ => panic!("{bytes:?} is no capture"),
        }
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"just a letter").unwrap();
    let error = CaptureFile::from_reader("letter.gz", &*gzip.finish().unwrap().leak()).err().unwrap();
    assert!(error.to_string().contains("compressed with gzip, and decompressed it is text"), "{error}");
}

#[test]
fn a_directory_and_a_missing_file_are_the_systems_errors() {
    for path in ["/", "/no/such/file.pcap"] {
        assert!(matches!(CaptureFile::open(path), Err(SourceError::File { .. })), "{path}");
    }
}

#[test]
fn byte_order_and_unit_do_not_change_what_is_read() {
    let plain = frames(&ours("derived/le-us.pcap"));
    for name in ["be-us.pcap", "le-us.pcapng", "gzip.pcap.gz", "version-2.3.pcap", "snaplen-zero-in-header.pcap"] {
        let same = frames(&ours("derived").join(name));
        assert!(plain.iter().map(|frame| &frame.bytes).eq(same.iter().map(|frame| &frame.bytes)), "{name}");
        assert!(plain.iter().map(|frame| frame.time).eq(same.iter().map(|frame| frame.time)), "{name}");
    }
    let fcs = frames(&ours("derived/fcs-linktype-high-bits.pcap"));
    assert!(fcs.iter().all(|frame| frame.link == LinkType::ETHERNET));
}

#[test]
fn times_lengths_and_comments_are_wiresharks() {
    let names = [
        "formats/gopacket__be_test902.pcapng",                    // ticks of 2^-8 s
        "formats/pcapng-test-generator__be_basic_test008.pcapng", // if_tsoffset, an interface in nanoseconds
        "formats/pcapng-test-generator__le_basic_test008.pcapng",
        "formats/pcapng-test-generator__be_basic_test011.pcapng", // simple packet blocks: no time
        "formats/pcapng-test-generator__be_basic_test016.pcapng",
        "formats/pcap-parser__modified-format.pcap",
        "formats/pcapplusplus__nanosecs_big_endian.pcap",
        "formats/gopacket__le_test300.pcapng",
        "derived/mixed-ns-us.pcapng",
        "derived/timestamps-after-2038.pcap",
        "generated/two-interfaces.mid.pcapng",
    ];
    let made = [powers_of_two(), offset_times(Order::Big), offset_times(Order::Little), savefile::three_sections()]
        .map(|bytes| savefile::saved(&bytes));
    let made = made.iter().map(|file| file.path().to_owned());
    for path in those_of(&names).into_iter().chain(made) {
        let ours: Vec<String> = frames(&path).iter().map(described).collect();
        let tshark = Command::new("tshark")
            .args(["-n", "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len"])
            .args(["-e", "frame.comment", "-r"])
            .arg(&path)
            .output()
            .expect("tshark is installed");
        let theirs = String::from_utf8(tshark.stdout).unwrap();
        assert!(ours.iter().eq(theirs.lines()), "{}\n{}\n{theirs}", path.display(), ours.join("\n"));
    }
}

/// Times in units of 2^-8 s.
fn powers_of_two() -> Vec<u8> {
    let frame = [0; 60];
    let resolution: &[(u16, &[u8])] = &[(IF_TSRESOL, &[0x88])];
    let made = Pcapng::default().section(Order::Big, &[]).interface(LinkType::ETHERNET, 0, resolution);
    (0..4).fold(made, |made, number| made.packet(0, (1_700_000_000 << 8) + 77 * number, 60, &frame, &[])).bytes
}

/// Times in microseconds and nanoseconds, the latter an hour before what is written, and none at all.
fn offset_times(order: Order) -> Vec<u8> {
    let (frame, offset) = ([0; 60], order.u64((-3600_i64).cast_unsigned()));
    Pcapng::default()
        .section(order, &[])
        .interface(LinkType::ETHERNET, 96, &[])
        .interface(LinkType::ETHERNET, 0, &[(IF_TSRESOL, &[9]), (IF_TSOFFSET, &offset)])
        .packet(0, 1_700_000_000_000_001, 600, &frame, &[(COMMENT, b"one"), (COMMENT, b"two")])
        .packet(1, 1_700_000_000_000_000_001, 60, &frame, &[])
        .simple_packet(60, &frame)
        .bytes
}

/// A frame as `tshark -T fields` prints it.
fn described(frame: &OwnedFrame) -> String {
    let time = frame.time.map_or_else(String::new, |time| format!("{}.{:09}", time.parts().0, time.parts().1));
    format!("{time}\t{}\t{}\t{}", frame.wire_len, frame.bytes.len(), frame.comments.join(","))
}

/// A pcap file of one packet: 4 bytes captured of 60, in either byte order.
fn one_packet(magic: u32, version: [u16; 2], lengths: [u32; 2], extra: usize, big_endian: bool) -> Vec<u8> {
    let order =
        |bytes: &[u8]| -> Vec<u8> { if big_endian { bytes.to_vec() } else { bytes.iter().rev().copied().collect() } };
    let mut file = order(&magic.to_be_bytes());
    version.iter().for_each(|part| file.extend(order(&part.to_be_bytes())));
    for number in [0, 0, 65535, 1, 1_000_000_000, 5, lengths[0], lengths[1]] {
        file.extend(order(&u32::to_be_bytes(number)));
    }
    file.extend(vec![0; extra]);
    file.extend([1, 2, 3, 4]);
    file
}

#[test]
fn old_and_modified_variants_are_read_as_libpcap_reads_them() {
    let standard = 0xa1b2_c3d4;
    for big_endian in [false, true] {
        for (file, nanos) in [
            (one_packet(standard, [2, 4], [4, 60], 0, big_endian), 5_000),
            (one_packet(standard, [2, 2], [60, 4], 0, big_endian), 5_000),
            (one_packet(standard, [2, 3], [60, 4], 0, big_endian), 5_000),
            (one_packet(standard, [2, 3], [4, 60], 0, big_endian), 5_000),
            (one_packet(standard, [543, 0], [60, 4], 0, big_endian), 5_000),
            (one_packet(0xa1b2_3c4d, [2, 4], [4, 60], 0, big_endian), 5),
            (one_packet(0xa1b2_cd34, [2, 4], [4, 60], 8, big_endian), 5_000),
        ] {
            let (frames, error) = read(CaptureFile::from_reader("old", std::io::Cursor::new(file)));
            assert!(error.is_none() && frames.len() == 1, "{error:?}");
            assert_eq!((frames[0].wire_len, &frames[0].bytes[..]), (60, &[1, 2, 3, 4][..]));
            assert_eq!(frames[0].time.unwrap().nanos(), 1_000_000_000_000_000_000 + nanos);
        }
    }
}

#[test]
fn interfaces_count_over_all_sections() {
    let sections = std::io::Cursor::new(savefile::three_sections());
    let mut file = CaptureFile::from_reader("sections", sections).unwrap();
    let mut seen = Vec::new();
    while let Some(frame) = file.next_frame().unwrap() {
        seen.push((frame.interface, frame.link.0, frame.time.is_some()));
    }
    // Interface number, link type, whether there is a time.
    assert_eq!(seen, [(0, 1, true), (1, 0, true), (2, 1, false), (2, 1, true), (4, 0, true)]);

    let interfaces: Vec<_> = file.interfaces().iter().map(|it| (it.name.as_deref(), it.snaplen, it.dropped)).collect();
    let eth0 = |dropped| (Some("eth0"), 96, dropped);
    let (null1, eth1) = ((Some("null1"), 0, None), (Some("eth1"), 48, Some(10)));
    assert_eq!(interfaces, [eth0(None), null1, eth1, eth0(Some(1)), null1]);
    assert_eq!(file.comments(), ["first section", "second section", "third section"]);
    let named = |address: &str, name: &str| file.names().contains(&(address.parse().unwrap(), name.to_owned()));
    assert!(named("10.0.0.1", "one.example") && named("fcfc:fcfc:fcfc:fcfc:fcfc:fcfc:fcfc:fcfc", "six.example"));
}

/// A packet that is complete is handed out although the pipe stays open and its buffer is far from full.
#[test]
fn a_slow_pipe_is_read_packet_by_packet() {
    let bytes = fs::read(ours("derived/le-us.pcapng")).unwrap();
    let ends = packet_ends(&bytes);
    let (reader, mut writer) = std::io::pipe().unwrap();
    let (tell, told) = mpsc::channel();
    let reading = thread::spawn(move || {
        let mut file = CaptureFile::from_reader("pipe", reader).unwrap();
        while let Some(frame) = file.next_frame().unwrap() {
            tell.send(frame.number).unwrap();
        }
    });
    let mut written = 0;
    for (end, number) in ends.iter().zip(1..) {
        writer.write_all(&bytes[written..*end]).unwrap();
        written = *end;
        assert_eq!(told.recv_timeout(Duration::from_secs(10)), Ok(number));
        assert!(told.try_recv().is_err());
    }
    drop(writer);
    reading.join().unwrap();
}

/// Where each packet's record ends in an uncompressed capture.
fn packet_ends(bytes: &[u8]) -> Vec<usize> {
    let Ok(mut file) = CaptureFile::from_reader("bytes", std::io::Cursor::new(bytes.to_vec())) else {
        return Vec::new();
    };
    let mut ends = Vec::new();
    while let Ok(Some(_)) = file.next_frame() {
        ends.push(file.offset() as usize);
    }
    ends
}
