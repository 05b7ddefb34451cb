//! What a file is, from its first bytes: its compression, and in words what else it may be.

use std::io::{self, Read};

use super::decompress::Decompressed;
use super::stream::Stream;

/// Files people mistake for captures, and what to do with each.
const KNOWN: [(&[u8], &str); 14] = [
    (b"BZh", "it is compressed with bzip2; try `bzip2 -dc FILE | layerscope read -`"),
    (b"\xfd7zXZ\0", "it is compressed with xz; try `xz -dc FILE | layerscope read -`"),
    (b"\x04\x22\x4d\x18", "it is compressed with lz4; try `lz4 -dc FILE | layerscope read -`"),
    (b"\x1f\x9d", "it is compressed with compress; try `gzip -dc FILE | layerscope read -`"),
    (b"\x1f\x8b", "inside it is compressed with gzip once more; decompress it first"),
    (b"\x28\xb5\x2f\xfd", "inside it is compressed with zstd once more; decompress it first"),
    (b"PK\x03\x04", "it is a zip archive; unpack it first"),
    (b"snoop\0\0\0", "it is a Solaris snoop file; convert it with `editcap -F pcapng FILE OUT.pcapng`"),
    (b"GMBU", "it is a Network Monitor file; convert it with `editcap -F pcapng FILE OUT.pcapng`"),
    (b"btsnoop\0", "it is a Bluetooth snoop file; convert it with `editcap -F pcapng FILE OUT.pcapng`"),
    (b"\xab\x01\x00\x1c", "it is Ixia's variant of pcap; convert it with `editcap -F pcapng FILE OUT.pcapng`"),
    (b"\xac\x01\x00\x1c", "it is Ixia's variant of pcap; convert it with `editcap -F pcapng FILE OUT.pcapng`"),
    (b"\x0a\x0d\x0d\x0a", "it starts like pcapng, but its byte-order magic is wrong"),
    (b"\x7fELF", "it is a program (ELF)"),
];

/// The stream decompressed, where its first bytes say that it is compressed, and with what.
pub(super) fn decompress(mut stream: Stream) -> io::Result<(Stream, Option<&'static str>)> {
    let mut start = Vec::with_capacity(4);
    stream.by_ref().take(4).read_to_end(&mut start)?;
    let kind: [u8; 4] = std::array::from_fn(|index| start.get(index).copied().unwrap_or(0));
    let whole = stream.before(start);
    Ok(match kind {
        [0x1f, 0x8b, ..] => (Stream::Reader(Box::new(Decompressed::gzip(whole))), Some("gzip")),
        // A zstd frame, or one of the skippable frames that may come before it (RFC 8878 §3.1.2).
        [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => {
            (Stream::Reader(Box::new(Decompressed::zstd(whole)?)), Some("zstd"))
        }
        _ => (whole, None),
    })
}

/// What a file is that is no capture, and what to do about it.
pub(super) fn describe(start: &[u8], compression: Option<&str>) -> String {
    let inside = match compression {
        Some(compression) => format!("it is compressed with {compression}, and decompressed "),
        None => String::new(),
    };
    let known = KNOWN.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, words)| *words);
    let words = match known {
        Some(words) => words.to_owned(),
        None if start.is_empty() => "it is empty (0 bytes); was the capture stopped before it began?".into(),
        None if matches!(start, [0xa1, 0xb2, _, _, ..] | [_, _, 0xb2, 0xa1, ..]) => {
            format!("it starts like pcap, but no known variant has the magic bytes {}", hex(&start[..4]))
        }
        None if is_text(start) => {
            "it is text; a capture is what `tcpdump -w FILE` writes, not what tcpdump prints".into()
        }
        None => format!("it starts with the bytes {}, which no capture format does", hex(start)),
    };
    inside + &words
}

fn is_text(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if start.len().saturating_sub(error.valid_up_to()) < 4 => {
            return is_text(&start[..error.valid_up_to()]);
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.contains(|c: char| c.is_control() && !c.is_whitespace() && c != '\x1b')
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
