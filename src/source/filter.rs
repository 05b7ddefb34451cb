//! libpcap's filter expressions on frames from anywhere.

use pcap::Linktype;

use super::SourceError;
use super::bpf::Program;
use super::compile::{Refusal, compile};
use super::terms::alternatives;
use crate::model::{Frame, LinkType};

/// Link types on which an expression is tried before any packet is seen. What compiles on none of them is wrong.
const TRIED: [LinkType; 8] = [
    LinkType::ETHERNET,
    LinkType::RAW,
    LinkType::LINUX_SLL,
    LinkType::LINUX_SLL2,
    LinkType::NULL,
    LinkType::PPP,
    LinkType(105), // IEEE802_11
    LinkType(100), // ATM_RFC1483
];

/// This machine's number for IPv6 in a loopback header.
const AF_INET6: u32 = if cfg!(target_os = "linux") { 10 } else { 30 };

/// A filter expression (pcap-filter(7)), compiled once for each link type it meets.
#[derive(Clone, Debug)]
pub struct Filter {
    expression: String,
    /// For each link type the programs of which one must accept a packet.
    programs: Vec<(LinkType, Vec<Program>)>,
    /// A loopback frame whose address family libpcap would not know.
    loopback: Vec<u8>,
}

impl Filter {
    /// Takes in an expression; an empty one accepts every frame.
    ///
    /// # Errors
    ///
    /// [`SourceError::Filter`] with libpcap's message where it makes sense for no kind of packet,
    /// [`SourceError::FilterTooLarge`].
    pub fn compile(expression: &str) -> Result<Self, SourceError> {
        let mut refusal: Option<Refusal> = None;
        for link in TRIED {
            match programs(expression, link) {
                Ok(compiled) => {
                    let programs = vec![(link, compiled)];
                    return Ok(Self { expression: expression.to_owned(), programs, loopback: Vec::new() });
                }
                Err(meaningless @ Refusal::Meaningless(_)) => refusal = refusal.or(Some(meaningless)),
                Err(too_large @ Refusal::TooLarge { .. }) => {
                    refusal = Some(too_large);
                    break;
                }
            }
        }
        let refusal = refusal.unwrap_or_else(|| Refusal::Meaningless(String::new()));
        Err(refusal.into_error(expression, None))
    }

    /// Whether the filter accepts a frame.
    ///
    /// # Errors
    ///
    /// [`SourceError::Filter`] naming the frame's link type where the expression has no meaning for it, such as a MAC
    /// address for raw IP.
    #[inline]
    pub fn matches(&mut self, frame: &Frame<'_>) -> Result<bool, SourceError> {
        let known = self.programs.iter().position(|(link, _)| *link == frame.link);
        let index = match known {
            Some(index) => index,
            None => self.add(frame.link)?,
        };
        let accepts =
            |bytes: &[u8]| self.programs[index].1.iter().any(|program| program.accepts(bytes, frame.wire_len));
        let Some(family) = family_here(frame) else { return Ok(accepts(frame.bytes)) };
        self.loopback.clear();
        self.loopback.extend(family);
        self.loopback.extend(&frame.bytes[family.len()..]);
        Ok(accepts(&self.loopback))
    }

    /// Compiles the expression for one more link type and tells where its program is.
    #[cold]
    fn add(&mut self, link: LinkType) -> Result<usize, SourceError> {
        let compiled =
            programs(&self.expression, link).map_err(|refusal| refusal.into_error(&self.expression, Some(link)))?;
        let place = self.programs.len();
        self.programs.push((link, compiled));
        Ok(place)
    }
}

/// The address family of a BSD loopback frame as this machine would write it, which is what libpcap compiles for.
///
/// The capturing machine wrote it in its own byte order, and IPv6 has a number of its own on every system:
/// 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS, 10 on Linux.
fn family_here(frame: &Frame<'_>) -> Option<[u8; 4]> {
    if frame.link != LinkType::NULL && frame.link != LinkType::LOOP {
        return None;
    }
    let family = *frame.bytes.first_chunk()?;
    let family = u32::from_le_bytes(family).min(u32::from_be_bytes(family));
    let family = if matches!(family, 10 | 24 | 28 | 30) { AF_INET6 } else { family };
    Some(if frame.link == LinkType::LOOP { family.to_be_bytes() } else { family.to_ne_bytes() })
}

/// libpcap's programs for a link type, of which one must accept a packet, or its words why there are none.
fn programs(expression: &str, link: LinkType) -> Result<Vec<Program>, Refusal> {
    alternatives(expression).iter().map(|part| program(part, link)).collect()
}

fn program(expression: &str, link: LinkType) -> Result<Program, Refusal> {
    let (compiled, _) = compile(expression, data_link(link))?;
    let refuse = |words: &str| Refusal::Meaningless(words.to_owned());
    let program = Program::new(&compiled)
        .ok_or_else(|| refuse("libpcap compiled it to instructions that are not classic BPF"))?;
    if program.asks_the_kernel() {
        return Err(refuse("which way a packet went is not saved with it, but in Linux cooked captures (SLL, SLL2)"));
    }
    Ok(program)
}

/// libpcap's own number for a savefile's link type: a few differ from the savefile's (pcap-linktype(7)).
const fn data_link(link: LinkType) -> Linktype {
    Linktype(match link.0 {
        101 | 12 | 14 => 12, // RAW
        100 => 11,           // ATM_RFC1483
        102 => 15,           // SLIP_BSDOS
        103 => 16,           // PPP_BSDOS
        106 => 19,           // ATM_CLIP
        other => other as i32,
    })
}
