//! `layerscope read -w`: what is saved is what was chosen, whole, in every format, and never over what is read.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use layerscope::model::LinkType;
use layerscope::source::CaptureFile;

use crate::run::{complaint, layerscope, public_folder, stdout, tshark};
use crate::support::ours;
use crate::support::savefile::{self, Order, Pcapng};

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng");

fn capture(name: &str) -> String {
    ours(name).to_string_lossy().into_owned()
}

/// Every packet with its nanoseconds and its bytes.
fn packets(file: &Path) -> String {
    stdout(layerscope(["read", "--hex", "-T", "epoch"]).arg(file))
}

#[test]
fn what_a_filter_chooses_is_saved_in_every_format_as_tcpdump_saves_it() {
    let folder = public_folder();
    let source = capture("generated/five-connections.client.pcap");
    let theirs = folder.path().join("theirs.pcap");
    let filter = "tcp[tcpflags] & tcp-syn != 0 or udp";
    let status = Command::new("tcpdump").args(["-r", &source, "-w"]).arg(&theirs).arg(filter).output().unwrap().status;
    assert!(status.success());
    for name in ["a.pcap", "a.cap", "a.pcapng", "a.pcap.gz", "a.pcapng.gz", "a.pcap.zst", "a.pcapng.ZST"] {
        let ours = folder.path().join(name);
        let output = layerscope(["read", "-r", &source, filter, "-w"]).arg(&ours).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && output.stdout.is_empty(), "{said}");
        assert_eq!(said, format!("10 of 170 packets saved in {}\n", ours.display()));
        assert_eq!(packets(&ours), packets(&theirs), "{name}");
        if !name.ends_with("ZST") {
            assert_eq!(tshark(&ours, &["frame.number"]).len(), 10, "{name}");
        }
    }
    let piped = folder.path().join("piped.pcapng");
    let output = layerscope(["read", &source, filter, "-w", "-"]).output().unwrap();
    std::fs::write(&piped, output.stdout).unwrap();
    assert_eq!(packets(&piped), packets(&theirs));
}

#[test]
fn interfaces_and_comments_stay() {
    let folder = public_folder();
    let saved = folder.path().join("saved.pcapng");
    for (source, filter) in [(capture("generated/two-interfaces.mid.pcapng"), "tcp"), (DEMO.to_owned(), "udp")] {
        stdout(layerscope(["read", &source, filter, "-w"]).arg(&saved));
        let fields = ["frame.time_epoch", "frame.interface_name", "frame.comment", "frame.cap_len", "frame.len"];
        let all: Vec<Vec<String>> = tshark(Path::new(&source), &[&fields[..], &["ip.proto"]].concat());
        let proto = if filter == "tcp" { "6" } else { "17" };
        let wanted: Vec<&[String]> = all.iter().filter(|row| row[5] == proto).map(|row| &row[..5]).collect();
        let found = tshark(&saved, &fields);
        assert!(!wanted.is_empty() && found.iter().map(Vec::as_slice).eq(wanted), "{source}");
    }
    // A packet without a time has one afterwards, which is said.
    let timeless = Pcapng::default().section(Order::Big, &[]).interface(LinkType::ETHERNET, 0, &[]);
    let timeless = (0..4).fold(timeless, |made, _| made.simple_packet(60, &[0; 60])).bytes;
    let timeless = savefile::saved(&timeless);
    let output = layerscope(["read"]).arg(timeless.path()).arg("-w").arg(&saved).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("4 packets without a time saved as of 1970"));
    // A file of one link type holds the packets of that type among several.
    let mixed = capture("derived/mixed-links-en10mb-sll-sll2.pcapng");
    let said = complaint(layerscope(["read", &mixed, "-w"]).arg(folder.path().join("mixed.pcap")), 1);
    assert!(said.contains("write a .pcapng file") && said.contains("what was saved before can be read"), "{said}");
    stdout(layerscope(["read", &mixed, "-w"]).arg(&saved));
    assert_eq!(packets(&saved), packets(Path::new(&mixed)));
}

#[test]
fn what_is_read_is_never_written() {
    let folder = public_folder();
    let [file, link] = ["a.pcapng", "link.pcapng"].map(|name| folder.path().join(name));
    std::fs::copy(DEMO, &file).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for (read, write) in [(&file, &file), (&file, &link), (&link, &file)] {
        let said = complaint(layerscope(["read"]).arg(read).arg("-w").arg(write), 2);
        assert!(said.contains("is what is read"), "{said}");
    }
    let said = complaint(layerscope(["read", "-", "-w"]).arg(&file).stdin(File::open(&file).unwrap()), 2);
    assert!(said.contains("is what is read"), "{said}");
    let said = complaint(layerscope(["read", DEMO]).arg(&file).arg("-w").arg(&file), 2);
    assert!(said.contains("is what is read"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(DEMO).unwrap());
    let said = complaint(&mut layerscope(["read", DEMO, "-w", "x.pcap", "--format", "json"]), 2);
    assert!(said.contains("--format"), "{said}");
    assert!(!Path::new("x.pcap").exists());
}

#[test]
fn an_end_before_the_end_leaves_a_whole_file() {
    let folder = public_folder();
    let saved = folder.path().join("saved.pcap");
    let output = layerscope(["read", &capture("derived/cut-in-block.pcapng"), "-w"]).arg(&saved).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stderr).unwrap().contains("88 of 88 packets saved"));
    assert_eq!(tshark(&saved, &["frame.number"]).len(), 88);
    // Nothing chosen is a savefile without packets, of the right link type.
    stdout(layerscope(["read", &capture("derived/raw-101.pcap"), "port", "9", "-w"]).arg(&saved));
    assert_eq!(CaptureFile::open(&saved).unwrap().interfaces()[0].link, LinkType::RAW);
    assert_eq!(tshark(&saved, &["frame.number"]).len(), 0);
    let said = complaint(&mut layerscope(["read", DEMO, "-w", "/tmp/b"]), 2);
    assert!(said.contains(".pcapng"), "{said}");
    assert!(!Path::new("/tmp/b").exists());
}

/// As `read` shows them: what was chosen before a filter has no meaning is kept.
#[test]
fn packets_before_a_refused_one_are_saved() {
    let folder = public_folder();
    let saved = folder.path().join("saved.pcapng");
    let (ethernet, raw) = (capture("derived/le-us.pcap"), capture("derived/raw-101.pcap"));
    let filter = "ether host 02:00:00:00:00:01 or not ether host 02:00:00:00:00:01";
    let output = layerscope(["read", "-r", &ethernet, "-r", &raw, filter, "-w"]).arg(&saved).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(packets(&saved), packets(Path::new(&ethernet)));
    let told = format!("18 of 19 packets saved in {}\nlayerscope: filter ", saved.display());
    assert!(said.starts_with(&told), "{said}");
}

#[test]
fn every_complaint_is_told() {
    let folder = public_folder();
    let saved = folder.path().join("saved.pcapng");
    let (cut, empty) = (capture("derived/cut-in-block.pcapng"), capture("derived/zero-bytes.pcap"));
    let output = layerscope(["read", "-r", &empty, "-r", &cut, "-w"]).arg(&saved).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("zero-bytes.pcap is not a capture") && said.contains("cut-in-block.pcapng is damaged"),
        "{said}"
    );
}
