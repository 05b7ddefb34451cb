//! What the tests over the shared captures have in common: finding the files, reading their frames, using both cores.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use layerscope::model::{LinkType, OwnedFrame};
use pcap_parser::{Block, PcapBlockOwned, create_reader};

/// Every file of the shared collection, in a stable order.
pub(crate) fn captures() -> Vec<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/captures");
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(root)];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("a folder entry").path();
            match path.extension().and_then(|name| name.to_str()) {
                _ if path.is_dir() && !path.ends_with("LICENSES") => folders.push(path),
                Some("md" | "tsv") | None => {}
                Some(_) => found.push(path),
            }
        }
    }
    found.sort();
    found
}

/// The frames of one file, as far as it can be read.
pub(crate) fn frames(path: &Path) -> Vec<OwnedFrame> {
    let bytes = content(path);
    let mut frames = Vec::new();
    // Link types of the section's interfaces, with the number of the section's first one.
    let (mut interfaces, mut first) = (Vec::new(), 0);
    let Ok(mut reader) = create_reader(bytes.len().max(65536), bytes.as_slice()) else { return frames };
    loop {
        match reader.next() {
            Ok((size, block)) => {
                match block {
                    PcapBlockOwned::LegacyHeader(header) => interfaces.push(header.network.0),
                    PcapBlockOwned::Legacy(packet) => push(&mut frames, interfaces[0], 0, packet.origlen, packet.data),
                    PcapBlockOwned::NG(Block::SectionHeader(_)) => {
                        first += interfaces.len() as u32;
                        interfaces.clear();
                    }
                    PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => interfaces.push(interface.linktype.0),
                    PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                        let kept = &packet.data[..packet.data.len().min(packet.caplen as usize)];
                        let link = interfaces.get(packet.if_id as usize).copied().unwrap_or(-1);
                        push(&mut frames, link, first + packet.if_id, packet.origlen, kept);
                    }
                    PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
                        let kept = &packet.data[..packet.data.len().min(packet.origlen as usize)];
                        push(&mut frames, interfaces.first().copied().unwrap_or(-1), first, packet.origlen, kept);
                    }
                    PcapBlockOwned::NG(_) => {}
                }
                reader.consume(size);
            }
            Err(_) => return frames,
        }
    }
}

fn push(frames: &mut Vec<OwnedFrame>, link: i32, interface: u32, wire_len: u32, bytes: &[u8]) {
    frames.push(OwnedFrame {
        number: frames.len() as u64 + 1,
        time: None,
        interface,
        link: LinkType(link as u16),
        wire_len,
        bytes: bytes.to_vec(),
        comments: Vec::new(),
    });
}

fn content(path: &Path) -> Vec<u8> {
    let raw = std::fs::read(path).expect("a readable capture");
    let mut bytes = Vec::new();
    // A damaged compressed file gives what comes before the damage.
    match raw.as_slice() {
        [0x1f, 0x8b, ..] => drop(flate2::read::MultiGzDecoder::new(raw.as_slice()).read_to_end(&mut bytes)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            drop(
                zstd::stream::read::Decoder::new(raw.as_slice()).and_then(|mut reader| reader.read_to_end(&mut bytes)),
            );
        }
        _ => return raw,
    }
    bytes
}

/// Does `work` on every file, on both cores, and gathers what each returns, in the files' order.
pub(crate) fn over<T: Send>(files: &[PathBuf], work: impl Fn(&Path) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = HashMap::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else { return done };
            done.insert(index, work(file));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let workers = [scope.spawn(worker), scope.spawn(worker)];
        let mut done = HashMap::new();
        for worker in workers {
            done.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    (0..files.len()).filter_map(|index| done.remove(&index)).collect()
}

/// The path below the collection's folder, for messages.
pub(crate) fn name(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.rsplit_once("captures/").map_or(text.to_string(), |(_, name)| name.to_owned())
}
