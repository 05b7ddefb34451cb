//! Who has a port that a program was refused.

use std::fmt;

use rustix::process::geteuid;

use super::report::Failure;
use crate::host::{Holder, PortHolder, port_holder};
use crate::model::{Endpoint, Process, Transport};
use crate::sandbox::{is_root, user_names};
use crate::words::en::count;

/// That a port was refused, with who has it as far as that can be seen. It is for a process that is not confined yet.
pub(super) fn refusal(error: impl fmt::Display, transport: Transport, local: Endpoint) -> Failure {
    match port_holder(transport, local) {
        Some(holder) => Failure::saying(format!("{error} {}", words(holder))),
        None => Failure::saying(error.to_string()),
    }
}

fn words(holder: PortHolder) -> String {
    let user = |uid: u32| user_names().remove(&uid).unwrap_or_else(|| uid.to_string());
    match holder {
        PortHolder::Process(Holder { pid, uid, others, name }) => {
            let name = String::from_utf8_lossy(&name).into_owned();
            format!("by {}", Process { pid, name, user: user(uid), others })
        }
        PortHolder::User(uid) if is_root() => format!("by a program of {}, which cannot be seen from here", user(uid)),
        PortHolder::User(uid) if uid == geteuid().as_raw() => {
            format!("by a program of {}, which lets nobody but root look into it", user(uid))
        }
        PortHolder::User(uid) => format!("by a program of {}, which only they and root can tell", user(uid)),
        PortHolder::TimeWait { connections, remaining } => {
            let (waits, seconds) = (count(connections as u64, "connection"), remaining.as_secs_f64());
            format!("by {waits} in TIME-WAIT, for {seconds:.1} s more")
        }
    }
}
