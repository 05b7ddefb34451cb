//! The shape of rows in JSON, as JSON Schema has it, from their columns.

use serde_json::{Map, Value, json};

use super::column::{Column, Get, Group, Lack, Tabular};
use super::tree::{Node, tree};
use crate::render::json::SCHEMA;

/// How moments are written.
const EPOCH: &str = "seconds since 1970 with nine digits of fraction, as text because no JSON number keeps them all";

/// The schema of a line of JSON, of all columns that it has where nobody chooses.
#[must_use]
pub fn schema<T: Tabular>() -> Value {
    let nodes = tree::<T>(&[]);
    let mut schema = match T::KINDS {
        [] => row::<T>(&nodes, None),
        kinds => json!({"oneOf": kinds.iter().map(|kind| row::<T>(&nodes, Some(kind))).collect::<Vec<_>>()}),
    };
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(T::TITLE);
    schema
}

/// A row, of a kind where there are several.
fn row<T: Tabular>(nodes: &[Node<T>], kind: Option<&str>) -> Value {
    let mut row = object(nodes.iter().filter(|node| node.is_of(kind)), T::GROUPS);
    if let Some(kind) = kind {
        row["properties"]["kind"] = json!({"const": kind});
    }
    row["properties"]["schema"] = json!({"const": SCHEMA});
    require(&mut row, "schema");
    row
}

/// An object with exactly these members.
fn object<'n, T: 'n>(nodes: impl Iterator<Item = &'n Node<T>> + Clone, groups: &[Group]) -> Value {
    let properties: Map<String, Value> =
        nodes.clone().map(|node| (node.name().to_owned(), shape(node, groups))).collect();
    let mut object = json!({"type": "object", "properties": properties, "required": [], "additionalProperties": false});
    nodes.filter(|node| !node.is_optional()).for_each(|node| require(&mut object, node.name()));
    object
}

/// Makes an object need a key; its list of them stays sorted.
fn require(object: &mut Value, key: &str) {
    if let Some(required) = object["required"].as_array_mut() {
        let place = required.partition_point(|known| known.as_str() < Some(key));
        required.insert(place, json!(key));
    }
}

fn shape<T>(node: &Node<T>, groups: &[Group]) -> Value {
    let branch = match node {
        Node::Leaf(_, column) => return column.shape(),
        Node::Branch(branch) => branch,
    };
    let mut shape = match branch.nodes.first().filter(|_| branch.is_array) {
        // What is in its places is alike.
        Some(first) => {
            let places = branch.nodes.len();
            json!({"type": "array", "items": shape(first, groups), "minItems": places, "maxItems": places})
        }
        None => object(branch.nodes.iter(), groups),
    };
    if let Some(group) = groups.iter().find(|group| group.key == branch.key) {
        if group.lack == Lack::Null {
            or_null(&mut shape);
        }
        if !group.doc.is_empty() {
            shape["description"] = json!(group.doc);
        }
    }
    shape
}

fn or_null(shape: &mut Value) {
    if let Some(keys) = shape.get_mut("enum").and_then(Value::as_array_mut) {
        keys.push(Value::Null);
        return;
    }
    let kind = shape["type"].take();
    shape["type"] = json!([kind, "null"]);
}

impl<T> Column<T> {
    /// What its value looks like.
    fn shape(&self) -> Value {
        let mut shape = match self.get {
            Get::Count(_) | Get::Number(_) | Get::Duration(_) => json!({"type": "integer"}),
            Get::Seconds(_) => json!({"type": "number"}),
            Get::Flag(_) => json!({"type": "boolean"}),
            Get::Time(_) | Get::Text(_) | Get::Address(_) | Get::Words(_) => json!({"type": "string"}),
            Get::Object(_) => json!({"type": "object"}),
            Get::Key(keys, _) => json!({"enum": keys}),
            Get::Numbers(_) => json!({"type": "array", "items": {"type": "integer"}}),
            Get::Texts(_) => json!({"type": "array", "items": {"type": "string"}}),
            Get::Counts(_) => json!({"type": "object", "additionalProperties": {"type": "integer"}}),
            Get::End(_) => json!({
                "type": "object",
                "properties": {"addr": {"type": "string"}, "port": {"type": "integer"}},
                "required": ["addr", "port"],
                "additionalProperties": false,
            }),
        };
        if self.lack == Lack::Null {
            or_null(&mut shape);
        }
        shape["description"] = match self.get {
            Get::Time(_) => json!(format!("{}: {EPOCH}", self.doc)),
            _ => json!(self.doc),
        };
        shape
    }
}
