//! How long a datagram can be.

use rustix::io::Errno;

use super::definition::{Needs, Scenario};
use super::place::{Lab, SERVER};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Consequence, Purpose, ScenarioKey};

pub(super) const SCENARIO: Scenario =
    Scenario { needs: Needs::OwnNetwork, columns: &["length"], play, ..Scenario::of(ScenarioKey::UdpTooLarge) };

/// What fits: IP's length field counts up to 65535, of which 20 are IP's header and 8 UDP's.
const LARGEST: usize = 65_535 - 20 - 8;

/// What does not fit into one packet of an MTU of 1500: with UDP's header 4008 bytes, in steps of 1480.
const LONG: usize = 4_000;

fn play(lab: &Lab) -> Result<(), LabError> {
    let (server, client) = lab.datagram_sockets()?;
    client.send_to(&[b'x'; LARGEST], SERVER)?;
    server.recv_from_up_to(LARGEST)?;
    must_fail(client.send_to(&[b'x'; LARGEST + 1], SERVER), Errno::MSGSIZE)?;

    client.set_mtu(1500)?;
    let fragments = [1480, 1480, 1048].map(|len| Consequence::there(Purpose::Fragment(len)));
    client.expecting(fragments).send_to(&[b'y'; LONG], SERVER)?;
    server.recv_from_up_to(LARGEST)?;
    client.close()?;
    server.close()
}
