//! `connect()` and `accept()` alone.

use super::definition::Scenario;
use super::place::Lab;
use crate::lab::LabError;
use crate::model::Measure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "handshake",
    title: "connect() and accept(): three segments, done before accept() is called",
    teaches: &[
        "connect() makes three segments: SYN j, then SYN k with ACK j+1, then ACK k+1.",
        "The kernel finished the handshake by itself: both ends were ESTABLISHED before the server called accept(), which \
         only takes the finished connection from a queue.",
    ],
    measures: &[Measure::AcceptAfterHandshake],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    lab.pair()?.hang_up()
}
