//! Checksums: right, damaged on the way, and left to the card.

use super::definition::Scenario;
use super::place::{Lab, Pair, hang_up_slowly};
use crate::lab::network::Fate;
use crate::lab::{LabError, Topology};
use crate::model::{Consequence, Measure, Purpose, ScenarioKey};

pub(super) const SCENARIO: Scenario =
    Scenario { measures: &[Measure::Repetition], play, ..Scenario::apart(ScenarioKey::Checksum, &[Topology::Routed]) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let (mut segments, mut datagrams) = (0, 0);
    let router = lab.hosts.forward(move |passing| {
        let count = match (passing.is_tcp(), passing.data()) {
            (true, 0) => return Fate::Passes,
            (true, _) => &mut segments,
            (false, _) => &mut datagrams,
        };
        *count += usize::from(passing.to_server);
        if passing.to_server && *count == 2 { Fate::IsDamaged } else { Fate::Passes }
    })?;
    let pair = lab.pair()?;
    pair.client.send(b"right")?;
    answer(&pair)?;
    let (segment, ack) = (Consequence::there(Purpose::Data(5)), Consequence::back(Purpose::Ack));
    pair.client.expecting([segment, segment, segment.maybe(), ack, ack.maybe()]).send(b"wrong")?;
    answer(&pair)?;

    let (server, mut client) = lab.datagram_sockets()?;
    client.connect(lab.at_server())?;
    for message in [b"right", b"wrong", b"after"] {
        client.send(message)?;
    }
    server.recv_from()?;
    server.recv_from()?;
    router.finish().map_err(LabError::Router)?;

    pair.client.leave_checksums_to_card("client")?;
    pair.client.send(b"given")?;
    pair.connection.recv()?;
    client.send(b"given")?;
    server.recv_from()?;
    client.close()?;
    server.close()?;
    hang_up_slowly(pair)
}

/// The server says that it has a message, and the client hears it.
fn answer(pair: &Pair) -> Result<(), LabError> {
    pair.connection.recv()?;
    pair.connection.send(b"OK")?;
    pair.client.recv().map(drop)
}
