//! A network of our own: a namespace with nothing in it but its loopback.
//!
//! It needs no privilege where user namespaces are allowed. The process moves into it for good, so it must be asked for
//! before the first thread starts.

use std::fs;
use std::io;

use rustix::io::Errno;
use rustix::process::{DumpableBehavior, getgid, getuid, set_dumpable_behavior};
use rustix::thread::{CapabilitySet, UnshareFlags, capabilities};

use super::kernel::unshare;
use super::rtnetlink::raise_loopback;

/// Why the process could not have a network of its own.
#[derive(Debug, thiserror::Error)]
pub enum NamespaceError {
    /// The kernel or its administrator forbids it.
    #[error("the kernel refused a private network: unshare({flags}): {errno}{}", hint.as_deref().unwrap_or_default())]
    Refused {
        /// The flags that were asked for.
        flags: &'static str,
        /// What the kernel said.
        errno: Errno,
        /// The setting that is likely behind it, as a clause.
        hint: Option<String>,
    },
    /// The user and group could not be kept in the new namespace.
    #[error("the user could not be mapped into a private network: {path}: {source}")]
    Mapping {
        /// The file that was written.
        path: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The process could not be opened to itself.
    #[error("the user could not be mapped into a private network: prctl(PR_SET_DUMPABLE): {0}")]
    Open(Errno),
    /// A setting of a host of the lab could not be read or changed.
    #[error("the lab's network could not be made: {path}: {source}")]
    Setting {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A host of the lab could not be made, or joined with another.
    #[error("the lab's network could not be made: {what}: {errno}")]
    Network {
        /// What could not be done.
        what: &'static str,
        /// What the kernel said.
        errno: io::Error,
    },
    /// The loopback of the new network could not be raised.
    #[error("the private loopback could not be raised: {0}")]
    Loopback(Errno),
}

/// Moves the process into a network that holds nothing but a loopback of its own, and raises that loopback.
///
/// The user stays who they were. Must be called while the process has one thread.
///
/// # Errors
///
/// [`NamespaceError`], naming what the kernel refused and the setting likely behind it.
pub fn enter_private_network() -> Result<(), NamespaceError> {
    let (uid, gid) = (getuid().as_raw(), getgid().as_raw());
    // Who may administer the system and capture needs no user namespace, and keeps the right to give up root afterwards.
    let may_capture = capabilities(None).is_ok_and(|sets| sets.effective.contains(CapabilitySet::NET_RAW));
    if !may_capture || unshare(UnshareFlags::NEWNET).is_err() {
        let flags = "CLONE_NEWUSER|CLONE_NEWNET";
        unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNET).map_err(|errno| NamespaceError::Refused {
            flags,
            errno,
            hint: forbidden_by(errno),
        })?;
        // The files belong to root where nobody may look into the process: after an attempt to capture, or where the program
        // has capabilities of its own. They are the user's for this moment.
        set_dumpable_behavior(DumpableBehavior::Dumpable).map_err(NamespaceError::Open)?;
        keep_identity("/proc/self/uid_map", &format!("{uid} {uid} 1"))?;
        // The kernel lets an unprivileged process map its group only once it has given up changing groups.
        keep_identity("/proc/self/setgroups", "deny")?;
        keep_identity("/proc/self/gid_map", &format!("{gid} {gid} 1"))?;
    }
    raise_loopback().map_err(NamespaceError::Loopback)
}

fn keep_identity(path: &'static str, text: &str) -> Result<(), NamespaceError> {
    fs::write(path, text).map_err(|source| NamespaceError::Mapping { path, source })
}

/// The setting that forbids user namespaces here, where one can be seen.
fn forbidden_by(errno: Errno) -> Option<String> {
    let setting = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    if setting("/proc/sys/kernel/unprivileged_userns_clone").as_deref() == Some("0") {
        return Some(" (kernel.unprivileged_userns_clone is 0)".to_owned());
    }
    if setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").as_deref() == Some("1") {
        return Some(" (kernel.apparmor_restrict_unprivileged_userns is 1)".to_owned());
    }
    if errno == Errno::NOSPC {
        return Some(" (user.max_user_namespaces or user.max_net_namespaces is used up or 0)".to_owned());
    }
    None
}
