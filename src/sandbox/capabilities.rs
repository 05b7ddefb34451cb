//! Giving up capabilities, and the way to new ones.

use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_keep_capabilities, set_no_new_privs,
};

use super::error::{SandboxError, refused};
use super::hidden::hide;
use super::identity::{self, Became, Identity};

/// What it takes to see which descriptors other users' processes have (proc(5)).
pub(super) const LOOKING: CapabilitySet = CapabilitySet::SYS_PTRACE.union(CapabilitySet::DAC_READ_SEARCH);

/// What it takes to end a command that became somebody else.
pub(super) const ENDING: CapabilitySet = CapabilitySet::KILL;

/// What it takes to remove a file from a folder of somebody else's.
pub(super) const REMOVING: CapabilitySet = CapabilitySet::DAC_OVERRIDE.union(CapabilitySet::FOWNER);

/// Root becomes `user`, else who ran sudo, else nobody; every capability but those of `kept` that it has is given up, and
/// none can be had again.
///
/// # Errors
///
/// What the kernel refused, or did not do though it said so.
pub(super) fn relinquish(user: Option<Identity>, kept: CapabilitySet) -> Result<Became, SandboxError> {
    let kept = held()?.permitted & kept;
    set_keep_capabilities(!kept.is_empty()).map_err(refused("keeping capabilities"))?;
    let became = identity::become_ordinary(user)?;
    give_up_all_but(kept)?;
    identity::make_sure_of_no_return()?;
    Ok(became)
}

/// Gives up every capability but these, and the way to new ones.
///
/// # Errors
///
/// As [`relinquish`].
pub(super) fn give_up_all_but(kept: CapabilitySet) -> Result<(), SandboxError> {
    let kept = held()?.permitted & kept;
    let wanted = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    set_capabilities(None, wanted).map_err(refused("giving up the capabilities"))?;
    if held()? != wanted {
        let words = "the capabilities were given up, but are still there: nothing is decoded";
        return Err(SandboxError::NotSo(words.to_owned()));
    }
    set_no_new_privs(true).map_err(refused("renouncing new privileges"))?;
    // Becoming somebody else may have undone it.
    hide()
}

fn held() -> Result<CapabilitySets, SandboxError> {
    capabilities(None).map_err(refused("asking for the capabilities"))
}
