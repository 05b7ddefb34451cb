//! The upper-case echo over TCP and UDP: the programs every introduction to sockets begins with.
//!
//! The server answers each message and stops at `exit`, which it answers with `exit`; over TCP the client then closes
//! first, and the server follows.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use super::definition::{Needs, Scenario, Setting};
use super::place::Lab;
use crate::lab::{LabError, Party, Rendezvous, Script, Socket, Topology};
use crate::model::{Endpoint, Lane, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    accepts: &[
        Setting::Message,
        Setting::Reply,
        Setting::Port,
        Setting::Encoding,
        Setting::Ipv6,
        Setting::Tcp,
        Setting::Udp,
    ],
    needs: Needs::Loopback,
    topologies: &[Topology::Loopback, Topology::Pair, Topology::Routed],
    play: converse,
    ..Scenario::of(ScenarioKey::Echo)
};

/// Holds the conversations of a script, one after the other.
fn converse(lab: &Lab) -> Result<(), LabError> {
    let script = &lab.echo;
    let mut tcp_port = None;
    for &transport in &script.transports {
        let rendezvous = Arc::new(Rendezvous::default());
        let party =
            |lane| Party { rendezvous: Some(Arc::clone(&rendezvous)), encoding: script.encoding, ..lab.party(lane) };
        match transport {
            Transport::Tcp => tcp_port = Some(converse_over_tcp(script, &party(Lane::Client), &party(Lane::Server))?),
            Transport::Udp => {
                // The servers share a port number; each transport has its own ports.
                let port = tcp_port.unwrap_or(script.port);
                converse_over_udp(script, port, &party(Lane::Client), &party(Lane::Server))?;
            }
        }
    }
    Ok(())
}

/// Returns the server's port.
fn converse_over_tcp(script: &Script, client: &Party, server: &Party) -> Result<u16, LabError> {
    let addr = SocketAddr::new(script.addr, script.port);
    let mut listener = server.socket(Transport::Tcp, addr)?;
    listener.reuse_address()?;
    listener.bind(addr)?;
    listener.listen(5)?;
    let server_end = listener.local().unwrap_or(addr.into());
    both(|| serve_tcp(script, listener), || speak_tcp(script, client, server_end))?;
    Ok(server_end.port)
}

fn serve_tcp(script: &Script, listener: Socket) -> Result<(), LabError> {
    let connection = listener.accept()?;
    loop {
        let message = connection.recv()?;
        if message.is_empty() {
            break;
        }
        connection.send(script.reply(&message))?;
    }
    connection.close()?;
    listener.close()
}

fn speak_tcp(script: &Script, client: &Party, server: Endpoint) -> Result<(), LabError> {
    let addr = SocketAddr::new(server.addr, server.port);
    let mut socket = client.socket(Transport::Tcp, addr)?;
    socket.connect(addr)?;
    for message in script.messages.iter().chain([&script.exit]) {
        socket.send(message)?;
        socket.recv()?;
    }
    socket.await_turn();
    socket.close()
}

fn converse_over_udp(script: &Script, port: u16, client: &Party, server: &Party) -> Result<(), LabError> {
    let addr = SocketAddr::new(script.addr, port);
    let mut socket = server.socket(Transport::Udp, addr)?;
    match socket.bind(addr) {
        // Asked for any free port, the UDP server need not have the TCP server's number.
        Err(LabError::PortTaken { .. }) if script.port == 0 => socket.bind(SocketAddr::new(script.addr, 0))?,
        bound => bound?,
    }
    let server_end = socket.local().unwrap_or(addr.into());
    both(|| serve_udp(script, socket), || speak_udp(script, client, server_end))
}

fn serve_udp(script: &Script, socket: Socket) -> Result<(), LabError> {
    loop {
        let (message, from) = socket.recv_from()?;
        socket.send_to(script.reply(&message), from)?;
        if message == script.exit {
            return socket.close();
        }
    }
}

fn speak_udp(script: &Script, client: &Party, server: Endpoint) -> Result<(), LabError> {
    let to = SocketAddr::new(server.addr, server.port);
    let mut socket = client.socket(Transport::Udp, to)?;
    // The client takes the port above the server's, 8889 beside 8888, so that its number is known beforehand.
    let port = if script.port == 0 { 0 } else { server.port.checked_add(1).unwrap_or(0) };
    socket.bind(SocketAddr::new(script.client, port))?;
    for message in script.messages.iter().chain([&script.exit]) {
        socket.send_to(message, to)?;
        socket.recv_from()?;
    }
    socket.close()
}

/// Runs the server's part in a thread of its own and the client's in this one.
pub(super) fn both(
    server: impl FnOnce() -> Result<(), LabError> + Send,
    client: impl FnOnce() -> Result<(), LabError>,
) -> Result<(), LabError> {
    thread::scope(|scope| {
        let server = thread::Builder::new()
            .name("server".to_owned())
            .spawn_scoped(scope, server)
            .map_err(|_| LabError::Thread("could not be started"))?;
        let said = client();
        let served = server.join().map_err(|_| LabError::Thread("panicked"))?;
        // The client's error comes first: the server's is most often its echo.
        said.and(served)
    })
}
