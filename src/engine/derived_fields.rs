//! A packet's fields together with those that only its conversation tells: `tcp.stream`, relative numbers, the window in bytes.

use crate::analyse::Seen;
use crate::decode::{Dissection, Protocol, dissect_as};
use crate::model::{Field, Frame, Value};

/// A packet's layers with all their fields, the derived ones included.
pub(crate) fn dissect_seen(frame: &Frame<'_>, seen: Option<Seen>) -> Dissection {
    let mut dissection = dissect_as(frame, seen.and_then(|seen| seen.announced));
    add_derived(&mut dissection, seen);
    dissection
}

/// Puts what the conversation knows of the packet behind its header's fields.
fn add_derived(dissection: &mut Dissection, seen: Option<Seen>) {
    let Some(seen) = seen else { return };
    let transport = |protocol| matches!(protocol, Protocol::Tcp | Protocol::Udp);
    let Some(layer) = dissection.layers.iter_mut().rfind(|layer| transport(layer.protocol) && !layer.quoted) else {
        return;
    };
    let number = |key, label: &'static str, value: Option<u32>| {
        value.map(|value| Field::derived(key, label, Value::Decimal(value.into())))
    };
    if layer.protocol == Protocol::Udp {
        return layer.fields.extend(number("udp.stream", "Stream", Some(seen.stream)));
    }
    layer.fields.extend(number("tcp.stream", "Stream", Some(seen.stream)));
    layer.fields.extend(number("tcp.seq", "Sequence number (relative)", seen.seq));
    layer.fields.extend(number("tcp.ack", "Acknowledgment number (relative)", seen.ack));
    let window = number("tcp.window_size", "Window in bytes", seen.window);
    layer.fields.extend(window.map(|window| match seen.window_scale {
        Some(_) => window,
        None => window.meaning("as in the header: the scale is unknown, not both SYNs were seen"),
    }));
    let factor = seen.window_scale.map(|shift| 1 << shift);
    layer.fields.extend(number("tcp.window_size_scalefactor", "Window scaling factor", factor));
}
