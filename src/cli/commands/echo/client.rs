//! `layerscope echo client`: each line is a message.

use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::capture::Opened;
use super::dialogue::{Dialogue, Plain, Typed};
use super::place;
use super::unanswered;
use crate::cli::args::EchoClientArgs;
use crate::cli::exit::Exit;
use crate::cli::held;
use crate::cli::interrupts;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::engine::About as _;
use crate::engine::echo::{OwnSockets, left_open};
use crate::lab::{Answer, ClientPlan, EXIT, EchoClient, address_towards};
use crate::model::{Endpoint, Transport};
use crate::render::{Style, text};

/// Sends each line of standard input and prints the answer, until `exit`, an empty line or its end.
pub(super) fn run(args: &EchoClientArgs) -> Result<Exit, Failure> {
    let transport = if args.udp { Transport::Udp } else { Transport::Tcp };
    let asks = io::stdin().is_terminal();
    let server = place::address(&args.server, asks)?;
    let bind = args.bind.as_deref().map(|own| place::address(own, asks)).transpose()?;
    let style = terminal::style(&args.packets.look);
    let conversation = Conversation { args, transport, server, style, asks };
    if !args.packets.capture {
        return conversation.hold_alone(conversation.open(bind)?);
    }
    // With a port of its own the capture can be open before the first packet.
    let client = conversation.open(Some(bind.unwrap_or_else(|| any(server))))?;
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
    style: Style,
    /// Whether somebody types.
    asks: bool,
}

impl Conversation<'_> {
    fn open(&self, bind: Option<SocketAddr>) -> Result<EchoClient, Failure> {
        let &EchoClientArgs { encoding, newline, recv, connect: connects, .. } = self.args;
        let &Self { transport, server, .. } = self;
        let plan = ClientPlan { transport, server, bind, encoding, newline, recv, connects };
        EchoClient::open(plan).map_err(|error| match bind {
            Some(own) if matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                held::not_bound(&error, transport, own.into())
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

    /// The same where nobody sees the packets: what the server makes of the end is looked for.
    fn hold_alone(&self, client: EchoClient) -> Result<Exit, Failure> {
        let connected = client.connect(&Plain).map_err(|error| self.failed(&error));
        let own = client.addr();
        let held = connected.and_then(|()| self.say_all(&client, &Plain));
        client.close(&Plain);
        if let (Ok(_), Ok(own), Transport::Tcp) = (&held, own, self.transport)
            && let Some(end) = left_open(own, self.server)
        {
            say(&format!("{} {}", end.who(self.server), self.style.spelling().left_open(end.spins)));
        }
        held
    }

    fn say_all(&self, client: &EchoClient, dialogue: &impl Dialogue) -> Result<Exit, Failure> {
        if self.asks {
            let (transport, server) = (self.transport.name(), self.server);
            dialogue.line(format!("{transport} {server}: each line is a message; {EXIT} or an empty line ends"))?;
        }
        let mut lines = BufReader::new(Typed { end: dialogue.end() }).split(b'\n');
        let mut exit = Exit::Done;
        loop {
            if self.asks {
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
            if line.is_empty() || self.exchange(client, &message, dialogue)?.is_none() || line == EXIT {
                return Ok(exit);
            }
        }
    }

    /// Sends a message and prints the answer; `None` where Ctrl-C came first.
    fn exchange(&self, client: &EchoClient, message: &[u8], dialogue: &impl Dialogue) -> Result<Option<()>, Failure> {
        if let Some(late) = client.late(dialogue).map_err(|error| self.failed(&error))? {
            self.show(&late, dialogue)?;
        }
        let sent = client.send(message, dialogue).map_err(|error| self.failed(&error))?;
        if self.asks && !self.args.packets.capture {
            dialogue.line(self.style.spelling().sent(sent, self.server))?;
        }
        match client.answer(dialogue) {
            Err(error) if error.kind() == ErrorKind::Interrupted && interrupts::has_come() => Ok(None),
            Err(error) => Err(self.failed(&error)),
            Ok(answer) => self.show(&answer, dialogue).map(Some),
        }
    }

    fn show(&self, answer: &Answer, dialogue: &impl Dialogue) -> Result<(), Failure> {
        let Answer { bytes, of, from } = answer;
        let words = self.style.spelling();
        if bytes.is_empty() && self.transport == Transport::Tcp {
            return Err(Failure::saying(format!("{} closed the connection: recv() gave 0 bytes", self.server)));
        }
        let tells = self.asks && !self.args.packets.capture;
        let told = if tells { words.got(bytes.len(), *from) } else { String::new() };
        let answer = self.args.encoding.decode(bytes);
        dialogue.line(told + &text::sanitise(answer.trim_end_matches(['\r', '\n'])))?;
        if *of > bytes.len() {
            dialogue.refused(words.cut_off(bytes.len(), *of));
        }
        if (from.ip().to_canonical(), from.port()) != (self.server.ip().to_canonical(), self.server.port()) {
            dialogue.refused(words.from_elsewhere(*from, self.server));
        }
        Ok(())
    }

    /// A line that was typed, as text and in the encoding of the conversation, or why it cannot be sent.
    fn encode(&self, mut line: Vec<u8>) -> Result<(String, Vec<u8>), String> {
        line.truncate(line.strip_suffix(b"\r").map_or(line.len(), <[u8]>::len));
        let line = String::from_utf8(line).map_err(|_| "what was typed is not UTF-8".to_owned())?;
        let message = self.args.encoding.encode(&line).map_err(|error| error.to_string())?;
        Ok((line, message))
    }

    fn failed(&self, error: &io::Error) -> Failure {
        unanswered::failure(error, self.server, self.transport, self.args.connect)
    }
}

/// Any port of any address, of the server's family.
fn any(server: SocketAddr) -> SocketAddr {
    let addr: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    SocketAddr::new(addr, 0)
}
