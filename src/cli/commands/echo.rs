//! `layerscope echo`: the echo server and client as programs of their own.

use std::fmt;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};
use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, anyhow};

use crate::cli::args::{EchoArgs, EchoClientArgs, EchoProgram, EchoServerArgs, transports};
use crate::cli::exit::Exit;
use crate::cli::report::{Failure, this_binary};
use crate::lab::scenario::echo::{EXIT, Reply};
use crate::lab::{EchoClient, EchoServer, Encoding, Event, Happening, LabError, ServerPlan};
use crate::model::Transport;
use crate::render::text;

/// Runs the program asked for.
pub(in crate::cli) fn run(args: &EchoArgs) -> Result<Exit, Failure> {
    match &args.program {
        EchoProgram::Server(args) => serve(args),
        EchoProgram::Client(args) => speak(args),
    }
}

/// Serves until Ctrl-C, which needs no handling: the kernel closes the sockets with the process.
fn serve(args: &EchoServerArgs) -> Result<Exit, Failure> {
    if let Reply::Text(reply) = &args.reply {
        args.encoding.encode(reply).map_err(|error| Failure::new(Exit::Usage, error))?;
    }
    let server = EchoServer::bind(ServerPlan {
        bind: args.bind,
        transports: transports(args.tcp, args.udp),
        reply: args.reply.clone(),
        encoding: args.encoding,
        backlog: args.backlog,
        timeout: args.timeout,
        one_at_a_time: args.one_at_a_time,
    })
    .map_err(|error| match error {
        LabError::PortTaken { .. } => {
            Failure::from(error).advise("take another with --bind, or any free one: --bind 127.0.0.1:0")
        }
        error => Failure::from(error),
    })?;
    server.serve(&|event| {
        // Where nobody reads what happens any more, clients are served all the same.
        let _ = writeln!(io::stdout().lock(), "{} {}", Clock, Line(event, args.encoding));
    });
    Ok(Exit::Failed)
}

/// The time of day in UTC, to the millisecond.
struct Clock;

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[expect(clippy::disallowed_methods, reason = "an event is told with the time it happened at")]
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let seconds = now.as_secs() % 86_400;
        write!(f, "{:02}:{:02}:{:02}.{:03}Z", seconds / 3600, seconds / 60 % 60, seconds % 60, now.subsec_millis())
    }
}

/// An event as a line, what a client said made safe to print.
struct Line<'a>(&'a Event<'a>, Encoding);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Event { transport, peer, what }, encoding) = self;
        let quoted = |bytes: &[u8]| format!("{} B \"{}\"", bytes.len(), text::sanitise(&encoding.decode(bytes)));
        write!(f, "{} {peer} ", transport.name())?;
        match what {
            Happening::Listening => write!(f, "is open; Ctrl-C ends"),
            Happening::Connected => write!(f, "connected"),
            Happening::Said(bytes) => write!(f, "said {}", quoted(bytes)),
            Happening::Unreadable => {
                write!(f, "sent bytes that are no {}; they are answered as they are", encoding.name())
            }
            Happening::TooLong if *transport == Transport::Tcp => {
                write!(f, "sent a message longer than the buffer; it is answered in pieces")
            }
            Happening::TooLong => write!(f, "sent a datagram longer than the buffer; the rest of it is lost"),
            Happening::Answered(bytes) => write!(f, "was answered {}", quoted(bytes)),
            Happening::Left => write!(f, "said {EXIT} and is done"),
            Happening::Closed => write!(f, "closed the connection"),
            Happening::Silent => write!(f, "was silent for too long, or did not read: closed"),
            Happening::Lost(error) => write!(f, "is lost: {error}"),
            Happening::Unaccepted(error) => write!(f, "could not be served: {error}"),
        }
    }
}

/// Sends each line of standard input and prints the answer, until `exit` or its end.
fn speak(args: &EchoClientArgs) -> Result<Exit, Failure> {
    let transport = if args.udp { Transport::Udp } else { Transport::Tcp };
    let server = resolve(&args.server)?;
    let mut client = EchoClient::connect(transport, server, args.bind).map_err(|error| unreachable(&error, server))?;
    let asks = io::stdin().is_terminal();
    let mut out = io::stdout().lock();
    if asks {
        writeln!(out, "{} {server}: each line is a message, {EXIT} ends", transport.name())?;
    }
    let mut lines = io::stdin().lock().lines();
    loop {
        if asks {
            write!(out, "> ")?;
            out.flush()?;
        }
        let Some(line) = lines.next().transpose().context("reading standard input")? else { return Ok(Exit::Done) };
        let message = args.encoding.encode(&line).map_err(|error| Failure::new(Exit::Usage, error))?;
        let answer = client.ask(&message).map_err(|error| unreachable(&error, server))?;
        if answer.is_empty() && transport == Transport::Tcp {
            return Err(anyhow!("{server} closed the connection").into());
        }
        writeln!(out, "{}", text::sanitise(args.encoding.decode(&answer).trim_end_matches(['\r', '\n'])))?;
        if line == EXIT {
            return Ok(Exit::Done);
        }
    }
}

/// The first address of a name.
fn resolve(server: &str) -> Result<SocketAddr, Failure> {
    let not_found = |error: io::Error| {
        let exit = if error.kind() == ErrorKind::InvalidInput { Exit::Usage } else { Exit::Failed };
        Failure::new(exit, anyhow!("{server} names no server: {error}")).advise("say HOST:PORT, as 127.0.0.1:8888")
    };
    let mut found = server.to_socket_addrs().map_err(not_found)?;
    found.next().ok_or_else(|| anyhow!("{server} has no address").into())
}

fn unreachable(error: &io::Error, server: SocketAddr) -> Failure {
    let failure = Failure::from(anyhow!("talking to {server}: {error}"));
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            failure.advise(format!("nobody listens there; this would: {} echo server --bind {server}", this_binary()))
        }
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            failure.advise("no answer came; over UDP either datagram may be lost")
        }
        _ => failure,
    }
}
