//! The pcapng format (draft-ietf-opsawg-pcapng): sections, interfaces, packets and what is said about them.
//!
//! pcap-parser walks the options; the blocks themselves are read here, because its block parsers give no reason for a
//! refusal, allocate for every packet that has options, read times of a power of two as invalid and `if_tsoffset` in
//! little-endian always, and know neither the old packet block nor lengths that are not a multiple of four.

use std::net::IpAddr;
use std::ops::Range;

use pcap_parser::{
    BOM_MAGIC, EPB_MAGIC, IDB_MAGIC, ISB_MAGIC, NRB_MAGIC, PcapError, SHB_MAGIC, SPB_MAGIC, parse_option_be,
    parse_option_le,
};

use super::clock::Clock;
use super::record::{CEILING, Fault, Interface, Record, largest_packet};
use super::window::Window;
use crate::model::LinkType;

/// The packet block that enhanced packet blocks replaced.
const OLD_PACKET: u32 = 2;
/// A block's type and its length at both ends.
const FRAMING: usize = 12;
/// What packet blocks hold before the packet, except simple ones.
const PACKET_HEADER: usize = 20;

const MAX_INTERFACES: usize = 1 << 16;
/// How many bytes of names and remarks are kept over a whole file; packets' comments do not count.
const MAX_TEXT: usize = 8 << 20;
/// How many comments of a packet are kept: as text, millions of empty ones would take far more room than in the file.
const MAX_COMMENTS: usize = 1 << 16;

/// What was learned from the blocks so far.
#[derive(Default)]
pub(super) struct Pcapng {
    big_endian: bool,
    /// Over all sections; the current one's start at `section`.
    interfaces: Vec<Interface>,
    clocks: Vec<Clock>,
    section: usize,
    names: Vec<(IpAddr, String)>,
    remarks: Vec<String>,
    /// Bytes of text kept so far.
    text: usize,
    /// The last packet's comments.
    comments: Vec<String>,
}

/// Whether a file that starts like this is a pcapng file.
pub(super) fn recognises(start: &[u8]) -> bool {
    start.starts_with(&SHB_MAGIC.to_le_bytes())
        && start.get(8..12).is_none_or(|order| byte_order(order.first_chunk()).is_some())
}

/// Whether the section is big-endian, from its byte-order magic.
fn byte_order(magic: Option<&[u8; 4]>) -> Option<bool> {
    match magic.map(|&magic| (u32::from_le_bytes(magic), u32::from_be_bytes(magic)))? {
        (BOM_MAGIC, _) => Some(false),
        (_, BOM_MAGIC) => Some(true),
        _ => None,
    }
}

impl Pcapng {
    /// The interfaces met so far.
    pub(super) fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// The addresses' names met so far.
    pub(super) fn names(&self) -> &[(IpAddr, String)] {
        &self.names
    }

    /// What is said of the whole capture.
    pub(super) fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The last packet's comments.
    pub(super) fn comments(&self) -> &[String] {
        &self.comments
    }

    /// The same, to be kept.
    pub(super) fn take_comments(&mut self) -> impl Iterator<Item = String> {
        self.comments.drain(..)
    }

