//! `--network private`: a network of the command's own.

use crate::cli::report::Failure;
use crate::engine::command_line::this_binary;
use crate::lab::enter_private_network;

/// Moves the process, and with it the command to come, into a network that holds nothing but a loopback.
///
/// # Errors
///
/// What the kernel refused, and the other ways.
pub(super) fn enter() -> Result<(), Failure> {
    let binary = this_binary();
    enter_private_network().map_err(|error| {
        Failure::saying(error.to_string())
            .advise("the command can run in this machine's network instead:")
            .advise(format!("sudo {binary} capture -- COMMAND"))
    })
}
