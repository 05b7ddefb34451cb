//! What can be expected of conversations: clauses, each a test that they pass or break.

use crate::analyse::Mark;

/// What is expected, clause by clause.
#[derive(Clone, Debug)]
pub(crate) struct Expectations(pub(super) Vec<Clause>);

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// As it was typed.
    pub(super) text: String,
    pub(super) test: Test,
}

/// What a clause holds conversations to.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// Of every connection: a duration.
    Time(Time, Operator, i64),
    /// Of every connection: a word.
    Word(Word, Operator, &'static str),
    /// Of all together: a number.
    Count(Count, Operator, u64),
}

/// What is a duration.
#[derive(Clone, Copy, Debug)]
pub(super) enum Time {
    Handshake,
    RoundTrip,
    Duration,
}

/// What is told in a word.
#[derive(Clone, Copy, Debug)]
pub(super) enum Word {
    Open,
    Close,
    State,
}

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    Connections,
    Packets,
    Bytes,
    Resets,
    Refused,
    Unanswered,
    Marked(Mark),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Less,
    AtMost,
    Equal,
    Unequal,
    AtLeast,
    More,
}

impl Operator {
    pub(super) fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::Unequal => left != right,
            Self::AtLeast => left >= right,
            Self::More => left > right,
        }
    }
}
