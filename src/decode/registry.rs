//! The table of all protocols: which file's `walk` reads what comes next, and which fields each header has.
//!
//! It is the one place that knows every protocol's file. Those know nothing of each other's `walk`: what follows a header
//! is a value ([`Next`]), and stands here.

use super::cursor::{Cursor, Next};
use super::numbers::MAX_ETHERNET_LENGTH;
use super::protocol::Protocol;
use super::spec::Spec;
use super::{
    ah, arp, eigrp, esp, ethernet, gre, icmp, icmpv6, igmp, ipv4, ipv6, ipv6_extension, linux_sll, llc, mpls, null,
    ospf, ppp, pppoe, sctp, slip, tcp, udp, vlan,
};
use crate::model::{Field, LinkType};

/// Steps over what comes next, and answers what comes after it.
#[inline]
pub(super) fn walk(cursor: &mut Cursor<'_, '_>, next: Next) -> Next {
    match next {
        Next::EtherType(ether_type) => walk_ether_type(cursor, ether_type),
        Next::IpProtocol(number) => walk_ip_protocol(cursor, number),
        Next::Ip => walk_ip(cursor),
        Next::Llc => llc::walk(cursor),
        Next::Ppp => ppp::walk(cursor),
        Next::Payload => cursor.rest(Protocol::Payload),
        Next::Data => cursor.rest(cursor.unread()),
        Next::LinkData => cursor.rest(Protocol::LinkData),
        Next::Stop => Next::Stop,
    }
}

/// Steps over the first header, by the capture's link type.
#[inline]
pub(super) fn walk_link(cursor: &mut Cursor<'_, '_>, link: LinkType) -> Next {
    match link {
        LinkType::ETHERNET => ethernet::walk(cursor),
        LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 | LinkType(12 | 14) => Next::Ip,
        LinkType::NULL | LinkType::LOOP => null::walk(cursor),
        LinkType::PPP | LinkType::PPP_HDLC => Next::Ppp,
        LinkType::SLIP => slip::walk(cursor),
        LinkType::LINUX_SLL => linux_sll::walk(cursor),
        LinkType::LINUX_SLL2 => linux_sll::walk_v2(cursor),
        _ => Next::LinkData,
    }
}

/// What an EtherType stands for.
#[inline]
fn walk_ether_type(cursor: &mut Cursor<'_, '_>, ether_type: u16) -> Next {
    match ether_type {
        0x0800 => ipv4::walk(cursor),
        0x86dd => ipv6::walk(cursor),
        0x0806 | 0x8035 => arp::walk(cursor),
        0x8100 | 0x88a8 | 0x9100 => vlan::walk(cursor, ether_type),
        0x6558 => ethernet::walk(cursor),
        0x8847 | 0x8848 => mpls::walk(cursor),
        0x8863 | 0x8864 => pppoe::walk(cursor, ether_type == 0x8864),
        0..=MAX_ETHERNET_LENGTH => llc::walk(cursor),
        _ => Next::Data,
    }
}

/// IP of either version, by its first nibble.
#[inline]
fn walk_ip(cursor: &mut Cursor<'_, '_>) -> Next {
    match cursor.rest_bytes().first().map(|first| first >> 4) {
        Some(4) => ipv4::walk(cursor),
        Some(6) => ipv6::walk(cursor),
        _ => Next::Data,
    }
}

/// What an IP protocol number (or IPv6 next header) stands for.
#[inline]
fn walk_ip_protocol(cursor: &mut Cursor<'_, '_>, number: u8) -> Next {
    if cursor.is_later_fragment() {
        return Next::Data;
    }
    match number {
        6 => tcp::walk(cursor),
        17 => udp::walk(cursor),
        0 => ipv6_extension::walk(cursor, Protocol::HopByHop),
        1 => icmp::walk(cursor),
        2 => igmp::walk(cursor),
        4 => ipv4::walk(cursor),
        41 => ipv6::walk(cursor),
        43 => ipv6_extension::walk(cursor, Protocol::Routing),
        44 => ipv6_extension::walk_fragment(cursor),
        47 => gre::walk(cursor),
        50 => esp::walk(cursor),
        51 => ah::walk(cursor),
        58 => icmpv6::walk(cursor),
        60 => ipv6_extension::walk(cursor, Protocol::DestinationOptions),
        88 => eigrp::walk(cursor),
        89 => ospf::walk(cursor),
        132 => sctp::walk(cursor),
        _ => Next::Data,
    }
}

