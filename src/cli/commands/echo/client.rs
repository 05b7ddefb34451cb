//! `layerscope echo client`: each line is a message.

use std::io::{self, ErrorKind, IsTerminal};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::capture::Opened;
use super::dialogue::Plain;
use super::place;
use super::unanswered;
use crate::cli::args::EchoClientArgs;
use crate::cli::exit::Exit;
use crate::cli::held;
use crate::cli::interrupts;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::engine::echo::{BrokenOff, Conversation, Dialogue, OwnSockets, left_open};
use crate::lab::{ClientPlan, EchoClient, address_towards};
use crate::model::{Endpoint, Transport};

/// Sends each line of standard input and prints the answer, until `exit`, an empty line or its end.
pub(super) fn run(args: &EchoClientArgs) -> Result<Exit, Failure> {
    let transport = if args.udp { Transport::Udp } else { Transport::Tcp };
    let asks = io::stdin().is_terminal();
    let server = place::address(&args.server, asks)?;
    let bind = args.bind.as_deref().map(|own| place::address(own, asks)).transpose()?;
    let (style, tells) = (terminal::style(&args.packets.look), asks && !args.packets.capture);
    let is_over = interrupts::has_come;
    let conversation = Conversation { transport, server, encoding: args.encoding, style, asks, tells, is_over };
    let program = Program { args, conversation };
    if !args.packets.capture {
        return program.run_alone(program.open(bind)?);
    }
    // With a port of its own the capture can be open before the first packet.
    let client = program.open(Some(bind.unwrap_or_else(|| any(server))))?;
    let watch = Opened::open(program.own(&client)?, &args.packets)?.start(&args.packets.look, args.encoding)?;
    let held = program.hold(&client, &watch);
    client.close(&watch);
    let shown = watch.finish();
    // What failed first is what there is to say.
    held.and(shown)
}

struct Program<'a> {
    args: &'a EchoClientArgs,
    conversation: Conversation,
}

impl Program<'_> {
    fn open(&self, bind: Option<SocketAddr>) -> Result<EchoClient, Failure> {
        let &EchoClientArgs { encoding, newline, recv, connect: connects, .. } = self.args;
        let Conversation { transport, server, .. } = self.conversation;
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
        let Conversation { transport, server, .. } = self.conversation;
        let addr = client.addr().map_err(|error| self.failed(&error))?;
        let from = match addr.ip() {
            bound if !bound.is_unspecified() => bound,
            _ => address_towards(server).map_err(|error| self.failed(&error))?.ip(),
        };
        let server = Endpoint::new(server.ip().to_canonical(), server.port());
        Ok(OwnSockets::Client { transport, port: addr.port(), server, from: from.to_canonical() })
    }

    fn hold(&self, client: &EchoClient, dialogue: &impl Dialogue) -> Result<Exit, Failure> {
        match self.conversation.hold(client, dialogue) {
            Ok(true) => Ok(Exit::Done),
            Ok(false) => Ok(Exit::Failed),
            Err(BrokenOff::Call(error)) => Err(self.failed(&error)),
            Err(BrokenOff::Lines(error)) => Err(error.into()),
            Err(closed @ BrokenOff::Closed(_)) => Err(closed.into()),
        }
    }

    /// From connecting to closing where nobody sees the packets: what the server makes of the end is looked for.
    fn run_alone(&self, client: EchoClient) -> Result<Exit, Failure> {
        let held = self.hold(&client, &Plain);
        let (own, Conversation { transport, server, style, .. }) = (client.addr(), &self.conversation);
        client.close(&Plain);
        if let (Ok(_), Ok(own), Transport::Tcp) = (&held, own, transport)
            && let Some(end) = left_open(own, *server)
        {
            say(&format!("{} {}", end.who(*server), style.spelling().left_open(end.spins)));
        }
        held
    }

    fn failed(&self, error: &io::Error) -> Failure {
        unanswered::failure(error, self.conversation.server, self.conversation.transport, self.args.connect)
    }
}

/// Any port of any address, of the server's family.
fn any(server: SocketAddr) -> SocketAddr {
    let addr: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    SocketAddr::new(addr, 0)
}
