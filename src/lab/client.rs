//! The echo client as a program of its own: one message, one answer.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use rustix::net::{self, AddressFamily, SocketFlags, SocketType};

use super::LONGEST_MESSAGE;
use crate::model::Transport;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the rest of an answer that does not end a line may take.
const REST: Duration = Duration::from_millis(50);

/// A client that talks to one server.
#[derive(Debug)]
pub enum EchoClient {
    /// Over a connection.
    Tcp(TcpStream),
    /// With datagrams, to and from this server alone.
    Udp(UdpSocket),
}

impl EchoClient {
    /// Connects to `server`, from an address of its own where `bind` names one.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn connect(transport: Transport, server: SocketAddr, bind: Option<SocketAddr>) -> io::Result<Self> {
        if transport == Transport::Udp {
            let any = match server {
                SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
                SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
            };
            let socket = UdpSocket::bind(bind.unwrap_or(any))?;
            socket.connect(server)?;
            socket.set_read_timeout(Some(PATIENCE))?;
            return Ok(Self::Udp(socket));
        }
        let family = if server.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let socket = net::socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        if let Some(own) = bind {
            net::bind(&socket, &own)?;
        }
        net::connect(&socket, &server)?;
        Ok(Self::Tcp(TcpStream::from(socket)))
    }

    /// Sends a message and waits for the answer; an empty one means that the server has closed the connection.
    ///
    /// Over TCP a message is a line. An answer ends with its line too, or, for servers that end none, when nothing more
    /// comes.
    ///
    /// # Errors
    ///
    /// What the kernel says; `WouldBlock` where no answer came in time.
    pub fn ask(&mut self, message: &[u8]) -> io::Result<Vec<u8>> {
        let mut buffer = [0; LONGEST_MESSAGE];
        match self {
            Self::Udp(socket) => {
                socket.send(message)?;
                let len = socket.recv(&mut buffer)?;
                Ok(buffer[..len].to_vec())
            }
            Self::Tcp(stream) => {
                stream.write_all(&[message, b"\n"].concat())?;
                stream.set_read_timeout(Some(PATIENCE))?;
                let mut answer = Vec::new();
                loop {
                    match stream.read(&mut buffer) {
                        Ok(0) => return Ok(answer),
                        Ok(len) => answer.extend_from_slice(&buffer[..len]),
                        Err(error) if error.kind() == ErrorKind::WouldBlock && !answer.is_empty() => return Ok(answer),
                        Err(error) => return Err(error),
                    }
                    if answer.ends_with(b"\n") {
                        return Ok(answer);
                    }
                    stream.set_read_timeout(Some(REST))?;
                }
            }
        }
    }
}
