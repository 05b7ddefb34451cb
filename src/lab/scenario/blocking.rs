//! Calls that wait, and the packets that end their wait.

use std::sync::Arc;

use super::definition::Scenario;
use super::echo::both;
use super::place::{Lab, SERVER};
use crate::lab::{LabError, Party, Rendezvous, Socket};
use crate::model::{Lane, Measure, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario =
    Scenario { measures: &[Measure::Wait], play, ..Scenario::of(ScenarioKey::Blocking) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let rendezvous = Arc::new(Rendezvous::default());
    let party = |lane| Party { rendezvous: Some(Arc::clone(&rendezvous)), tells_descriptors: true, ..lab.party(lane) };
    let mut listener = party(Lane::Server).socket(Transport::Tcp, SERVER)?;
    listener.reuse_address()?;
    listener.bind(SERVER)?;
    listener.listen(5)?;
    both(|| serve(listener), || ask(&party(Lane::Client)))
}

fn serve(listener: Socket) -> Result<(), LabError> {
    let connection = listener.accept()?;
    let question = connection.recv()?;
    connection.send(&question.to_ascii_uppercase())?;
    connection.recv()?;
    connection.close()?;
    listener.close()
}

fn ask(party: &Party) -> Result<(), LabError> {
    // The server's accept() sleeps by the time that the client has a socket, which so has the next descriptor.
    party.wait_for_listener();
    let mut client = party.socket(Transport::Tcp, SERVER)?;
    client.connect(SERVER)?;
    client.send(b"are you there?")?;
    client.recv()?;
    client.await_turn();
    client.close()
}
