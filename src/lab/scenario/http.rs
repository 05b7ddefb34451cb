//! HTTP with a connection a request, and with one connection for two.

use super::definition::{HERE_OR_APART, Scenario};
use super::place::{Lab, Pair};
use crate::lab::{LabError, Socket};
use crate::model::{Measure, ScenarioKey};

pub(super) const SHORT: Scenario = Scenario {
    measures: &[Measure::Traffic],
    topologies: HERE_OR_APART,
    play: play_short,
    ..Scenario::of(ScenarioKey::HttpShort)
};

pub(super) const KEEP_ALIVE: Scenario = Scenario {
    measures: &[Measure::Traffic],
    topologies: HERE_OR_APART,
    play: play_keep_alive,
    ..Scenario::of(ScenarioKey::HttpKeepAlive)
};

fn play_short(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(5)?;
    for path in ["/", "/about"] {
        let client = lab.connected()?;
        let connection = listener.accept()?;
        client.send(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes())?;
        connection.recv()?;
        connection.send(b"HTTP/1.0 200 OK\r\n\r\nhello")?;
        connection.close()?;
        client.recv()?;
        client.recv()?;
        client.close()?;
    }
    listener.close()
}

fn play_keep_alive(lab: &Lab) -> Result<(), LabError> {
    let pair = lab.pair()?;
    for path in ["/", "/about"] {
        ask(&pair, path)?;
    }
    pair.hang_up()
}

fn ask(Pair { client, connection, .. }: &Pair, path: &str) -> Result<(), LabError> {
    let say = |socket: &Socket, text: &str| socket.send(text.as_bytes());
    say(client, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))?;
    connection.recv()?;
    say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")?;
    client.recv()?;
    Ok(())
}
