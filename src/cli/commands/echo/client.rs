//! `layerscope echo client`: each line is a message.

use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use super::capture::Opened;
use super::dialogue::{Dialogue, Plain, Typed};
use crate::cli::args::EchoClientArgs;
use crate::cli::exit::Exit;
use crate::cli::held;
use crate::cli::interrupts;
use crate::cli::report::Failure;
use crate::engine::About as _;
use crate::engine::command_line::this_binary;
use crate::engine::echo::OwnSockets;
use crate::lab::{EXIT, EchoClient, LabError, address_towards};
use crate::model::{Endpoint, Transport};
use crate::render::text;

/// Sends each line of standard input and prints the answer, until `exit` or its end.
pub(super) fn run(args: &EchoClientArgs) -> Result<Exit, Failure> {
    let transport = if args.udp { Transport::Udp } else { Transport::Tcp };
    let server = resolve(&args.server)?;
    let conversation = Conversation { args, transport, server };
    if !args.packets.capture {
        return conversation.hold(conversation.open(args.bind)?, &Plain);
    }
    // With a port of its own the capture can be open before the first packet.
    let client = conversation.open(Some(args.bind.unwrap_or_else(|| any(server))))?;
    let watch = Opened::open(conversation.own(&client)?, &args.packets)?.start(&args.packets.look, args.encoding)?;
    let held = conversation.hold(client, &watch);
    let shown = watch.finish();
    // What failed first is what there is to say.
    held.and(shown)
}

/// What is to be said with whom.
struct Conversation<'a> {
    args: &'a EchoClientArgs,
    transport: Transport,
    server: SocketAddr,
}

impl Conversation<'_> {
    fn open(&self, bind: Option<SocketAddr>) -> Result<EchoClient, Failure> {
        EchoClient::open(self.transport, self.server, bind, self.args.encoding).map_err(|error| match bind {
            Some(own) if error.kind() == ErrorKind::AddrInUse => {
                let refused = LabError::PortTaken { transport: self.transport, endpoint: own.into() };
                held::refusal(refused, self.transport, own.into())
            }
            _ => self.failed(&error),
        })
    }

    /// What the client's packets are known by.
    fn own(&self, client: &EchoClient) -> Result<OwnSockets, Failure> {
        let (transport, server) = (self.transport, self.server);
        let addr = client.addr().map_err(|error| self.failed(&error))?;
        let from = match addr.ip() {
            bound if !bound.is_unspecified() => bound,
            _ => address_towards(server).map_err(|error| self.failed(&error))?.ip(),
        };
        let server = Endpoint::new(server.ip().to_canonical(), server.port());
        Ok(OwnSockets::Client { transport, port: addr.port(), server, from: from.to_canonical() })
    }

    /// From connecting to closing.
    fn hold(&self, client: EchoClient, dialogue: &impl Dialogue) -> Result<Exit, Failure> {
        let connected = client.connect(dialogue).map_err(|error| self.failed(&error));
        let held = connected.and_then(|()| self.say_all(&client, dialogue));
        client.close(dialogue);
        held
    }

    fn say_all(&self, client: &EchoClient, dialogue: &impl Dialogue) -> Result<Exit, Failure> {
        let (transport, server, encoding) = (self.transport, self.server, self.args.encoding);
        let asks = io::stdin().is_terminal();
        if asks {
            dialogue.line(format!("{} {server}: each line is a message, {EXIT} ends", transport.name()))?;
        }
        let mut lines = BufReader::new(Typed { end: dialogue.end() }).split(b'\n');
        let mut exit = Exit::Done;
        loop {
            if asks {
                dialogue.prompt()?;
            }
            let line = lines.next().transpose().about("reading standard input")?;
            // What was not ended with its line before Ctrl-C came is not said.
            let line = line.filter(|_| !interrupts::has_come());
            dialogue.typed(line.is_none());
            let Some(line) = line else { return Ok(exit) };
            let (line, message) = match self.encode(line) {
                Ok(encoded) => encoded,
                Err(why) => {
                    dialogue.refused(format!("not sent: {}", text::sanitise(&why)));
                    exit = Exit::Failed;
                    continue;
                }
            };
            let answer = match client.ask(&message, dialogue) {
                Err(error) if error.kind() == ErrorKind::Interrupted && interrupts::has_come() => return Ok(exit),
                answer => answer.map_err(|error| self.failed(&error))?,
            };
            if answer.is_empty() && transport == Transport::Tcp {
                return Err(Failure::saying(format!("{server} closed the connection")));
            }
            dialogue.line(text::sanitise(encoding.decode(&answer).trim_end_matches(['\r', '\n'])))?;
            if line == EXIT {
                return Ok(exit);
            }
        }
    }

    /// A line that was typed, as text and in the encoding of the conversation, or why it cannot be sent.
    fn encode(&self, mut line: Vec<u8>) -> Result<(String, Vec<u8>), String> {
        line.truncate(line.strip_suffix(b"\r").map_or(line.len(), <[u8]>::len));
        let line = String::from_utf8(line).map_err(|_| "what was typed is not UTF-8".to_owned())?;
        let message = self.args.encoding.encode(&line).map_err(|error| error.to_string())?;
        Ok((line, message))
    }

    fn failed(&self, error: &io::Error) -> Failure {
        unreachable(error, self.server)
    }
}

/// Any port of any address, of the server's family.
fn any(server: SocketAddr) -> SocketAddr {
    let addr: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    SocketAddr::new(addr, 0)
}

/// The first address of a name.
fn resolve(server: &str) -> Result<SocketAddr, Failure> {
    let not_found = |error: io::Error| {
        let exit = if error.kind() == ErrorKind::InvalidInput { Exit::Usage } else { Exit::Failed };
        Failure::saying(format!("{server} names no server: {error}"))
            .ending(exit)
            .advise("say HOST:PORT, as 127.0.0.1:8888")
    };
    let mut found = server.to_socket_addrs().map_err(not_found)?;
    found.next().ok_or_else(|| Failure::saying(format!("{server} has no address")))
}

fn unreachable(error: &io::Error, server: SocketAddr) -> Failure {
    let failure = Failure::saying(format!("talking to {server}: {error}"));
    match error.kind() {
        ErrorKind::ConnectionRefused if server.port() < 1024 => {
            failure.advise(format!("nobody listens there; `{} echo server` listens on port 8888", this_binary()))
        }
        ErrorKind::ConnectionRefused => {
            failure.advise(format!("nobody listens there; this would: {} echo server --bind {server}", this_binary()))
        }
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            failure.advise("no answer came; over UDP either datagram may be lost")
        }
        _ => failure,
    }
}
