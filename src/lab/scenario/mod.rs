//! The scenarios, a file each: readable scripts over the recording sockets.
//!
//! Most scripts are one thread that plays both sides: the order of the calls is the order of the lines, and the kernel
//! does its part in between. Where it matters that the sides are programs of their own, they are threads.

mod backlog;
mod big_segments;
mod buffers;
pub mod echo;
mod encapsulation;
mod gbk;
mod half_close;
mod handshake;
mod http;
mod keep_alive;
mod many_clients;
mod nagle;
mod one_at_a_time;
mod partial_read;
mod port_in_use;
mod refused;
mod reset;
mod retransmit;
mod self_connect;
mod server_close;
mod syn_lost;
mod timeout;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::{Encoding, LabError, Party, Recorder, Socket};
use crate::model::{Lane, Measure, Transport};

/// Where the servers of the scripts listen.
const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8888);

/// The port of clients that need a known one.
const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8889);

/// One idea of sockets, as a script.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it shows, in a line.
    pub title: &'static str,
    /// What it teaches: sentences that the packets of a run prove.
    pub teaches: &'static [&'static str],
    /// What is worth measuring in a run.
    pub measures: &'static [Measure],
    /// About how many seconds it takes, where its nature needs more than one.
    pub seconds: Option<u8>,
    /// The options of `demo` that change it.
    pub options: &'static [&'static str],
    /// Whether it changes the loopback itself: then it needs a network of its own, and the right to change it.
    pub changes_network: bool,
    /// Whether headers and payload are worth comparing.
    pub compares_sizes: bool,
    /// Whether the payloads are worth comparing, byte by byte.
    pub compares_payloads: bool,
    play: fn(&Lab) -> Result<(), LabError>,
}

/// Every scenario, in the order of a course.
pub static SCENARIOS: [Scenario; 23] = [
    echo::SCENARIO,
    handshake::SCENARIO,
    server_close::SCENARIO,
    half_close::SCENARIO,
    reset::SCENARIO,
    refused::SCENARIO,
    port_in_use::SCENARIO,
    many_clients::SCENARIO,
    backlog::SCENARIO,
    one_at_a_time::SCENARIO,
    timeout::SCENARIO,
    partial_read::SCENARIO,
    buffers::SCENARIO,
    nagle::SCENARIO,
    retransmit::SCENARIO,
    syn_lost::SCENARIO,
    keep_alive::SCENARIO,
    http::SHORT,
    http::KEEP_ALIVE,
    big_segments::SCENARIO,
    self_connect::SCENARIO,
    gbk::SCENARIO,
    encapsulation::SCENARIO,
];

impl Scenario {
    /// What most scenarios are like.
    const PLAIN: Self = Self {
        name: "",
        title: "",
        teaches: &[],
        measures: &[],
        seconds: None,
        options: &[],
        changes_network: false,
        compares_sizes: false,
        compares_payloads: false,
        play: |_| Ok(()),
    };

    /// The scenario of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    /// Plays it; the lab's recorder has every call, also of a play that fails.
    ///
    /// # Errors
    ///
    /// The first call that did not do what the script says.
    pub fn play(&self, lab: &Lab) -> Result<(), LabError> {
        (self.play)(lab)
    }
}

/// Where a scenario is played, and with what.
#[derive(Debug)]
pub struct Lab {
    /// Where the calls are noted.
    pub recorder: Recorder,
    /// What the echo programs say.
    pub echo: echo::Script,
    /// How long a server waits for a silent client.
    pub timeout: Duration,
}

/// A connection with both its ends in hand, and the socket that listened for it.
struct Pair {
    listener: Socket,
    client: Socket,
    connection: Socket,
}

impl Lab {
    /// One side of a script of one thread.
    fn party(&self, lane: Lane) -> Party {
        Party { lane, recorder: self.recorder.clone(), stage: None, encoding: Encoding::default() }
    }

    /// A socket of the server.
    fn server(&self, transport: Transport) -> Result<Socket, LabError> {
        self.party(Lane::Server).socket(transport, SERVER)
    }

    /// A socket of a client.
    fn client(&self, transport: Transport) -> Result<Socket, LabError> {
        self.party(Lane::Client).socket(transport, SERVER)
    }

    /// A socket that listens on the server's port.
    fn listener(&self, backlog: i32) -> Result<Socket, LabError> {
        let mut listener = self.server(Transport::Tcp)?;
        listener.reuse_address()?;
        listener.bind(SERVER)?;
        listener.listen(backlog)?;
        Ok(listener)
    }

    /// A client connected to the server's port.
    fn connected(&self) -> Result<Socket, LabError> {
        let mut client = self.client(Transport::Tcp)?;
        client.connect(SERVER)?;
        Ok(client)
    }

    /// A server's socket for datagrams, and a client's with a port of its own.
    fn datagram_sockets(&self) -> Result<(Socket, Socket), LabError> {
        let mut server = self.server(Transport::Udp)?;
        server.bind(SERVER)?;
        let mut client = self.client(Transport::Udp)?;
        client.bind(CLIENT)?;
        Ok((server, client))
    }

    /// A client, and the connection that the server accepted from it.
    fn pair(&self) -> Result<Pair, LabError> {
        let listener = self.listener(5)?;
        let client = self.connected()?;
        let connection = listener.accept()?;
        Ok(Pair { listener, client, connection })
    }
}

impl Pair {
    /// The client closes, the server sees it and follows, and listens no more.
    fn hang_up(self) -> Result<(), LabError> {
        hang_up(self.client, self.connection)?;
        self.listener.close()
    }
}

/// The client closes, the server sees it and follows.
fn hang_up(client: Socket, connection: Socket) -> Result<(), LabError> {
    client.close()?;
    connection.recv()?;
    connection.close()
}

/// The same port of `::1`.
const fn over_ipv6(addr: SocketAddr) -> SocketAddr {
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), addr.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_has_a_name_of_its_own_and_says_what_it_teaches() {
        for (index, scenario) in SCENARIOS.iter().enumerate() {
            assert_eq!(SCENARIOS.iter().position(|other| other.name == scenario.name), Some(index));
            assert!(!scenario.title.is_empty() && !scenario.teaches.is_empty(), "{}", scenario.name);
        }
    }
}
