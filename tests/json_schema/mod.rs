//! The JSON that programs read: its shape is declared here a second time, published in `docs/schema`, and every packet of
//! the shared captures is held to it.
//!
//! `UPDATE_GOLDEN=1 cargo test json_schema` writes the published schemas anew.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use layerscope::analyse::{Limits, Tracker};
use layerscope::decode::{Protocol, Show, Spec, headers};
use layerscope::render::{JsonRows, PacketWriter, Row, Style, View, text};
use layerscope::source::{CaptureFile, FrameSource};
use serde_json::{Map, Value, json};

use crate::support::{captures, name, over};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema");

/// Packets of each file that are looked at.
const PACKETS: usize = 40;

#[test]
fn the_published_schemas_are_those_declared_here() {
    for (name, schema) in [("packet", packet_schema()), ("demo", demo_schema())] {
        let path = format!("{FOLDER}/{name}.schema.json");
        let declared = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &declared).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), declared, "{path}: run with UPDATE_GOLDEN=1 and look");
    }
}

#[test]
fn every_packet_of_every_capture_fits_the_schema() {
    let schema = packet_schema();
    let complaints = over(&captures(), |path| complaints(path, &schema)).concat();
    assert!(complaints.is_empty(), "{}", complaints[..complaints.len().min(20)].join("\n"));
}

