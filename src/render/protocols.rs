//! What a packet is made of, from the outside in, by Wireshark's keys.

use crate::decode::{Dissection, LayerFields, Protocol};

/// What the packet is made of, as Wireshark writes it: `eth:ethertype:ip:udp:dns`.
#[must_use]
pub fn protocols(dissection: &Dissection) -> String {
    let mut names: Vec<&str> = Vec::new();
    let parts = dissection.layers.iter().filter(|layer| layer.protocol != Protocol::Trailer);
    for layer in parts {
        let name = layer_key(layer);
        // SNAP is a part of LLC.
        if layer.protocol != Protocol::Snap {
            names.push(name);
        }
        let has_ether_type = matches!(
            layer.protocol,
            Protocol::Ethernet | Protocol::Vlan | Protocol::ServiceVlan | Protocol::LinuxSll | Protocol::LinuxSll2
        );
        names.extend(has_ether_type.then_some("ethertype"));
    }
    names.join(":")
}

/// A header's protocol; for a payload, that of the application, if one is known.
#[must_use]
pub fn layer_key(layer: &LayerFields) -> &'static str {
    let application = layer.fields.first().filter(|_| layer.protocol == Protocol::Payload);
    application.map_or(layer.protocol.key(), |heading| heading.key)
}
