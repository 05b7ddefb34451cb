//! `layerscope echo server`: answers everybody until Ctrl-C.

use std::io;
use std::net::SocketAddr;

use super::capture::Opened;
use super::place;
use crate::cli::args::EchoServerArgs;
use crate::cli::exit::Exit;
use crate::cli::held;
use crate::cli::interrupts;
use crate::cli::mishap;
use crate::cli::report::Failure;
use crate::cli::terminal;
use crate::engine::About as _;
use crate::engine::echo::{Lines, OwnSockets};
use crate::lab::{EchoServer, LabError, Reply, ServerPlan};
use crate::model::Call;
use crate::source::interfaces;

/// What cannot begin where there is no thread for it.
const SERVING: &str = "starting the thread that answers datagrams";

/// Serves until Ctrl-C: the kernel closes the sockets with the process.
pub(super) fn run(args: &EchoServerArgs) -> Result<Exit, Failure> {
    if let Reply::Text(reply) = &args.reply {
        args.encoding.encode(reply).map_err(|error| Failure::new(Exit::Usage, error))?;
    }
    let server = EchoServer::bind(ServerPlan {
        bind: place::address(&args.bind, true)?,
        transports: args.over.transports(),
        reply: args.reply.clone(),
        encoding: args.encoding,
        backlog: args.backlog,
        recv: args.recv,
        timeout: args.timeout,
        one_at_a_time: args.one_at_a_time,
    })
    .map_err(not_bound)?;
    if args.packets.capture {
        // Nobody can connect before the capture is open.
        let opened = Opened::open(own(&server)?, &args.packets)?;
        server.listen().map_err(not_bound)?;
        let watch = opened.start(&args.packets.look, args.encoding)?;
        let served = server.serve(&watch).about(SERVING);
        let shown = watch.finish()?;
        served?;
        return Ok(if interrupts::has_come() { shown } else { Exit::Failed });
    }
    server.listen().map_err(not_bound)?;
    let lines = Lines::new(args.encoding, terminal::style(&args.packets.look), Box::new(io::stdout()));
    server.serve(&lines).about(SERVING)?;
    Ok(Exit::Failed)
}

fn not_bound(error: LabError) -> Failure {
    match error {
        LabError::PortTaken { transport, endpoint } => held::refusal(error, transport, endpoint)
            .advise("take another with --bind, or any free one: --bind 127.0.0.1:0"),
        LabError::Call { ref call, errno, .. } => match **call {
            Call::Bind(endpoint) => held::advise(mishap::failure(error), io::Error::from(errno).kind(), endpoint),
            _ => mishap::failure(error),
        },
        error => mishap::failure(error),
    }
}

/// What its packets are known by.
fn own(server: &EchoServer) -> Result<OwnSockets, Failure> {
    let addresses = interfaces()?.into_iter().flat_map(|interface| interface.addresses).collect();
    let at = SocketAddr::new(server.addr().ip().to_canonical(), server.addr().port());
    Ok(OwnSockets::Server { at, transports: server.transports().to_vec(), addresses })
}
