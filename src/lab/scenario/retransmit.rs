//! A segment gets lost.

use super::definition::Scenario;
use super::place::Lab;
use crate::lab::LabError;
use crate::model::{Consequence, Measure, Purpose};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "retransmit",
    title: "a lost segment comes again when no acknowledgment does",
    teaches: &[
        "The first segment was lost: the receiving socket was told to let in nothing that left its sender with a TTL below 255 \
         (IP_MINTTL), so the kernel dropped it before TCP saw it.",
        "Nothing tells the sender of the loss. It sent the same bytes with the same sequence number again when no \
         acknowledgment had come within the retransmission time-out, on Linux at least 200 ms.",
        "send() had long returned: repeating is the kernel's work.",
    ],
    measures: &[Measure::Repetition],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    pair.connection.lose_arrivals()?;
    let (segment, ack) = (Consequence::there(Purpose::Data(5)), Consequence::back(Purpose::Ack));
    // A third time where the machine is so busy that the second is lost too.
    pair.client.expecting([segment, segment, segment.maybe(), ack]).send(b"hello")?;
    pair.connection.let_arrivals_in()?;
    pair.connection.recv()?;
    pair.hang_up()
}
