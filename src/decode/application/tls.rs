//! TLS records (RFC 8446 §5.1), handshake messages in the clear, and the server name of a ClientHello (RFC 6066 §3).

use std::borrow::Cow;

use super::message::{Message, Reading};
use crate::decode::spec::{self, Show, Spec, named};
use crate::model::{Field, Transport};

const RECORD: &[Spec] = &[
    Spec::bytes("tls.record.content_type", "Content type", 0, 1).meaning(content_name),
    Spec::bytes("tls.record.version", "Record version", 1, 2).shown(Show::Hex).meaning(version_meaning),
    Spec::bytes("tls.record.length", "Record length", 3, 2),
];
const RECORD_LEN: usize = 5;
/// 2^14 bytes of text and what encryption may add (RFC 5246 §6.2.3).
const LONGEST_RECORD: usize = 16384 + 2048;
/// More records than a segment usefully shows in one line.
const MAX_RECORDS: usize = 8;

const HANDSHAKE: &[Spec] = &[
    Spec::bytes("tls.handshake.type", "Handshake type", 0, 1).meaning(handshake_meaning),
    Spec::bytes("tls.handshake.length", "Handshake length", 1, 3),
];
const HELLO_VERSION: Spec =
    Spec::bytes("tls.handshake.version", "Version", 4, 2).shown(Show::Hex).meaning(version_meaning);

/// Longer than any chain of certificates people send.
const LONGEST_HANDSHAKE: usize = 1 << 17;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE_RECORD: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const HEARTBEAT: u8 = 24;

/// Two bytes and the shortest check value that a cipher suite has.
const LEAST_ENCRYPTED: usize = 2 + 8;

/// Type and length before what a heartbeat carries, and the least padding behind it (RFC 6520 §4).
const HEARTBEAT_AROUND: usize = 3 + 16;

/// Where TLS is spoken from the first byte on, by IANA's registry.
const PORTS: [u16; 21] =
    [443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 3269, 5061, 5223, 5671, 5986, 6443, 6514, 6697, 8443, 8883];

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const SERVER_NAME: u16 = 0;
const SUPPORTED_VERSIONS: u16 = 43;

pub(super) fn read(message: &Message<'_>) -> Option<Reading> {
    if message.transport != Transport::Tcp {
        return None;
    }
    let (mut words, mut fields, mut version) = (Vec::new(), Vec::new(), None);
    let mut rest = message.payload;
    let is_known = PORTS.iter().any(|port| message.ports.contains(port));
    if !is_known && !is_told_by_content(message.payload) {
        return None;
    }
    while let Some(record) = Record::read(rest).filter(|_| words.len() < MAX_RECORDS) {
        fields.extend(spec::fields(RECORD, rest, message.at(rest)));
        let said = record.describe(message, &mut fields);
        version = said.version.or(version).or(Some(record.version));
        words.push(said.words);
        rest = record.after(rest);
    }
    let version = version_name(version?)?;
    Some(Reading { protocol: "TLS", key: "tls", line: format!("{version} {}", words.join(", ")), fields })
}

/// Whether a segment by a port that TLS is not expected at is TLS all the same: its first record is certain, and what
/// follows it begins another.
fn is_told_by_content(payload: &[u8]) -> bool {
    let Some(first) = Record::read(payload).filter(Record::is_certain) else { return false };
    let after = first.after(payload);
    after.len() < RECORD_LEN || Record::read(after).is_some()
}

struct Record<'a> {
    content: u8,
    version: u16,
    /// What there is of its content in this packet.
    body: &'a [u8],
    /// Whether that is all of it.
    whole: bool,
}

/// What a record says, and the protocol version where its content names a better one than the record.
struct Said {
    words: String,
    version: Option<u16>,
}

