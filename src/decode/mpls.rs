//! MPLS labels (RFC 3032).

use super::cursor::{Cursor, Next};
use super::protocol::Protocol;
use super::spec::Spec;

const BOTTOM: Spec = Spec::flag("mpls.bottom", "Bottom of the stack", 23);

pub(super) const FIELDS: &[Spec] = &[
    Spec::bits("mpls.label", "Label", 0, 20),
    Spec::bits("mpls.exp", "Traffic class", 20, 3),
    BOTTOM,
    Spec::bytes("mpls.ttl", "Time to live", 3, 1),
];

/// Every label of the stack. What follows the last is not said anywhere; where it begins like IP it is taken for IP.
pub(super) fn walk(cursor: &mut Cursor<'_, '_>) -> Next {
    loop {
        let Some(label) = cursor.header(Protocol::Mpls, 4) else { return Next::Stop };
        if BOTTOM.read(label) == Some(1) {
            return Next::Ip;
        }
    }
}
