//! An interface.

use serde_json::{Value, json};

use super::shape::{boolean, described, list, object, optional, string, titled};

pub(super) fn interface() -> Value {
    let schema = object(json!({
        "schema": {"const": 1},
        "name": string(),
        "description": described(optional("string"), "what libpcap calls it; null for ordinary ones"),
        "default": described(boolean(), "whether it is captured on where nobody names one"),
        "can_capture": described(boolean(), "whether this user may, now"),
        "refusal": described(optional("string"), "why not: down, permission or other"),
        "message": described(optional("string"), "why not, as people are told"),
        "link_type": described(optional("integer"), "what its frames begin with, by tcpdump.org's list"),
        "link": described(optional("string"), "the same by name"),
        "flags": described(list(string()), "up, running, loopback, wireless"),
        "addresses": list(string()),
    }));
    titled("An interface, one line of `layerscope interfaces --format json`", schema)
}
