//! From one header to the next.

use super::cursor::{Cursor, Next};
use super::packet::Packet;
use super::registry;
use crate::model::{Few, Frame};

/// Finds every header of a packet. It never fails: see [`Packet::problem`] for what stopped it.
#[must_use]
#[inline]
pub fn headers<'a>(frame: &Frame<'a>) -> Packet<'a> {
    let mut packet = Packet {
        bytes: frame.bytes,
        link: frame.link,
        spans: Few::new(),
        problem: None,
        payload_len: 0,
        carried_len: 0,
        wire_len: frame.wire_len.max(frame.bytes.len() as u32),
        fragment: None,
        ip: None,
        transport: None,
        ports: None,
    };
    find(frame, &mut packet);
    packet
}

/// Finds the headers of a packet of which nothing is known yet. It is left out of line, so that [`headers`] makes the
/// packet where its caller wants it.
#[inline(never)]
fn find<'a>(frame: &Frame<'a>, packet: &mut Packet<'a>) {
    let mut cursor = Cursor::new(frame, packet);
    let mut next = registry::walk_link(&mut cursor, frame.link);
    while next != Next::Stop {
        next = registry::walk(&mut cursor, next);
    }
    cursor.trailer();
}
