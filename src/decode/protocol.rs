//! The protocols layerscope knows by header, and where each belongs.

use super::spec::Spec;
use super::{
    ah, arp, eigrp, esp, ethernet, gre, icmp, icmpv6, igmp, ipv4, ipv6, ipv6_extension, linux_sll, llc, mpls, null,
    ospf, ppp, pppoe, sctp, slip, tcp, udp, vlan,
};
use crate::model::{Field, Layer};

/// Spells out what follows a header's fixed fields, given the header's bytes and its first byte's offset in the frame.
type Rest = fn(&[u8], usize) -> Vec<Field>;

/// What there is to know about a protocol.
struct About {
    name: &'static str,
    key: &'static str,
    layer: Layer,
    fields: &'static [Spec],
    rest: Rest,
}

const fn nothing(_: &[u8], _: usize) -> Vec<Field> {
    Vec::new()
}

/// One line a protocol: name, Wireshark's key, layer, fixed fields, and what follows them.
macro_rules! protocols {
    ($($(#[$doc:meta])* $variant:ident: $name:literal, $key:literal, $layer:ident, $fields:expr, $rest:expr;)*) => {
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
            &[$(About { name: $name, key: $key, layer: Layer::$layer, fields: $fields, rest: $rest }),*];
    };
}

protocols! {
    Ethernet: "Ethernet II", "eth", Link, ethernet::FIELDS, nothing;
    /// An Ethernet header with a length in place of the type.
    Ieee8023: "802.3", "eth", Link, ethernet::LENGTH_FIELDS, nothing;
    Vlan: "802.1Q", "vlan", Link, vlan::FIELDS, nothing;
    /// A VLAN tag before an 802.3 length.
    VlanLength: "802.1Q", "vlan", Link, vlan::LENGTH_FIELDS, nothing;
    /// The service provider's tag, outside the customer's.
    ServiceVlan: "802.1ad", "ieee8021ad", Link, vlan::SERVICE_FIELDS, nothing;
    Llc: "LLC", "llc", Link, llc::FIELDS, llc::control_field;
    Snap: "SNAP", "llc", Link, llc::SNAP_FIELDS, llc::snap_type;
    Null: "Loopback", "null", Link, &[], null::fields;
    Ppp: "PPP", "ppp", Link, &[], ppp::fields;
    Pppoe: "PPPoE", "pppoe", Link, pppoe::FIELDS, nothing;
    Mpls: "MPLS", "mpls", Link, mpls::FIELDS, nothing;
    Slip: "SLIP", "slip", Link, slip::FIELDS, nothing;
    LinuxSll: "Linux cooked v1", "sll", Link, linux_sll::FIELDS, linux_sll::address_fields;
    LinuxSll2: "Linux cooked v2", "sll", Link, linux_sll::V2_FIELDS, linux_sll::v2_address_fields;
    /// A frame of a link type that layerscope does not take apart.
    LinkData: "Link bytes", "data", Link, &[], nothing;
    Arp: "ARP", "arp", Internet, arp::FIELDS, arp::address_fields;
    Ipv4: "IPv4", "ip", Internet, ipv4::FIELDS, ipv4::option_fields;
    Ipv6: "IPv6", "ipv6", Internet, ipv6::FIELDS, nothing;
    HopByHop: "IPv6 Hop-by-Hop Options", "ipv6.hopopts", Internet, ipv6_extension::HOP_BY_HOP_FIELDS, ipv6_extension::option_fields;
    Routing: "IPv6 Routing", "ipv6.routing", Internet, ipv6_extension::ROUTING_FIELDS, ipv6_extension::route_fields;
    Fragment: "IPv6 Fragment", "ipv6.fraghdr", Internet, ipv6_extension::FRAGMENT_FIELDS, nothing;
    DestinationOptions: "IPv6 Destination Options", "ipv6.dstopts", Internet, ipv6_extension::DESTINATION_FIELDS, ipv6_extension::option_fields;
    Ah: "AH", "ah", Internet, ah::FIELDS, ah::check_value;
    Esp: "ESP", "esp", Internet, esp::FIELDS, nothing;
    Gre: "GRE", "gre", Internet, gre::FIELDS, gre::optional_fields;
    Icmp: "ICMP", "icmp", Internet, icmp::FIELDS, icmp::body_fields;
    Icmpv6: "ICMPv6", "icmpv6", Internet, icmpv6::FIELDS, icmpv6::body_fields;
    Igmp: "IGMP", "igmp", Internet, igmp::FIELDS, igmp::body_fields;
    Ospf: "OSPF", "ospf", Internet, ospf::FIELDS, ospf::version_fields;
    Eigrp: "EIGRP", "eigrp", Internet, eigrp::FIELDS, nothing;
    Tcp: "TCP", "tcp", Transport, tcp::FIELDS, tcp::option_fields;
    Udp: "UDP", "udp", Transport, udp::FIELDS, nothing;
    /// What a link header carries where layerscope reads no further header.
    LinkPayload: "Link payload", "data", Link, &[], nothing;
    Sctp: "SCTP", "sctp", Transport, sctp::FIELDS, nothing;
    /// What the transport carries.
    Payload: "Payload", "data", Application, &[], nothing;
    /// What an Internet header carries where layerscope reads no further header: a later fragment, an echo's data.
    Data: "Data", "data", Internet, &[], nothing;
    /// Bytes after the end that the Internet layer states: Ethernet padding, a frame check sequence.
    Trailer: "Trailer", "eth.trailer", Link, &[], nothing;
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

    /// The table of its fixed fields, in wire order.
    #[must_use]
    pub const fn fields(self) -> &'static [Spec] {
        self.about().fields
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
        (self.about().rest)(header, start)
    }
}
