//! Schemas and what does not fit them: as much of JSON Schema as is used here.

use serde_json::{Map, Value, json};

pub(super) const EPOCH: &str =
    "seconds since 1970 with nine digits of fraction, as text because no JSON number keeps them all";

/// A schema for publication.
pub(super) fn titled(title: &str, mut schema: Value) -> Value {
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema
}

/// An object with exactly these keys.
pub(super) fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties.as_object().unwrap().keys().collect();
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

/// The same object with keys that may be left out.
pub(super) fn may_have(mut schema: Value, properties: Value) -> Value {
    let known = schema["properties"].as_object_mut().unwrap();
    known.extend(properties.as_object().unwrap().clone());
    schema
}

/// The same schema, or null.
pub(super) fn or_null(mut schema: Value) -> Value {
    let kind = schema["type"].take();
    schema["type"] = json!([kind, "null"]);
    schema
}

pub(super) fn optional(kind: &str) -> Value {
    json!({"type": [kind, "null"]})
}

pub(super) fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

pub(super) fn integer() -> Value {
    json!({"type": "integer"})
}

pub(super) fn string() -> Value {
    json!({"type": "string"})
}

pub(super) fn boolean() -> Value {
    json!({"type": "boolean"})
}

pub(super) fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = json!(description);
    schema
}

/// One of these words.
pub(super) fn word(words: &[&str]) -> Value {
    json!({"enum": words})
}

/// What of a value does not fit a schema.
pub(super) fn check(value: &Value, schema: &Value, at: &str) -> Vec<String> {
    Checker { root: schema }.check(value, schema, at)
}

struct Checker<'s> {
    /// Where `$ref` looks.
    root: &'s Value,
}

impl Checker<'_> {
    fn check(&self, value: &Value, schema: &Value, at: &str) -> Vec<String> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.root.pointer(reference.strip_prefix('#').unwrap()).expect("what $ref names is there");
            return self.check(value, target, at);
        }
        let mut found = Vec::new();
        if schema.get("const").is_some_and(|only| only != value) {
            found.push(format!("{at}: {value} is not {}", schema["const"]));
        }
        if schema.get("enum").is_some_and(|words| !words.as_array().unwrap().contains(value)) {
            found.push(format!("{at}: {value} is none of {}", schema["enum"]));
        }
        let kinds = schema.get("type").map(|kind| kind.as_array().cloned().unwrap_or_else(|| vec![kind.clone()]));
        if kinds.is_some_and(|kinds| !kinds.iter().any(|kind| is_of(value, kind.as_str().unwrap()))) {
            found.push(format!("{at}: {value} is not of type {}", schema["type"]));
        }
        if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
            found.extend(self.check_one_of(value, branches, at));
        }
        if let Some(list) = value.as_array() {
            found.extend(self.check_list(list, schema, at));
        }
        if let Some(map) = value.as_object() {
            found.extend(self.check_object(map, schema, at));
        }
        found
    }

    /// Exactly one must fit; where none does, the one that comes nearest complains.
    fn check_one_of(&self, value: &Value, branches: &[Value], at: &str) -> Vec<String> {
        let complaints: Vec<Vec<String>> = branches.iter().map(|branch| self.check(value, branch, at)).collect();
        match complaints.iter().filter(|complaints| complaints.is_empty()).count() {
            1 => Vec::new(),
            0 => complaints.into_iter().min_by_key(Vec::len).unwrap_or_default(),
            several => vec![format!("{at}: it fits {several} shapes")],
        }
    }

    fn check_list(&self, list: &[Value], schema: &Value, at: &str) -> Vec<String> {
        let mut found = Vec::new();
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64).map(|bound| bound as usize);
        if bound("minItems").is_some_and(|least| list.len() < least)
            || bound("maxItems").is_some_and(|most| list.len() > most)
        {
            found.push(format!("{at}: {} items", list.len()));
        }
        if let Some(items) = schema.get("items") {
            let items = list.iter().enumerate().map(|(index, item)| self.check(item, items, &format!("{at}[{index}]")));
            found.extend(items.flatten());
        }
        found
    }

    fn check_object(&self, map: &Map<String, Value>, schema: &Value, at: &str) -> Vec<String> {
        let missing = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let missing = missing.filter(|key| !map.contains_key(key.as_str().unwrap()));
        let mut found: Vec<String> = missing.map(|key| format!("{at}: no {key}")).collect();
        for (key, value) in map {
            let at = format!("{at}.{key}");
            match schema.get("properties").and_then(|known| known.get(key)).or(schema.get("additionalProperties")) {
                Some(Value::Bool(false)) => found.push(format!("{at}: no such key")),
                Some(Value::Bool(true)) | None => {}
                Some(schema) => found.extend(self.check(value, schema, &at)),
            }
        }
        found
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other}"),
    }
}

/// A value in which no object has a key twice.
pub(super) struct Unique(pub(super) Value);

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