    /// The next packet's record; `None` at the end. Blocks that hold no packet are taken in on the way.
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Record>, Fault> {
        self.comments.clear();
        while let Some((kind, length)) = self.block(window)? {
            let offset = window.offset();
            let place = window.take(length);
            let place = place.start.saturating_add(8)..place.end.saturating_sub(4);
            let body = window.taken(place.clone());
            let read = match kind {
                EPB_MAGIC | OLD_PACKET => self.packet(kind, body, &place).map(Some),
                SPB_MAGIC => self.simple_packet(body, &place).map(Some),
                _ => self.take_in(kind, body).map(|()| None),
            };
            if let Some(record) = read.map_err(|cause| Fault::damage(offset, cause))? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Learns what a block says that holds no packet.
    fn take_in(&mut self, kind: u32, body: &[u8]) -> Result<(), String> {
        match kind {
            SHB_MAGIC => self.begin_section(body)?,
            IDB_MAGIC => self.interface(body)?,
            NRB_MAGIC => self.take_names(body),
            ISB_MAGIC => self.statistics(body),
            _ => {} // decryption secrets, custom blocks, systemd's journal
        }
        Ok(())
    }

    /// The type and length of the next block, which is then wholly unread in the window; `None` at the end.
    fn block(&mut self, window: &mut Window) -> Result<Option<(u32, usize)>, Fault> {
        let offset = window.offset();
        let damage = |cause: String| Err(Fault::damage(offset, cause));
        if !window.want(FRAMING)? {
            return match window.unread().len() {
                0 => Ok(None),
                rest => damage(format!("the file ends inside a block's header, after {rest} bytes")),
            };
        }
        if window.unread().starts_with(&SHB_MAGIC.to_le_bytes()) {
            match byte_order(window.unread()[8..].first_chunk()) {
                Some(big_endian) => self.big_endian = big_endian,
                None => return damage("a section has no valid byte-order magic".into()),
            }
        }
        let (kind, stated) = (self.u32(window.unread(), 0), self.u32(window.unread(), 4));
        if !(FRAMING as u32..=CEILING).contains(&stated) {
            return damage(format!("a block of type {kind:#x} claims {stated} bytes; it can have 12 to {CEILING}"));
        }
        // Blocks end on a 32-bit boundary; some programs write the length without the padding, which is there.
        let length = (stated as usize).next_multiple_of(4);
        if !window.want(length)? {
            let rest = window.unread().len();
            return damage(format!("the file ends inside a block of type {kind:#x}, after {rest} of {length} bytes"));
        }
        let again = self.u32(window.unread(), length.saturating_sub(4));
        if again != stated && again as usize != length {
            return damage(format!("a block's two lengths differ: {stated} before it, {again} after it"));
        }
        Ok(Some((kind, length)))
    }

    /// An enhanced packet block, or the old one, which has a 16-bit interface and a drop count in its place.
    fn packet(&mut self, kind: u32, body: &[u8], place: &Range<usize>) -> Result<Record, String> {
        if body.len() < PACKET_HEADER {
            return Err(format!("a packet block has room for {} of {PACKET_HEADER} bytes of header", body.len()));
        }
        let id = if kind == EPB_MAGIC { self.u32(body, 0) } else { u32::from(self.u16(body, 0)) };
        let interface = self.section.saturating_add(id as usize);
        let Some(Interface { link, .. }) = self.interfaces.get(interface) else {
            let known = self.interfaces.len().saturating_sub(self.section);
            return Err(format!("a packet names interface {id}, and the section has described {known} so far"));
        };
        let link = *link;
        let captured = checked(self.u32(body, 12), link, body.len().saturating_sub(PACKET_HEADER))?;
        let ticks = u64::from(self.u32(body, 4)) << 32 | u64::from(self.u32(body, 8));
        let end = captured.saturating_add(PACKET_HEADER);
        if let Some(options) = body.get(end.next_multiple_of(4)..).filter(|options| !options.is_empty()) {
            let comments = self.options(options).filter(|option| option.0 == 1);
            self.comments.extend(comments.take(MAX_COMMENTS).map(|option| text(option.1)));
        }
        Ok(Record {
            time: self.clocks[interface].time(ticks),
            interface: interface as u32,
            link,
            wire_len: self.u32(body, 16),
            bytes: place.start.saturating_add(PACKET_HEADER)..place.start.saturating_add(end),
        })
    }

    /// A simple packet block: of the section's first interface, without a time, cut only by that interface's limit.
    fn simple_packet(&self, body: &[u8], place: &Range<usize>) -> Result<Record, String> {
        let Some(Interface { link, snaplen, .. }) = self.interfaces.get(self.section) else {
            return Err("a simple packet block comes before its section's interface".into());
        };
        if body.len() < 4 {
            return Err("a simple packet block has no room for the packet's length".into());
        }
        let wire_len = self.u32(body, 0);
        let captured = if *snaplen == 0 { wire_len } else { wire_len.min(*snaplen) };
        let captured = checked(captured, *link, body.len().saturating_sub(4))?;
        let start = place.start.saturating_add(4);
        let bytes = start..start.saturating_add(captured);
        Ok(Record { time: None, interface: self.section as u32, link: *link, wire_len, bytes })
    }

    fn begin_section(&mut self, body: &[u8]) -> Result<(), String> {
        if body.len() < 16 {
            return Err(format!("a section header has {} of 16 bytes", body.len()));
        }
        // 1.2 is what some programs wrote for 1.0.
        match (self.u16(body, 4), self.u16(body, 6)) {
            (1, 0 | 2) => {}
            (major, minor) => return Err(format!("a section is of pcapng version {major}.{minor}; only 1.0 is known")),
        }
        self.section = self.interfaces.len();
        let remark = self.kept(&body[16..], 1);
        self.remarks.extend(remark);
        Ok(())
    }

    fn interface(&mut self, body: &[u8]) -> Result<(), String> {
        if body.len() < 8 {
            return Err(format!("an interface description has {} of 8 bytes", body.len()));
        }
        if self.interfaces.len() == MAX_INTERFACES {
            return Err(format!("there are more than {MAX_INTERFACES} interfaces"));
        }
        let (mut resolution, mut seconds) = (6, 0);
        for (code, value) in self.options(&body[8..]) {
            match (code, value) {
                (9, &[exponent]) => resolution = exponent,
                (14, _) => seconds = self.u64(value).unwrap_or(0) as i64,
                _ => {}
            }
        }
        let name = self.kept(&body[8..], 2);
        let description = self.kept(&body[8..], 3);
        let (link, snaplen) = (LinkType(self.u16(body, 0)), self.u32(body, 4));
        self.interfaces.push(Interface { name, description, link, snaplen, received: None, dropped: None });
        self.clocks.push(Clock::new(resolution, seconds));
        Ok(())
    }

    /// A name resolution block: its records are laid out as options are, an address and then names that end in NUL.
    fn take_names(&mut self, body: &[u8]) {
        for (kind, value) in self.options(body) {
            let (address, names) = match (kind, value.split_first_chunk::<4>(), value.split_first_chunk::<16>()) {
                (1, Some((address, names)), _) => (IpAddr::from(*address), names),
                (2, _, Some((address, names))) => (IpAddr::from(*address), names),
                _ => continue,
            };
            for name in names.split(|&byte| byte == 0).filter(|name| !name.is_empty()).map(text) {
                if self.keeps(&name) {
                    self.names.push((address, name));
                }
            }
        }
    }

    /// An interface statistics block; a later one replaces what an earlier one said.
    fn statistics(&mut self, body: &[u8]) {
        if body.len() < 12 {
            return;
        }
        let (mut received, mut dropped) = (None, None);
        for (code, value) in self.options(&body[12..]) {
            match code {
                4 => received = self.u64(value),
                5 => dropped = self.u64(value),
                _ => {}
            }
        }
        let index = self.section.saturating_add(self.u32(body, 0) as usize);
        if let Some(interface) = self.interfaces.get_mut(index) {
            interface.received = received.or(interface.received);
            interface.dropped = dropped.or(interface.dropped);
        }
    }

    /// Whether there is still room to keep a text, which is then counted.
    fn keeps(&mut self, text: &str) -> bool {
        let all = text.len().saturating_add(size_of::<(IpAddr, String)>()).saturating_add(self.text);
        let fits = all <= MAX_TEXT;
        self.text = if fits { all } else { self.text };
        fits
    }

    /// The text of the first option with this code, while there is room to keep it.
    fn kept(&mut self, options: &[u8], wanted: u16) -> Option<String> {
        let (_, value) = self.options(options).find(|(code, _)| *code == wanted)?;
        Some(text(value)).filter(|text| self.keeps(text))
    }

    /// The options of a block, up to their end mark or to where they make no sense.
    fn options<'a>(&self, mut rest: &'a [u8]) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        let parse = if self.big_endian { parse_option_be::<PcapError<&[u8]>> } else { parse_option_le };
        std::iter::from_fn(move || {
            let (after, option) = parse(rest).ok()?;
            let value = rest.get(4..4 + usize::from(option.len))?;
            rest = after;
            (option.code.0 != 0).then_some((option.code.0, value))
        })
    }

    #[inline]
    #[expect(clippy::arithmetic_side_effects, reason = "a place in a header that is there")]
    fn u16(&self, bytes: &[u8], at: usize) -> u16 {
        let bytes = [bytes[at], bytes[at + 1]];
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    #[inline]
    #[expect(clippy::arithmetic_side_effects, reason = "a place in a header that is there")]
    fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        let bytes = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    /// A value of exactly 8 bytes.
    fn u64(&self, bytes: &[u8]) -> Option<u64> {
        let bytes = bytes.try_into().ok()?;
        Some(if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }
}

/// A packet's captured length, where its link type and its block have room for it.
#[inline]
fn checked(captured: u32, link: LinkType, room: usize) -> Result<usize, String> {
    let max = largest_packet(link);
    if captured > max {
        return Err(format!("a packet claims {captured} captured bytes, and no packet here has more than {max}"));
    }
    if captured as usize > room {
        return Err(format!("a packet claims {captured} captured bytes in a block with room for {room}"));
    }
    Ok(captured as usize)
}

/// What should be UTF-8. Some programs count a closing NUL in, and what lies behind it.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