/// Spells out what follows a header's fixed fields, given the header's bytes and its first byte's offset in the frame.
type Rest = fn(&[u8], usize) -> Vec<Field>;

const fn nothing(_: &[u8], _: usize) -> Vec<Field> {
    Vec::new()
}

/// What a protocol's header holds: its fixed fields in wire order, and what spells out those that follow them.
const fn contents(protocol: Protocol) -> (&'static [Spec], Rest) {
    match protocol {
        Protocol::Ethernet => (ethernet::FIELDS, nothing),
        Protocol::Ieee8023 => (ethernet::LENGTH_FIELDS, nothing),
        Protocol::Vlan => (vlan::FIELDS, nothing),
        Protocol::VlanLength => (vlan::LENGTH_FIELDS, nothing),
        Protocol::ServiceVlan => (vlan::SERVICE_FIELDS, nothing),
        Protocol::Llc => (llc::FIELDS, llc::control_field),
        Protocol::Snap => (llc::SNAP_FIELDS, llc::snap_type),
        Protocol::Null => (&[], null::fields),
        Protocol::Ppp => (&[], ppp::fields),
        Protocol::Pppoe => (pppoe::FIELDS, nothing),
        Protocol::Mpls => (mpls::FIELDS, nothing),
        Protocol::Slip => (slip::FIELDS, nothing),
        Protocol::LinuxSll => (linux_sll::FIELDS, linux_sll::address_fields),
        Protocol::LinuxSll2 => (linux_sll::V2_FIELDS, linux_sll::v2_address_fields),
        Protocol::Arp => (arp::FIELDS, arp::address_fields),
        Protocol::Ipv4 => (ipv4::FIELDS, ipv4::option_fields),
        Protocol::Ipv6 => (ipv6::FIELDS, nothing),
        Protocol::HopByHop => (ipv6_extension::HOP_BY_HOP_FIELDS, ipv6_extension::option_fields),
        Protocol::Routing => (ipv6_extension::ROUTING_FIELDS, ipv6_extension::route_fields),
        Protocol::Fragment => (ipv6_extension::FRAGMENT_FIELDS, nothing),
        Protocol::DestinationOptions => (ipv6_extension::DESTINATION_FIELDS, ipv6_extension::option_fields),
        Protocol::Ah => (ah::FIELDS, ah::check_value),
        Protocol::Esp => (esp::FIELDS, nothing),
        Protocol::Gre => (gre::FIELDS, gre::optional_fields),
        Protocol::Icmp => (icmp::FIELDS, icmp::body_fields),
        Protocol::Icmpv6 => (icmpv6::FIELDS, icmpv6::body_fields),
        Protocol::Igmp => (igmp::FIELDS, igmp::body_fields),
        Protocol::Ospf => (ospf::FIELDS, ospf::version_fields),
        Protocol::Eigrp => (eigrp::FIELDS, nothing),
        Protocol::Tcp => (tcp::FIELDS, tcp::option_fields),
        Protocol::Udp => (udp::FIELDS, nothing),
        Protocol::Sctp => (sctp::FIELDS, nothing),
        Protocol::LinkData | Protocol::LinkPayload | Protocol::Payload | Protocol::Data | Protocol::Trailer => {
            (&[], nothing)
        }
    }
}

impl Protocol {
    /// The table of its fixed fields, in wire order.
    #[must_use]
    pub const fn fields(self) -> &'static [Spec] {
        contents(self).0
    }

    /// The fixed field with a Wireshark key, a part of another field or not.
    #[must_use]
    pub fn field(self, key: &str) -> Option<&'static Spec> {
        let mut parts = self.fields().iter().flat_map(|spec| std::iter::once(spec).chain(spec.children));
        parts.find(|spec| spec.key == key)
    }

    /// The fields behind the fixed ones: options, what a type or a length decides. `start` is the header's first byte in
    /// the frame.
    #[must_use]
    pub fn rest(self, header: &[u8], start: usize) -> Vec<Field> {
        (contents(self).1)(header, start)
    }
}
