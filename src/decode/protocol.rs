//! The protocols that packets consist of: what each is called, and the layer it belongs to. What its header holds is told by
//! [`registry`](super::registry).

use crate::model::Layer;

/// What there is to know about a protocol without a look at its header.
struct About {
    name: &'static str,
    key: &'static str,
    layer: Layer,
}

/// One line a protocol: name, Wireshark's key, layer.
macro_rules! protocols {
    ($($(#[$doc:meta])* $variant:ident: $name:literal, $key:literal, $layer:ident;)*) => {
        /// What a span of a packet's bytes is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are the protocols' own")]
        pub enum Protocol {
            $($(#[$doc])* $variant,)*
        }

        impl Protocol {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
        }

        /// In the order of the variants.
        const ABOUT: &[About] =
            &[$(About { name: $name, key: $key, layer: Layer::$layer }),*];
    };
}

protocols! {
    Ethernet: "Ethernet II", "eth", Link;
    /// An Ethernet header with a length in place of the type.
    Ieee8023: "802.3", "eth", Link;
    Vlan: "802.1Q", "vlan", Link;
    /// A VLAN tag before an 802.3 length.
    VlanLength: "802.1Q", "vlan", Link;
    /// The service provider's tag, outside the customer's.
    ServiceVlan: "802.1ad", "ieee8021ad", Link;
    Llc: "LLC", "llc", Link;
    Snap: "SNAP", "llc", Link;
    Null: "Loopback", "null", Link;
    Ppp: "PPP", "ppp", Link;
    Pppoe: "PPPoE", "pppoe", Link;
    Mpls: "MPLS", "mpls", Link;
    Slip: "SLIP", "slip", Link;
    LinuxSll: "Linux cooked v1", "sll", Link;
    LinuxSll2: "Linux cooked v2", "sll", Link;
    /// A frame of a link type that layerscope does not take apart.
    LinkData: "Link bytes", "data", Link;
    Arp: "ARP", "arp", Internet;
    Ipv4: "IPv4", "ip", Internet;
    Ipv6: "IPv6", "ipv6", Internet;
    HopByHop: "IPv6 Hop-by-Hop Options", "ipv6.hopopts", Internet;
    Routing: "IPv6 Routing", "ipv6.routing", Internet;
    Fragment: "IPv6 Fragment", "ipv6.fraghdr", Internet;
    DestinationOptions: "IPv6 Destination Options", "ipv6.dstopts", Internet;
    Ah: "AH", "ah", Internet;
    Esp: "ESP", "esp", Internet;
    Gre: "GRE", "gre", Internet;
    Icmp: "ICMP", "icmp", Internet;
    Icmpv6: "ICMPv6", "icmpv6", Internet;
    Igmp: "IGMP", "igmp", Internet;
    Ospf: "OSPF", "ospf", Internet;
    Eigrp: "EIGRP", "eigrp", Internet;
    Tcp: "TCP", "tcp", Transport;
    Udp: "UDP", "udp", Transport;
    /// What a link header carries where layerscope reads no further header.
    LinkPayload: "Link payload", "data", Link;
    Sctp: "SCTP", "sctp", Transport;
    /// What the transport carries.
    Payload: "Payload", "data", Application;
    /// What an Internet header carries where layerscope reads no further header: a later fragment, an echo's data.
    Data: "Data", "data", Internet;
    /// Bytes after the end that the Internet layer states: Ethernet padding, a frame check sequence.
    Trailer: "Trailer", "eth.trailer", Link;
}

impl Protocol {
    const fn about(self) -> &'static About {
        &ABOUT[self as usize]
    }

    /// The name people use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.about().name
    }

    /// Wireshark's key for the protocol itself.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.about().key
    }

    /// The layer it belongs to.
    #[must_use]
    pub const fn layer(self) -> Layer {
        self.about().layer
    }
}
