//! Where the scripts are played: the sockets they begin with, and what is always said the same way.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::lab::{Encoding, Hosts, LabError, Party, Recorder, Script, Socket};
use crate::model::{Consequence, Lane, Purpose, Transport};

/// Where the servers of the scripts listen on the loopback.
pub(super) const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8888);

/// The port of clients that need a known one, on the loopback.
pub(super) const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8889);

/// What connect() causes where the first SYN has no answer: another, at times a third, then the handshake.
pub(super) const SYN_REPEATED: [Consequence; 5] = [
    Consequence::there(Purpose::Syn),
    Consequence::there(Purpose::Syn),
    Consequence::there(Purpose::Syn).maybe(),
    Consequence::back(Purpose::SynAck),
    Consequence::there(Purpose::Ack),
];

/// Where a scenario is played, and with what.
#[derive(Debug)]
pub struct Lab {
    /// Where the calls are noted.
    pub recorder: Recorder,
    /// The hosts that it is played on.
    pub hosts: Hosts,
    /// What the echo programs say.
    pub echo: Script,
    /// How long a server waits for a silent client.
    pub timeout: Duration,
}

/// A connection with both its ends in hand, and the socket that listened for it.
pub(super) struct Pair {
    pub(super) listener: Socket,
    pub(super) client: Socket,
    pub(super) connection: Socket,
}

impl Lab {
    /// One side of a script of one thread.
    pub(super) fn party(&self, lane: Lane) -> Party {
        let (recorder, host) = (self.recorder.clone(), self.hosts.host(lane).cloned());
        Party { lane, recorder, rendezvous: None, host, encoding: Encoding::default(), tells_descriptors: false }
    }

    /// Where the server listens.
    pub(super) const fn at_server(&self) -> SocketAddr {
        SocketAddr::new(self.hosts.topology.addr(Lane::Server, false), SERVER.port())
    }

    /// Where a client is that needs a known port.
    pub(super) const fn at_client(&self) -> SocketAddr {
        SocketAddr::new(self.hosts.topology.addr(Lane::Client, false), CLIENT.port())
    }

    /// A socket of the server.
    pub(super) fn server(&self, transport: Transport) -> Result<Socket, LabError> {
        self.party(Lane::Server).socket(transport, self.at_server())
    }

    /// A socket of a client.
    pub(super) fn client(&self, transport: Transport) -> Result<Socket, LabError> {
        self.party(Lane::Client).socket(transport, self.at_server())
    }

    /// A socket that listens on the server's port.
    pub(super) fn listener(&self, backlog: i32) -> Result<Socket, LabError> {
        let mut listener = self.server(Transport::Tcp)?;
        listener.reuse_address()?;
        listener.bind(self.at_server())?;
        listener.listen(backlog)?;
        Ok(listener)
    }

    /// A client connected to the server's port.
    pub(super) fn connected(&self) -> Result<Socket, LabError> {
        let mut client = self.client(Transport::Tcp)?;
        client.connect(self.at_server())?;
        Ok(client)
    }

    /// A server's socket for datagrams, and a client's with a port of its own.
    pub(super) fn datagram_sockets(&self) -> Result<(Socket, Socket), LabError> {
        let mut server = self.server(Transport::Udp)?;
        server.bind(self.at_server())?;
        let mut client = self.client(Transport::Udp)?;
        client.bind(self.at_client())?;
        Ok((server, client))
    }

    /// A client, and the connection that the server accepted from it.
    pub(super) fn pair(&self) -> Result<Pair, LabError> {
        let listener = self.listener(5)?;
        let client = self.connected()?;
        let connection = listener.accept()?;
        Ok(Pair { listener, client, connection })
    }
}

impl Pair {
    /// The client says hello, and the server answers in capitals.
    pub(super) fn greet(&self) -> Result<(), LabError> {
        self.client.send(b"hello")?;
        let message = self.connection.recv()?;
        self.connection.send(&message.to_ascii_uppercase())?;
        self.client.recv().map(drop)
    }

    /// The client closes, the server sees it and follows, and listens no more.
    pub(super) fn hang_up(self) -> Result<(), LabError> {
        hang_up(self.client, self.connection)?;
        self.listener.close()
    }
}

/// The client closes, the server sees it and follows.
pub(super) fn hang_up(client: Socket, connection: Socket) -> Result<(), LabError> {
    client.close()?;
    connection.recv()?;
    connection.close()
}

/// The same over a way that takes time: the server's close() returns when its FIN is acknowledged, and nothing is under way any
/// more.
pub(super) fn hang_up_slowly(Pair { listener, client, connection }: Pair) -> Result<(), LabError> {
    client.close()?;
    connection.recv()?;
    connection.close_and_wait()?;
    listener.close()
}

/// The same port of `::1`.
pub(super) const fn over_ipv6(addr: SocketAddr) -> SocketAddr {
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), addr.port())
}
