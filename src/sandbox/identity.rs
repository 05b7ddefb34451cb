//! As whom the process runs: who can be meant, becoming them, and making sure of it.

use std::collections::HashMap;
use std::env::{self, VarError};
use std::fs;

use rustix::io::Errno;
use rustix::process::{Gid, Uid, getegid, geteuid, getgid, getgroups, getuid};
use rustix::thread::{
    CapabilitySet, capabilities, set_thread_groups, set_thread_res_gid, set_thread_res_uid, set_thread_uid,
};

use super::error::SandboxError::{self, NoSuchIdentity, NotSo};
use super::error::refused;

/// The user and group that nobody's files belong to, on Linux and the BSDs alike.
const NOBODY: Identity = Identity { uid: 65534, gid: 65534 };

/// What it takes to become somebody else.
const CHANGING: CapabilitySet = CapabilitySet::SETUID.union(CapabilitySet::SETGID);

/// A user and their group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// What became of root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Became {
    /// Somebody else, or there was no root.
    Ordinary,
    /// Nobody else: it was asked for, or a root without `CAP_SETUID` and `CAP_SETGID` has no choice.
    StillRoot,
}

/// Whether the process has root's rights over files.
pub(crate) fn is_root() -> bool {
    geteuid().is_root()
}

/// Whether it may become somebody else: a root to whom all but some capabilities were left may not.
pub(crate) fn may_change() -> bool {
    is_root() && capabilities(None).is_ok_and(|held| held.effective.contains(CHANGING))
}

/// The person who ran sudo; `None` where nobody did, or root itself. [`check_invoker`] comes first.
pub(crate) fn invoker() -> Option<Identity> {
    invoker_of(|name| env::var(name)).ok().flatten()
}

/// Makes sure that what sudo left in the environment names somebody, if it names anybody.
///
/// # Errors
///
/// A value that is no user's number: going on as if there were none could mean to stay root.
pub(crate) fn check_invoker() -> Result<(), SandboxError> {
    if is_root() {
        invoker_of(|name| env::var(name))?;
    }
    Ok(())
}

fn invoker_of(variable: impl Fn(&str) -> Result<String, VarError>) -> Result<Option<Identity>, SandboxError> {
    let number = |name: &str| match variable(name) {
        Ok(text) => number(&text)
            .map(Some)
            .ok_or_else(|| NoSuchIdentity(format!("{name} is {text:?}, which is nobody's number"))),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(NoSuchIdentity(format!("{name} holds nobody's number"))),
    };
    let (uid, gid) = (number("SUDO_UID")?, number("SUDO_GID")?);
    Ok(uid.filter(|uid| *uid != 0).map(|uid| Identity { uid, gid: gid.unwrap_or(uid) }))
}

/// The number of a user or a group. The largest is none: the kernel takes it for "as it is".
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number != u32::MAX)
}

/// The user of `--user`: a name of `/etc/passwd`, or a number.
///
/// # Errors
///
/// The name is of nobody, or the number is none that a user can have.
pub(crate) fn user(name: &str) -> Result<Identity, SandboxError> {
    find_user(name, &fs::read_to_string("/etc/passwd").unwrap_or_default())
}

fn find_user(name: &str, users: &str) -> Result<Identity, SandboxError> {
    let known = number(name);
    let listed = users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [listed, _, uid, gid, ..] = fields[..] else { return None };
        let identity = Identity { uid: number(uid)?, gid: number(gid)? };
        (listed == name || known == Some(identity.uid)).then_some(identity)
    });
    listed
        .or(known.map(|uid| Identity { uid, gid: uid }))
        .ok_or_else(|| NoSuchIdentity(format!("there is no user {name:?}")))
}

/// The names of the users in `/etc/passwd`, by their numbers.
pub(crate) fn user_names() -> HashMap<u32, String> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut names = HashMap::new();
    for line in users.lines() {
        let mut fields = line.split(':');
        if let (Some(name), Some(Ok(uid))) = (fields.next(), fields.nth(1).map(str::parse)) {
            // Of several names for one number, the first is the usual one.
            names.entry(uid).or_insert_with(|| name.to_owned());
        }
    }
    names
}

/// Root becomes `wanted`, else the person who ran sudo, else nobody; anybody else stays who they are.
///
/// # Errors
///
/// A wish that cannot be fulfilled, what the kernel refused, or a change that did not come about as a whole.
pub(super) fn become_ordinary(wanted: Option<Identity>) -> Result<Became, SandboxError> {
    let own = geteuid().as_raw();
    let wish = |wanted: Identity| format!("becoming user {}", wanted.uid);
    if !is_root() {
        return match wanted.filter(|wanted| wanted.uid != own) {
            Some(wanted) => Err(NoSuchIdentity(format!("{}: only root may become another user", wish(wanted)))),
            None => Ok(Became::Ordinary),
        };
    }
    if !may_change() {
        if let Some(wanted) = wanted.filter(|wanted| wanted.uid != 0) {
            let why = "this root may not become another user, it lacks CAP_SETUID or CAP_SETGID";
            return Err(NoSuchIdentity(format!("{}: {why}", wish(wanted))));
        }
        return Ok(Became::StillRoot);
    }
    let invoker = invoker_of(|name| env::var(name))?;
    let identity = wanted.or(invoker).unwrap_or(NOBODY);
    match change(identity) {
        // A root of a user namespace that holds nobody else is an ordinary user outside: there is no one to become.
        Err(Errno::INVAL | Errno::PERM) if !can_become_others() && wanted.is_none_or(|wanted| wanted.uid == 0) => {
            return Ok(Became::Ordinary);
        }
        changed => changed.map_err(refused(&format!(
            "giving up root to become user {} (nothing is decoded as root; run this as an ordinary user)",
            identity.uid
        )))?,
    }
    make_sure_of(identity)?;
    Ok(if identity.uid == 0 { Became::StillRoot } else { Became::Ordinary })
}

