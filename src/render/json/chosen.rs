//! Packets as objects of chosen columns alone: a dotted key is an object in an object.

use std::io;

use super::push::{push_moment, push_quoted, push_text, separate};
use super::{SCHEMA, write_value};
use crate::model::Value;
use crate::render::PacketWriter;
use crate::render::about::Get;
use crate::render::columns::Column;
use crate::render::field_values::{FieldReader, Opened};
use crate::render::pen::{append, push_number};
use crate::render::row::Row;
use crate::render::runs::{Long, value_of};
use crate::render::style::View;
use crate::render::text;
use crate::render::time::TimeStyle;
use crate::render::value::push_raw;

/// What a value is called that stands where others have an object.
const OWN: &str = "value";

/// Writes chosen columns of packets as NDJSON: an object a line.
pub struct ChosenJsonRows<'v> {
    nodes: Vec<Node>,
    view: View<'v>,
    /// The text or the values being written.
    spelt: Vec<u8>,
}

/// What stands in an object.
struct Node {
    name: String,
    holds: Holds,
}

enum Holds {
    Short(Get),
    Long(Long),
    Object(Vec<Node>),
}

impl<'v> ChosenJsonRows<'v> {
    /// Rows of these columns.
    #[must_use]
    pub fn new(columns: &[Column], view: View<'v>) -> Self {
        let mut nodes = Vec::new();
        for column in columns {
            // A field that is made of others is an object of these.
            let parts = if let Column::Field(key) = *column { FieldReader::new(key).parts() } else { Vec::new() };
            if parts.is_empty() {
                insert(&mut nodes, *column, column.name());
            }
            parts.into_iter().for_each(|key| insert(&mut nodes, Column::Field(key), key));
        }
        Self { nodes, view, spelt: Vec::new() }
    }
}

/// Puts a column where the rest of its key says; nothing stands anywhere twice.
fn insert(nodes: &mut Vec<Node>, column: Column, rest: &str) {
    let (name, below) = rest.split_once('.').map_or((rest, None), |(name, below)| (name, Some(below)));
    let place = nodes.iter().position(|node| node.name == name).unwrap_or_else(|| {
        let holds = if below.is_some() { Holds::Object(Vec::new()) } else { leaf(column) };
        nodes.push(Node { name: name.to_owned(), holds });
        nodes.len().saturating_sub(1)
    });
    match (&mut nodes[place].holds, below) {
        (Holds::Object(nodes), below) => insert(nodes, column, below.unwrap_or(OWN)),
        (own, Some(below)) => {
            let own_value = std::mem::replace(own, Holds::Object(Vec::new()));
            let mut nodes = vec![Node { name: OWN.to_owned(), holds: own_value }];
            insert(&mut nodes, column, below);
            *own = Holds::Object(nodes);
        }
        (_, None) => {}
    }
}

fn leaf(column: Column) -> Holds {
    value_of(column).map_or_else(Holds::Long, Holds::Short)
}

impl PacketWriter for ChosenJsonRows<'_> {
    fn write(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let Self { nodes, view, spelt } = self;
        out.extend_from_slice(b"{\"schema\":");
        push_number(SCHEMA.into(), out);
        let opened = Opened::new(row);
        for node in nodes.iter() {
            push_member(node, &opened, view, spelt, out)?;
        }
        out.extend_from_slice(b"}\n");
        Ok(())
    }
}

/// Appends a member of an object, null where it says nothing; whether it does.
fn push_member(
    node: &Node,
    opened: &Opened<'_>,
    view: &View<'_>,
    spelt: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> io::Result<bool> {
    separate(out);
    out.push(b'"');
    out.extend_from_slice(node.name.as_bytes());
    out.extend_from_slice(b"\":");
    let start = out.len();
    let tells = match &node.holds {
        Holds::Short(get) => push_short(*get, opened.row, out)?,
        Holds::Long(long) => push_long(long, opened, view, spelt, out),
        Holds::Object(nodes) => {
            out.push(b'{');
            let mut tells = false;
            for node in nodes {
                tells |= push_member(node, opened, view, spelt, out)?;
            }
            out.push(b'}');
            tells
        }
    };
    if !tells {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
    Ok(tells)
}

/// Appends a value of few bytes; whether there is any.
fn push_short(get: Get, row: &Row<'_>, out: &mut Vec<u8>) -> io::Result<bool> {
    let start = out.len();
    match get {
        Get::Seconds(nanos) => {
            if let Some(nanos) = nanos(row) {
                write_value(&(nanos as f64 / 1e9), out)?;
            }
        }
        Get::Time(TimeStyle::Epoch) => {
            push_moment(row.frame.time, out);
            return Ok(row.frame.time.is_some());
        }
        Get::Number(_) | Get::Time(TimeStyle::Relative | TimeStyle::Delta) => append(out, |pen| get.write(row, pen)),
        _ => push_quoted(|out| append(out, |pen| get.write(row, pen)), out),
    }
    Ok(out.len() > start && !out.ends_with(b"\"\""))
}

/// Appends a value of any length; whether there is any. What may be several is an array, and so are several values.
fn push_long(long: &Long, opened: &Opened<'_>, view: &View<'_>, spelt: &mut Vec<u8>, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    match long {
        Long::Keys(keys) => {
            out.push(b'[');
            keys(opened.row, &mut |key| {
                separate(out);
                push_text(key, out);
            });
            out.push(b']');
            return true;
        }
        Long::Text(text) => text(opened.row).into_iter().for_each(|text| push_text(text, out)),
        Long::Field(field) => push_values(field, opened, out),
        Long::Words(_) | Long::Data => {
            spelt.clear();
            long.push(opened, view, spelt);
            if !spelt.is_empty() {
                push_text(&text::of(spelt), out);
            }
        }
    }
    out.len() > start
}

/// Appends the value of a field, an array of them where there are several.
fn push_values(field: &FieldReader, opened: &Opened<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    let mut count = 0_usize;
    field.each(opened, &mut |value, bytes| {
        out.extend((count > 0).then_some(b','));
        count = count.saturating_add(1);
        match value {
            Value::Decimal(number) | Value::Hex(number, _) => push_number(*number, out),
            Value::Flag(set) => super::push::push_flag(*set, out),
            Value::Text(text) => push_text(text, out),
            _ => push_quoted(|out| push_raw(value, bytes, out), out),
        }
    });
    if count > 1 {
        out.insert(start, b'[');
        out.push(b']');
    }
}
