//! Packets read a batch at a time are those read one by one, wherever batches happen to end.

use std::collections::VecDeque;
use std::io::{self, Cursor, Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use layerscope::model::{Frame, LinkType, OwnedFrame, Timestamp};
use layerscope::source::{Batch, CaptureFile, CaptureWriter, Chained, Format, FrameSource, Heading, Merged};

use tempfile::NamedTempFile;

use crate::support::{captures, name, ours, over, savefile};

/// Frames, and errors by the number of frames before them.
type Handed = (Vec<OwnedFrame>, Vec<(usize, String)>);

fn one_by_one(mut source: impl FrameSource) -> Handed {
    let (mut frames, mut errors) = (Vec::new(), Vec::new());
    loop {
        match source.next_frame() {
            Ok(Some(frame)) => frames.push(frame.to_owned()),
            Ok(None) => return (frames, errors),
            Err(error) => errors.push((frames.len(), error.to_string())),
        }
    }
}

/// Fills two batches by turns and looks at each only when the other one was filled too.
fn in_batches(mut source: impl FrameSource) -> Handed {
    let (mut frames, mut errors) = (Vec::new(), Vec::new());
    let (mut batch, mut before) = (Batch::default(), Batch::default());
    loop {
        let filled = source.fill(&mut batch);
        frames.extend(before.frames().map(|frame| frame.to_owned()));
        match filled {
            Ok(true) => assert!(!batch.is_empty()),
            Ok(false) => break,
            Err(error) => {
                assert!(batch.is_empty(), "{error}");
                errors.push((frames.len(), error.to_string()));
            }
        }
        std::mem::swap(&mut batch, &mut before);
    }
    assert!(batch.is_empty());
    (frames, errors)
}

/// Reads parts of the capture into batches before those before them are filled, as threads beside each other do.
fn in_parts(mut source: impl FrameSource) -> Handed {
    let (mut frames, mut errors) = (Vec::new(), Vec::new());
    let mut batches: VecDeque<Batch> = (0..3).map(|_| Batch::default()).collect();
    let read = |source: &mut dyn FrameSource, batch: &mut Batch| {
        if let Some(part) = source.part() {
            batch.read(part);
        }
    };
    batches.iter_mut().for_each(|batch| read(&mut source, batch));
    while let Some(mut batch) = batches.pop_front() {
        match source.fill(&mut batch) {
            Ok(true) => frames.extend(batch.frames().map(|frame| frame.to_owned())),
            Ok(false) => break,
            Err(error) => errors.push((frames.len(), error.to_string())),
        }
        read(&mut source, &mut batch);
        batches.push_back(batch);
    }
    (frames, errors)
}

/// Gives a few bytes at a time, so that batches end everywhere.
struct Dribble(Cursor<Vec<u8>>, usize);

impl Read for Dribble {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = (self.1 * 5 + 3) % 1021;
        let most = buffer.len().min(1 + self.1);
        self.0.read(&mut buffer[..most])
    }
}

#[test]
fn batches_hold_what_is_read_one_by_one() {
    let files = captures();
    over(&files, |path| {
        let Ok(file) = CaptureFile::open(path) else { return };
        let expected = one_by_one(file);
        assert!(in_batches(CaptureFile::open(path).unwrap()) == expected, "{}", name(path));
        assert!(in_parts(CaptureFile::open(path).unwrap()) == expected, "{}", name(path));
        let bytes = std::fs::read(path).unwrap();
        if bytes.len() < 100_000 {
            let dribble = Dribble(Cursor::new(bytes), 7);
            assert!(in_batches(CaptureFile::from_reader(path, dribble).unwrap()) == expected, "{}", name(path));
        }
    });
}

#[test]
fn chained_and_merged_captures_come_in_batches_too() {
    let sections = savefile::saved(&savefile::three_sections());
    let names = [
        "derived/cut-in-block.pcapng",
        "no-such-file",
        "no-such-file-either",
        "derived/raw-101.pcap",
        "generated/two-interfaces.mid.pcapng",
    ];
    let files = [&names.map(ours)[..], &[sections.path().to_owned()]].concat();
    let chained = || Chained::new(files.clone());
    let (frames, errors) = one_by_one(chained());
    assert!(frames.len() > 120 && errors.len() == 3);
    assert_eq!(in_batches(chained()), (frames.clone(), errors.clone()));
    assert_eq!(in_parts(chained()), (frames, errors));

    let there = || files.iter().filter(|path| path.exists());
    let merged = || Merged::new(there().map(|path| CaptureFile::open(path).unwrap()).collect());
    let (frames, errors) = one_by_one(merged());
    assert!(frames.len() > 120 && errors.len() == 1);
    assert_eq!(in_batches(merged()), (frames, errors));
}

/// USB, whose packets may have up to 16 MiB.
const USB: LinkType = LinkType(249);

