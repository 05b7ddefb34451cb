//! A packet, and a packet opened to its fields.

use std::collections::BTreeMap;

use layerscope::analyse::Mark;
use layerscope::decode::{Protocol, Show, Spec};
use serde_json::{Map, Value, json};

use super::shape::{
    EPOCH, boolean, described, integer, list, may_have, object, optional, or_null, string, titled, word,
};

pub(super) fn packet() -> Value {
    let mut schema = packet_object();
    schema["properties"]["schema"] = json!({"const": 2});
    schema["required"].as_array_mut().unwrap().insert(0, json!("schema"));
    schema["$defs"] = definitions();
    titled("A packet, one line of the JSON of `layerscope read`", schema)
}

/// A packet without its version; it refers to [`definitions`].
pub(super) fn packet_object() -> Value {
    let mut properties = headers();
    properties.insert("frame".into(), frame());
    let application = json!({"protocol": string(), "line": string()});
    properties.insert("application".into(), object(application));
    properties.insert("process".into(), processes());
    let names = object(json!({"src": optional("string"), "dst": optional("string")}));
    properties.insert("names".into(), described(names, "of the hosts, with `capture --resolve`"));
    properties.insert("problem".into(), or_null(problem()));
    json!({
        "type": "object",
        "required": ["frame", "problem"],
        "properties": properties,
        "additionalProperties": false,
        "description": "Headers by the keys of Wireshark's display filters. Where a protocol occurs more than once, its key holds \
                        the innermost header and the others stand in `outer`, outermost first. Missing is null.",
    })
}

/// There where it was asked for, by `capture --process`, or where the capture names processes.
fn processes() -> Value {
    let mut process = object(json!({
        "pid": integer(),
        "name": described(string(), "what the process calls itself: its own choice"),
        "user": described(string(), "a name, or a number where there is none"),
        "others": described(integer(), "how many other processes hold the same socket"),
    }));
    process["type"] = json!(["object", "null"]);
    object(json!({"src": process, "dst": process}))
}

/// What the schemas of packets refer to: the header of each protocol, and the packet that an ICMP error quotes.
pub(super) fn definitions() -> Value {
    let mut definitions: Map<String, Value> = header_schemas().into_iter().collect();
    let outer = json!({"type": "object", "properties": references(), "additionalProperties": false});
    definitions.insert("outer".into(), list(outer));
    let data =
        object(json!({"len": described(integer(), "bytes on the wire, cut by the capture or not"), "text": string()}));
    let hex = described(string(), "the captured bytes in hexadecimal, with --hex");
    definitions.insert("data".into(), described(may_have(data, json!({"data": hex})), "what no header takes apart"));
    let quoted = json!({"type": "object", "properties": headers(), "additionalProperties": false});
    definitions.insert("quoted".into(), described(quoted, "the packet that an error quotes, as far as it does"));
    definitions.into()
}

/// The headers, and what stands beside them in a packet and in a quoted one.
fn headers() -> Map<String, Value> {
    let mut properties = references();
    properties.insert("outer".into(), reference("outer"));
    properties.insert("data".into(), reference("data"));
    properties
}

