//! The protocols layerscope knows by header, and where each belongs.

use super::spec::Spec;
use super::{ethernet, ipv4, ipv6, tcp, udp};
use crate::model::Layer;

/// What a span of a packet's bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the protocols' own")]
pub enum Protocol {
    Ethernet,
    Vlan,
    Ipv4,
    Ipv6,
    HopByHop,
    Routing,
    Fragment,
    DestinationOptions,
    Tcp,
    Udp,
    /// What the transport carries.
    Payload,
    /// Bytes of a packet that has no further header layerscope reads.
    Data,
    /// Bytes after the end that the Internet layer states: Ethernet padding, a frame check sequence.
    Trailer,
}

impl Protocol {
    /// The name people use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ethernet => "Ethernet II",
            Self::Vlan => "802.1Q",
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
            Self::HopByHop => "IPv6 Hop-by-Hop Options",
            Self::Routing => "IPv6 Routing",
            Self::Fragment => "IPv6 Fragment",
            Self::DestinationOptions => "IPv6 Destination Options",
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Payload => "Payload",
            Self::Data => "Data",
            Self::Trailer => "Trailer",
        }
    }

    /// Wireshark's key for the protocol itself.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ethernet => "eth",
            Self::Vlan => "vlan",
            Self::Ipv4 => "ip",
            Self::Ipv6 => "ipv6",
            Self::HopByHop => "ipv6.hopopts",
            Self::Routing => "ipv6.routing",
            Self::Fragment => "ipv6.fraghdr",
            Self::DestinationOptions => "ipv6.dstopts",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Payload | Self::Data => "data",
            Self::Trailer => "eth.trailer",
        }
    }

    /// The layer it belongs to.
    #[must_use]
    pub const fn layer(self) -> Layer {
        match self {
            Self::Ethernet | Self::Vlan | Self::Trailer => Layer::Link,
            Self::Ipv4 | Self::Ipv6 | Self::HopByHop | Self::Routing | Self::Fragment | Self::DestinationOptions => {
                Layer::Internet
            }
            Self::Tcp | Self::Udp => Layer::Transport,
            Self::Payload | Self::Data => Layer::Application,
        }
    }

    /// The table of its fixed fields, in wire order.
    #[must_use]
    pub const fn fields(self) -> &'static [Spec] {
        match self {
            Self::Ethernet => ethernet::FIELDS,
            Self::Vlan => ethernet::VLAN_FIELDS,
            Self::Ipv4 => ipv4::FIELDS,
            Self::Ipv6 => ipv6::FIELDS,
            Self::HopByHop | Self::DestinationOptions => ipv6::OPTIONS_FIELDS,
            Self::Routing => ipv6::ROUTING_FIELDS,
            Self::Fragment => ipv6::FRAGMENT_FIELDS,
            Self::Tcp => tcp::FIELDS,
            Self::Udp => udp::FIELDS,
            Self::Payload | Self::Data | Self::Trailer => &[],
        }
    }
}
