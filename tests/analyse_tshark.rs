//! The marks of every packet against the `tcp.analysis` flags tshark gives it, over the captures whose truth nobody
//! recorded. `docs/differences-from-tshark.md` says who is right where they differ, kind by kind.
//!
//! tshark takes minutes for that, so its word is recorded in `tests/golden/tshark-marks.tsv`: file, flag, frame numbers.
//! `make compare` asks it again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use layerscope::analyse::{Limits, Mark, Marks, Tracker};
use layerscope::decode::headers;
use layerscope::source::{CaptureFile, FrameSource};

use crate::support::{captures, name, over, without_corpus};

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/tshark-marks.tsv");

/// The folders of captures whose truth is recorded, by which they are judged instead.
const TRUTH: [&str; 3] = ["attacks/", "generated/", "reports/"];

/// Each packet is here twice, some a second time later and some out of order.
const TWICE: &str = "mixed/gopacket__cip.pcap";

/// tshark's flags, without `tcp.analysis.`.
const FLAGS: [&str; 15] = [
    "retransmission",
    "fast_retransmission",
    "spurious_retransmission",
    "out_of_order",
    "duplicate_ack",
    "lost_segment",
    "ack_lost_segment",
    "window_full",
    "zero_window",
    "zero_window_probe",
    "zero_window_probe_ack",
    "window_update",
    "keep_alive",
    "keep_alive_ack",
    "reused_ports",
];

/// The flags by which tshark can say of a packet that it repeats another.
const REPEATS: [&str; 6] = [
    "retransmission",
    "fast_retransmission",
    "spurious_retransmission",
    "duplicate_ack",
    "keep_alive",
    "keep_alive_ack",
];

/// The flags of each flagged frame of a file.
type Flagged = BTreeMap<u64, BTreeSet<String>>;

/// tshark's recorded word, by file.
fn recorded() -> BTreeMap<String, Flagged> {
    let mut files: BTreeMap<String, Flagged> = BTreeMap::new();
    for line in std::fs::read_to_string(RECORDED).expect("the record is part of the tests").lines() {
        let [file, flag, frames] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let flagged = files.entry(file.to_owned()).or_default();
        for range in frames.split(' ') {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last): (u64, u64) = (first.parse().expect("a number"), last.parse().expect("a number"));
            for frame in first..=last {
                flagged.entry(frame).or_default().insert(flag.to_owned());
            }
        }
    }
    files
}

/// Our marks on the frames of a file that tshark flagged; no entry for one that belongs to no connection here.
fn marked(file: &Path, flagged: &Flagged) -> BTreeMap<u64, Marks> {
    let mut capture = CaptureFile::open(file).expect("tshark can read it too");
    let mut tracker = Tracker::new(Limits::default());
    let mut marked = BTreeMap::new();
    while let Ok(Some(frame)) = capture.next_frame() {
        let seen = tracker.observe(&frame, &headers(&frame));
        if let Some(seen) = seen.filter(|_| flagged.contains_key(&frame.number)) {
            marked.insert(frame.number, seen.marks);
        }
    }
    marked
}

/// Flagged packets: how many agree, of how many.
#[derive(Clone, Copy, Debug, Default)]
struct Agreement {
    agree: usize,
    of: usize,
}

impl Agreement {
    fn count(&mut self, agrees: bool) {
        self.of += 1;
        self.agree += usize::from(agrees);
    }

    fn permille(self) -> usize {
        self.agree * 1000 / self.of
    }
}

/// What the document tells.
#[derive(Debug, Default)]
struct Count {
    copies: Agreement,
    twice: Agreement,
    others: Agreement,
    /// In packets that layerscope does not follow.
    unread: usize,
    /// What tshark alone says, what we say instead, and of which packets.
    kinds: BTreeMap<(String, String), Vec<String>>,
}

