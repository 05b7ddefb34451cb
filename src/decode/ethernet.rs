//! Ethernet II and IEEE 802.3.

use etherparse::Ethernet2HeaderSlice;

use super::cursor::{Cursor, Next};
use super::numbers::{MAX_ETHERNET_LENGTH, ether_type_name};
use super::protocol::Protocol;
use super::spec::{Show, Spec};

const DESTINATION: Spec = Spec::bytes("eth.dst", "Destination", 0, 6).shown(Show::Mac);
const SOURCE: Spec = Spec::bytes("eth.src", "Source", 6, 6).shown(Show::Mac);
const TYPE: Spec = Spec::bytes("eth.type", "Type", 12, 2).shown(Show::Hex).meaning(ether_type_name);
const LENGTH: Spec = Spec::bytes("eth.len", "Length", 12, 2);

pub(super) const FIELDS: &[Spec] = &[DESTINATION, SOURCE, TYPE];
pub(super) const LENGTH_FIELDS: &[Spec] = &[DESTINATION, SOURCE, LENGTH];

pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    let Ok(header) = Ethernet2HeaderSlice::from_slice(cursor.rest_bytes()) else {
        return cursor.no_room(Protocol::Ethernet, 14);
    };
    let type_or_length = header.ether_type().0;
    if type_or_length > MAX_ETHERNET_LENGTH {
        return cursor.take_and(Protocol::Ethernet, 14, Next::EtherType(type_or_length));
    }
    cursor.narrow(Protocol::Ieee8023, 14 + usize::from(type_or_length), LENGTH.key);
    cursor.take_and(Protocol::Ieee8023, 14, Next::Llc)
}