impl<'a> Record<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        // TLS 1.3 keeps the number of version 1.2 here (RFC 8446 §5.1).
        let (&[content, 3, minor @ 0..=3, a, b], after) = bytes.split_first_chunk::<RECORD_LEN>()? else { return None };
        let len = usize::from(u16::from_be_bytes([a, b]));
        let body = &after[..len.min(after.len())];
        let record = Self { content, version: u16::from_be_bytes([3, minor]), body, whole: body.len() == len };
        record.is_plausible(len).then_some(record)
    }

    /// What follows it in the bytes that begin with it.
    fn after(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(RECORD_LEN.saturating_add(self.body.len())..).unwrap_or_default()
    }

    /// Whether a record of its type can be `len` bytes long and begin as it does.
    fn is_plausible(&self, len: usize) -> bool {
        let begins = |bytes: &[u8]| self.body.first().is_none_or(|first| bytes.contains(first));
        match self.content {
            _ if len > LONGEST_RECORD => false,
            CHANGE_CIPHER_SPEC => len == 1 && begins(&[1]),
            // In the clear a level and a description; what is encrypted has a check value as well.
            ALERT => len == 2 && begins(&[1, 2]) || len >= LEAST_ENCRYPTED,
            HANDSHAKE_RECORD => len >= 4,
            APPLICATION_DATA => true,
            // A type, a length and padding (RFC 6520 §4), which attacks left out.
            HEARTBEAT => len >= 3,
            _ => false,
        }
    }

    /// Whether its bytes are such as nothing else has by chance, so that no port needs to say what they are.
    fn is_certain(&self) -> bool {
        match self.content {
            HANDSHAKE_RECORD => self.whole || self.handshakes().is_some(),
            APPLICATION_DATA => !self.body.is_empty(),
            // Nothing of an encrypted heartbeat tells it from other bytes.
            HEARTBEAT => {
                self.whole
                    && matches!(self.body, [1 | 2, a, b, ..] if {
                        usize::from(u16::from_be_bytes([*a, *b])) + HEARTBEAT_AROUND <= self.body.len()
                    })
            }
            _ => true,
        }
    }

    /// Names what it says, and adds the fields of its handshake messages.
    fn describe(&self, message: &Message<'_>, fields: &mut Vec<Field>) -> Said {
        let name = content_name(self.content.into()).unwrap_or_default().into_owned();
        if self.content != HANDSHAKE_RECORD {
            return Said { words: name, version: None };
        }
        let Some(handshakes) = self.handshakes() else {
            return Said { words: "Encrypted Handshake Message".to_owned(), version: None };
        };
        let mut said = Said { words: String::new(), version: None };
        for handshake in handshakes {
            let start = message.at(handshake);
            fields.extend(spec::fields(HANDSHAKE, handshake, start));
            if !said.words.is_empty() {
                said.words.push_str(", ");
            }
            said.words.push_str(handshake_name(handshake[0]).unwrap_or_default());
            if matches!(handshake[0], CLIENT_HELLO | SERVER_HELLO) {
                fields.extend(HELLO_VERSION.field(handshake, start));
                let hello = Hello::read(handshake);
                said.version = hello.version;
                if let Some(name) = hello.server_name {
                    fields.push(message.text("tls.handshake.extensions_server_name", "Server name", name));
                    said.words.push_str(&format!(" (SNI={})", String::from_utf8_lossy(name)));
                }
            }
        }
        said
    }

    /// The handshake messages of the record; `None` where they do not fill it exactly, as those that are encrypted do
    /// not but by chance. The last may go on in the next record or packet.
    fn handshakes(&self) -> Option<Vec<&'a [u8]>> {
        let (mut found, mut rest) = (Vec::new(), self.body);
        while !rest.is_empty() {
            let Some(&[kind, a, b, c]) = rest.first_chunk::<4>() else { break };
            handshake_name(kind)?;
            let len = (u32::from_be_bytes([0, a, b, c]) as usize).saturating_add(4);
            // Only a full record breaks a message off.
            if len > LONGEST_HANDSHAKE || (len > rest.len() && self.whole && self.body.len() < 1 << 14) {
                return None;
            }
            let (handshake, after) = rest.split_at(len.min(rest.len()));
            found.push(handshake);
            rest = after;
        }
        (!found.is_empty()).then_some(found)
    }
}

