//! Beginnings for the fuzz targets, made of captures: `seeds OUT FOLDER...` writes a folder a target into OUT.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use layerscope::model::OwnedFrame;
use layerscope::source::{CaptureFile, FrameSource};

/// Larger files slow the fuzzer down more than they teach it.
const LARGEST: u64 = 8192;

/// How many packets of a capture are beginnings of their own.
const PACKETS: usize = 12;

/// How many verbs there are, and how many bytes choose one and its options.
const VERBS: u8 = 7;
const CHOICES: usize = 8;

/// A text a kind, as `texts` tells them apart.
const TEXTS: [(u8, &[u8]); 24] = [
    (0, b"\0handshake<50ms;close=fin;no reset;no retransmissions;connections=3"),
    (0, b"\0bytes < 2MB; rtt<=1.5s; state!=S0; open=no-answer"),
    (0, b"\x012026-11-20T19:22:17.5Z"),
    (0, b"\x01+1.5"),
    (0, b"\x021700000000.5"),
    (0, b"\x03500ms"),
    (0, b"\x041.5s"),
    (0, b"\x05number,time,source,destination"),
    (0, b"\x06udp:3"),
    (0, b"\x07table,timeline"),
    (0, b"\x08100MB"),
    (0, b"\x0964KiB"),
    (0, b"\x0agbk"),
    (1, b"read a.pcap --format json --filter tcp -c 3"),
    (2, b"call [client TCP at 1700000000.000000000 for 45800ns local 127.0.0.1:40112 peer 127.0.0.1:8888 state-after ESTABLISHED] connect(127.0.0.1:8888) = ok"),
    (2, b"call [server UDP at 1.5 for 1ns moved 5] send(5 B \"a) = b\") = EPIPE"),
    (3, b"process of the source: pid 4711, user \"alice\", name \"curl\\u{1b}\", held by 3 others too"),
    (4, b"2026-11-20T19:22:17.824897000Z"),
    (5, b"127.0.0.1 localhost other\n::1\tip6-localhost # yes\nnameserver fe80::1%eth0\n"),
    (6, b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x03\x01x\0\xc0\x0c\0\x0c\0\x01\0\0\0\x3c\0\x0e\x04host\x07example\0"),
    (8, b"\x4c\0\0\0\x14\0\0\0\x01\0\0\0\0\0\0\0\x02\x0a\0\0\0\x50\x9c\x40\x7f\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\x7f\0\0\x01"),
    (10, b"\x02\x40\x28\0\0\0\x0c\0\0\0\x06\0\0\0\xff\xff\xff\xff\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x08\0"),
    (11, b"\0\x0b\x0d\x06\x07\x0a\x0f\x10"),
    (12, b"\x9c\x40\0\x50\0\0\0\x01\0\0\0\0\xa0\x02\xff\xff\0\0\0\0\x02\x04\x05\xb4\x04\x02\x08\x0a\0\0\0\x01\0\0\0\0\x01\x03\x03\x07"),
];

fn main() {
    let mut words = std::env::args_os().skip(1).map(PathBuf::from);
    let out = words.next().expect("a folder to write to");
    let mut files: Vec<PathBuf> = words.flat_map(|folder| captures(&folder)).collect();
    files.sort();
    let mut known = HashSet::new();
    for file in &files {
        let name = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let bytes = fs::read(file).expect("a capture");
        for verb in 0..VERBS {
            let mut choices = [0xff; CHOICES];
            (choices[0], choices[1]) = (verb, 0);
            write(&out, "verbs", &format!("{name}-{verb}"), &[&choices, &bytes]);
        }
        write(&out, "readers", &name, &[&bytes]);
        for frame in frames(file).into_iter().filter(|frame| known.insert(frame.bytes.clone())) {
            let [a, b] = frame.link.0.to_le_bytes();
            write(&out, "decode", &format!("{name}-{}", frame.number), &[&[a, b, 0, 0], &frame.bytes]);
        }
    }
    for (place, (kind, text)) in TEXTS.into_iter().enumerate() {
        write(&out, "texts", &place.to_string(), &[&[kind], text]);
    }
    println!("{} captures", files.len());
}

/// The small captures of a folder.
fn captures(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_small = |path: &PathBuf| path.metadata().is_ok_and(|data| data.is_file() && data.len() <= LARGEST);
    let is_text = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "md" || ending == "tsv");
    entries.filter(|path| is_small(path) && !is_text(path)).collect()
}

fn frames(path: &Path) -> Vec<OwnedFrame> {
    let mut frames = Vec::new();
    let Ok(mut file) = CaptureFile::open(path) else { return frames };
    while let (true, Ok(Some(frame))) = (frames.len() < PACKETS, file.next_frame()) {
        frames.push(frame.to_owned());
    }
    frames
}

fn write(out: &Path, target: &str, name: &str, parts: &[&[u8]]) {
    let folder = out.join(target);
    fs::create_dir_all(&folder).expect("a folder for beginnings");
    fs::write(folder.join(name), parts.concat()).expect("room for a beginning");
}
