//! VLAN tags: IEEE 802.1Q, and 802.1ad's service tag around it.

use etherparse::SingleVlanSlice;

use super::cursor::{Cursor, Next};
use super::numbers::{MAX_ETHERNET_LENGTH, ether_type_name};
use super::protocol::Protocol;
use super::spec::{Show, Spec};

const PRIORITY: Spec = Spec::bits("vlan.priority", "Priority", 0, 3);
const DROP_ELIGIBLE: Spec = Spec::flag("vlan.dei", "Drop eligible", 3);
const ID: Spec = Spec::bits("vlan.id", "VLAN id", 4, 12);
const TYPE: Spec = Spec::bytes("vlan.etype", "Type", 2, 2).shown(Show::Hex).meaning(ether_type_name);
const LENGTH: Spec = Spec::bytes("vlan.len", "Length", 2, 2);

pub(super) const FIELDS: &[Spec] = &[PRIORITY, DROP_ELIGIBLE, ID, TYPE];
pub(super) const LENGTH_FIELDS: &[Spec] = &[PRIORITY, DROP_ELIGIBLE, ID, LENGTH];
pub(super) const SERVICE_FIELDS: &[Spec] = &[
    Spec::bits("ieee8021ad.priority", "Priority", 0, 3),
    Spec::flag("ieee8021ad.dei", "Drop eligible", 3),
    Spec::bits("ieee8021ad.id", "VLAN id", 4, 12),
    // Wireshark has no key of its own for this one.
    Spec::bytes("ieee8021ad.etype", "Type", 2, 2).shown(Show::Hex).meaning(ether_type_name),
];

/// A tag announced by the EtherType `announced`.
pub(super) fn walk(cursor: &mut Cursor<'_, '_>, announced: u16) -> Next {
    let protocol = if announced == 0x88a8 { Protocol::ServiceVlan } else { Protocol::Vlan };
    let Ok(tag) = SingleVlanSlice::from_slice(cursor.rest_bytes()) else {
        return cursor.no_room(protocol, 4);
    };
    let type_or_length = tag.ether_type().0;
    if type_or_length > MAX_ETHERNET_LENGTH || protocol == Protocol::ServiceVlan {
        return cursor.take_and(protocol, 4, Next::EtherType(type_or_length));
    }
    cursor.narrow(Protocol::VlanLength, 4 + usize::from(type_or_length), LENGTH.key);
    cursor.take_and(Protocol::VlanLength, 4, Next::Llc)
}
