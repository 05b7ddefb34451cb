//! Requests before the first answer.

use super::definition::Scenario;
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::model::{Measure, ScenarioKey};

pub(super) const SCENARIO: Scenario =
    Scenario { measures: &[Measure::Traffic], play, ..Scenario::of(ScenarioKey::Pipelining) };

const PATHS: [&str; 3] = ["/", "/style.css", "/logo.png"];

fn play(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    let Pair { client, connection, .. } = &pair;
    for path in PATHS {
        client.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())?;
    }
    // All three lie in the receive buffer, one behind the other.
    connection.recv()?;
    for path in PATHS {
        let body = format!("this is {path}");
        let len = body.len();
        connection.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {len}\r\n\r\n{body}").as_bytes())?;
    }
    client.recv()?;
    pair.hang_up()
}