fn references() -> Map<String, Value> {
    header_schemas().into_keys().map(|key| (key.clone(), reference(&key))).collect()
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn frame() -> Value {
    let frame = object(json!({
        "number": integer(),
        "time_epoch": {"type": ["string", "null"], "description": EPOCH},
        "time_relative": optional("number"),
        "len": integer(),
        "cap_len": integer(),
        "interface_id": integer(),
        "layers": {
            "type": "array",
            "items": {"type": "array", "items": {"type": ["string", "integer"]}},
            "description": "key, first byte and the byte after the last of every header and the payload",
        },
    }));
    may_have(
        frame,
        json!({
            "interface_name": described(string(), "what the interface is called, where the capture says"),
            "raw": described(string(), "the captured bytes in hexadecimal, with --hex"),
        }),
    )
}

/// The object of every header, by its key; protocols that share one share its object.
fn header_schemas() -> BTreeMap<String, Value> {
    let mut schemas = BTreeMap::new();
    for protocol in Protocol::ALL.iter().filter(|protocol| !protocol.fields().is_empty()) {
        let schema =
            schemas.entry(protocol.key().to_owned()).or_insert_with(|| json!({"type": "object", "properties": {}}));
        for spec in protocol.fields() {
            let known = &mut schema["properties"][tail(spec.key, protocol.key())];
            *known = either(known.take(), field(spec));
        }
        schema["additionalProperties"] = match protocol {
            Protocol::Tcp | Protocol::Udp => json!(false),
            _ => {
                json!({"type": ["integer", "string", "boolean", "object", "array"],
                    "description": "what a type or a length decides; lists, options and records stand in arrays"})
            }
        };
        if matches!(protocol, Protocol::Icmp | Protocol::Icmpv6) {
            schema["properties"]["quoted"] = reference("quoted");
        }
    }
    let tcp = &mut schemas.get_mut("tcp").unwrap()["properties"];
    for key in ["stream", "seq", "ack", "window_size", "len"] {
        tcp[key] = optional("integer");
    }
    tcp["window_size_scalefactor"] = described(
        optional("integer"),
        "null where not both SYNs were seen; then window_size is as it stands in the header",
    );
    let marks: Vec<&str> = Mark::ALL.iter().map(|mark| mark.key()).collect();
    tcp["analysis"] = list(word(&marks));
    tcp["options"] = tcp_options();
    // Bytes behind version 1's address, a number in version 2.
    schemas.get_mut("sll").unwrap()["properties"]["unused"]["type"] = json!(["string", "integer", "null"]);
    schemas.get_mut("udp").unwrap()["properties"]["stream"] = optional("integer");
    schemas
}

fn tcp_options() -> Value {
    object(json!({
        "kinds": list(integer()),
        "mss_val": optional("integer"),
        "wscale_shift": optional("integer"),
        "sack_perm": boolean(),
        "timestamp": {
            "type": ["object", "null"],
            "required": ["tsval", "tsecr"],
            "properties": {"tsval": integer(), "tsecr": integer()},
            "additionalProperties": false,
        },
        "sack": list(list(integer())),
    }))
}

/// A field that protocols of one key may show differently.
fn either(known: Value, mut other: Value) -> Value {
    if let (Some(known), Some(kinds)) = (known["type"].as_array(), other["type"].as_array_mut()) {
        kinds.splice(0..0, known.iter().filter(|kind| !kinds.contains(kind)).cloned().collect::<Vec<_>>());
    }
    other
}

fn field(spec: &Spec) -> Value {
    if spec.children.is_empty() {
        let kind = match spec.show {
            Show::Flag => "boolean",
            Show::Decimal | Show::Hex => "integer",
            Show::Mac | Show::Ipv4 | Show::Ipv6 | Show::Bytes => "string",
        };
        return json!({"type": [kind, "null"], "description": spec.label});
    }
    let part = |key: &str| tail(key, spec.key).rsplit('.').next().unwrap().to_owned();
    let children: Map<String, Value> = spec.children.iter().map(|child| (part(child.key), field(child))).collect();
    described(object(children.into()), spec.label)
}

fn tail<'k>(key: &'k str, parent: &str) -> &'k str {
    key.strip_prefix(parent).and_then(|rest| rest.strip_prefix('.')).unwrap_or(key)
}

/// Why decoding stopped.
fn problem() -> Value {
    object(json!({
        "key": word(&[
            "no_room",
            "too_many_headers",
            "length_too_large",
            "length_too_small",
            "header_too_short",
            "wrong_version",
            "no_sequence_number",
            "option_length",
        ]),
        "layer": layer(),
        "protocol": string(),
        "range": {"type": "array", "items": integer(), "minItems": 2, "maxItems": 2},
        "needed": described(integer(), "how many bytes from the range's start; 0 where length is not the matter"),
        "available": integer(),
        "limit": described(string(), "what limits them: capture, packet, or the field of this key"),
        "field": described(optional("string"), "the field that contradicts, by its key"),
        "stated": described(optional("integer"), "what it says"),
        "expected": described(optional("integer"), "what it would have to say, or the least of it"),
    }))
}

fn layer() -> Value {
    word(&["link", "internet", "transport", "application"])
}

/// The document of `inspect`.
pub(super) fn inspect() -> Value {
    let range = json!({"type": ["array", "null"], "items": integer(), "minItems": 2, "maxItems": 2,
        "description": "the first byte and the byte after the last; null for a value without bytes"});
    let fields = list(json!({"$ref": "#/$defs/field"}));
    let field = object(json!({
        "key": string(),
        "label": string(),
        "range": range,
        "mask": described(optional("integer"), "which bits of the range, where it is not all of them"),
        "value": described(string(), "as `inspect --field` prints it"),
        "meaning": optional("string"),
        "fields": fields,
    }));
    let header = object(json!({
        "layer": layer(),
        "protocol": string(),
        "key": string(),
        "quoted": described(boolean(), "whether it lies inside a packet that an ICMP error quotes"),
        "range": {"type": "array", "items": integer(), "minItems": 2, "maxItems": 2},
        "fields": fields,
    }));
    let mut schema = object(json!({
        "schema": {"const": 2},
        "number": integer(),
        "time_epoch": described(optional("string"), EPOCH),
        "len": integer(),
        "cap_len": integer(),
        "layers": list(header),
        "problems": list(problem()),
    }));
    schema["$defs"] = json!({"field": field});
    titled("A packet opened to its fields, the document of `layerscope inspect --format json`", schema)
}
