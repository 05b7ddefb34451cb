//! A server that is slow to accept.

use std::time::Duration;

use rustix::io::Errno;

use super::definition::{HERE_OR_APART, Scenario};
use super::place::{Lab, SYN_REPEATED, hang_up};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Measure, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::Repetition, Measure::AcceptAfterHandshake],
    seconds: Some(1),
    topologies: HERE_OR_APART,
    play,
    ..Scenario::of(ScenarioKey::Backlog)
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(1)?;
    let (first, second) = (lab.connected()?, lab.connected()?);
    let mut third = lab.client(Transport::Tcp)?;
    third.do_not_wait()?;
    // The third SYN is for a machine that is so busy that accept() comes after the second.
    third.expecting(SYN_REPEATED);
    must_fail(third.connect(lab.at_server()), Errno::INPROGRESS)?;
    // The server does something else; the third client waits in vain.
    third.wait_writable(Duration::from_millis(300))?;
    let mut clients = vec![first, second, third];
    let mut connections = vec![listener.accept()?, listener.accept()?];
    clients[2].wait_writable(Duration::from_secs(5))?;
    connections.push(listener.accept()?);
    for (client, connection) in clients.drain(..).zip(connections) {
        hang_up(client, connection)?;
    }
    listener.close()
}