#[test]
fn what_does_not_fit_is_noticed() {
    let schema = packet_schema();
    let segment =
        lines(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/captures/generated/nano-ts.client.pcap")))
            .remove(0);
    for (change, at) in [
        (json!({"schema": 2}), "schema"),
        (json!({"tcp": {"srcport": "80"}}), "tcp.srcport"),
        (json!({"tcp": {"nonsense": 1}}), "tcp.nonsense"),
        (json!({"ip": {"flags": {"df": 1}}}), "ip.flags.df"),
        (json!({"problem": 5}), "problem"),
        (json!({"frame": null}), "frame"),
    ] {
        let mut packet: Value = serde_json::from_str(&segment).unwrap();
        assert_eq!(check(&packet, &schema, ""), [""; 0]);
        merge(&mut packet, change);
        let found = check(&packet, &schema, "");
        assert!(found.len() == 1 && found[0].starts_with(&format!(".{at}")), "{at}: {found:?}");
    }
}

#[test]
fn the_demonstration_is_the_document_it_says_it_is() {
    let output = Command::new(env!("CARGO_BIN_EXE_layerscope"))
        .args(["demo", "--format", "json", "--port", "0", "--network", "private"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(check(&document, &demo_schema(), ""), [""; 0]);
}

fn complaints(path: &Path, schema: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for (line, number) in lines(path).iter().zip(1..) {
        let place = format!("{} packet {number}", name(path));
        match serde_json::from_str::<Unique>(line) {
            Ok(Unique(packet)) => complaints.extend(check(&packet, schema, &place)),
            Err(error) => complaints.push(format!("{place}: {error}")),
        }
        if line.chars().any(char::is_control) {
            complaints.push(format!("{place}: a control character came through"));
        }
    }
    complaints
}

/// The beginning of a capture as NDJSON.
fn lines(path: &Path) -> Vec<String> {
    let read_text = |bytes: &[u8]| text::utf8_or_hex(bytes);
    let style = Style { color: false, ascii: true, width: 120 };
    let mut writer = JsonRows::new(View { style, absolute: false, read_text: &read_text });
    let (mut tracker, mut out) = (Tracker::new(Limits::default()), Vec::new());
    let Ok(mut file) = CaptureFile::open(path) else { return Vec::new() };
    for _ in 0..PACKETS {
        let Ok(Some(frame)) = file.next_frame() else { break };
        let packet = headers(&frame);
        let seen = tracker.observe(&frame, &packet);
        let row = Row { frame, packet, seen, origin: frame.time, previous: None };
        writer.write(&row, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

/// A value in which no object has a key twice.
struct Unique(Value);

impl<'de> serde::Deserialize<'de> for Unique {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Unique;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
                let mut map = Map::new();
                while let Some((key, Unique(value))) = access.next_entry::<String, Unique>()? {
                    if map.insert(key.clone(), value).is_some() {
                        return Err(serde::de::Error::custom(format!("the key {key} stands there twice")));
                    }
                }
                Ok(Unique(Value::Object(map)))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut access: A) -> Result<Unique, A::Error> {
                let mut list = Vec::new();
                while let Some(Unique(value)) = access.next_element()? {
                    list.push(value);
                }
                Ok(Unique(Value::Array(list)))
            }
            fn visit_unit<E>(self) -> Result<Unique, E> {
                Ok(Unique(Value::Null))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

fn merge(value: &mut Value, change: Value) {
    match (value, change) {
        (Value::Object(map), Value::Object(change)) => {
            for (key, change) in change {
                merge(map.entry(key).or_insert(Value::Null), change);
            }
        }
        (value, change) => *value = change,
    }
}

/// What of a value does not fit a schema: as much of JSON Schema as is used here.
fn check(value: &Value, schema: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    if schema.get("const").is_some_and(|only| only != value) {
        found.push(format!("{at}: {value} is not {}", schema["const"]));
    }
    let fits = |kind: &Value| match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    };
    let kinds = schema.get("type").map(|kind| kind.as_array().cloned().unwrap_or_else(|| vec![kind.clone()]));
    if kinds.is_some_and(|kinds| !kinds.iter().any(fits)) {
        found.push(format!("{at}: {value} is not of type {}", schema["type"]));
    }
    if let (Some(list), Some(items)) = (value.as_array(), schema.get("items")) {
        found.extend(list.iter().enumerate().flat_map(|(index, item)| check(item, items, &format!("{at}[{index}]"))));
    }
    if let Some(map) = value.as_object() {
        let missing = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        found.extend(
            missing.filter(|key| !map.contains_key(key.as_str().unwrap())).map(|key| format!("{at}: no {key}")),
        );
        for (key, value) in map {
            let at = format!("{at}.{key}");
            match schema.get("properties").and_then(|known| known.get(key)).or(schema.get("additionalProperties")) {
                Some(Value::Bool(false)) => found.push(format!("{at}: no such key")),
                Some(Value::Bool(true)) | None => {}
                Some(schema) => found.extend(check(value, schema, &at)),
            }
        }
    }
    found
}

/// An object with exactly these keys.
fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties.as_object().unwrap().keys().collect();
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

fn optional(kind: &str) -> Value {
    json!({"type": [kind, "null"]})
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

const EPOCH: &str = "seconds since 1970 with nine digits of fraction, as text because no JSON number keeps them all";

fn packet_schema() -> Value {
    let mut schema = packet_object();
    schema["properties"]["schema"] = json!({"const": 1});
    schema["required"].as_array_mut().unwrap().insert(0, json!("schema"));
    titled("A packet, one line of `layerscope read --format json`", schema)
}

fn titled(title: &str, mut schema: Value) -> Value {
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema
}

/// A packet without its version.
fn packet_object() -> Value {
    let headers = header_schemas();
    let mut properties = Map::new();
    properties.insert("frame".into(), frame());
    properties.extend(headers.clone());
    let outer = json!({"type": "object", "properties": headers, "additionalProperties": false});
    properties.insert("outer".into(), list(outer));
    let data = json!({"len": {"type": "integer"}, "text": {"type": "string"}});
    properties.insert("data".into(), object(data));
    let application = json!({"protocol": {"type": "string"}, "line": {"type": "string"}});
    properties.insert("application".into(), object(application));
    properties.insert("problem".into(), optional("string"));
    json!({
        "type": "object",
        "required": ["frame", "problem"],
        "properties": properties,
        "additionalProperties": false,
        "description": "Headers by the keys of Wireshark's display filters. Where a protocol occurs more than once, its key holds \
                        the innermost header and the others stand in `outer`, outermost first. Missing is null.",
    })
}

fn frame() -> Value {
    object(json!({
        "number": {"type": "integer"},
        "time_epoch": {"type": ["string", "null"], "description": EPOCH},
        "time_relative": optional("number"),
        "len": {"type": "integer"},
        "cap_len": {"type": "integer"},
        "interface_id": {"type": "integer"},
        "layers": {
            "type": "array",
            "items": {"type": "array", "items": {"type": ["string", "integer"]}},
            "description": "key, first byte and the byte after the last of every header and the payload",
        },
    }))
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
            _ => json!({"type": ["integer", "string", "boolean"], "description": "what a type or a length decides"}),
        };
    }
    for key in ["stream", "seq", "ack", "window_size", "len"] {
        schemas.get_mut("tcp").unwrap()["properties"][key] = optional("integer");
    }
    schemas.get_mut("tcp").unwrap()["properties"]["window_size_scalefactor"] = json!({
        "type": ["integer", "null"],
        "description": "null where not both SYNs were seen; then window_size is as it stands in the header",
    });
    let analysis = list(json!({"type": "string"}));
    schemas.get_mut("tcp").unwrap()["properties"]["analysis"] = analysis;
    // Bytes behind version 1's address, a number in version 2.
    schemas.get_mut("sll").unwrap()["properties"]["unused"]["type"] = json!(["string", "integer", "null"]);
    schemas.get_mut("udp").unwrap()["properties"]["stream"] = optional("integer");
    schemas.get_mut("tcp").unwrap()["properties"]["options"] = object(json!({
        "kinds": list(json!({"type": "integer"})),
        "mss_val": optional("integer"),
        "wscale_shift": optional("integer"),
        "sack_perm": {"type": "boolean"},
        "timestamp": {
            "type": ["object", "null"],
            "required": ["tsval", "tsecr"],
            "properties": {"tsval": {"type": "integer"}, "tsecr": {"type": "integer"}},
            "additionalProperties": false,
        },
        "sack": list(list(json!({"type": "integer"}))),
    }));
    schemas
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
    let children: Map<String, Value> =
        spec.children.iter().map(|child| (tail(child.key, spec.key).to_owned(), field(child))).collect();
    let mut schema = object(children.into());
    schema["description"] = json!(spec.label);
    schema
}

fn tail<'k>(key: &'k str, parent: &str) -> &'k str {
    key.strip_prefix(parent).and_then(|rest| rest.strip_prefix('.')).unwrap_or(key)
}

fn demo_schema() -> Value {
    let mut packet = packet_object();
    packet["properties"]["lesson"] = object(json!({
        "call": {"type": ["integer", "null"], "description": "the place among the calls, from 0, of the one behind the packet"},
        "client_state": optional("string"),
        "server_state": optional("string"),
        "explanation": {"type": "string"},
    }));
    packet["required"].as_array_mut().unwrap().push(json!("lesson"));
    let mut schema = object(json!({"schema": {"const": 1}, "calls": list(call()), "packets": list(packet)}));
    let scenario = json!({"name": {"type": "string"}, "shows": list(json!({"type": "string"}))});
    schema["properties"]["scenario"] = object(scenario);
    schema["properties"]["conversations"] = list(conversation());
    schema["properties"]["ledger"] = ledger();
    schema["required"] = json!(["schema", "scenario", "conversations", "calls", "packets", "ledger"]);
    titled("A demonstration, the document of `layerscope demo --format json`", schema)
}

fn call() -> Value {
    object(json!({
        "lane": {"type": "string"},
        "transport": {"type": "string"},
        "name": {"type": "string"},
        "arguments": {"type": "string"},
        "result": optional("string"),
        "error": optional("string"),
        "moved": optional("integer"),
        "entered": {"type": "string", "description": EPOCH},
        "returned": {"type": "string", "description": EPOCH},
        "duration_ns": {"type": "integer"},
        "local": optional("string"),
        "peer": optional("string"),
        "state": optional("string"),
    }))
}

fn conversation() -> Value {
    let mut handshake = object(json!({
        "total_ns": optional("integer"),
        "syn_to_syn_ack_ns": optional("integer"),
        "syn_ack_to_ack_ns": optional("integer"),
        "mss": list(optional("integer")),
        "window_scale": list(optional("integer")),
        "sack_permitted": list(json!({"type": "boolean"})),
        "timestamps": list(json!({"type": "boolean"})),
    }));
    handshake["type"] = json!(["object", "null"]);
    object(json!({
        "transport": {"type": "string"},
        "stream": {"type": "integer"},
        "client": {"type": "string"},
        "server": {"type": "string"},
        "handshake": handshake,
    }))
}

fn ledger() -> Value {
    let place = |key: &str| object(json!({key: {"type": "integer"}, "packet": {"type": "string"}}));
    object(json!({
        "expected": {"type": "integer"},
        "captured": {"type": "integer"},
        "dropped_by_kernel": {"type": "integer"},
        "balanced": {"type": "boolean"},
        "missing": list(place("call")),
        "unexpected": list(place("number")),
    }))
}
