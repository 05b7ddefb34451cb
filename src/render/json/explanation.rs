//! What a packet does in its conversation, for programs: a key with its values, where people are told a sentence.

use serde::Serialize;
use serde_json::{Value, json};

use crate::analyse::act::{Acknowledged, Act, Carried, Datagram, Farewell, Part, Report, Resets, Step};
use crate::analyse::{Explanation, Loss, Mark, Run};
use crate::model::Lane;

/// What a packet does.
#[derive(Serialize)]
pub(super) struct ExplanationObject {
    key: &'static str,
    /// Who sent it.
    who: &'static str,
    /// What the key alone does not say.
    values: Value,
    /// Whether it is sent again, and no acknowledgment of it was captured before.
    unanswered: bool,
    /// How it was lost, where that is proven.
    lost: Option<&'static str>,
    /// What else is out of the ordinary about it.
    remarks: Vec<&'static str>,
}

impl From<&Explanation> for ExplanationObject {
    fn from(explanation: &Explanation) -> Self {
        Self {
            key: explanation.act.key(),
            who: explanation.who.key(),
            values: values(explanation.act),
            unanswered: explanation.is_unanswered,
            lost: explanation.loss.map(Loss::key),
            remarks: explanation.remarks.iter().map(Mark::key).collect(),
        }
    }
}

/// What a packet does beyond its key: numbers and addresses.
pub(in crate::render) fn values(act: Act) -> Value {
    match act {
        Act::Reports(Report::PortUnreachable { host, port, sender }) => {
            json!({"host": host, "port": port, "sender": sender})
        }
        Act::Reports(Report::Trouble { by, from, to }) => json!({"by": by, "from": from, "to": to}),
        Act::Resolves(asked) => {
            json!({"from": asked.from, "to": asked.to, "mac": asked.mac.map(|mac| mac.to_string())})
        }
        Act::CarriesOn { run, .. } => self::run(run),
        Act::IsFragment(Part::HeaderBegins) => json!({}),
        Act::IsFragment(Part::First { len, later }) => json!({"len": len, "later_len": later}),
        Act::IsFragment(Part::Later { len, is_last }) => json!({"len": len, "last": is_last}),
        Act::IsDatagram(Datagram::First { len, from, to }) => json!({"len": len, "from_port": from, "to_port": to}),
        Act::IsDatagram(Datagram::Next { len }) => json!({"len": len}),
        Act::IsDatagram(Datagram::Answer { len, to }) => json!({"len": len, "to_port": to}),
        Act::Resets(Resets::Refused { port }) => json!({"port": port}),
        Act::Opens { initial } => json!({"initial": initial}),
        Act::Agrees { initial, ack } => json!({"initial": initial, "ack": ack}),
        Act::Carries(carried) => self::carried(carried),
        Act::Resets(Resets::Unheard | Resets::Stray | Resets::Connection)
        | Act::MeetsItself
        | Act::ConfirmsItself
        | Act::Repeats(_)
        | Act::Probes(_)
        | Act::ClosesWindow
        | Act::OpensWindow => json!({}),
    }
}

fn run(run: Run) -> Value {
    json!({"packets": run.packets, "bytes": run.bytes, "numbers": run.numbers, "acks": run.acks})
}

fn carried(carried: Carried) -> Value {
    let acknowledges = |Acknowledged { ack, segment }| json!({"ack": ack, "segment": segment});
    json!({
        "data": carried.data.map(|data| json!({"seq": data.seq, "len": data.len, "pushed": data.is_pushed, "first_push": data.is_first_push})),
        "fin": carried.fin,
        "farewell": carried.farewell.map(Farewell::key),
        "acknowledges": carried.acknowledges.map(acknowledges),
        "step": carried.step.map(Step::key),
        "held_by": carried.step.and_then(Step::held_by).map(Lane::name),
    })
}
