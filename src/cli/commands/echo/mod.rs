//! `layerscope echo`: the echo server and client as programs of their own.

mod line;

use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};
use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, anyhow};

use crate::cli::args::{EchoArgs, EchoClientArgs, EchoProgram, EchoServerArgs, transports};
use crate::cli::exit::Exit;
use crate::cli::report::{Failure, this_binary};
use crate::lab::scenario::echo::{EXIT, Reply};
use crate::lab::{EchoClient, EchoServer, LabError, ServerPlan, Unwatched};
use crate::model::Transport;
use crate::render::text;
use line::Lines;

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
    .map_err(not_bound)?;
    server.listen().map_err(not_bound)?;
    server.serve(&Lines { encoding: args.encoding });
    Ok(Exit::Failed)
}

fn not_bound(error: LabError) -> Failure {
    match error {
        LabError::PortTaken { .. } => {
            Failure::from(error).advise("take another with --bind, or any free one: --bind 127.0.0.1:0")
        }
        error => error.into(),
    }
}

/// Sends each line of standard input and prints the answer, until `exit` or its end.
fn speak(args: &EchoClientArgs) -> Result<Exit, Failure> {
    let transport = if args.udp { Transport::Udp } else { Transport::Tcp };
    let server = resolve(&args.server)?;
    let unreachable = |error: io::Error| unreachable(&error, server);
    let client = EchoClient::open(transport, server, args.bind, args.encoding).map_err(unreachable)?;
    client.connect(&Unwatched).map_err(unreachable)?;
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
        let answer = client.ask(&message, &Unwatched).map_err(unreachable)?;
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
