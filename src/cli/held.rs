//! Why a program was refused a port, who has it, and what to do.

use std::fmt;
use std::io::{self, ErrorKind};

use rustix::process::geteuid;

use super::report::Failure;
use crate::engine::command_line::{this_binary, this_command};
use crate::host::{Holder, PortHolder, first_for_all, port_holder};
use crate::lab::LabError;
use crate::model::{Endpoint, Process, Transport};
use crate::sandbox::{is_root, user_names};
use crate::words::en::count;

/// That a port was refused, with who has it as far as that can be seen. It is for a process that is not confined yet.
pub(super) fn refusal(error: impl fmt::Display, transport: Transport, local: Endpoint) -> Failure {
    match port_holder(transport, local) {
        Some(holder) => advised(&holder, Failure::saying(format!("{error} {}", words(&holder)))),
        None => Failure::saying(error.to_string()),
    }
}

/// That a program of ours could not be bound.
pub(super) fn not_bound(error: &io::Error, transport: Transport, local: Endpoint) -> Failure {
    match error.kind() {
        ErrorKind::AddrInUse => refusal(LabError::PortTaken { transport, endpoint: local }, transport, local),
        kind => advise(Failure::saying(format!("binding to {local}: {error}")), kind, local),
    }
}

/// What to do about an address that was refused though nobody has it.
pub(super) fn advise(failure: Failure, why: ErrorKind, local: Endpoint) -> Failure {
    match why {
        ErrorKind::PermissionDenied if local.port < first_for_all() => {
            let (first, binary) = (first_for_all(), this_binary());
            failure
                .advise(format!("EACCES: ports below {first} are for root (net.ipv4.ip_unprivileged_port_start)"))
                .advise(format!("take one from {first} on, or allow it: sudo {}", this_command()))
                .advise(format!("or once, for every port: sudo setcap cap_net_bind_service=ep {binary}"))
        }
        ErrorKind::AddrNotAvailable => failure.advise(format!(
            "EADDRNOTAVAIL: {} is no address of this machine; `{} interfaces` lists them, and `:{}` is all of them",
            local.addr,
            this_binary(),
            local.port
        )),
        _ => failure,
    }
}

/// What keeps connections that have ended in the way, and for how long.
fn advised(holder: &PortHolder, failure: Failure) -> Failure {
    match holder {
        PortHolder::Process(_) | PortHolder::User(_) => failure,
        PortHolder::TimeWait { .. } => failure
            .advise(
                "no program has it: the end that closed first keeps its port in TIME-WAIT for 60 s, on Linux always",
            )
            .advise(REUSE),
        PortHolder::Ending { .. } => failure
            .advise(
                "no program has it: the one before ended first, and the other end has not closed yet (60 s at most)",
            )
            .advise(REUSE),
    }
}

/// The way round it, which has to be gone beforehand.
const REUSE: &str = "SO_REUSEADDR gets past that only where the socket that was closed had set it too: servers set it from \
                     the beginning";

fn words(holder: &PortHolder) -> String {
    let user = |uid: u32| user_names().remove(&uid).unwrap_or_else(|| uid.to_string());
    match holder {
        PortHolder::Process(Holder { pid, uid, others, name }) => {
            let name = String::from_utf8_lossy(name).into_owned();
            format!("by {}", Process { pid: *pid, name, user: user(*uid), others: *others })
        }
        &PortHolder::User(uid) if is_root() => format!("by a program of {}, which cannot be seen from here", user(uid)),
        &PortHolder::User(uid) if uid == geteuid().as_raw() => {
            format!("by a program of {}, which lets nobody but root look into it", user(uid))
        }
        &PortHolder::User(uid) => format!("by a program of {}, which only they and root can tell", user(uid)),
        PortHolder::TimeWait { connections, remaining } => {
            let (waits, seconds) = (count(*connections as u64, "connection"), remaining.as_secs_f64());
            format!("by {waits} in TIME-WAIT, for {seconds:.1} s more")
        }
        PortHolder::Ending { connections } => {
            format!("by {} in the middle of closing", count(*connections as u64, "connection"))
        }
    }
}
