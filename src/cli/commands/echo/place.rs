//! Where a program talks or listens, from what was typed.

use std::io::ErrorKind;
use std::net::SocketAddr;

use crate::cli::exit::Exit;
use crate::cli::report::{Failure, line};
use crate::engine::echo::{Resolved, resolve};

/// The address that HOST:PORT stands for; what a name stands for is said where it is told (`tells`), and that it has several
/// addresses always.
///
/// # Errors
///
/// It is not written so, or names nobody.
pub(super) fn address(typed: &str, tells: bool) -> Result<SocketAddr, Failure> {
    let Resolved { taken, others, is_name } = resolve(typed).map_err(|error| {
        let exit = if error.kind() == ErrorKind::InvalidInput { Exit::Usage } else { Exit::Failed };
        Failure::saying(format!("{typed} names no address: {error}"))
            .ending(exit)
            .advise("say HOST:PORT, as 127.0.0.1:8888 or localhost:8888")
    })?;
    let name = typed.rsplit_once(':').map_or(typed, |(name, _)| name);
    if !others.is_empty() {
        let others: Vec<String> = others.iter().map(|other| other.ip().to_string()).collect();
        line(&format!("{name} is {} here; it is {} as well, which is not used", taken.ip(), others.join(" and ")));
    } else if is_name && tells {
        line(&format!("{name} is {}", taken.ip()));
    }
    Ok(taken)
}
