//! Who may bind a port that somebody has, or had.

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{Lab, Pair, SERVER};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::Transport;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "port-in-use",
    title: "EADDRINUSE: a second bind(), a bind() into TIME-WAIT, and SO_REUSEADDR",
    teaches: &[
        "While one socket listens on a port, bind() of another fails with EADDRINUSE, SO_REUSEADDR or not. Only sockets that all \
         set SO_REUSEPORT may share a port.",
        "After the server has closed first, TIME-WAIT holds the port: a bind() without SO_REUSEADDR still fails.",
        "With SO_REUSEADDR the server can start again at once. That is why every server sets it.",
    ],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let Pair { listener, client, connection } = lab.pair()?;
    let mut second = lab.server(Transport::Tcp)?;
    second.reuse_address()?;
    must_fail(second.bind(SERVER), Errno::ADDRINUSE)?;
    second.close()?;

    connection.close()?;
    client.recv()?;
    client.close()?;
    listener.close()?;
    let mut again = lab.server(Transport::Tcp)?;
    must_fail(again.bind(SERVER), Errno::ADDRINUSE)?;
    again.reuse_address()?;
    again.bind(SERVER)?;
    again.listen(5)?;
    again.close()
}
