//! Several captures read as one.

use std::process::Command;

use layerscope::model::{OwnedFrame, Timestamp};
use layerscope::source::{CaptureFile, Chained, FrameSource, Merged, SourceError};

use crate::support::ours;

/// Everything a source hands out, its errors among them told by how many frames came before.
fn read(source: &mut dyn FrameSource) -> (Vec<OwnedFrame>, Vec<(usize, SourceError)>) {
    let (mut frames, mut errors) = (Vec::new(), Vec::new());
    loop {
        match source.next_frame() {
            Ok(Some(frame)) => frames.push(frame.to_owned()),
            Ok(None) => break,
            Err(error) => errors.push((frames.len(), error)),
        }
    }
    assert!(frames.iter().zip(1..).all(|(frame, number)| frame.number == number));
    (frames, errors)
}

fn merged(names: &[&str]) -> (Vec<OwnedFrame>, Vec<(usize, SourceError)>, usize) {
    let mut merged = Merged::new(names.iter().map(|name| CaptureFile::open(ours(name)).unwrap()).collect());
    let (frames, errors) = read(&mut merged);
    (frames, errors, merged.interfaces().len())
}

#[test]
fn chained_captures_are_numbered_through_and_survive_each_others_damage() {
    let names =
        ["derived/cut-in-block.pcapng", "no-such-file", "derived/raw-101.pcap", "generated/two-interfaces.mid.pcapng"];
    let mut chained = Chained::new(names.map(ours).to_vec());
    let (frames, errors) = read(&mut chained);
    assert!(matches!(&errors[..], [(88, SourceError::Damaged { .. }), (88, SourceError::File { .. })]), "{errors:?}");
    let first = CaptureFile::open(ours(names[0])).unwrap().interfaces().len();
    let interfaces = chained.interfaces();
    assert!(frames.iter().all(|frame| interfaces[frame.interface as usize].link == frame.link));
    assert_eq!(frames[88].link.0, 101);
    assert!(frames[88].interface as usize > first);
    assert_eq!(frames.len(), 88 + 32 + frames[120..].len());
}

/// mergecap merges the same way, except that it takes the last file's packet where two are equal.
#[test]
fn merged_captures_come_as_mergecap_merges_them() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("merged.pcapng");
    for names in [
        &["generated/basic-v4.client.pcap", "generated/basic-v4.server.pcap", "generated/basic-v4.mid.pcap"][..],
        &["derived/le-us.pcap", "derived/raw-101.pcap", "generated/any-sll2.client.pcap"],
        &["generated/two-interfaces.mid.pcapng", "derived/mixed-ns-us.pcapng"],
        &["derived/le-us.pcap", "derived/le-us.pcap"],
    ] {
        let paths = names.iter().map(|name| ours(name));
        assert!(Command::new("mergecap").args(["-I", "none", "-w"]).arg(&out).args(paths).status().unwrap().success());
        let (ours, errors, interfaces) = merged(names);
        let (theirs, _) = read(&mut CaptureFile::open(&out).unwrap());
        assert!(errors.is_empty() && ours.len() == theirs.len(), "{names:?}");
        assert!(ours.iter().map(|frame| frame.time).eq(theirs.iter().map(|frame| frame.time)), "{names:?}");
        assert_eq!(contents(&ours), contents(&theirs), "{names:?}");
        assert!(ours.iter().all(|frame| (frame.interface as usize) < interfaces));
    }
}

/// What was captured, whatever the order of packets with equal times.
fn contents(frames: &[OwnedFrame]) -> Vec<(Option<Timestamp>, u16, u32, &[u8])> {
    let mut all: Vec<_> = frames.iter().map(|it| (it.time, it.link.0, it.wire_len, &it.bytes[..])).collect();
    all.sort();
    all
}

#[test]
fn of_equal_times_the_first_captures_packet_comes_first() {
    let (frames, _, _) = merged(&["derived/same-time-every-packet.pcap", "derived/same-time-every-packet.pcap"]);
    let order: Vec<u32> = frames.iter().map(|frame| frame.interface).collect();
    assert_eq!(order, [[0; 18], [1; 18]].concat());
}

#[test]
fn a_captures_own_order_is_kept_where_its_clock_went_backwards() {
    let (frames, _, _) = merged(&["derived/time-backwards.pcap", "derived/raw-101.pcap"]);
    let own = frames.iter().filter(|frame| frame.interface == 0).map(|frame| &frame.bytes);
    let (alone, _) = read(&mut CaptureFile::open(ours("derived/time-backwards.pcap")).unwrap());
    assert!(alone.windows(2).any(|pair| pair[1].time < pair[0].time));
    assert!(own.eq(alone.iter().map(|frame| &frame.bytes)));
}

#[test]
fn damage_in_one_merged_capture_does_not_end_the_other() {
    let (frames, errors, interfaces) = merged(&["derived/record5-caplen-2GiB.pcap", "derived/le-us.pcap"]);
    assert_eq!((frames.len(), interfaces), (5 + 18, 2));
    assert!(matches!(&errors[..], [(_, SourceError::Damaged { packets: 5, .. })]), "{errors:?}");
}
