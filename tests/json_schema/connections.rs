//! The lines about one conversation: `timeline` and `follow`.

use serde_json::{Value, json};

use super::shape::{EPOCH, boolean, described, integer, list, may_have, object, optional, string, titled, word};

fn end() -> Value {
    object(json!({"addr": string(), "port": integer()}))
}

fn epoch() -> Value {
    described(optional("string"), EPOCH)
}

fn assumed() -> Value {
    described(
        boolean(),
        "whether who is the client is a guess by the ports, else by the first packet, because no SYN was seen",
    )
}

pub(super) fn follow() -> Value {
    let piece = |kind: &str, frame: Value, time: Value, text: Value| {
        object(json!({
            "schema": {"const": 2},
            "kind": {"const": kind},
            "from": word(&["client", "server"]),
            "offset": integer(),
            "len": integer(),
            "frame": frame,
            "time": time,
            "text": text,
            "hex": text,
        }))
    };
    let null = || json!({"type": "null"});
    let bytes = piece("bytes", described(integer(), "the packet that brought the bytes"), epoch(), string());
    let gap = described(
        piece("gap", null(), null(), null()),
        "bytes that are not in the capture, or in fragments that came before their first one",
    );
    titled("A piece of a conversation, one line of the JSON of `layerscope follow`", json!({"oneOf": [bytes, gap]}))
}

pub(super) fn timeline() -> Value {
    let conversation = object(json!({
        "schema": {"const": 2},
        "kind": {"const": "conversation"},
        "transport": word(&["tcp", "udp"]),
        "stream": integer(),
        "client": end(),
        "server": end(),
        "direction_assumed": assumed(),
    }));
    let event = |kind: Value, what: Value| {
        let always = object(json!({
            "schema": {"const": 2},
            "kind": kind,
            "time": epoch(),
            "client_state": state(),
            "server_state": state(),
        }));
        let mut event = may_have(always, what.clone());
        event["required"].as_array_mut().unwrap().extend(what.as_object().unwrap().keys().map(|key| json!(key)));
        may_have(event, json!({"explanation": described(explanation(), "with --explain")}))
    };
    let events = [
        conversation,
        event(json!({"const": "packet"}), json!({"packet": segment()})),
        event(json!({"const": "run"}), json!({"run": run()})),
        event(word(&["entered", "returned", "called"]), json!({"call": call()})),
        event(json!({"const": "omitted"}), json!({"omitted_packets": integer()})),
    ];
    titled(
        "One line of `layerscope timeline --format json`: the conversation, then its events",
        json!({"oneOf": events}),
    )
}

/// What a packet does.
pub(super) fn explanation() -> Value {
    object(json!({
        "key": described(string(), "what the packet does"),
        "who": word(&["client", "server", "socket"]),
        "values": {"type": "object", "description": "the numbers and addresses that belong to the key"},
        "unanswered": described(boolean(), "whether it is sent again, and no acknowledgment of it was captured before"),
        "remarks": described(list(string()), "what else is out of the ordinary about it, by the keys of marks"),
    }))
}

/// A state of RFC 9293.
pub(super) fn state() -> Value {
    json!({"enum": [
        "listen", "syn_sent", "syn_received", "established", "fin_wait_1", "fin_wait_2", "close_wait", "closing",
        "last_ack", "time_wait", "closed", null,
    ]})
}

fn side() -> Value {
    word(&["client", "server"])
}

fn segment() -> Value {
    let segment = object(json!({
        "frame": integer(),
        "from": side(),
        "flags": optional("string"),
        "seq": optional("integer"),
        "seq_raw": described(optional("integer"), "as it stands in the header"),
        "ack": optional("integer"),
        "ack_raw": described(optional("integer"), "as it stands in the header"),
        "acknowledges": {"type": ["array", "null"], "items": integer(), "minItems": 2, "maxItems": 2,
            "description": "the segment whose end is acknowledged: where it begins, and how many numbers it takes"},
        "window": described(optional("integer"), "as it stands in the header where not both SYNs were seen"),
        "len": integer(),
        "marks": list(string()),
        "text": described(string(), "the payload"),
    }));
    let icmp = object(json!({"protocol": word(&["icmp", "icmpv6"]), "type": integer(), "code": integer()}));
    may_have(segment, json!({"icmp": described(icmp, "of an ICMP error about a packet of the conversation")}))
}

fn run() -> Value {
    object(json!({
        "first_frame": integer(),
        "from": side(),
        "packets": integer(),
        "bytes": integer(),
        "seq": optional("integer"),
        "next_seq": optional("integer"),
        "acks": integer(),
    }))
}

fn call() -> Value {
    object(json!({
        "lane": side(),
        "name": string(),
        "arguments": string(),
        "result": described(optional("string"), "of a call that has returned"),
        "error": optional("string"),
    }))
}
