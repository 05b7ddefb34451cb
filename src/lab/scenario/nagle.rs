//! Small messages, with and without Nagle's algorithm.

use std::time::Duration;

use super::definition::{HERE_OR_APART, Scenario};
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::model::{Consequence, Measure, Purpose, ScenarioKey};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::Segments, Measure::SlowestAck],
    columns: &["len"],
    topologies: HERE_OR_APART,
    play,
    ..Scenario::of(ScenarioKey::Nagle)
};

const MESSAGES: [&[u8; 2]; 4] = [b"a;", b"b;", b"c;", b"d;"];

fn play(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    // One round trip makes it a conversation, in which the kernel delays acknowledgments.
    pair.client.send(b"hello")?;
    pair.connection.recv()?;
    pair.connection.send(b"HELLO")?;
    pair.client.recv()?;
    held_back(&pair)?;
    one_by_one(&pair)?;
    pair.hang_up()?;

    let (server, client) = lab.datagram_sockets()?;
    for message in MESSAGES {
        client.send_to(message, lab.at_server())?;
    }
    for _ in MESSAGES {
        server.recv_from()?;
    }
    client.close()?;
    server.close()
}

fn held_back(pair: &Pair) -> Result<(), LabError> {
    let Pair { client, connection, .. } = pair;
    connection.quick_acknowledgments(false)?;
    client.send(MESSAGES[0])?;
    client.expecting([]).send(MESSAGES[1])?;
    client.expecting([]).send(MESSAGES[2])?;
    let joined = Consequence::there(Purpose::Data(6)).or_in_pieces();
    client.expecting([joined, Consequence::back(Purpose::Ack)]).send(MESSAGES[3])?;
    // The server is busy with something else meanwhile.
    client.wait_readable(Duration::from_millis(150))?;
    connection.recv()?;
    Ok(())
}

fn one_by_one(pair: &Pair) -> Result<(), LabError> {
    let Pair { client, connection, .. } = pair;
    client.no_delay()?;
    // Once more: with its first delayed ACK the kernel went back to immediate ones (TCP_QUICKACK, tcp(7)).
    connection.quick_acknowledgments(false)?;
    let (segment, ack) = (Consequence::there(Purpose::Data(2)), Consequence::back(Purpose::Ack));
    for message in MESSAGES {
        // Where the machine is busy, the server's delay may be over in between, or the client's patience.
        client.expecting([segment, segment.maybe(), ack.maybe(), ack.maybe()]).send(message)?;
    }
    connection.expecting([Consequence::there(Purpose::Ack)]).recv()?;
    connection.quick_acknowledgments(true)
}
