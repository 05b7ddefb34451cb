//! The sandbox: whom a process becomes and what it can still do, once everything it needs is open.
//!
//! There is one recipe, [`confine`]: identity, capabilities, `no_new_privs`, files (Landlock), system calls (seccomp), in
//! this order. It acts on the calling thread, so it happens before any other starts.

mod capabilities;
mod error;
mod hidden;
mod identity;
mod kernel;
mod kinds;
mod landlock;
mod seccomp;

use rustix::thread::CapabilitySet;

use self::landlock::Reach;
use identity::Became;

pub(crate) use error::SandboxError;
pub(crate) use hidden::hide;
pub(crate) use identity::{Identity, check_invoker, invoker, is_root, may_change, user, user_names};
pub(crate) use kernel::{
    close_all_but, close_what_was_inherited, end_with_this_process, give_back_large_files, hold_signals,
    leave_signals_to_this_process, outlive_large_files,
};
pub(crate) use kinds::{CREATING, Kind, OWNERS_ALONE};

/// What came of a confinement.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Confined {
    /// Whether the process is still root: it was asked for, or it could become nobody else.
    pub(crate) is_still_root: bool,
    /// What this kernel lacks, a clause each; what it does not lack holds.
    pub(crate) lacks: Vec<String>,
}

/// Gives up root (to become `user`, else who ran sudo, else nobody), every capability, and the way to new ones.
///
/// # Errors
///
/// What the kernel refused; then nothing may be decoded.
pub(crate) fn relinquish(user: Option<Identity>) -> Result<Confined, SandboxError> {
    let became = capabilities::relinquish(user, CapabilitySet::empty())?;
    Ok(Confined { is_still_root: became == Became::StillRoot, lacks: Vec::new() })
}

/// [`relinquish`], and from then on the kernel refuses this process and its threads what its kind has no need of.
///
/// What is open stays open: captures, outputs, channels.
///
/// # Errors
///
/// What the kernel refused though it knows it; then nothing may be decoded.
pub(crate) fn confine(user: Option<Identity>, kind: Kind<'_>) -> Result<Confined, SandboxError> {
    let became = match kind {
        Kind::Reader | Kind::Live { .. } | Kind::Talker { .. } | Kind::Writer { .. } => {
            capabilities::relinquish(user, CapabilitySet::empty())?
        }
        // No strangers' packets come here: it stays as whom the command runs, to end it.
        Kind::Supervisor { .. } => {
            capabilities::give_up_all_but(capabilities::ENDING)?;
            Became::Ordinary
        }
        // Nor here: it stays as who created the file, who alone may remove it for certain.
        Kind::Remover { .. } => {
            capabilities::give_up_all_but(capabilities::REMOVING)?;
            Became::Ordinary
        }
        Kind::Finder { .. } => capabilities::relinquish(None, capabilities::LOOKING)?,
    };
    let reach = kind.reach().map(self::landlock::refuse_all_but).transpose()?.flatten();
    let calls = kind.calls()?.refuse_all_others()?;
    Ok(Confined { is_still_root: became == Became::StillRoot, lacks: reach.into_iter().chain(calls).collect() })
}

impl Kind<'_> {
    /// What stays within reach of files, networks and other processes; `None` where nothing can be taken away: Landlock would
    /// hide all other processes from the finder.
    fn reach(&self) -> Option<Reach<'_>> {
        match *self {
            Self::Reader | Self::Live { .. } => Some(Reach::default()),
            Self::Talker { .. } => Some(Reach { connects: true, ..Reach::default() }),
            Self::Supervisor { .. } => Some(Reach { signals: true, ..Reach::default() }),
            Self::Writer { folder, .. } | Self::Remover { folder, .. } => {
                Some(Reach { folder: Some(folder), ..Reach::default() })
            }
            Self::Finder { .. } => None,
        }
    }
}
