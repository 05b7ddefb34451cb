//! What is written is read back the same, by us and by tshark.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use layerscope::model::{LinkType, OwnedFrame, Timestamp};
use layerscope::source::{CaptureFile, CaptureWriter, Format, FrameSource, Heading, SourceError, Target};

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

/// A disk with room for so many bytes.
struct Disk(Vec<u8>, usize);

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.1 - self.0.len();
        if room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = &bytes[..bytes.len().min(room)];
        self.0.extend(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_at_every_point() {
    let heading = heading(LinkType::ETHERNET);
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let error = CaptureWriter::new(full, "/dev/full", Format::Pcapng, &heading).unwrap_err();
    assert!(error.to_string().starts_with("writing /dev/full: No space left on device"), "{error}");

    for (format, len) in [(Format::Pcapng, 90), (Format::Pcap, 90), (Format::Pcapng, 10_000), (Format::Pcap, 10_000)] {
        let room = 400 + 5 * len;
        let mut writer = CaptureWriter::new(Disk(Vec::new(), room), "disk", format, &heading).unwrap();
        let mut frame = frame(1, LinkType::ETHERNET, &[]);
        frame.bytes.resize(len, 0);
        let mut refused = (0..50).find_map(|_| writer.write_frame(&frame.as_frame()).err());
        refused = refused.or_else(|| writer.flush().err());
        assert!(refused.unwrap().to_string().starts_with("writing disk: "));
        // What the disk took ends within a record; up to the last whole one it can be read.
        let (end, Disk(mut taken, _)) = (writer.written(), writer.abandon());
        assert!((end as usize) < room && taken.len() == room, "{end} of {room}");
        taken.truncate(end as usize);
        let mut saved = CaptureFile::from_reader("disk", io::Cursor::new(taken)).unwrap();
        let mut packets = 0;
        while saved.next_frame().unwrap().is_some() {
            packets += 1;
        }
        assert!((3..9).contains(&packets), "{format:?}, {len}: {packets}");
    }
}

#[test]
fn what_is_flushed_is_whole_records() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["out.pcap", "out.pcapng"] {
        let path = folder.path().join(name);
        let file = File::create(&path).unwrap();
        let format = Format::from_path(&path).unwrap();
        let mut writer = CaptureWriter::new(file, &path, format, &heading(LinkType::ETHERNET)).unwrap();
        for number in 1..=2000 {
            let large = OwnedFrame { bytes: vec![0; 1000], ..frame(1, LinkType::ETHERNET, &[]) };
            writer.write_frame(&OwnedFrame { number, ..large }.as_frame()).unwrap();
            if number % 100 == 0 {
                // As if the process were killed here.
                read(&path);
            }
        }
        writer.flush().unwrap();
        assert_eq!(read(&path).0.len(), 2000);
        assert_eq!(path.metadata().unwrap().len(), writer.written());
    }
}

/// Counts how often something is handed to it.
#[derive(Default)]
struct Counting(u32);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn small_frames_are_handed_on_many_at_once() {
    for format in [Format::Pcap, Format::Pcapng] {
        let heading = heading(LinkType::ETHERNET);
        let mut writer = CaptureWriter::new(Counting::default(), "out", format, &heading).unwrap();
        for _ in 0..10_000 {
            writer.write_frame(&frame(1, LinkType::ETHERNET, &[]).as_frame()).unwrap();
        }
        let Counting(writes) = writer.finish().unwrap();
        assert!((10..40).contains(&writes), "{writes} for some 700,000 bytes or more");
    }
}

#[test]
fn what_is_flushed_can_be_read_before_its_compression_ends() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["out.pcap.gz", "out.pcapng.zst"] {
        let path = folder.path().join(name);
        let target = Target::new(File::create(&path).unwrap(), &path).unwrap();
        let format = Format::from_path(&path).unwrap();
        let mut writer = CaptureWriter::new(target, &path, format, &heading(LinkType::ETHERNET)).unwrap();
        for (number, len) in (1..).zip([60, 9000, 60, 9000, 9000]) {
            let frame = OwnedFrame { bytes: vec![7; len], ..frame(number, LinkType::ETHERNET, &[]) };
            writer.write_frame(&frame.as_frame()).unwrap();
            writer.flush().unwrap();
            let mut file = CaptureFile::open(&path).unwrap();
            let numbers = Vec::from_iter((0..number).map(|_| file.next_frame().unwrap().unwrap().number));
            assert_eq!(numbers, Vec::from_iter(1..=number), "{name}");
        }
    }
}

#[test]
fn large_frames_are_written_like_small_ones() {
    let folder = tempfile::tempdir().unwrap();
    let large = |number: u64, length: usize, comments: &[&str]| OwnedFrame {
        bytes: (0..length).map(|index| index as u8).collect(),
        wire_len: length as u32,
        ..frame(number, LinkType::ETHERNET, comments)
    };
    let lengths = [8190, 8191, 8192, 8193, 8194, 8195, 65_549, 60];
    let mut frames: Vec<OwnedFrame> = (1..).zip(lengths).map(|(number, length)| large(number, length, &[])).collect();
    for name in ["out.pcap", "out.pcapng"] {
        let path = folder.path().join(name);
        write(&path, &frames).unwrap();
        assert_eq!(read(&path).0, frames);
        assert_eq!(tshark(&path, &["frame.len"]).lines().count(), frames.len());
        frames.push(large(9, 9001, &["with a remark"]));
    }
}

#[test]
fn statistics_and_compression_are_read_back_by_capinfos_and_tshark() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.pcapng.zst");
    let target = Target::new(File::create(&path).unwrap(), &path).unwrap();
    let mut writer = CaptureWriter::new(target, &path, Format::Pcapng, &heading(LinkType::ETHERNET)).unwrap();
    let frame = frame(1, LinkType::ETHERNET, &["x"]);
    writer.write_frame(&frame.as_frame()).unwrap();
    writer.write_statistics(frame.time.unwrap(), 7, 6).unwrap();
    writer.finish().unwrap().finish().unwrap();
    let (frames, file) = read(&path);
    assert_eq!(frames, [frame]);
    assert_eq!((file.interfaces()[0].received, file.interfaces()[0].dropped), (Some(7), Some(6)));
    assert_eq!(tshark(&path, &["frame.number"]), "1\n");
}

#[test]
fn the_ending_decides_the_format() {
    let format = |name: &str| Format::from_path(Path::new(name));
    assert_eq!(format("a/b.PCAP").unwrap(), Format::Pcap);
    assert_eq!(format("b.cap").unwrap(), Format::Pcap);
    assert_eq!(format("b.pcapng").unwrap(), Format::Pcapng);
    assert_eq!(format("b.pcap.zst").unwrap(), Format::Pcap);
    assert_eq!(format("b.pcapng.GZ").unwrap(), Format::Pcapng);
    for name in ["b", "b.txt", "b.gz", ".pcap"] {
        assert!(format(name).unwrap_err().to_string().contains("use .pcap or .pcapng"), "{name}");
    }
}
