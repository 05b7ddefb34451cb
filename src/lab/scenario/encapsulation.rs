//! The same five bytes in every combination of transport and internet protocol.

use super::definition::Scenario;
use super::place::{CLIENT, Lab, Pair, SERVER, over_ipv6};
use crate::lab::LabError;
use crate::model::{Lane, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "encapsulation",
    title: "five bytes over TCP and UDP, IPv4 and IPv6: what each layer adds",
    teaches: &[
        "Each layer puts its header before what it is given: Ethernet 14 bytes, IPv4 20 or IPv6 40, TCP 32 (20 and 12 of \
         timestamps) or UDP 8.",
        "Five bytes of payload made frames of 71 bytes over TCP/IPv4, 91 over TCP/IPv6, 47 over UDP/IPv4 and 67 over UDP/IPv6.",
    ],
    compares_sizes: true,
    play,
    ..Scenario::PLAIN
};

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
