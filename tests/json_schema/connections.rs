//! The lines about conversations: `flows`, `handshakes`, `timeline`, `follow`, and `stats`.

use serde_json::{Value, json};

use super::shape::{
    EPOCH, boolean, described, integer, list, may_have, object, optional, or_null, pair, string, titled, word,
};

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

fn verdict() -> Value {
    or_null(object(json!({
        "opening": string(),
        "opening_frames": list(integer()),
        "ending": string(),
        "ending_frames": list(integer()),
    })))
}

fn times() -> Value {
    or_null(object(json!({
        "samples": integer(), "min": integer(), "median": integer(), "p95": integer(), "max": integer(),
    })))
}

pub(super) fn flows() -> Value {
    let marks = json!({"type": "object", "additionalProperties": integer(),
        "description": "by the names of Wireshark's tcp.analysis; what never occurred is left out"});
    let side = object(json!({
        "packets": integer(),
        "bytes": integer(),
        "payload": integer(),
        "first_frame": optional("integer"),
        "last_frame": optional("integer"),
        "marks": marks,
        "rtt_ns": times(),
        "max_in_flight": optional("integer"),
        "missed_bytes": described(
            optional("integer"),
            "of TCP: acknowledged, but not captured; of UDP: in fragments that did not come"
        ),
        "goodput_bits_per_second": optional("integer"),
    }));
    let exchange = or_null(object(json!({
        "asked": integer(),
        "answered": integer(),
        "answer_ns": times(),
        "refused_by": optional("string"),
        "refused_frame": optional("integer"),
    })));
    let flow = object(json!({
        "schema": {"const": 1},
        "transport": word(&["tcp", "udp"]),
        "stream": integer(),
        "client": end(),
        "server": end(),
        "direction_assumed": assumed(),
        "start": epoch(),
        "duration_ns": optional("integer"),
        "rtt_ns": optional("integer"),
        "from_client": side,
        "from_server": side,
        "verdict": described(verdict(), "null for UDP"),
        "exchange": described(exchange, "null for TCP"),
        "conn_state": described(string(), "as Zeek has it in conn.log"),
        "history": described(string(), "as Zeek has it in conn.log"),
    }));
    titled("A conversation, one line of `layerscope flows --format json`", flow)
}

pub(super) fn handshakes() -> Value {
    let offer = or_null(object(json!({
        "mss": optional("integer"),
        "window_scale": optional("integer"),
        "sack_permitted": boolean(),
        "timestamps": boolean(),
        "ecn": boolean(),
        "fast_open_cookie": described(optional("integer"), "its length; 0 for a request of one"),
        "mptcp": boolean(),
        "md5": boolean(),
        "authentication": boolean(),
        "other_kinds": list(integer()),
    })));
    let handshake = object(json!({
        "schema": {"const": 1},
        "stream": integer(),
        "client": end(),
        "server": end(),
        "direction_assumed": assumed(),
        "syn": epoch(),
        "syn_ack": epoch(),
        "ack": epoch(),
        "syn_to_syn_ack_ns": optional("integer"),
        "syn_ack_to_ack_ns": optional("integer"),
        "resending_ns": described(optional("integer"), "what repeated SYNs and SYN-ACKs cost; the total holds it"),
        "total_ns": optional("integer"),
        "initial_rtt_ns": optional("integer"),
        "ambiguous": described(boolean(), "whether a repeated SYN or SYN-ACK leaves open which was answered"),
        "syns": integer(),
        "syn_acks": integer(),
        "syn_data": integer(),
        "simultaneous": boolean(),
        "offered": described(pair(offer), "by the client and by the server"),
        "verdict": verdict(),
    }));
    titled("A TCP opening, one line of `layerscope handshakes --format json`", handshake)
}

pub(super) fn follow() -> Value {
    let piece = |kind: &str, frame: Value, time: Value, text: Value| {
        object(json!({
            "schema": {"const": 1},
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
    titled("A piece of a conversation, one line of `layerscope follow --format json`", json!({"oneOf": [bytes, gap]}))
}

pub(super) fn timeline() -> Value {
    let conversation = object(json!({
        "schema": {"const": 1},
        "kind": {"const": "conversation"},
        "transport": word(&["tcp", "udp"]),
        "stream": integer(),
        "client": end(),
        "server": end(),
        "direction_assumed": assumed(),
    }));
    let event = |kind: Value, what: Value| {
        let always = object(json!({
            "schema": {"const": 1},
            "kind": kind,
            "time": epoch(),
            "client_state": optional("string"),
            "server_state": optional("string"),
        }));
        let mut event = may_have(always, what.clone());
        event["required"].as_array_mut().unwrap().extend(what.as_object().unwrap().keys().map(|key| json!(key)));
        may_have(event, json!({"explanation": described(string(), "with --explain")}))
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

fn side() -> Value {
    word(&["client", "server"])
}

fn segment() -> Value {
    object(json!({
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
        "text": described(string(), "the payload, or what an ICMP error about the conversation says"),
    }))
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

pub(super) fn stats() -> Value {
    let fact = |kind: &str, more: Value| {
        let counted =
            json!({"schema": {"const": 1}, "kind": {"const": kind}, "packets": integer(), "bytes": integer()});
        let mut properties = counted.as_object().unwrap().clone();
        properties.extend(more.as_object().unwrap().clone());
        object(properties.into())
    };
    let path = described(list(string()), "from the outermost protocol in");
    let port = fact("port", json!({"name": string(), "class": string(), "transport": word(&["tcp", "udp"])}));
    let facts = [
        fact("protocol", json!({"path": path, "name": string()})),
        fact("endpoint", json!({"name": string(), "sent_bytes": integer()})),
        fact("port_class", json!({"name": string(), "ports": described(integer(), "how many were used")})),
        may_have(port, json!({"service": string()})),
        fact("interval", json!({"start": described(json!({"type": "number"}), "seconds since the first packet")})),
    ];
    titled("A fact about a capture, one line of `layerscope stats --format json`", json!({"oneOf": facts}))
}