impl Count {
    fn packet(&mut self, file: &str, frame: u64, theirs: &BTreeSet<String>, marks: Option<&Marks>) {
        let Some(marks) = marks else {
            self.unread += 1;
            return;
        };
        let keys = marks.iter().filter_map(Mark::filter).filter_map(|key| key.strip_prefix("tcp.analysis."));
        let ours: BTreeSet<String> = keys.map(str::to_owned).collect();
        if marks.contains(Marks::DUPLICATE_PACKET) {
            let repeats = |flag: &String| ours.contains(flag) || REPEATS.contains(&flag.as_str());
            return self.copies.count(theirs.iter().all(repeats));
        }
        let agrees = theirs.is_subset(&ours);
        if file == TWICE { &mut self.twice } else { &mut self.others }.count(agrees);
        if !agrees {
            let only = |a: &BTreeSet<String>, b| a.difference(b).cloned().collect::<Vec<_>>().join(" ");
            self.kinds.entry((only(theirs, &ours), only(&ours, theirs))).or_default().push(format!("{file} {frame}"));
        }
    }

    fn all(&self) -> Agreement {
        let groups = [self.copies, self.twice, self.others];
        groups.iter().fold(Agreement::default(), |sum, group| Agreement {
            agree: sum.agree + group.agree,
            of: sum.of + group.of,
        })
    }
}

/// A packet agrees where every flag of tshark is a mark here; a copy agrees where tshark says no more than that it repeats
/// another packet, in whichever of its words.
#[test]
fn nearly_every_packet_that_tshark_flags_is_marked_alike() {
    if without_corpus() {
        return;
    }
    let recorded = recorded();
    let root = captures();
    let files: Vec<PathBuf> = root.into_iter().filter(|file| recorded.contains_key(&name(file))).collect();
    assert_eq!(files.len(), recorded.len(), "a recorded file is missing");
    let marked = over(&files, |file| marked(file, &recorded[&name(file)]));
    let mut count = Count::default();
    for (file, marks) in files.iter().zip(&marked) {
        let file = name(file);
        for (frame, theirs) in &recorded[&file] {
            count.packet(&file, *frame, theirs, marks.get(frame));
        }
    }
    println!("copies {:?}, {TWICE} {:?}, others {:?}", count.copies, count.twice, count.others);
    println!("all {:?}; {} are not followed", count.all(), count.unread);
    for ((theirs, ours), packets) in &count.kinds {
        println!("{:4} tshark: {theirs}; here: {ours}; {:?}", packets.len(), &packets[..packets.len().min(12)]);
    }
    assert!(count.all().of > 14_000 && count.all().permille() >= 970, "of all: {:?}", count.all());
    assert!(count.others.permille() >= 960, "copies aside: {:?}", count.others);
}

#[test]
#[ignore = "runs tshark on every file; see `make compare`"]
fn tshark_still_says_what_was_recorded() {
    if without_corpus() {
        return;
    }
    let has_truth = |file: &Path| TRUTH.iter().any(|folder| name(file).starts_with(folder));
    let files: Vec<_> = captures().into_iter().filter(|file| !has_truth(file)).collect();
    let now = over(&files, flagged_by_tshark).concat();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(RECORDED, &now).expect("the record can be written");
    }
    assert_eq!(now, std::fs::read_to_string(RECORDED).unwrap_or_default(), "UPDATE_GOLDEN=1 records it anew");
}

/// tshark's word on one file, as it is recorded; empty where it flags nothing.
fn flagged_by_tshark(file: &Path) -> String {
    let mut command = Command::new("tshark");
    command.args(["-n", "-Y", "tcp.analysis.flags", "-T", "fields", "-e", "frame.number", "-r"]).arg(file);
    for flag in FLAGS {
        command.args(["-e", &format!("tcp.analysis.{flag}")]);
    }
    let output = command.output().expect("tshark can be run");
    let rows: Vec<Vec<String>> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|row| row.split('\t').map(str::to_owned).collect())
        .collect();
    let of = |(place, flag): (usize, &&str)| {
        let is_set = |row: &&Vec<String>| row.get(place + 1).is_some_and(|cell| !cell.is_empty());
        let frames: Vec<u64> = rows.iter().filter(is_set).filter_map(|row| row[0].parse().ok()).collect();
        (!frames.is_empty()).then(|| format!("{}\t{flag}\t{}\n", name(file), ranges(&frames)))
    };
    FLAGS.iter().enumerate().filter_map(of).collect()
}

/// `3 7-9`
fn ranges(frames: &[u64]) -> String {
    let runs = frames.chunk_by(|a, b| a + 1 == *b);
    let text = runs.map(|run| match run {
        [one] => one.to_string(),
        [first, .., last] => format!("{first}-{last}"),
        [] => String::new(),
    });
    text.collect::<Vec<_>>().join(" ")
}
