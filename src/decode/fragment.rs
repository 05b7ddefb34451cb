//! Parts of an IP packet that was too large for a link (RFC 791 §3.2, RFC 8200 §4.5). They are not put together here.

use std::fmt;
use std::ops::Range;

use super::ipv4::{self, protocol_name};
use super::ipv6_extension::{self, FRAGMENT_NEXT_HEADER};
use super::packet::Packet;
use super::{Protocol, ipv6};

/// What one packet holds of the IP packet that was split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The bytes of the whole packet's payload that are in this one.
    pub bytes: Range<u32>,
    /// Whether others follow.
    pub more: bool,
    /// The number of the protocol that the whole packet's payload belongs to.
    pub protocol: u8,
}

impl Packet<'_> {
    /// Which part of a packet this is, by the innermost header outside quoted packets that says it is a part.
    #[must_use]
    pub fn fragment(&self) -> Option<Fragment> {
        let index = usize::from(self.fragment?);
        let span = self.spans.get(index)?;
        let header = self.slice(span);
        let (offset, more, protocol) = match span.protocol {
            Protocol::Ipv4 => (&ipv4::FRAGMENT_OFFSET, &ipv4::MORE_FRAGMENTS, &ipv4::PROTOCOL),
            _ => (&ipv6_extension::FRAGMENT_OFFSET, &ipv6_extension::MORE_FRAGMENTS, &FRAGMENT_NEXT_HEADER),
        };
        let ip = self.spans[..=index].iter().rfind(|span| matches!(span.protocol, Protocol::Ipv4 | Protocol::Ipv6))?;
        // As everywhere, 0 stands for the frame's own length.
        let stated = match ip.protocol {
            Protocol::Ipv4 => ipv4::TOTAL_LEN.read(self.slice(ip))?,
            _ => ipv6::PAYLOAD_LEN.read(self.slice(ip)).map(|len| if len == 0 { 0 } else { len + 40 })?,
        };
        let end = if stated == 0 { u64::from(self.wire_len) } else { u64::from(ip.start) + stated };
        let start = offset.read(header)? * 8;
        let len = end.saturating_sub(span.end.into());
        Some(Fragment {
            bytes: start as u32..(start + len) as u32,
            more: more.read(header)? == 1,
            protocol: protocol.read(header)? as u8,
        })
    }
}

/// `first fragment 0..1480 of UDP`: the bytes are those of the whole packet's payload, half-open.
impl fmt::Display for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match (self.bytes.start, self.more) {
            (0, _) => "first fragment",
            (_, true) => "fragment",
            (_, false) => "last fragment",
        };
        write!(f, "{place} {}..{} of ", self.bytes.start, self.bytes.end)?;
        match protocol_name(self.protocol.into()) {
            Some(name) => f.write_str(&name),
            None => write!(f, "protocol {}", self.protocol),
        }
    }
}
