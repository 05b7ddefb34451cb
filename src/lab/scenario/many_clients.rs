//! One port, several clients at once.

use std::thread::{self, Scope, ScopedJoinHandle};

use super::definition::{HERE_OR_APART, Scenario};
use super::place::Lab;
use crate::lab::{LabError, Socket, Turns};
use crate::model::ScenarioKey;

pub(super) const SCENARIO: Scenario =
    Scenario { topologies: HERE_OR_APART, play, ..Scenario::of(ScenarioKey::ManyClients) };

/// How many clients there are.
const CLIENTS: usize = 3;

/// Everybody is connected and accepted first. Then the clients speak, the last one first, and each is answered by the
/// thread that has its connection; the turns make every run the same.
fn play(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(5)?;
    let clients = (0..CLIENTS).map(|_| lab.connected()).collect::<Result<Vec<_>, _>>()?;
    let connections = (0..CLIENTS).map(|_| listener.accept()).collect::<Result<Vec<_>, _>>()?;
    let turns = Turns::default();
    let first_turn = |client: usize| (CLIENTS - 1 - client) * 5;
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (number, client) in clients.into_iter().enumerate() {
            let turns = &turns;
            threads.push(start(scope, move || speak(client, turns, first_turn(number)))?);
        }
        for (number, connection) in connections.into_iter().enumerate() {
            let turns = &turns;
            threads.push(start(scope, move || serve(connection, turns, first_turn(number)))?);
        }
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| LabError::Thread("panicked"))?)
    })?;
    listener.close()
}

/// Starts a thread for one of the parts.
fn start<'s>(
    scope: &'s Scope<'s, '_>,
    part: impl FnOnce() -> Result<(), LabError> + Send + 's,
) -> Result<ScopedJoinHandle<'s, Result<(), LabError>>, LabError> {
    thread::Builder::new().spawn_scoped(scope, part).map_err(|_| LabError::Thread("could not be started"))
}

fn speak(client: Socket, turns: &Turns, first: usize) -> Result<(), LabError> {
    turns.take(first, || client.send(b"hello"))?;
    turns.take(first + 2, || client.recv().map(drop))?;
    turns.take(first + 3, || client.close())
}

fn serve(connection: Socket, turns: &Turns, first: usize) -> Result<(), LabError> {
    turns.take(first + 1, || {
        let message = connection.recv()?;
        connection.send(&message.to_ascii_uppercase())
    })?;
    turns.take(first + 4, || {
        connection.recv()?;
        connection.close()
    })
}
