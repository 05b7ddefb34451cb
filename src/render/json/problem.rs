//! Why decoding stopped, or what contradicts itself, for programs.

use serde::Serialize;

use crate::decode::Protocol;
use crate::model::{Fault, Limit, Problem};

/// What is wrong with a packet.
#[derive(Serialize)]
pub(super) struct ProblemObject {
    key: &'static str,
    layer: &'static str,
    protocol: &'static str,
    /// The bytes concerned: the first and the one after the last.
    range: (usize, usize),
    /// How many bytes were needed from the range's start; 0 where length was not the matter.
    needed: usize,
    /// How many were there.
    available: usize,
    /// What limited them: the capture, the packet, or a field by its key.
    limit: &'static str,
    /// The field that contradicts the bytes, where it is one.
    field: Option<&'static str>,
    /// What it says.
    stated: Option<usize>,
    /// What it would have to say: so much at least, or this.
    expected: Option<usize>,
}

impl From<&Problem> for ProblemObject {
    fn from(problem: &Problem) -> Self {
        let (field, stated, expected) = match problem.fault {
            Fault::LengthTooLarge { field, stated } => (Some(field), Some(stated), None),
            Fault::LengthTooSmall { field, stated, header } => (Some(field), Some(stated), Some(header)),
            Fault::HeaderTooShort { field, words, least } => (Some(field), Some(words.into()), Some(least.into())),
            Fault::WrongVersion { found, expected } => (None, Some(found.into()), Some(expected.into())),
            Fault::TooManyHeaders { around } => (None, Some(around), None),
            Fault::NoRoom | Fault::NoSequenceNumber | Fault::OptionLength => (None, None, None),
        };
        Self {
            key: problem.fault.key(),
            layer: problem.layer.key(),
            protocol: Protocol::ALL
                .iter()
                .find(|protocol| protocol.name() == problem.protocol)
                .map_or(problem.protocol, |protocol| protocol.key()),
            range: (problem.range.start, problem.range.end),
            needed: problem.needed,
            available: problem.available,
            limit: match problem.limit {
                Limit::Field(field) => field,
                limit => limit.key(),
            },
            field,
            stated,
            expected,
        }
    }
}