/// What is read out of a ClientHello or ServerHello.
#[derive(Default)]
struct Hello<'a> {
    version: Option<u16>,
    server_name: Option<&'a [u8]>,
}

impl<'a> Hello<'a> {
    /// From the handshake message; what is cut off or malformed stays unknown.
    fn read(bytes: &'a [u8]) -> Self {
        let kind = bytes[0];
        let mut hello = Self { version: HELLO_VERSION.read(bytes).map(|version| version as u16), server_name: None };
        let Some(mut rest) = extensions(bytes, kind) else { return hello };
        while let Some((number, content, after)) = extension(rest) {
            match number {
                SERVER_NAME => hello.server_name = server_name(content),
                SUPPORTED_VERSIONS => hello.version = best_version(content, kind).or(hello.version),
                _ => {}
            }
            rest = after;
        }
        hello
    }
}

/// Where a hello's extensions begin: behind the random bytes, the session id, the cipher suites and the compression.
fn extensions(bytes: &[u8], kind: u8) -> Option<&[u8]> {
    let rest = bytes.get(4 + 2 + 32..)?;
    let rest = rest.get(1 + usize::from(*rest.first()?)..)?;
    let rest = match kind {
        CLIENT_HELLO => {
            let rest = rest.get(2 + usize::from(u16::from_be_bytes(*rest.first_chunk()?))..)?;
            rest.get(1 + usize::from(*rest.first()?)..)?
        }
        _ => rest.get(3..)?,
    };
    rest.get(2..)
}

/// The next extension: number, content, and what follows.
fn extension(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let &[a, b, c, d] = bytes.first_chunk::<4>()?;
    let end = 4 + usize::from(u16::from_be_bytes([c, d]));
    Some((u16::from_be_bytes([a, b]), bytes.get(4..end)?, &bytes[end..]))
}

/// The host name: list length, type 0, name length, name.
fn server_name(content: &[u8]) -> Option<&[u8]> {
    let &[_, _, kind, a, b] = content.first_chunk::<5>()?;
    content.get(5..5 + usize::from(u16::from_be_bytes([a, b]))).filter(|_| kind == 0)
}

/// The version chosen, or the best one offered; those with equal bytes are RFC 8701's grease.
fn best_version(content: &[u8], kind: u8) -> Option<u16> {
    let list = if kind == CLIENT_HELLO { content.get(1..)? } else { content };
    let versions = list.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    versions.filter(|version| version_name(*version).is_some()).max()
}

fn version_name(version: u16) -> Option<&'static str> {
    Some(match version {
        0x0300 => "SSLv3",
        0x0301 => "TLSv1.0",
        0x0302 => "TLSv1.1",
        0x0303 => "TLSv1.2",
        0x0304 => "TLSv1.3",
        _ => return None,
    })
}

fn version_meaning(number: u64) -> Option<Cow<'static, str>> {
    version_name(number as u16).map(Cow::Borrowed)
}

fn content_name(number: u64) -> Option<Cow<'static, str>> {
    named(match number {
        20 => "Change Cipher Spec",
        21 => "Alert",
        22 => "Handshake",
        23 => "Application Data",
        24 => "Heartbeat",
        _ => return None,
    })
}

fn handshake_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0 => "Hello Request",
        CLIENT_HELLO => "Client Hello",
        SERVER_HELLO => "Server Hello",
        4 => "New Session Ticket",
        8 => "Encrypted Extensions",
        11 => "Certificate",
        12 => "Server Key Exchange",
        13 => "Certificate Request",
        14 => "Server Hello Done",
        15 => "Certificate Verify",
        16 => "Client Key Exchange",
        20 => "Finished",
        22 => "Certificate Status",
        _ => return None,
    })
}

fn handshake_meaning(number: u64) -> Option<Cow<'static, str>> {
    handshake_name(number as u8).map(Cow::Borrowed)
}
