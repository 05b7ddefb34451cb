//! A server that gives up on a silent client.

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::Measure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "timeout",
    title: "the server gives up on a silent client, after a second or --timeout",
    teaches: &[
        "TCP itself never tires: an idle connection sends nothing at all, however long it lasts.",
        "The time-out is the server's own: recv() failed with EAGAIN after SO_RCVTIMEO, and the server closed first.",
        "The client learns of it when its recv() returns 0 bytes.",
    ],
    measures: &[Measure::VainWait],
    seconds: Some(1),
    options: &["--timeout"],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    connection.receive_timeout(lab.timeout)?;
    must_fail(connection.recv(), Errno::AGAIN)?;
    connection.close()?;
    client.recv()?;
    client.close()?;
    listener.close()
}
