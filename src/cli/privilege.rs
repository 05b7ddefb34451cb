//! Privileges: which there are, whose files are written, and giving them all up.
//!
//! Everything here acts on the calling thread, so it happens before any other starts.

use std::env;

use anyhow::Context;
use rustix::io::Errno;
use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs, set_thread_groups, set_thread_res_gid,
    set_thread_res_uid,
};

/// The user and group that nobody's files belong to, on Linux and the BSDs alike.
const NOBODY: u32 = 65534;

/// A user and their group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// Whether the process has root's rights over files.
pub(super) fn is_root() -> bool {
    geteuid().is_root()
}

/// The person who ran sudo.
pub(super) fn invoker() -> Option<Identity> {
    let number = |name| env::var(name).ok()?.parse::<u32>().ok();
    let uid = number("SUDO_UID").filter(|uid| *uid != 0)?;
    Some(Identity { uid, gid: number("SUDO_GID").unwrap_or(uid) })
}

/// Gives up root (to the person who ran sudo, else to nobody), every capability, and the way to new ones.
///
/// Packets are decoded only after this.
///
/// # Errors
///
/// What the kernel refused; then nothing may be decoded.
pub(super) fn relinquish() -> anyhow::Result<()> {
    if is_root() {
        become_user(invoker().unwrap_or(Identity { uid: NOBODY, gid: NOBODY }))?;
    }
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
        .context("giving up the capabilities")?;
    set_no_new_privs(true).context("renouncing new privileges")
}

fn become_user(identity: Identity) -> anyhow::Result<()> {
    let (uid, gid) = (Uid::from_raw(identity.uid), Gid::from_raw(identity.gid));
    let changed = set_thread_groups(&[])
        .and_then(|()| set_thread_res_gid(gid, gid, gid))
        .and_then(|()| set_thread_res_uid(uid, uid, uid));
    match changed {
        // A root of a user namespace that holds nobody else is an ordinary user outside: there is no one to become.
        Err(Errno::INVAL | Errno::PERM) if !can_become_others() => Ok(()),
        changed => changed.with_context(|| {
            format!(
                "giving up root to become user {} (nothing is decoded as root; run this as an ordinary user)",
                identity.uid
            )
        }),
    }
}

/// Whether there are other users in this user namespace.
fn can_become_others() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let users: u64 = map.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok()).sum();
    users != 1
}
