//! The table of all protocols: which file's `walk` reads what comes next.
//!
//! It is the one place that knows every protocol's file. Those know nothing of each other's `walk`: what follows a header
//! is a value ([`Next`]), and stands here.

use super::cursor::{Cursor, Next};
use super::numbers::MAX_ETHERNET_LENGTH;
use super::protocol::Protocol;
use super::{
    ah, arp, eigrp, esp, ethernet, gre, icmp, icmpv6, igmp, ipv4, ipv6, ipv6_extension, linux_sll, llc, mpls, null,
    ospf, ppp, pppoe, sctp, slip, tcp, udp, vlan,
};
use crate::model::LinkType;

/// Steps over what comes next, and answers what comes after it.
#[inline]
pub(super) fn walk(cursor: &mut Cursor<'_, '_>, next: Next) -> Next {
    match next {
        Next::Link(link) => walk_link(cursor, link),
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

/// The first header, by the capture's link type.
#[inline]
fn walk_link(cursor: &mut Cursor<'_, '_>, link: LinkType) -> Next {
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
