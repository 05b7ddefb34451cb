//! Damage never costs a packet that was whole: captures cut at every byte, and compressed ones flipped.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use flate2::read::MultiGzDecoder;
use layerscope::model::LinkType;
use layerscope::source::{CaptureFile, FrameSource, SourceError};

use crate::support::savefile::{self, Order, Pcapng, words};
use crate::support::{captures, ours};

/// How many packets are handed out, where each one's record ends, and how it all ends.
fn read(bytes: &[u8]) -> (Vec<usize>, Option<SourceError>) {
    let mut file = match CaptureFile::from_reader("bytes", Cursor::new(bytes.to_vec())) {
        Ok(file) => file,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut ends = Vec::new();
    loop {
        match file.next_frame() {
            Ok(Some(_)) => ends.push(file.offset() as usize),
            Ok(None) => return (ends, None),
            Err(error) => return (ends, Some(error)),
        }
    }
}

/// Where to cut: everywhere in a small file, and in a larger one as often as 600 kB of reading allow, but 150 times at most, besides one byte
/// to either side of its first packets' ends.
fn cuts(length: usize, ends: &[usize]) -> Vec<usize> {
    let count = (600_000 / (length + 1)).clamp(4, 150);
    let mut cuts: Vec<usize> = (0..length).step_by((length / count).max(1)).collect();
    let near = ends.iter().take(8).flat_map(|&end| [end - 1, end, end + 1]);
    cuts.extend(near.filter(|&cut| cut < length && length < 20_000));
    cuts
}

fn survives_cuts(path: &Path, cuts: impl Fn(usize, &[usize]) -> Vec<usize>) {
    let bytes = fs::read(path).unwrap();
    let (ends, whole) = read(&bytes);
    for cut in cuts(bytes.len(), &ends) {
        let (handed_out, error) = read(&bytes[..cut]);
        let expected = ends.iter().filter(|&&end| end <= cut).count();
        assert_eq!(handed_out.len(), expected, "{} cut at {cut}: {error:?}", path.display());
        match error {
            None => assert!(cut == 24 || ends.contains(&cut) || is_pcapng(&bytes), "{} at {cut}", path.display()),
            Some(SourceError::Damaged { offset, packets, .. }) => {
                assert!(offset as usize <= cut && packets == expected as u64, "{} at {cut}", path.display());
            }
            Some(SourceError::NotACapture { .. }) => {
                assert!(cut < 12 || ends.is_empty(), "{} at {cut}", path.display());
            }
            Some(other) => panic!("{} cut at {cut}: {other}, whole: {whole:?}", path.display()),
        }
    }
}

/// Where blocks without packets stand between packets, so that a cut may fall between whole blocks.
fn is_pcapng(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a])
}

fn every_plain_capture() -> Vec<PathBuf> {
    let compressed = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "gz" || ending == "zst");
    captures().into_iter().filter(|path| !compressed(path)).collect()
}

#[test]
fn no_cut_costs_a_whole_packet() {
    let files = every_plain_capture();
    thread::scope(|scope| {
        for half in 0..2 {
            let files = files.iter().skip(half).step_by(2);
            scope.spawn(move || files.for_each(|path| survives_cuts(path, cuts)));
        }
    });
}

#[test]
fn no_cut_anywhere_costs_a_whole_packet() {
    let sections = savefile::saved(&savefile::three_sections());
    for path in [&*ours("derived/le-us.pcap"), sections.path()] {
        survives_cuts(path, |length, _| (0..length).collect());
    }
}

#[test]
fn wrong_bytes_end_in_an_error_or_not_but_never_in_a_panic() {
    let mut random = 1_u64;
    for path in every_plain_capture().iter().filter(|path| path.metadata().unwrap().len() < 8_000) {
        let whole = fs::read(path).unwrap();
        for _ in 0..whole.len().min(8) {
            let mut bytes = whole.clone();
            for _ in 0..3 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = (random >> 33) as usize % bytes.len();
                bytes[place] = (random >> 24) as u8;
            }
            let (ends, _) = read(&bytes);
            assert!(ends.is_sorted() && ends.last().is_none_or(|&end| end <= bytes.len()));
        }
    }
}