fn change(identity: Identity) -> Result<(), Errno> {
    let (uid, gid) = (Uid::from_raw(identity.uid), Gid::from_raw(identity.gid));
    set_thread_groups(&[])
        .and_then(|()| set_thread_res_gid(gid, gid, gid))
        .and_then(|()| set_thread_res_uid(uid, uid, uid))
}

/// Reads back who the process is: the real, effective and saved user and group and that of files, and all other groups.
fn make_sure_of(wanted: Identity) -> Result<(), SandboxError> {
    let Identity { uid, gid } = wanted;
    // Where there is no /proc, the kernel tells most of it.
    let is_so = match fs::read_to_string("/proc/thread-self/status") {
        Ok(status) => {
            let is = |name, expected: &[u32]| numbers(&status, name).is_some_and(|found| found == expected);
            is("Uid:", &[uid; 4]) && is("Gid:", &[gid; 4]) && is("Groups:", &[])
        }
        Err(_) => {
            [getuid(), geteuid()].iter().all(|found| found.as_raw() == uid)
                && [getgid(), getegid()].iter().all(|found| found.as_raw() == gid)
                && getgroups().is_ok_and(|groups| groups.is_empty())
        }
    };
    let words =
        || format!("root was given up, but this process is not user {uid} and group {gid} alone: nothing is decoded");
    if is_so { Ok(()) } else { Err(NotSo(words())) }
}

/// The numbers of a line of `/proc/PID/status`.
fn numbers(status: &str, name: &str) -> Option<Vec<u32>> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().map(|number| number.parse().ok()).collect()
}

/// Makes sure that there is no way back, when the capabilities are given up too.
///
/// # Errors
///
/// There is one.
pub(super) fn make_sure_of_no_return() -> Result<(), SandboxError> {
    if is_root() || set_thread_uid(Uid::ROOT).is_err() {
        return Ok(());
    }
    Err(NotSo("root was given up, but could be had again".to_owned()))
}

/// Whether there are other users in this user namespace.
fn can_become_others() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let users: u64 = map.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok()).sum();
    users != 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_known_by_name_and_by_number() {
        assert_eq!(user("root").unwrap(), Identity { uid: 0, gid: 0 });
        assert_eq!(user("0").unwrap(), Identity { uid: 0, gid: 0 });
        assert_eq!(user("4242424").unwrap(), Identity { uid: 4_242_424, gid: 4_242_424 });
        assert!(user("no such user").unwrap_err().to_string().contains("no such user"));
    }

    #[test]
    fn a_number_that_changes_nothing_is_nobodys() {
        for name in ["4294967295", "4294967296", "-1", "+5", "", " 5"] {
            assert!(find_user(name, "").is_err(), "{name:?}");
        }
        let users = "broken:x:4294967295:0::/:\nhalf:x:7:4294967295::/:\nwhole:x:7:8::/:\n";
        assert!(find_user("broken", users).is_err());
        assert!(find_user("half", users).is_err());
        assert_eq!(find_user("7", users).unwrap(), Identity { uid: 7, gid: 8 });
    }

    #[test]
    fn what_sudo_left_names_somebody_or_is_refused() {
        let invoker = |uid: Option<&str>, gid: Option<&str>| {
            let value = |text: Option<&str>| text.map(str::to_owned).ok_or(VarError::NotPresent);
            invoker_of(|name| if name == "SUDO_UID" { value(uid) } else { value(gid) })
        };
        assert_eq!(invoker(None, None).unwrap(), None);
        assert_eq!(invoker(Some("0"), Some("0")).unwrap(), None, "root ran sudo");
        assert_eq!(invoker(Some("7"), Some("8")).unwrap(), Some(Identity { uid: 7, gid: 8 }));
        assert_eq!(invoker(Some("7"), None).unwrap(), Some(Identity { uid: 7, gid: 7 }));
        for wrong in ["4294967295", "4294967296", "-1", "+7", "", "root", "0x7", "7 "] {
            assert!(invoker(Some(wrong), None).is_err(), "{wrong:?}");
            assert!(invoker(Some("7"), Some(wrong)).is_err(), "{wrong:?}");
            assert!(invoker(None, Some(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn numbers_of_a_status_are_read_as_they_are() {
        let status = "Name:\tx\nUid:\t1\t2\t3\t4\nGroups:\t \n";
        assert_eq!(numbers(status, "Uid:"), Some(vec![1, 2, 3, 4]));
        assert_eq!(numbers(status, "Groups:"), Some(vec![]));
        assert_eq!(numbers(status, "Gid:"), None);
    }
}
