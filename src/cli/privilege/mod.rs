//! Privileges: which there are, whose files are written, and giving them all up.
//!
//! Everything here acts on the calling thread, so it happens before any other starts. What the kernel is asked to refuse
//! from then on is in `calls` (seccomp) and `paths` (Landlock).

mod calls;
mod paths;

use std::collections::HashMap;
use std::env;
use std::path::Path;

use anyhow::{Context, anyhow};
use rustix::io::Errno;
use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_keep_capabilities, set_no_new_privs,
    set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

use calls::Work;

/// The user and group that nobody's files belong to, on Linux and the BSDs alike.
const NOBODY: u32 = 65534;

/// What it takes to see which descriptors other users' processes have (proc(5)).
const LOOKING: CapabilitySet = CapabilitySet::SYS_PTRACE.union(CapabilitySet::DAC_READ_SEARCH);

/// A user and their group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// What a process that decodes strangers' packets may still do once it is confined.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Confinement<'a> {
    /// Whom root becomes; `None` for the person who ran sudo, else nobody.
    pub(super) user: Option<Identity>,
    /// The folder in which it may create and remove files.
    pub(super) folder: Option<&'a Path>,
    /// Whether it may accept, connect and send with the sockets that it has; it gets no new ones.
    pub(super) talks: bool,
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

/// The user of `--user`: a name of `/etc/passwd`, or a number.
///
/// # Errors
///
/// The name is of nobody.
pub(super) fn user(name: &str) -> anyhow::Result<Identity> {
    let number = name.parse::<u32>().ok();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let listed = users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [known, _, uid, gid, ..] = fields[..] else { return None };
        let identity = Identity { uid: uid.parse().ok()?, gid: gid.parse().ok()? };
        (known == name || number == Some(identity.uid)).then_some(identity)
    });
    listed.or(number.map(|uid| Identity { uid, gid: uid })).ok_or_else(|| anyhow!("there is no user {name:?}"))
}

/// The names of the users in `/etc/passwd`, by their numbers.
pub(super) fn user_names() -> HashMap<u32, String> {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
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

/// Gives up root (to the person who ran sudo, else to nobody), every capability, and the way to new ones.
///
/// Packets are decoded only after this.
///
/// # Errors
///
/// What the kernel refused; then nothing may be decoded.
pub(super) fn relinquish() -> anyhow::Result<()> {
    relinquish_as(None)
}

/// [`relinquish`], and from then on the kernel refuses this process and its threads what decoding has no need of.
///
/// What is open stays open: the capture, the outputs. Returned is what this kernel lacks, a clause each; where it lacks
/// something, the rest holds.
///
/// # Errors
///
/// What the kernel refused though it knows it; then nothing may be decoded.
pub(super) fn confine(limits: &Confinement<'_>) -> anyhow::Result<Vec<String>> {
    relinquish_as(limits.user)?;
    let without_paths = paths::refuse_all_but(limits.folder)?;
    let without_calls = calls::refuse(if limits.talks { Work::Talking } else { Work::Decoding })?;
    Ok(without_paths.into_iter().chain(without_calls).collect())
}

/// [`relinquish`], where root becomes `user`.
///
/// # Errors
///
/// As [`relinquish`].
pub(super) fn relinquish_as(user: Option<Identity>) -> anyhow::Result<()> {
    relinquish_but(user.or_else(invoker), CapabilitySet::empty())
}

/// Confines a process that decodes nothing, but looks into `/proc` for others: it keeps what that takes of the capabilities
/// it has, as nobody. It can open files only to read them, and start no program, make no socket, send nothing.
///
/// There is no Landlock here: under it the kernel shows a process the descriptors of no other.
///
/// # Errors
///
/// As [`confine`].
pub(super) fn confine_to_looking() -> anyhow::Result<Option<String>> {
    let held = capabilities(None).context("asking for the capabilities")?.permitted;
    relinquish_but(None, held & LOOKING)?;
    calls::refuse(Work::Looking)
}

/// Root becomes `user`, else nobody, and gives up every capability but these.
fn relinquish_but(user: Option<Identity>, kept: CapabilitySet) -> anyhow::Result<()> {
    if is_root() {
        set_keep_capabilities(!kept.is_empty()).context("keeping capabilities")?;
        become_user(user.unwrap_or(Identity { uid: NOBODY, gid: NOBODY }))?;
    }
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable: none })
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

#[cfg(test)]
mod tests {
    use std::fs::{File, OpenOptions};
    use std::io::{ErrorKind, Read, Write};
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    use std::thread;

    use super::*;

