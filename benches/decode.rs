//! What a packet costs, step by step: finding its headers, following its conversation, writing its row.
//!
//! Over the beginning of the real capture of `benches/reading.sh` where that was made, else over those of the tests.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark ends by panicking")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use divan::Bencher;
use divan::counter::ItemsCount;
use layerscope::analyse::{Limits, Tracker};
use layerscope::decode::headers;
use layerscope::model::OwnedFrame;
use layerscope::render::{JsonRows, Known, PacketWriter, PlainRows, Row, Style, TimeStyle, View, text};
use layerscope::source::{CaptureFile, FrameSource};
use layerscope::words::Language;

/// Packets that are measured: few enough to lie in the cache, because a reader finds its packets there.
const PACKETS: usize = 1000;

fn main() {
    divan::main();
}

/// Packets from the middle of the capture.
fn frames() -> &'static [OwnedFrame] {
    static FRAMES: OnceLock<Vec<OwnedFrame>> = OnceLock::new();
    FRAMES.get_or_init(|| {
        let mut frames = Vec::new();
        for path in captures() {
            let mut file = CaptureFile::open(&path).unwrap();
            while let Ok(Some(frame)) = file.next_frame() {
                if frame.number % 97 == 1 && frames.len() < PACKETS {
                    frames.push(frame.to_owned());
                }
            }
        }
        frames
    })
}

fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let real = root.join("target/bench/real.pcap");
    if real.exists() {
        return vec![real];
    }
    let mut paths: Vec<PathBuf> = ["generated", "reports"]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(root.join("tests/captures").join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending != "tsv"))
        .collect();
    paths.sort();
    paths
}

#[divan::bench]
fn find_headers(bencher: Bencher<'_, '_>) {
    let frames = frames();
    bencher.counter(ItemsCount::new(frames.len())).bench(|| {
        for frame in frames {
            black_box(headers(&frame.as_frame()));
        }
    });
}

#[divan::bench]
fn follow_conversations(bencher: Bencher<'_, '_>) {
    let frames = frames();
    bencher.counter(ItemsCount::new(frames.len())).with_inputs(|| Tracker::new(Limits::default())).bench_values(
        |mut tracker| {
            for frame in frames {
                let frame = frame.as_frame();
                black_box(tracker.observe(&frame, &headers(&frame)));
            }
        },
    );
}

#[divan::bench]
fn write_plain_rows(bencher: Bencher<'_, '_>) {
    write_rows(bencher, &mut PlainRows::new(TimeStyle::Relative));
}

#[divan::bench]
fn write_json_rows(bencher: Bencher<'_, '_>) {
    let read_text = |bytes: &[u8]| text::utf8_or_hex(bytes);
    let style = Style { color: false, ascii: true, width: 120, language: Language::En };
    write_rows(bencher, &mut JsonRows::new(View { style, absolute: false, read_text: &read_text }, false));
}

fn write_rows(bencher: Bencher<'_, '_>, writer: &mut dyn PacketWriter) {
    let frames = frames();
    let origin = frames.first().and_then(|frame| frame.time);
    let mut out = Vec::new();
    bencher.counter(ItemsCount::new(frames.len())).bench_local(|| {
        out.clear();
        for frame in frames {
            let frame = frame.as_frame();
            let (packet, known) = (&headers(&frame), Known::default());
            let row = Row { frame, packet, seen: None, origin, previous: origin, known };
            writer.write(&row, &mut out).unwrap();
        }
    });
}
