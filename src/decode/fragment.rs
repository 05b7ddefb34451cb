//! Parts of an IP packet that was too large for a link (RFC 791 §3.2, RFC 8200 §4.5). They are not put together.

use std::borrow::Cow;
use std::ops::Range;

use super::ipv6_extension::{self, FRAGMENT_NEXT_HEADER};
use super::numbers::ip_protocol_name;
use super::packet::Packet;
use super::protocol::Protocol;
use super::{ipv4, ipv6, tcp, udp};

/// By IANA's numbers.
const TCP: u8 = 6;

/// What one packet holds of the IP packet that was split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The bytes of the whole packet's payload that are in this one.
    pub bytes: Range<u32>,
    /// Whether others follow.
    pub more: bool,
    /// The number of the protocol that the whole packet's payload belongs to.
    pub protocol: u8,
    /// What the fragments of one packet have in common: 16 bits of it in IPv4, 32 in IPv6.
    pub identification: u32,
}

impl Packet<'_> {
    /// Which part of a packet this is, by the innermost header outside quoted packets that says it is a part.
    #[must_use]
    pub fn fragment(&self) -> Option<Fragment> {
        let index = usize::from(self.fragment?);
        let span = self.spans.get(index)?;
        let header = self.slice(span);
        let (offset, more, protocol, identification) = match span.protocol {
            Protocol::Ipv4 => (&ipv4::FRAGMENT_OFFSET, &ipv4::MORE_FRAGMENTS, &ipv4::PROTOCOL, &ipv4::IDENTIFICATION),
            _ => (
                &ipv6_extension::FRAGMENT_OFFSET,
                &ipv6_extension::MORE_FRAGMENTS,
                &FRAGMENT_NEXT_HEADER,
                &ipv6_extension::FRAGMENT_IDENTIFICATION,
            ),
        };
        let ip = self.spans[..=index].iter().rfind(|span| matches!(span.protocol, Protocol::Ipv4 | Protocol::Ipv6))?;
        // As everywhere, 0 stands for the frame's own length.
        let stated = match ip.protocol {
            Protocol::Ipv4 => ipv4::TOTAL_LEN.read(self.slice(ip))?,
            _ => ipv6::PAYLOAD_LEN.read(self.slice(ip)).map(ipv6::whole_len)?,
        };
        let end = if stated == 0 { u64::from(self.wire_len) } else { u64::from(ip.start).saturating_add(stated) };
        let start = offset.read(header)?.saturating_mul(8);
        let len = end.saturating_sub(span.end.into());
        Some(Fragment {
            bytes: start as u32..u32::try_from(start.saturating_add(len)).unwrap_or(u32::MAX),
            more: more.read(header)? == 1,
            protocol: protocol.read(header)? as u8,
            identification: identification.read(header)? as u32,
        })
    }

    /// Whether this is a part of a packet, the first or a later one.
    #[must_use]
    #[inline]
    pub const fn is_fragment(&self) -> bool {
        self.fragment.is_some()
    }

    /// Whether this is a fragment after the first, which has no transport header.
    #[must_use]
    pub fn transport_is_elsewhere(&self) -> bool {
        self.fragment().is_some_and(|fragment| fragment.bytes.start > 0)
    }

    /// The bytes of the whole packet's payload that are in this part, as far as they were captured; none where it is whole.
    #[must_use]
    pub fn fragment_bytes(&self) -> &[u8] {
        let header = self.fragment.and_then(|index| self.spans.get(usize::from(index)));
        let (Some(header), Some(fragment)) = (header, self.fragment()) else { return &[] };
        let rest = self.bytes.get(header.range().end..).unwrap_or_default();
        rest.get(..fragment.bytes.len()).unwrap_or(rest)
    }

    /// Where the transport's payload begins in what the whole packet carries, for its first fragment: behind the header by
    /// that header's own word.
    #[must_use]
    pub fn payload_start(&self) -> Option<u32> {
        let len = match self.tcp() {
            Some(tcp) => tcp::DATA_OFFSET.read(tcp.bytes())? as u32,
            None => self.udp().map(|_| udp::HEADER_LEN)?,
        };
        let [fragment, transport] = [self.fragment?, self.transport?].map(|index| self.spans.get(usize::from(index)));
        Some(transport?.start.checked_sub(fragment?.end)?.saturating_add(len))
    }

    /// Whether this is the first fragment of a segment and ends within TCP's header, or with it: then the segment is known
    /// only when others have come.
    #[must_use]
    pub fn is_header_split(&self) -> bool {
        let is_first = |fragment: &Fragment| fragment.protocol == TCP && fragment.more && fragment.bytes.start == 0;
        let Some(fragment) = self.fragment().filter(is_first) else { return false };
        let ports = self.ports.and_then(|index| self.spans.get(usize::from(index)));
        let is_begun = match self.transport {
            Some(_) => self.payload_len == 0,
            None => ports.is_some_and(|header| header.range().len() < tcp::FIXED_LEN),
        };
        // What the capture cut off does not come with later fragments.
        is_begun && self.fragment_bytes().len() == fragment.bytes.len()
    }

    /// What a segment, a datagram or a later fragment of one carries, as far as it was captured.
    #[must_use]
    pub fn carried(&self) -> &[u8] {
        match self.span(Protocol::Data).filter(|_| self.is_fragment() && self.transport.is_none()) {
            Some(data) => self.slice(data),
            None => self.payload(),
        }
    }

    /// How many bytes of a UDP datagram's payload lie in fragments after this one, by the datagram's own length; 0 for all
    /// else. TCP has no such length.
    #[must_use]
    #[inline]
    pub fn later_len(&self) -> u32 {
        if self.fragment.is_none() {
            return 0;
        }
        let stated = self.udp().map_or(0, |udp| u32::from(udp.length()));
        stated.saturating_sub(udp::HEADER_LEN).saturating_sub(self.payload_len)
    }
}

impl Fragment {
    /// The name of the protocol that the whole packet's payload belongs to, where it has one.
    #[must_use]
    pub fn protocol_name(&self) -> Option<Cow<'static, str>> {
        ip_protocol_name(self.protocol.into())
    }
}

#[cfg(test)]
mod tests {
    use crate::decode::headers;
    use crate::model::{Frame, LinkType};

    /// What later fragments hold by a datagram of which `payload` bytes are in this packet, `captured` of them in the
    /// capture.
    fn later(more: bool, udp_length: u16, payload: u16, captured: usize) -> u32 {
        let mut bytes = vec![0x45, 0];
        bytes.extend((28 + payload).to_be_bytes());
        bytes.extend([0, 1, if more { 0x20 } else { 0 }, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0, 7, 0, 7]);
        bytes.extend(udp_length.to_be_bytes());
        bytes.resize(28 + usize::from(payload), b'x');
        let (link, wire_len) = (LinkType::RAW, bytes.len() as u32);
        let bytes = &bytes[..28 + captured];
        headers(&Frame { number: 1, time: None, interface: 0, link, wire_len, bytes, comments: &[] }).later_len()
    }

    #[test]
    fn a_datagrams_own_length_tells_what_later_fragments_hold() {
        assert_eq!(later(true, 8 + 100, 16, 16), 84);
        assert_eq!(later(true, 8 + 100, 16, 3), 84, "what the capture cut off is here, not in later ones");
        assert_eq!(later(true, u16::MAX, 16, 16), 65_511);
        for length in [0, 7, 8, 8 + 16] {
            assert_eq!(later(true, length, 16, 16), 0, "{length}");
        }
        assert_eq!(later(false, 8 + 100, 16, 16), 0, "no fragment, but a wrong length");
    }
}
