//! Which files may still be opened: Landlock, from Linux 5.13 on.

use std::path::Path;

use anyhow::Context;
use landlock::{
    ABI, Access, AccessFs, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus,
    path_beneath_rules,
};

/// The newest rights over files that are asked for; an older kernel enforces those it knows.
const RIGHTS: ABI = ABI::V5;

/// From now on no file can be opened, created or removed but those in `folder`, nor read but in `/sys` (where libpcap
/// finds what an interface dropped). Says what the kernel lacks.
///
/// # Errors
///
/// What the kernel refused though it knows Landlock.
pub(super) fn refuse_all_but(folder: Option<&Path>) -> anyhow::Result<Option<String>> {
    match restrict(folder).context("restricting the files that can be opened")? {
        RulesetStatus::NotEnforced => Ok(Some("this kernel has no Landlock: files stay within reach".to_owned())),
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(None),
    }
}

fn restrict(folder: Option<&Path>) -> Result<RulesetStatus, RulesetError> {
    let rotate: BitFlags<AccessFs> = AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::RemoveFile;
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(RIGHTS))?
        .create()?
        .add_rules(path_beneath_rules(folder, rotate))?
        .add_rules(path_beneath_rules(["/sys"], read))?;
    Ok(ruleset.restrict_self()?.ruleset)
}
