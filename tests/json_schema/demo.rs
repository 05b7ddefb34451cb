//! A demonstration.

use layerscope::analyse::{Loss, Why};
use serde_json::{Value, json};

use super::packet::{definitions, packet_object};
use super::shape::{
    EPOCH, boolean, described, integer, list, may_have, object, optional, or_null, string, titled, word,
};

pub(super) fn demo() -> Value {
    let mut packet = packet_object();
    packet["properties"]["lesson"] = object(json!({
        "call": {"type": ["integer", "null"], "description": "the place among the calls, from 0, of the one behind the packet"},
        "client_state": state(),
        "server_state": state(),
        "explanation": or_null(explanation()),
        "why": why(),
    }));
    packet["required"].as_array_mut().unwrap().push(json!("lesson"));
    let mut schema = object(json!({"schema": {"const": 2}, "calls": list(call()), "packets": list(packet)}));
    let scenario = json!({"name": {"type": "string"}});
    schema["properties"]["scenario"] = object(scenario);
    schema["properties"]["conversations"] = list(conversation());
    schema["properties"]["measured"] = list(measured());
    schema["properties"]["journeys"] = list(journey());
    schema["properties"]["ledger"] = ledger();
    schema["required"] = json!(["schema", "scenario", "conversations", "calls", "packets", "measured", "ledger"]);
    schema["$defs"] = definitions();
    titled("A demonstration, the document of `layerscope demo --format json`", schema)
}

fn call() -> Value {
    object(json!({
        "lane": {"type": "string"},
        "transport": described(optional("string"), "null for ICMP"),
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
        "descriptor": described(optional("integer"), "the number that the program has for the socket, where it is told"),
        "given_descriptor": described(optional("integer"), "the number of the socket that the call gave"),
        "state": state(),
        "why": why(),
    }))
}

/// Why something is as it is.
fn why() -> Value {
    let keys: Vec<&str> = Why::ALL.iter().map(|why| why.key()).collect();
    described(list(word(&keys)), "why it is so, where that is seen here first")
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

fn measured() -> Value {
    let key = word(&[
        "accepted",
        "woken",
        "repeated",
        "window_closed",
        "segments",
        "slowest_ack",
        "probed",
        "waited_in_vain",
        "traffic",
        "flights",
        "echoed",
    ]);
    let after = described(optional("integer"), "how long after, null in a canonical run");
    let later = or_null(object(json!({"packet": integer(), "after_ns": after})));
    let number = |description: &str| described(integer(), description);
    may_have(
        object(json!({"key": key})),
        json!({
            "packet": number("the number of the packet that finished the handshake, repeats, closed the window, acknowledges or probes"),
            "after_ns": after,
            "waited": described(boolean(), "whether accept() had been called before the handshake was finished"),
            "repeats": number("the packet that was sent before"),
            "unread": number("the bytes that had arrived and that nobody had read"),
            "probe": later,
            "opened": later,
            "from": word(&["client", "server"]),
            "bytes": integer(),
            "segments": list(object(json!({"count": integer(), "size": integer()}))),
            "data": number("the packet that is acknowledged"),
            "lane": string(),
            "call": string(),
            "waited_ns": described(optional("integer"), "how long the call had waited, null in a canonical run"),
            "flights": described(list(integer()), "how many segments in each"),
            "request": number("the packet that asks"),
            "identifier": integer(),
            "sequence": integer(),
            "connections": integer(),
            "packets": integer(),
            "with_data": integer(),
        }),
    )
}

/// The way of a packet, where it was captured in several places.
fn journey() -> Value {
    let sighting = object(json!({
        "interface": string(),
        "time_epoch": described(optional("string"), EPOCH),
        "eth_src": string(),
        "eth_dst": string(),
        "ttl": integer(),
        "damaged": described(boolean(), "whether it carries something else than it did where it was seen first"),
    }));
    object(json!({
        "number": described(integer(), "the packet's number"),
        "lost": described(boolean(), "whether it left and never arrived"),
        "sightings": list(sighting),
    }))
}

fn ledger() -> Value {
    let purpose = object(json!({
        "key": word(&["syn", "syn_ack", "ack", "data", "fin", "reset", "datagram", "fragment", "port_unreachable", "prohibited", "echo_request", "echo_reply", "neighbor_request", "neighbor_reply"]),
        "len": described(optional("integer"), "the bytes it carries, of data and datagrams"),
    }));
    let end = || described(string(), "address and port");
    let missing = json!({
        "call": described(integer(), "the place among the calls, from 0, of the one that accounts for it"),
        "packet": purpose,
        "transport": described(json!({"enum": ["tcp", "udp", null]}), "null for what goes between neighbors"),
        "source": end(),
        "destination": end(),
    });
    object(json!({
        "expected": {"type": "integer"},
        "captured": {"type": "integer"},
        "dropped_by_kernel": {"type": "integer"},
        "lost_on_the_way": described(integer(), "packets that were captured before the lab's router and never arrived"),
        "balanced": {"type": "boolean"},
        "missing": list(object(missing)),
        "unexpected": list(object(json!({"number": integer(), "packet": purpose}))),
    }))
}

/// What a packet does.
fn explanation() -> Value {
    object(json!({
        "key": described(string(), "what the packet does"),
        "who": word(&["client", "server", "socket"]),
        "values": {"type": "object", "description": "the numbers and addresses that belong to the key"},
        "unanswered": described(boolean(), "whether it is sent again, and no acknowledgment of it was captured before"),
        "lost": described(json!({"enum": [Loss::MinimumTtl.key(), Loss::QueueFull.key(), null]}), "how it was lost, where that is proven"),
        "remarks": described(list(string()), "what else is out of the ordinary about it, by the keys of marks"),
    }))
}

/// A state of RFC 9293.
fn state() -> Value {
    json!({"enum": [
        "listen", "syn_sent", "syn_received", "established", "fin_wait_1", "fin_wait_2", "close_wait", "closing",
        "last_ack", "time_wait", "closed", null,
    ]})
}
