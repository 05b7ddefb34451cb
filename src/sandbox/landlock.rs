//! What of the file system, of networks and of other processes stays within reach: Landlock, from Linux 5.13 on.

use std::os::fd::BorrowedFd;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, PathBeneath, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr,
    RulesetError, RulesetStatus, Scope,
};

use super::error::{SandboxError, refused};

/// The newest rights that are asked for; an older kernel enforces those it knows.
const RIGHTS: ABI = ABI::V9;

/// What stays within reach.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reach<'a> {
    /// The folder in which files may be created, written and removed.
    pub(super) folder: Option<BorrowedFd<'a>>,
    /// Whether connections to others may be opened.
    pub(super) connects: bool,
    /// Whether processes that were there before may be sent signals.
    pub(super) signals: bool,
}

/// From now on nothing but that is. Says what the kernel lacks.
///
/// # Errors
///
/// What the kernel refused though it knows Landlock.
pub(super) fn refuse_all_but(reach: Reach<'_>) -> Result<Option<String>, SandboxError> {
    let status = ruleset(reach).and_then(|ruleset| Ok(ruleset.restrict_self()?.ruleset));
    match status.map_err(refused("restricting the files that can be opened"))? {
        RulesetStatus::NotEnforced => Ok(Some("this kernel has no Landlock: files stay within reach".to_owned())),
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(None),
    }
}

fn ruleset(reach: Reach<'_>) -> Result<RulesetCreated, RulesetError> {
    let connecting: BitFlags<AccessNet> = AccessNet::ConnectTcp.into();
    let signals: BitFlags<Scope> = Scope::Signal.into();
    let net = AccessNet::from_all(RIGHTS) & !if reach.connects { connecting } else { BitFlags::empty() };
    let scopes = Scope::from_all(RIGHTS) & !if reach.signals { signals } else { BitFlags::empty() };
    let created =
        Ruleset::default().handle_access(AccessFs::from_all(RIGHTS))?.handle_access(net)?.scope(scopes)?.create()?;
    match reach.folder {
        None => Ok(created),
        Some(folder) => {
            // Who gets a file may cut it, where the disk is full, only if who opened it might.
            let rights = AccessFs::WriteFile | AccessFs::Truncate | AccessFs::MakeReg | AccessFs::RemoveFile;
            created.add_rule(PathBeneath::new(folder, rights))
        }
    }
}