    /// Confinement is of a thread, so a thread of its own tries it out.
    fn confined<T: Send + 'static>(
        folder: Option<std::path::PathBuf>,
        attempt: impl FnOnce() -> T + Send + 'static,
    ) -> (Vec<String>, T) {
        let confine_and_try = move || {
            let limits = Confinement { folder: folder.as_deref(), ..Confinement::default() };
            (confine(&limits).unwrap(), attempt())
        };
        thread::spawn(confine_and_try).join().unwrap()
    }

    #[test]
    fn programs_and_sockets_are_refused() {
        let (missing, (program, tcp, udp)) = confined(None, || {
            (Command::new("/bin/true").spawn(), TcpListener::bind("127.0.0.1:0"), UdpSocket::bind("127.0.0.1:0"))
        });
        if missing.iter().any(|lack| lack.contains("seccomp")) {
            eprintln!("SKIPPED: {missing:?}");
            return;
        }
        assert_eq!(program.unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(tcp.unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(udp.unwrap_err().kind(), ErrorKind::PermissionDenied);
    }

    #[test]
    fn who_talks_goes_on_with_the_sockets_it_has_and_gets_no_others() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (caller, datagrams) = (TcpStream::connect(listener.local_addr().unwrap()), UdpSocket::bind("127.0.0.1:0"));
        let (mut caller, datagrams) = (caller.unwrap(), datagrams.unwrap());
        let talk = move || {
            let missing = confine(&Confinement { talks: true, ..Confinement::default() }).unwrap();
            let (mut accepted, _) = listener.accept().unwrap();
            accepted.write_all(b"hello").unwrap();
            datagrams.connect(datagrams.local_addr().unwrap()).unwrap();
            datagrams.send(b"hello").unwrap();
            (missing, UdpSocket::bind("127.0.0.1:0"))
        };
        let (missing, new) = thread::spawn(talk).join().unwrap();
        let mut heard = String::new();
        caller.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "hello");
        if missing.iter().any(|lack| lack.contains("seccomp")) {
            eprintln!("SKIPPED: {missing:?}");
            return;
        }
        assert_eq!(new.unwrap_err().kind(), ErrorKind::PermissionDenied);
    }

    #[test]
    fn files_are_created_in_the_one_folder_and_read_nowhere() {
        let (mine, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&mine, &other] {
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        }
        let (inside, outside) = (mine.path().join("x"), other.path().join("x"));
        let (missing, (created, elsewhere, read, removed)) = confined(Some(mine.path().to_owned()), move || {
            let created = File::create(&inside);
            (created, File::create(outside), File::open("/etc/passwd"), std::fs::remove_file(inside))
        });
        created.unwrap();
        removed.unwrap();
        if missing.iter().any(|lack| lack.contains("Landlock")) {
            eprintln!("SKIPPED: {missing:?}");
            return;
        }
        assert_eq!(elsewhere.unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(read.unwrap_err().kind(), ErrorKind::PermissionDenied);
    }

    #[test]
    fn who_looks_into_proc_sees_other_users_descriptors_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "as it was").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        let mut other = Command::new("sleep");
        if is_root() {
            other.uid(1).gid(1);
        }
        let mut other = other.arg("60").spawn().unwrap();
        let descriptor = format!("/proc/{}/fd/0", other.id());
        let (file, new) = (path.clone(), folder.path().join("new"));
        let looking = move || {
            let lack = confine_to_looking().unwrap();
            let open = OpenOptions::new().append(true).open(&file);
            let written = [File::create(&file), File::create(new), open];
            (lack, written, std::fs::read_to_string(file), std::fs::read_link(descriptor))
        };
        let (lack, written, read, seen) = thread::spawn(looking).join().unwrap();
        other.kill().unwrap();
        other.wait().unwrap();
        assert_eq!(read.unwrap(), "as it was");
        seen.unwrap();
        if lack.is_some() {
            eprintln!("SKIPPED: {lack:?}");
            return;
        }
        let refused = |file: &std::io::Result<File>| {
            file.as_ref().is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
        };
        assert!(written.iter().all(refused), "{written:?}");
    }

    #[test]
    fn users_are_known_by_name_and_by_number() {
        assert_eq!(user("root").unwrap(), Identity { uid: 0, gid: 0 });
        assert_eq!(user("0").unwrap(), Identity { uid: 0, gid: 0 });
        assert_eq!(user("4242424").unwrap(), Identity { uid: 4_242_424, gid: 4_242_424 });
        assert!(user("no such user").unwrap_err().to_string().contains("no such user"));
    }
}
