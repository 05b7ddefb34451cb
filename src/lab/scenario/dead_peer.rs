//! The peer's host vanishes: what a sender hears of it, and who only listens.

use std::time::Duration;

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{Lab, Pair};
use crate::lab::error::must_fail;
use crate::lab::network::Fate;
use crate::lab::{LabError, Topology};
use crate::model::{Consequence, Measure, Purpose, ScenarioKey};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::Repetition, Measure::Probe],
    seconds: Some(3),
    play,
    ..Scenario::apart(ScenarioKey::DeadPeer, &[Topology::Routed])
};

/// How long the sender's kernel tries; by itself it would for some 15 minutes.
const TRIES: Duration = Duration::from_millis(1500);

fn play(lab: &Lab) -> Result<(), LabError> {
    // The host is gone when the sender's second message is on its way, and so is all that comes later.
    let mut messages = 0;
    let router = lab.hosts.forward(move |passing| {
        messages += usize::from(passing.to_server && passing.data() > 0);
        if messages < 2 { Fate::Passes } else { Fate::IsLost }
    })?;
    let Pair { listener, client: sender, connection } = lab.pair()?;
    let waiting = lab.connected()?;
    let idle = listener.accept()?;
    sender.send(b"hello")?;
    connection.recv()?;
    connection.send(b"HELLO")?;
    sender.recv()?;
    sender.give_up_after(TRIES)?;
    let second = Duration::from_secs(1);
    waiting.keep_alive(second, second)?;
    waiting.give_up_after_probes(2)?;

    let segment = Consequence::there(Purpose::Data(5));
    let mut packets = vec![segment; 3];
    packets.extend([segment.maybe(); 4]);
    sender.expecting(packets).send(b"hello")?;
    sender.wait_readable(Duration::from_secs(5))?;
    must_fail(sender.recv(), Errno::TIMEDOUT)?;
    let probe = Consequence::there(Purpose::Ack);
    waiting.expecting([probe, probe, Consequence::there(Purpose::Reset)]).wait_readable(Duration::from_secs(5))?;
    must_fail(waiting.recv(), Errno::TIMEDOUT)?;
    for socket in [sender, waiting] {
        socket.expecting([]);
        socket.close()?;
    }
    for socket in [connection, idle, listener] {
        socket.vanish()?;
    }
    router.finish().map_err(LabError::Router)
}
