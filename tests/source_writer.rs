//! What is written is read back the same, by us and by tshark.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::process::Command;

use layerscope::model::{LinkType, OwnedFrame, Timestamp};
use layerscope::source::{CaptureFile, CaptureWriter, Format, FrameSource, Heading, SourceError};

fn frame(number: u64, link: LinkType, comments: &[&str]) -> OwnedFrame {
    OwnedFrame {
        number,
        time: Some(Timestamp::from_parts(1_700_000_000, 999_999_990 + number as i64)),
        interface: 0,
        link,
        wire_len: 1500,
        bytes: (0..50 + number as u8).collect(),
        comments: comments.iter().map(|&comment| comment.to_owned()).collect(),
    }
}

fn heading(link: LinkType) -> Heading<'static> {
    Heading { link, interface: Some("lo"), comment: Some("a lesson – with a dash") }
}

fn write(path: &Path, frames: &[OwnedFrame]) -> Result<(), SourceError> {
    let format = Format::from_path(path)?;
    let mut writer = CaptureWriter::new(File::create(path).unwrap(), path, format, &heading(frames[0].link))?;
    frames.iter().try_for_each(|frame| writer.write_frame(&frame.as_frame()))?;
    writer.finish().map(drop)
}

fn read(path: &Path) -> (Vec<OwnedFrame>, CaptureFile) {
    let mut file = CaptureFile::open(path).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = file.next_frame().unwrap() {
        frames.push(frame.to_owned());
    }
    (frames, file)
}

/// `tshark -T fields` on a file it reads without a complaint.
fn tshark(path: &Path, fields: &[&str]) -> String {
    let fields = fields.iter().flat_map(|field| ["-e", field]);
    let output = Command::new("tshark").args(["-n", "-T", "fields"]).args(fields).arg("-r").arg(path).output();
    let output = output.expect("tshark is installed");
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && !complaints.contains("tshark:"), "{complaints}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn pcapng_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.pcapng");
    let written = [
        frame(1, LinkType::ETHERNET, &["connect → ok", "second remark"]),
        frame(2, LinkType::ETHERNET, &[]),
        OwnedFrame { interface: 1, ..frame(3, LinkType::RAW, &["x"]) },
    ];
    write(&path, &written).unwrap();
    let (frames, file) = read(&path);
    assert_eq!(frames, written);
    assert_eq!(file.interfaces()[0].name.as_deref(), Some("lo"));
    assert_eq!(file.comments(), ["a lesson – with a dash"]);
    let told = tshark(&path, &["frame.time_epoch", "frame.cap_len", "frame.len", "frame.comment"]);
    let first = "1700000000.999999991\t51\t1500\tconnect → ok,second remark";
    assert_eq!(told.lines().next(), Some(first));
    assert_eq!(told.lines().nth(2), Some("1700000000.999999993\t53\t1500\tx"));
    let about = Command::new("capinfos").arg(&path).output().unwrap();
    let about = String::from_utf8(about.stdout).unwrap();
    assert!(about.contains(concat!("layerscope ", env!("CARGO_PKG_VERSION"))), "{about}");
}

#[test]
fn pcap_keeps_nanoseconds_and_refuses_a_second_link_type() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.pcap");
    let written = [frame(1, LinkType::LINUX_SLL2, &[]), frame(2, LinkType::LINUX_SLL2, &[])];
    write(&path, &written).unwrap();
    assert_eq!(read(&path).0, written);
    assert!(tshark(&path, &["frame.time_epoch"]).starts_with("1700000000.999999991\n"));

    let error = write(&path, &[frame(1, LinkType::RAW, &[]), frame(2, LinkType::ETHERNET, &[])]).unwrap_err();
    assert!(error.to_string().contains("after RAW came a packet of ETHERNET; write a .pcapng file"), "{error}");
}

#[test]
fn a_comment_too_long_for_its_option_is_cut_between_characters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.pcapng");
    write(&path, &[frame(1, LinkType::ETHERNET, &[&"é".repeat(40_000), "after it"])]).unwrap();
    let (frames, _) = read(&path);
    assert_eq!(frames[0].comments, ["é".repeat(32_767), "after it".to_owned()]);
    tshark(&path, &["frame.number"]);
}

#[test]
fn a_full_disk_is_an_error() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let heading = heading(LinkType::ETHERNET);
    let mut writer = CaptureWriter::new(full, "/dev/full", Format::Pcapng, &heading).unwrap();
    writer.write_frame(&frame(1, LinkType::ETHERNET, &[]).as_frame()).unwrap();
    let error = writer.finish().map(drop).unwrap_err();
    assert!(error.to_string().starts_with("writing /dev/full: No space left on device"), "{error}");
}

#[test]
fn the_ending_decides_the_format() {
    let format = |name: &str| Format::from_path(Path::new(name));
    assert_eq!(format("a/b.PCAP").unwrap(), Format::Pcap);
    assert_eq!(format("b.cap").unwrap(), Format::Pcap);
    assert_eq!(format("b.pcapng").unwrap(), Format::Pcapng);
    for name in ["b", "b.txt", "b.pcap.gz", ".pcap"] {
        assert!(format(name).unwrap_err().to_string().ends_with("use .pcap or .pcapng"), "{name}");
    }
}
