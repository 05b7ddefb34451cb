//! What must hold of a decoded packet, whatever its bytes.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use layerscope::decode::{Dissection, LayerFields, Packet, Protocol, application, dissect, headers, keys};
use layerscope::model::{Field, Frame, Problem};
use layerscope::words::Spelling;

/// Every key there is.
static KEYS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| keys().collect());

/// Decodes a frame both ways, and holds what comes out to what is promised.
pub fn check(frame: &Frame<'_>) {
    let (packet, dissection) = (headers(frame), dissect(frame));
    let found = packet.spans.iter().map(|span| (span.protocol, span.quoted, span.range()));
    let spelt = dissection.layers.iter().map(|layer| (layer.protocol, layer.quoted, layer.range.clone()));
    assert!(found.eq(spelt), "headers and dissect do not agree");
    assert_eq!(packet.trouble().as_deref(), dissection.problems.first(), "nor about what is wrong");
    spans_follow_each_other(&packet);
    let stopped = packet.problem.as_ref().map(|problem| problem.range.start);
    for layer in &dissection.layers {
        check_layer(layer, frame.bytes.len(), stopped);
    }
    dissection.problems.iter().for_each(|problem| check_problem(problem, frame.bytes.len()));
    check_views(&packet, &dissection);
}

/// The spans cover the frame from its first byte on; all of it where nothing is wrong.
fn spans_follow_each_other(packet: &Packet<'_>) {
    let mut at = 0;
    for span in &packet.spans {
        assert!(span.range().start == at && span.end >= span.start, "{span:?} does not begin at {at}");
        at = span.range().end;
    }
    assert!(at <= packet.bytes.len(), "a span behind the frame");
    assert!(packet.problem.is_some() || at == packet.bytes.len(), "bytes in no span, and nothing is wrong");
}

/// A header's fields follow each other without a gap, inside it.
fn check_layer(layer: &LayerFields, frame_len: usize, stopped: Option<usize>) {
    let mut at = layer.range.start * 8;
    let is_header = !matches!(
        layer.protocol,
        Protocol::Payload | Protocol::Data | Protocol::LinkPayload | Protocol::LinkData | Protocol::Trailer
    );
    for field in &layer.fields {
        check_field(field, frame_len);
        let Some(bits) = bits(field) else { continue };
        assert!(bits.start >= layer.range.start * 8 && bits.end <= layer.range.end * 8, "{} lies outside", field.key);
        if is_header {
            assert_eq!(bits.start, at, "{} leaves a gap", field.key);
            at = bits.end;
        }
    }
    // A header that is cut may end in the middle of a field.
    let may_be_cut = layer.quoted || stopped == Some(layer.range.start);
    assert!(!is_header || may_be_cut || at == layer.range.end * 8, "{:?} has bytes in no field", layer.protocol);
}

/// A field has a known key, lies in the frame, and its parts lie in it.
fn check_field(field: &Field, frame_len: usize) {
    // A protocol's own name heads its fields.
    assert!(KEYS.contains(field.key) || !field.key.contains('.'), "{} is not among the keys", field.key);
    let Some(outer) = bits(field) else { return field.children.iter().for_each(|child| check_field(child, frame_len)) };
    assert!(outer.start <= outer.end && outer.end <= frame_len * 8, "{} lies outside the frame", field.key);
    for child in &field.children {
        check_field(child, frame_len);
        let is_inside = bits(child).is_none_or(|inner| inner.start >= outer.start && inner.end <= outer.end);
        assert!(is_inside, "{} lies outside {}", child.key, field.key);
    }
}

/// The bits a field takes, counted from the frame's start.
fn bits(field: &Field) -> Option<Range<usize>> {
    let range = field.range.clone()?;
    let Some(mask) = field.mask else { return Some(range.start * 8..range.end * 8) };
    let unused = 64 - range.len() * 8;
    let start = range.start * 8 + mask.leading_zeros() as usize - unused;
    Some(start..start + mask.count_ones() as usize)
}

/// A problem says where it is, and can be told in one harmless line.
fn check_problem(problem: &Problem, frame_len: usize) {
    let Range { start, end } = problem.range;
    assert!(start <= end && end <= frame_len, "{problem:?} lies outside the frame");
    let words = Spelling::default().problem(problem).to_string();
    assert!(!words.chars().any(char::is_control), "{words:?}");
}

/// The typed views can be asked anything, and name the ports that the fields name.
fn check_views(packet: &Packet<'_>, dissection: &Dissection) {
    let _ = (packet.ip(), packet.quoted_endpoints(), packet.flow(), packet.carried_len());
    let _ = packet.fragment().map(|fragment| Spelling::default().fragment(&fragment).to_string());
    assert!(packet.payload().len() <= packet.bytes.len());
    if let Some(tcp) = packet.tcp() {
        let _ = (tcp.seq(), tcp.ack(), tcp.flags(), tcp.window(), tcp.urgent(), tcp.options().count());
        assert!(packet.endpoints().is_some(), "TCP without ports");
    }
    if let Some(application) = application(packet) {
        let _ = format!("{application:?}");
    }
    let fields: usize = dissection.layers.iter().map(|layer| layer.all_fields().count()).sum();
    assert_eq!(dissection.fields().count(), fields);
}
