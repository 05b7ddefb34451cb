//! Nobody listens: what TCP and UDP answer.

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{CLIENT, Lab, SERVER};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Consequence, Purpose, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "refused",
    title: "a closed port: TCP answers RST, UDP gets an ICMP port unreachable",
    teaches: &[
        "A SYN to a port where nobody listens is answered with RST, and connect() fails with ECONNREFUSED.",
        "UDP has no word for no: the kernel answers with ICMP port unreachable, which quotes the datagram it is about.",
        "send() had succeeded all the same: a connected UDP socket hears of the refusal at its next call, here recv().",
    ],
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let mut client = lab.client(Transport::Tcp)?;
    client.bind(CLIENT)?;
    must_fail(client.connect(SERVER), Errno::CONNREFUSED)?;
    client.close()?;

    let mut client = lab.client(Transport::Udp)?;
    client.bind(CLIENT)?;
    client.connect(SERVER)?;
    let refused = [Consequence::there(Purpose::Datagram(5)), Consequence::back(Purpose::Unreachable)];
    client.expecting(refused).send(b"hello")?;
    must_fail(client.recv(), Errno::CONNREFUSED)?;
    client.close()
}
