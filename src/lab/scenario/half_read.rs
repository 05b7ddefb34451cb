//! A client that is accepted and never read.

use std::time::Duration;

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Consequence, Measure, Purpose, ScenarioKey};

pub(super) const SCENARIO: Scenario =
    Scenario { measures: &[Measure::VainWait], play, ..Scenario::of(ScenarioKey::HalfRead) };

/// A server whose loop ends when a flag is set, and that never takes the flag back: the second client is accepted, and
/// the loop is over before it begins. Python closes a client's socket when the variable gets the next one.
fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client: first, connection } = lab.pair()?;
    first.send(b"exit")?;
    connection.recv()?;
    connection.send(b"exit")?;
    first.recv()?;
    // Nobody reads, so the kernel takes its time to acknowledge a FIN.
    let farewell = [Consequence::there(Purpose::Fin), Consequence::back(Purpose::Ack).maybe()];
    first.expecting(farewell);
    first.close()?;

    let second = lab.connected()?;
    let unread = listener.accept()?;
    connection.close()?;
    second.send(b"hello")?;
    second.receive_timeout(Duration::from_millis(300))?;
    must_fail(second.recv(), Errno::AGAIN)?;

    let third = lab.connected()?;
    let next = listener.accept()?;
    unread.close()?;
    must_fail(second.recv(), Errno::CONNRESET)?;
    second.close()?;
    third.expecting(farewell);
    third.close()?;
    next.close()?;
    listener.close()
}
