//! The same five bytes in every combination of transport and internet protocol.

use super::definition::Scenario;
use super::place::{CLIENT, Lab, Pair, SERVER, over_ipv6};
use crate::lab::LabError;
use crate::model::{Lane, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario =
    Scenario { compares_sizes: true, play, ..Scenario::of(ScenarioKey::Encapsulation) };

fn play(lab: &Lab) -> Result<(), LabError> {
    let (server, client) = (lab.party(Lane::Server), lab.party(Lane::Client));
    for addr in [SERVER, over_ipv6(SERVER)] {
        let mut listener = server.socket(Transport::Tcp, addr)?;
        listener.reuse_address()?;
        listener.bind(addr)?;
        listener.listen(5)?;
        let mut sender = client.socket(Transport::Tcp, addr)?;
        sender.connect(addr)?;
        let connection = listener.accept()?;
        sender.send(b"hello")?;
        connection.recv()?;
        Pair { listener, client: sender, connection }.hang_up()?;
    }
    for (addr, own) in [(SERVER, CLIENT), (over_ipv6(SERVER), over_ipv6(CLIENT))] {
        let mut receiver = server.socket(Transport::Udp, addr)?;
        receiver.bind(addr)?;
        let mut sender = client.socket(Transport::Udp, addr)?;
        sender.bind(own)?;
        sender.send_to(b"hello", addr)?;
        receiver.recv_from()?;
        sender.close()?;
        receiver.close()?;
    }
    Ok(())
}
