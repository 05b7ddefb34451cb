//! Is a host there? ICMP's echo, which has no ports.

use std::net::SocketAddr;

use super::definition::Scenario;
use super::place::Lab;
use crate::lab::{LabError, Topology};
use crate::model::{Lane, Measure, ScenarioKey};

pub(super) const SCENARIO: Scenario =
    Scenario { measures: &[Measure::Echo], play, ..Scenario::apart(ScenarioKey::Ping, &[Topology::Routed]) };

/// The identifier of the questions.
const IDENTIFIER: u16 = 77;

/// An echo request: type 8, code 0, room for checksum and identifier, its number, and what is to come back.
fn question(number: u8) -> Vec<u8> {
    [&[8, 0, 0, 0, 0, 0, 0, number][..], b"are you there?"].concat()
}

fn play(lab: &Lab) -> Result<(), LabError> {
    lab.hosts.allow_echo(Lane::Client)?;
    let at = |addr, port| SocketAddr::new(addr, port);
    let server = at(lab.at_server().ip(), 0);
    let mut client = lab.party(Lane::Client).echo_socket(server)?;
    // For such a socket the port of its address is the identifier.
    client.bind(at(lab.at_client().ip(), IDENTIFIER))?;
    client.connect(server)?;
    for number in 1..=3 {
        client.send(&question(number))?;
        client.recv()?;
    }
    client.close()
}