/// As much as a decoder gives; asked for a byte at a time, it loses nothing to an error.
fn until_damage(mut decoder: impl Read) -> Vec<u8> {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while let Ok(1) = decoder.read(&mut byte) {
        bytes.push(byte[0]);
    }
    bytes
}

/// Cuts and flips a compressed capture: what can be decompressed is read as if it were the whole file.
fn survives_compressed(whole: &[u8], places: impl Iterator<Item = usize>, decode: impl Fn(&[u8]) -> Vec<u8>) {
    for at in places {
        let flipped = [&whole[..at], &[!whole[at]], &whole[at + 1..]].concat();
        for damaged in [&whole[..at], &flipped] {
            let (handed_out, error) = read(damaged);
            assert_eq!(handed_out, read(&decode(damaged)).0, "damaged at {at}: {error:?}");
        }
        assert!(read(&whole[..at]).1.is_some(), "cut at {at}");
    }
}

#[test]
fn damaged_gzip_gives_every_packet_that_can_be_decompressed() {
    let plain = fs::read(ours("generated/basic-v4.client.pcap")).unwrap();
    survives_compressed(&gzip(&plain), 10..gzip(&plain).len(), |bytes| until_damage(MultiGzDecoder::new(bytes)));
}

#[test]
fn damaged_zstd_gives_every_packet_that_can_be_decompressed() {
    let plain = fs::read(ours("generated/five-connections.client.pcap")).unwrap();
    let whole = zstd::encode_all(&plain[..], 3).unwrap();
    let places = (5..whole.len()).step_by(whole.len() / 25);
    survives_compressed(&whole, places, |bytes| until_damage(zstd::Decoder::new(bytes).unwrap()));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn several_members_and_frames_are_one_stream() {
    let plain = fs::read(ours("derived/le-us.pcap")).unwrap();
    let (first, second) = plain.split_at(1000);
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &zstd::encode_all(first, 1).unwrap()].concat();
    for stream in [
        [gzip(first), gzip(&[]), gzip(second)].concat(),
        [zstd::encode_all(first, 1).unwrap(), zstd::encode_all(second, 1).unwrap()].concat(),
        [skippable, zstd::encode_all(second, 1).unwrap()].concat(),
    ] {
        let (ends, error) = read(&stream);
        assert_eq!(ends.len(), 18, "{error:?}");
        assert!(error.is_none(), "{error:?}");
    }
}

/// A length field alone must not make memory: 16 MB are claimed, some bytes are there.
#[test]
fn a_length_decides_no_allocation() {
    let mut block = Vec::new();
    for number in [0x0a0d_0d0a_u32, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28, 6, 1 << 24, 0, 0] {
        block.extend(number.to_le_bytes());
    }
    let (ends, error) = read(&block);
    assert!(ends.is_empty());
    assert!(
        error.unwrap().to_string().contains("the file ends inside a block of type 0x6, after 16 of 16777216 bytes")
    );
    block[32..36].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    assert!(read(&block).1.unwrap().to_string().contains("claims 4294967280 bytes"));
}

/// What a file says in few bytes must not take many: eight million names of one byte, two million empty comments.
#[test]
fn names_and_comments_take_little_more_memory_than_the_file() {
    // 21,840 names for one address fill a record; the whole is a block of almost 16 MiB.
    let record = [&words(&[1 | 43_684 << 16, 0x0100_000a])[..], &b"a\0".repeat(21_840)].concat();
    let comments = [1_u8, 0, 0, 0].repeat(2_000_000);
    let made = Pcapng::default()
        .section(Order::Little, &[])
        .interface(LinkType::ETHERNET, 0, &[])
        .block(4, &record.repeat(380), &[])
        .block(6, &[&words(&[0, 0, 0, 4, 4])[..], b"data", &comments].concat(), &[]);
    let file = savefile::saved(&made.bytes);

    let mut capture = CaptureFile::open(file.path()).unwrap();
    assert_eq!(capture.next_frame().unwrap().unwrap().comments.len(), 1 << 16);
    assert!(capture.names().len() > 100_000);
    // Threads reserve address space they do not use.
    let run =
        format!("ulimit -v 400000 && exec {} read --count {}", env!("CARGO_BIN_EXE_layerscope"), file.path().display());
    let output = Command::new("sh").arg("-c").arg(run).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1\n", "{}", String::from_utf8_lossy(&output.stderr));
}
