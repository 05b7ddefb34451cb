//! Two ways to break a connection off.

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{Lab, Pair};
use crate::lab::LabError;
use crate::lab::error::must_fail;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "reset",
    title: "RST instead of FIN: SO_LINGER of 0 s, and closing with unread data",
    teaches: &[
        "With SO_LINGER of 0 s close() sends RST instead of FIN: no farewell, no TIME-WAIT.",
        "A server that closes while data lie unread sends RST too, for those data are lost.",
        "The other end's next recv() fails with ECONNRESET.",
    ],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    client.abort_on_close()?;
    client.close()?;
    must_fail(connection.recv(), Errno::CONNRESET)?;
    connection.close()?;

    let client = lab.connected()?;
    let connection = listener.accept()?;
    client.send(b"is anybody reading?")?;
    connection.close()?;
    must_fail(client.recv(), Errno::CONNRESET)?;
    client.close()?;
    listener.close()
}