/// A capture with packets of these lengths.
fn capture(link: LinkType, lengths: &[usize]) -> Vec<u8> {
    let heading = Heading { link, interface: None, comment: None };
    let mut writer = CaptureWriter::new(Vec::new(), "large", Format::Pcap, &heading).unwrap();
    for (&length, number) in lengths.iter().zip(0..) {
        let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let time = Some(Timestamp::from_parts(number, 0));
        let wire_len = length as u32;
        let frame = Frame { number: 0, time, interface: 0, link, wire_len, bytes: &bytes, comments: &[] };
        writer.write_frame(&frame).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn packets_of_every_size_follow_each_other() {
    let lengths = [0, 60, 600_000, 1, 3_000_000, 524_272, 524_288, 40, 0, 0, 1_048_560, 70];
    let lengths: Vec<usize> = lengths.iter().copied().cycle().take(60).chain(vec![0; 10_000]).collect();
    let bytes = capture(USB, &lengths);
    let open = |bytes: Vec<u8>| CaptureFile::from_reader("large", Cursor::new(bytes)).unwrap();
    let (frames, errors) = in_batches(open(bytes.clone()));
    assert!(errors.is_empty(), "{errors:?}");
    assert!(frames.iter().map(|frame| frame.bytes.len()).eq(lengths));
    assert!(frames.iter().all(|frame| frame.bytes.iter().zip(0..).all(|(&byte, at)| usize::from(byte) == at % 251)));
    assert!((frames, errors) == one_by_one(open(bytes.clone())));
    let saved = saved(&bytes);
    assert!(in_parts(CaptureFile::open(saved.path()).unwrap()) == one_by_one(open(bytes)));
}

fn saved(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// Packets as large as a link has them, which end wherever parts do.
fn large_packets() -> impl Iterator<Item = usize> {
    (0..80).map(|number| [262_144, 1514, 65_549, 0, 262_143, 40, 200_001][number * number % 7])
}

#[test]
fn parts_are_read_to_the_end_of_every_capture_in_a_chain() {
    let saved: Vec<_> = (0..3)
        .map(|skipped| saved(&capture(LinkType::ETHERNET, &large_packets().skip(skipped).collect::<Vec<_>>())))
        .collect();
    let chained = || Chained::new(saved.iter().map(|file| file.path().to_owned()).collect());
    let (frames, errors) = in_parts(chained());
    assert!(errors.is_empty(), "{errors:?}");
    let lengths = (0..3).flat_map(|skipped| large_packets().skip(skipped));
    assert!(frames.iter().map(|frame| frame.bytes.len()).eq(lengths));
    assert!((frames, errors) == one_by_one(chained()));
}

/// Neither large packets nor the end of the capture before make the reading slow for good.
#[test]
fn every_batch_of_a_capture_is_read_beside_others() {
    let saved = saved(&capture(LinkType::ETHERNET, &large_packets().collect::<Vec<_>>()));
    let mut source = Chained::new(vec![saved.path().to_owned(); 3]);
    let mut batches: VecDeque<Batch> = (0..3).map(|_| Batch::default()).collect();
    while let Some(mut batch) = batches.pop_front() {
        if !source.fill(&mut batch).unwrap() {
            break;
        }
        batch.read(source.part().expect("a plain file has parts to its end"));
        batches.push_back(batch);
    }
}

/// What is added to a file while parts of it are read is neither lost nor read twice.
#[test]
fn a_file_may_grow_between_its_parts() {
    let bytes = capture(LinkType::ETHERNET, &large_packets().collect::<Vec<_>>());
    let expected = one_by_one(CaptureFile::from_reader("whole", Cursor::new(bytes.clone())).unwrap()).0;
    for there in [65_536, 600_000, 1_000_000, 1_111_111] {
        let mut saved = saved(&bytes[..there]);
        let (mut file, mut frames) = (CaptureFile::open(saved.path()).unwrap(), Vec::new());
        let mut batches = [Batch::default(), Batch::default()];
        batches.iter_mut().for_each(|batch| batch.read(file.part().unwrap()));
        saved.write_all(&bytes[there..]).unwrap();
        let mut turns = 0;
        loop {
            let batch = &mut batches[turns % 2];
            if !file.fill(batch).unwrap() {
                break;
            }
            frames.extend(batch.frames().map(|frame| frame.to_owned()));
            if let Some(part) = file.part() {
                batch.read(part);
            }
            turns += 1;
        }
        assert!(frames == expected, "{there} bytes were there: {} packets of {}", frames.len(), expected.len());
    }
}

/// A batch ends where more would have to be waited for.
#[test]
fn a_batch_waits_for_its_first_packet_only() {
    let bytes = capture(USB, &[10, 20, 30, 40, 50]);
    let ends: Vec<usize> = [10, 20, 30, 40, 50]
        .iter()
        .scan(24, |end, len| {
            Some({
                *end += 16 + len;
                *end
            })
        })
        .collect();
    let (reader, mut writer) = io::pipe().unwrap();
    let (tell, told) = mpsc::channel();
    let reading = thread::spawn(move || {
        let (mut file, mut batch) = (CaptureFile::from_reader("pipe", reader).unwrap(), Batch::default());
        while file.fill(&mut batch).unwrap() {
            tell.send(batch.len()).unwrap();
        }
    });
    let mut written = 0;
    for (end, packets) in [(ends[0], 1), (ends[2] + 7, 2), (ends[4], 2)] {
        writer.write_all(&bytes[written..end]).unwrap();
        written = end;
        assert_eq!(told.recv_timeout(Duration::from_secs(10)), Ok(packets));
    }
    drop(writer);
    reading.join().unwrap();
}
