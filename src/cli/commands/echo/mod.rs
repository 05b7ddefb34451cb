//! `layerscope echo`: the echo server and client as programs of their own.

mod capture;
mod client;
mod dialogue;
mod place;
mod server;
mod unanswered;

use crate::cli::args::{EchoArgs, EchoProgram};
use crate::cli::exit::Exit;
use crate::cli::report::Failure;

/// Runs the program asked for.
pub(in crate::cli) fn run(args: &EchoArgs) -> Result<Exit, Failure> {
    match &args.program {
        EchoProgram::Server(args) => server::run(args),
        EchoProgram::Client(args) => client::run(args),
    }
}
