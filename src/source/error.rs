//! What can be wrong with an input or an output, and what to do about it.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use crate::model::LinkType;

/// Why frames could not be read, captured, filtered or written.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file could not be opened, read or written.
    #[error("{action} {path}: {source}", path = path.display())]
    File {
        /// What was being done: `reading`, `writing`.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not a capture at all.
    #[error("{path} is not a capture file: {found}", path = path.display())]
    NotACapture {
        /// Which file.
        path: PathBuf,
        /// What it looks like and what to do with it, in words.
        found: String,
    },
    /// The file is damaged; every packet before the damage was handed out.
    #[error("{path} is damaged at byte {offset}: {cause} (packets read before it: {packets})", path = path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// The absolute offset, in the decompressed stream where the file is compressed.
        offset: u64,
        /// What is wrong there, a clause for people.
        cause: String,
        /// How many packets were read before it.
        packets: u64,
    },
    /// A file's ending does not say which format to write.
    #[error("{path}: its ending names no capture format; use .pcap or .pcapng, .gz or .zst behind it", path = path.display())]
    UnknownEnding {
        /// Which file.
        path: PathBuf,
    },
    /// A pcap file has one link type for all its packets.
    #[error(
        "{path}: a pcap file holds one link type, and after {first} came a packet of {second}; write a .pcapng file",
        path = path.display(), first = link_name(*first), second = link_name(*second)
    )]
    SecondLinkType {
        /// Which file.
        path: PathBuf,
        /// The link type it was begun with.
        first: LinkType,
        /// The one it cannot take.
        second: LinkType,
    },
    /// A filter expression that libpcap cannot compile.
    #[error("filter '{}'{on}: {message}", beginning(expression), on = on_link(*link))]
    Filter {
        /// The expression as it was typed.
        expression: String,
        /// The link type it has no meaning for; `None` where it has no meaning at all.
        link: Option<LinkType>,
        /// libpcap's own words.
        message: String,
    },
    /// A filter expression that is too large to be compiled.
    #[error("the filter is too large, it has {terms} terms: {why}")]
    FilterTooLarge {
        /// How many terms `and` and `or` join in it.
        terms: usize,
        /// What that was too much for, a clause.
        why: String,
    },
    /// There is no such interface.
    #[error("there is no interface {name:?}; there are: {}", known.join(", "))]
    NoInterface {
        /// The name asked for.
        name: String,
        /// Those that exist.
        known: Vec<String>,
    },
    /// The interface is switched off.
    #[error("the interface {name} is down; `ip link set {name} up` switches it on")]
    InterfaceDown {
        /// Its name.
        name: String,
    },
    /// This process may not capture there.
    #[error("capturing on {name} needs CAP_NET_RAW, which this process lacks or which does not count here")]
    NoPermission {
        /// The interface's name.
        name: String,
    },
    /// There is no memory for the kernel's ring of packets.
    #[error("capturing on {name}: there is no memory for a ring of {} MiB: {message}", buffer >> 20)]
    NoRoom {
        /// The interface's name.
        name: String,
        /// The ring that was asked for, in bytes.
        buffer: u32,
        /// libpcap's own words.
        message: String,
    },
    /// The interface was lost during the capture.
    #[error("the interface {name} {how}; what was captured before is kept")]
    InterfaceLost {
        /// Its name.
        name: String,
        /// What became of it, a clause.
        how: String,
    },
    /// libpcap refused.
    #[error("{action}: {message}")]
    Pcap {
        /// What was being done.
        action: String,
        /// libpcap's own words.
        message: String,
    },
}

/// A link type as people know it, or its number.
fn link_name(link: LinkType) -> Cow<'static, str> {
    link.name().map_or_else(|| Cow::Owned(format!("link type {}", link.0)), Cow::Borrowed)
}

/// As much of an expression as a message has room for.
fn beginning(expression: &str) -> String {
    const ROOM: usize = 200;
    let beginning: String = expression.chars().take(ROOM).collect();
    if beginning.len() == expression.len() { beginning } else { format!("{beginning}...") }
}

fn on_link(link: Option<LinkType>) -> String {
    link.map_or_else(String::new, |link| format!(" on packets of {}", link_name(link)))
}
