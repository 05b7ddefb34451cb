//! Savefiles of any bytes: every way of reading them gives the same packets and the same complaint.
#![no_main]

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use layerscope::model::OwnedFrame;
use layerscope::source::{Batch, CaptureFile, CaptureWriter, Chained, Format, FrameSource, Heading, Merged};
use layerscope_fuzz::scratch;
use libfuzzer_sys::fuzz_target;

/// How many packets are read; what a few bytes can be decompressed to has no end.
const MOST: usize = 2000;

/// What was read, and what was said at the end of it.
#[derive(Debug, PartialEq)]
struct Told {
    frames: Vec<OwnedFrame>,
    complaint: Option<String>,
}

fuzz_target!(|bytes: &[u8]| {
    let path = scratch("readers.pcap");
    fs::write(&path, bytes).expect("room for a file");
    let told = one_by_one(CaptureFile::open(&path));
    if told.frames.len() < MOST {
        assert_eq!(told, one_by_one(in_drops(&path, bytes)), "from a slow pipe");
        assert_eq!(told, in_batches(&path, false), "in batches");
        assert_eq!(told, in_batches(&path, true), "in parts");
    }
    several(&path, &told);
    written(&told.frames);
});

/// A complaint without what a decompressor says of its inner state, which depends on how much it was given at once.
fn complaint(error: impl ToString) -> String {
    let words = error.to_string();
    words.find(" (deflate").map_or(words.clone(), |at| words[..at].to_owned())
}

fn one_by_one<E: ToString>(source: Result<impl FrameSource, E>) -> Told {
    let mut frames = Vec::new();
    let mut source = match source {
        Ok(source) => source,
        Err(error) => return Told { frames, complaint: Some(complaint(error)) },
    };
    let told = loop {
        match source.next_frame() {
            Ok(Some(frame)) if frames.len() < MOST => frames.push(frame.to_owned()),
            Ok(_) => break None,
            Err(error) => break Some(complaint(error)),
        }
    };
    for frame in &frames {
        assert!(source.interface(frame.interface).is_some(), "packet {} is of no interface", frame.number);
    }
    Told { frames, complaint: told }
}

/// The same bytes under the same name, a few at a time.
fn in_drops(path: &Path, bytes: &[u8]) -> Result<CaptureFile, impl ToString> {
    struct Drops(Cursor<Vec<u8>>);
    impl Read for Drops {
        fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
            let most = bytes.len().min(7);
            self.0.read(&mut bytes[..most])
        }
    }
    CaptureFile::from_reader(path, Drops(Cursor::new(bytes.to_vec())))
}

fn in_batches(path: &Path, in_parts: bool) -> Told {
    let (mut frames, mut batch) = (Vec::new(), Batch::default());
    let mut file = match CaptureFile::open(path) {
        Ok(file) => file,
        Err(error) => return Told { frames, complaint: Some(complaint(error)) },
    };
    let told = loop {
        if let Some(part) = file.part().filter(|_| in_parts) {
            batch.read(part);
        }
        match file.fill(&mut batch) {
            Ok(true) => frames.extend(batch.frames().map(|frame| frame.to_owned())),
            Ok(false) => break None,
            Err(error) => break Some(complaint(error)),
        }
    };
    Told { frames, complaint: told }
}

/// The file twice, one after the other and merged: every packet comes twice, and the merged ones keep each file's order.
fn several(path: &Path, told: &Told) {
    let twice = || vec![path.to_owned(); 2];
    let mut chained = Chained::new(twice());
    let count = count(&mut chained);
    assert!(told.frames.len() == MOST || count == 2 * told.frames.len(), "{count} packets one after the other");
    let Ok(files) = twice().into_iter().map(CaptureFile::open).collect::<Result<Vec<_>, _>>() else { return };
    let merged = count_merged(&mut Merged::new(files));
    assert!(told.frames.len() == MOST || merged == 2 * told.frames.len(), "{merged} packets merged");
}

/// How many packets there are, past every complaint.
fn count(source: &mut impl FrameSource) -> usize {
    let (mut packets, mut complaints) = (0, 0);
    loop {
        match source.next_frame() {
            Ok(Some(_)) if packets < 2 * MOST => packets += 1,
            Ok(_) => return packets,
            Err(_) if complaints < 8 => complaints += 1,
            Err(error) => panic!("no end of complaints: {error}"),
        }
    }
}

fn count_merged(source: &mut Merged) -> usize {
    let (mut batch, mut packets, mut complaints) = (Batch::default(), 0, 0);
    loop {
        match source.fill(&mut batch) {
            Ok(true) if packets < 2 * MOST => packets += batch.len(),
            Ok(_) => return packets,
            Err(_) if complaints < 8 => complaints += 1,
            Err(error) => panic!("no end of complaints: {error}"),
        }
    }
}

/// What was read is written and read again: the same bytes, under the same link type, at the same time.
fn written(frames: &[OwnedFrame]) {
    let Some(first) = frames.first() else { return };
    let heading = Heading { link: first.link, interface: None, comment: None };
    for format in [Format::Pcap, Format::Pcapng] {
        let mut writer = CaptureWriter::new(Vec::new(), "memory", format, &heading).expect("memory takes everything");
        // A pcap file ends where a second link type begins.
        let fits = |frame: &&OwnedFrame| writer.write_frame(&frame.as_frame()).is_ok();
        let kept = frames.iter().take_while(fits).count();
        assert!(kept == frames.len() || format == Format::Pcap, "pcapng takes every frame");
        let bytes = writer.finish().expect("memory takes everything");
        let told = one_by_one(CaptureFile::from_reader("memory", Cursor::new(bytes)));
        assert_eq!((told.complaint, told.frames.len()), (None, kept), "{format:?}");
        for (frame, again) in frames.iter().zip(&told.frames) {
            assert_eq!((&frame.bytes, frame.link), (&again.bytes, again.link), "{format:?} {}", frame.number);
            let is_told = frame.time.filter(|time| format == Format::Pcapng && time.nanos() >= 0);
            assert!(is_told.is_none() || is_told == again.time, "{format:?} {}", frame.number);
        }
    }
}
