//! The field tree of one packet as a document: every field with its bytes.

use std::io::{self, Write};

use serde::Serialize;

use super::problem::ProblemObject;
use super::{Epoch, SCHEMA, write_document};
use crate::decode::{Dissection, LayerFields};
use crate::model::{Field, Frame, Layer};
use crate::render::text;
use crate::render::value::raw_value;

/// Writes the field tree of one packet, or of one layer of it, as a document: every field with its bytes.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_fields(
    frame: &Frame<'_>,
    dissection: &Dissection,
    layer: Option<Layer>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let layers = dissection.layers.iter().filter(|fields| layer.is_none_or(|layer| layer == fields.layer));
    let document = FieldsDocument {
        schema: SCHEMA,
        number: frame.number,
        time_epoch: frame.time.map(Epoch),
        len: frame.wire_len,
        cap_len: frame.bytes.len(),
        layers: layers.map(|layer| LayerObject::new(layer, frame.bytes)).collect(),
        problems: dissection.problems.iter().map(ProblemObject::from).collect(),
    };
    write_document(&document, out)
}

#[derive(Serialize)]
struct FieldsDocument {
    schema: u32,
    number: u64,
    time_epoch: Option<Epoch>,
    len: u32,
    cap_len: usize,
    layers: Vec<LayerObject>,
    problems: Vec<ProblemObject>,
}

#[derive(Serialize)]
struct LayerObject {
    layer: &'static str,
    protocol: &'static str,
    key: &'static str,
    /// Whether it lies inside a packet that an ICMP error quotes.
    quoted: bool,
    range: (usize, usize),
    fields: Vec<FieldObject>,
}

impl LayerObject {
    fn new(layer: &LayerFields, bytes: &[u8]) -> Self {
        Self {
            layer: layer.layer.key(),
            protocol: layer.protocol.name(),
            key: layer.protocol.key(),
            quoted: layer.quoted,
            range: (layer.range.start, layer.range.end),
            fields: layer.fields.iter().map(|field| FieldObject::new(field, bytes)).collect(),
        }
    }
}

#[derive(Serialize)]
struct FieldObject {
    key: &'static str,
    label: String,
    /// `null` for a derived value, which has no bytes.
    range: Option<(usize, usize)>,
    mask: Option<u64>,
    /// As `inspect --field` prints it.
    value: String,
    meaning: Option<String>,
    fields: Vec<FieldObject>,
}

impl FieldObject {
    fn new(field: &Field, bytes: &[u8]) -> Self {
        Self {
            key: field.key,
            label: field.label.to_string(),
            range: field.range.as_ref().map(|range| (range.start, range.end)),
            mask: field.mask,
            value: raw_value(field, bytes),
            meaning: field.meaning.as_deref().map(text::sanitise),
            fields: field.children.iter().map(|child| Self::new(child, bytes)).collect(),
        }
    }
}
