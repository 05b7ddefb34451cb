//! What a server makes of the end of its client: whether it closes its side too, or leaves it open, and runs in circles.

use std::fs;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use crate::host::{Holder, SocketEnd, unclosed_end};
use crate::model::Transport;
use crate::render::text::sanitise;

/// How often it is looked at, and how long between two looks: a server that closes has done so by the second.
const LOOKS: u32 = 25;
const PAUSE: Duration = Duration::from_millis(10);

/// The end of a connection on this machine that its program leaves open.
pub(crate) struct LeftOpen {
    holder: Holder,
    /// Whether its program was busy nearly all of the time.
    pub(crate) spins: bool,
}

impl LeftOpen {
    /// Who leaves it open.
    pub(crate) fn who(&self, server: SocketAddr) -> String {
        let Holder { pid, name, .. } = &self.holder;
        format!("{server}, which is {}[{pid}],", sanitise(&String::from_utf8_lossy(name)))
    }
}

/// How the peer's end is of a connection that was closed here; `None` where it has closed too, which is waited for a little,
/// or where it is not for us to see.
pub(crate) fn left_open(own: SocketAddr, peer: SocketAddr) -> Option<LeftOpen> {
    let end = SocketEnd { transport: Transport::Tcp, local: peer.into(), remote: own.into() };
    let (mut holder, mut running) = (unclosed_end(&end)?, 0);
    for _ in 0..LOOKS {
        running += u32::from(is_running(holder.pid));
        pause();
        holder = unclosed_end(&end)?;
    }
    Some(LeftOpen { holder, spins: running > LOOKS / 2 })
}

#[expect(clippy::disallowed_methods, reason = "the kernel tells nobody when a socket's state changes")]
fn pause() {
    thread::sleep(PAUSE);
}

/// Whether a process runs, or would if it had a processor: `4711 (name) R ...` (proc_pid_stat(5)).
fn is_running(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('R'))
}
