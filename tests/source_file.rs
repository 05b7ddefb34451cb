//! Saved captures: every file we have is read to its end or to a named damage, and Wireshark counts the same packets.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use layerscope::source::{CaptureFile, FrameSource, SourceError};

const CAPTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/captures");

fn every_capture() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in fs::read_dir(CAPTURES).unwrap().map(|entry| entry.unwrap().path()) {
        if folder.is_dir() && !folder.ends_with("LICENSES") {
            files.extend(fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    files.retain(|file| !file.extension().is_some_and(|ending| ending == "tsv"));
    files.sort();
    assert!(files.len() > 1600, "{} captures", files.len());
    files
}

/// How many packets a capture hands out, and how it ends.
fn count(opened: Result<CaptureFile, SourceError>) -> (u64, Option<SourceError>) {
    let mut file = match opened {
        Ok(file) => file,
        Err(error) => return (0, Some(error)),
    };
    let mut packets = 0;
    loop {
        match file.next_frame() {
            Ok(Some(frame)) => {
                packets += 1;
                assert_eq!(frame.number, packets);
            }
            Ok(None) => return (packets, None),
            Err(error) => {
                assert!(file.next_frame().unwrap().is_none(), "nothing follows an error");
                return (packets, Some(error));
            }
        }
    }
}

/// What Wireshark's reader counts in each file that it can read, up to where it finds the file damaged.
fn capinfos(files: &[PathBuf]) -> HashMap<PathBuf, u64> {
    let mut counts = HashMap::new();
    for batch in files.chunks(400) {
        let output = Command::new("capinfos").args(["-c", "-M", "-T", "-r"]).args(batch).output();
        let output = output.expect("capinfos is installed (package wireshark-common)");
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let (file, packets) = line.split_once('\t').unwrap();
            counts.insert(file.into(), packets.parse().unwrap());
        }
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            let Some(rest) = line.strip_prefix("capinfos: An error occurred after reading ") else { continue };
            let (packets, file) = rest.split_once(" packets from ").unwrap();
            counts.insert(file.trim_end_matches('.').trim_matches('"').into(), packets.parse().unwrap());
        }
    }
    counts
}

/// Where our count differs from capinfos for a reason.
fn excused(file: &Path) -> Option<&'static str> {
    let name = file.file_name()?.to_str()?;
    match name {
        _ => None,
    }
}

#[test]
fn every_capture_is_read_as_far_as_wireshark_reads_it() {
    let files = every_capture();
    let expected = capinfos(&files);
    let mut differences = Vec::new();
    for path in &files {
        let (packets, error) = count(CaptureFile::open(path));
        if let Some(SourceError::Damaged { packets: told, .. }) = error {
            assert_eq!(told, packets, "{}", path.display());
        }
        let end = error.map_or("its end".into(), |error| error.to_string());
        match expected.get(path) {
            Some(&wireshark) if wireshark != packets && excused(path).is_none() => {
                differences
                    .push(format!("{}: {packets} packets, capinfos has {wireshark}; read to {end}", path.display()));
            }
            None => println!("{packets} packets, capinfos does not read it; read to {end}; {}", path.display()),
            Some(_) if end != "its end" => println!("{packets} packets; {end}"),
            Some(_) => {}
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
