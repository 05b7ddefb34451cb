//! What a process can still do that decodes strangers' packets: the facts from `/proc`, and attacks on the real binary.
#![expect(clippy::disallowed_methods, reason = "readiness of another process is polled")]

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::run::{as_nobody, complaint, is_root, layerscope, public_folder, status, stdout, without_root};
use super::running::Running;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng");

/// A verb that has begun to read what comes slowly on its standard input.
struct Reading(Child);

impl Reading {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let begun = std::fs::read(DEMO).unwrap();
        child.stdin.as_mut().unwrap().write_all(&begun[..1000]).unwrap();
        wait_until_confined(child.id());
        Self(child)
    }

    fn facts(&self) -> Vec<String> {
        status(self.0.id(), &["Uid", "Gid", "Groups", "CapEff", "CapPrm", "CapInh", "CapAmb", "NoNewPrivs", "Seccomp"])
    }

    /// The rest of the capture: how it ended, and what was shown.
    fn finish(self) -> (Option<i32>, String) {
        let (code, shown, _) = self.finish_aloud();
        (code, shown)
    }

    /// The same, and what was said.
    fn finish_aloud(mut self) -> (Option<i32>, String, String) {
        let mut stdin = self.0.stdin.take().unwrap();
        stdin.write_all(&std::fs::read(DEMO).unwrap()[1000..]).unwrap();
        drop(stdin);
        let (mut shown, mut said) = (String::new(), String::new());
        self.0.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.0.wait().unwrap().code(), shown, said)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process confines itself in its own time.
pub(crate) fn wait_until_confined(pid: u32) {
    for _ in 0..500 {
        if status(pid, &["Seccomp"]) == ["Seccomp: 2"] {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The verbs that read a capture, from standard input.
const VERBS: [&[&str]; 8] = [
    &["read", "-"],
    &["read", "-", "--format", "json"],
    &["flows", "-"],
    &["handshakes", "-"],
    &["timeline", "-", "-s", "0"],
    &["follow", "-", "-s", "0"],
    &["inspect", "-", "1"],
    &["stats", "-"],
];

#[test]
fn every_verb_that_reads_has_given_up_everything_when_it_decodes() {
    let facts = |uid: u32| {
        let none = "0000000000000000";
        let mut facts: Vec<String> =
            ["CapAmb", "CapEff", "CapInh", "CapPrm"].iter().map(|set| format!("{set}: {none}")).collect();
        facts.push(format!("Gid: {uid} {uid} {uid} {uid}"));
        facts.extend(["Groups:", "NoNewPrivs: 1", "Seccomp: 2"].map(str::to_owned));
        facts.push(format!("Uid: {uid} {uid} {uid} {uid}"));
        facts
    };
    for verb in VERBS {
        if is_root() {
            let reading = Reading::start(&mut layerscope(verb));
            assert_eq!(reading.facts(), facts(65534), "{verb:?}");
            assert_eq!(reading.finish().0, Some(0), "{verb:?}");
            let reading = Reading::start(layerscope(verb).envs([("SUDO_UID", "12345"), ("SUDO_GID", "12345")]));
            assert_eq!(reading.facts(), facts(12345), "{verb:?}");
            let reading = Reading::start(&mut as_nobody(verb));
            assert_eq!(reading.facts(), facts(65534), "{verb:?} as nobody");
        } else {
            let reading = Reading::start(&mut layerscope(verb));
            assert!(reading.facts().contains(&"Seccomp: 2".to_owned()), "{verb:?}");
        }
    }
}

#[test]
fn packets_saved_by_read_are_decoded_by_nobody_too() {
    let folder = public_folder();
    let file = folder.path().join("out.pcap");
    let reading = Reading::start(as_nobody(["read", "-", "tcp", "-w"]).arg(&file));
    assert!(reading.facts().contains(&"Seccomp: 2".to_owned()));
    assert_eq!(reading.finish().0, Some(0));
    assert_eq!(stdout(layerscope(["read", "--count"]).arg(&file)), "15\n");
}

#[test]
fn numbers_that_are_nobody_s_never_mean_to_stay_root() {
    if without_root("giving up root") {
        return;
    }
    let gid = || layerscope(["read", "--count", DEMO]);
    for wrong in ["4294967295", "-1", "x", "", "4294967296", "0x3e8", " 1000", "+1000"] {
        let said = complaint(gid().env("SUDO_UID", wrong), 1);
        assert!(said.contains("SUDO_UID"), "{wrong:?}: {said}");
        let said = complaint(gid().env("SUDO_UID", "1000").env("SUDO_GID", wrong), 1);
        assert!(said.contains("SUDO_GID"), "{wrong:?}: {said}");
    }
    for wrong in ["4294967295", "-1", "nobody-of-this-name", "", "4294967296"] {
        let user = format!("--user={wrong}");
        complaint(&mut layerscope(["read", "--count", &user, DEMO]), 2);
        complaint(&mut layerscope(["capture", "-i", "lo", "-c", "1", &user]), 2);
    }
    // Who asks for root gets it, without any capability, and hears of it.
    let output = layerscope(["read", "--count", "--user", "root", DEMO]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stderr).unwrap().contains("as root"));
}

#[test]
fn a_root_that_can_become_nobody_else_confines_the_rest_and_says_so() {
    if without_root("having one capability of root's") {
        return;
    }
    let only = |arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-all,+net_raw", "--inh-caps=-all"]);
        command.arg(super::run::binary()).args(arguments).stdin(Stdio::null()).env_remove("SUDO_UID");
        command
    };
    let output = only(&["demo", "--network", "host", "--port", "0", "--show", "table"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("it stays root"), "{said}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("and no other"));
    for verb in VERBS {
        let reading = Reading::start(&mut only(verb));
        let facts = reading.facts();
        for fact in ["CapEff: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2", "Uid: 0 0 0 0"] {
            assert!(facts.contains(&fact.to_owned()), "{verb:?}: {facts:?}");
        }
        let (code, _, said) = reading.finish_aloud();
        assert_eq!(code, Some(0), "{verb:?}: {said}");
        assert_eq!(said.matches("it stays root, without any capability").count(), 1, "{verb:?}: {said}");
    }
    // Without either of the two.
    for lack in ["-setuid", "-setgid"] {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set", lack, "--inh-caps", lack]).arg(super::run::binary());
        let output = command.args(["read", "--count", DEMO]).env_remove("SUDO_UID").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.contains("it stays root"), "{lack}: {said}");
    }
    let running = Running::start_after(&mut only(&["capture", "-i", "lo", "-q", "port", "9"]), "stays root");
    let facts = status(running.child.id(), &["Uid", "CapEff", "NoNewPrivs", "Seccomp"]);
    assert_eq!(facts, ["CapEff: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2", "Uid: 0 0 0 0"]);
    assert_eq!(running.interrupt().0, Some(0));
    // Who is to be somebody else, and cannot, is told.
    let said = complaint(&mut only(&["capture", "-i", "lo", "-c", "1", "--user", "nobody"]), 1);
    assert!(said.contains("become"), "{said}");
    let mut command = only(&["capture", "-i", "lo", "-q", "--no-sandbox", "port", "9"]);
    let running = Running::start_after(&mut command, "stays root");
    assert_eq!(status(running.child.id(), &["Seccomp"]), ["Seccomp: 0"]);
    assert_eq!(running.interrupt().0, Some(0));
}

#[cfg(target_arch = "x86_64")]
mod taken_over {
    //! Each kind of process, made to call what an intruder would.

    use std::fs;
    use std::net::{TcpListener, UdpSocket};
    use std::path::Path;

    use libc::c_long;

    use super::super::running::child;
    use super::super::support::inject::Injected;
    use super::*;

    const REFUSED: i64 = -(libc::EPERM as i64);
    const UNKNOWN: i64 = -(libc::ENOSYS as i64);

    /// Calls that no kind needs. Their arguments make no sense, so that whoever may make them hears of something else than
    /// a missing permission.
    const NEVER: &[(&str, c_long, &[u64])] = &[
        ("socketpair", libc::SYS_socketpair, &[1, 1, 0, 0]),
        ("socket", libc::SYS_socket, &[9999, 9999, 0]),
        ("bind", libc::SYS_bind, &[u64::MAX, 0, 0]),
        ("listen", libc::SYS_listen, &[u64::MAX, 0]),
        ("chmod", libc::SYS_chmod, &[0, 0]),
        ("fchmod", libc::SYS_fchmod, &[u64::MAX, 0]),
        ("fchmodat", libc::SYS_fchmodat, &[u64::MAX, 0, 0]),
        ("chown", libc::SYS_chown, &[0, 0, 0]),
        ("fchown", libc::SYS_fchown, &[u64::MAX, 0, 0]),
        ("fchownat", libc::SYS_fchownat, &[u64::MAX, 0, 0, 0, 0]),
        ("setxattr", libc::SYS_setxattr, &[0, 0, 0, 0, 0]),
        ("fsetxattr", libc::SYS_fsetxattr, &[u64::MAX, 0, 0, 0, 0]),
        ("utimensat", libc::SYS_utimensat, &[u64::MAX, 0, 1, 0]),
        ("execve", libc::SYS_execve, &[0, 0, 0]),
        ("execveat", libc::SYS_execveat, &[u64::MAX, 0, 0, 0, 0]),
        ("ptrace", libc::SYS_ptrace, &[9999, u64::MAX, 0, 0]),
        ("process_vm_readv", libc::SYS_process_vm_readv, &[u64::MAX, 0, 0, 0, 0, 9]),
        ("io_uring_setup", libc::SYS_io_uring_setup, &[0, 0]),
        ("memfd_create", libc::SYS_memfd_create, &[0, 0]),
        ("open", libc::SYS_open, &[0, 0, 0]),
        ("creat", libc::SYS_creat, &[0, 0]),
        ("openat2", libc::SYS_openat2, &[u64::MAX, 0, 0, 0]),
        ("openat from here", libc::SYS_openat, &[0xffff_ff9c, 0, 0, 0]),
        ("mkdir", libc::SYS_mkdir, &[0, 0]),
        ("rename", libc::SYS_rename, &[0, 0]),
        ("link", libc::SYS_link, &[0, 0]),
        ("symlink", libc::SYS_symlink, &[0, 0]),
        ("truncate", libc::SYS_truncate, &[0, 0]),
        ("mount", libc::SYS_mount, &[0, 0, 0, 0, 0]),
        ("setuid", libc::SYS_setresuid, &[u64::MAX, u64::MAX, u64::MAX]),
        ("prctl", libc::SYS_prctl, &[9999, 0, 0, 0, 0]),
        ("unshare", libc::SYS_unshare, &[0x8000_0000]),
        ("setns", libc::SYS_setns, &[u64::MAX, 0]),
        ("dup", libc::SYS_dup, &[u64::MAX]),
        ("dup2", libc::SYS_dup2, &[u64::MAX, 9]),
        ("mmap of code", libc::SYS_mmap, &[0, 4096, 7, 0x22, u64::MAX, 0]),
        ("mprotect to code", libc::SYS_mprotect, &[1, 4096, 5]),
        ("TIOCSTI", libc::SYS_ioctl, &[0, 0x5412, 0]),
        ("TIOCLINUX", libc::SYS_ioctl, &[0, 0x541c, 0]),
        ("FS_IOC_SETFLAGS", libc::SYS_ioctl, &[1, 0x4008_6602, 0]),
        ("a namespace with clone", libc::SYS_clone, &[0x1000_0000, 0, 0, 0, 0]),
        ("a thread in a namespace", libc::SYS_clone, &[0x1001_0f00, 0, 0, 0, 0]),
        ("fork", libc::SYS_fork, &[]),
        // What some program may need, and no kind of ours.
        ("accept", libc::SYS_accept, &[u64::MAX, 0, 0]),
        ("shutdown", libc::SYS_shutdown, &[u64::MAX, 1]),
        ("getpeername", libc::SYS_getpeername, &[u64::MAX, 0, 0]),
        ("waitid", libc::SYS_waitid, &[9, 0, 0, 4, 0]),
        ("prlimit", libc::SYS_prlimit64, &[0, 7, 0, 0]),
        ("readv", libc::SYS_readv, &[u64::MAX, 0, 0]),
        ("preadv", libc::SYS_preadv, &[u64::MAX, 0, 0, 0]),
        ("pwritev", libc::SYS_pwritev, &[u64::MAX, 0, 0, 0]),
        ("sendfile", libc::SYS_sendfile, &[u64::MAX, u64::MAX, 0, 0]),
        ("splice", libc::SYS_splice, &[u64::MAX, 0, u64::MAX, 0, 0, 0]),
        ("membarrier", libc::SYS_membarrier, &[0xffff, 0, 0]),
        ("nanosleep", libc::SYS_nanosleep, &[0, 0]),
        ("clock_nanosleep", libc::SYS_clock_nanosleep, &[9999, 0, 0, 0]),
        ("clock_getres", libc::SYS_clock_getres, &[9999, 0]),
        ("gettimeofday", libc::SYS_gettimeofday, &[1, 0]),
        ("getuid", libc::SYS_getuid, &[]),
        ("getegid", libc::SYS_getegid, &[]),
        ("x32's getpid", 0x4000_0027, &[]),
        ("x32's execve", 0x4000_0208, &[0, 0, 0]),
    ];

    /// The process stopped, once it is confined.
    fn taken(pid: u32) -> Injected {
        wait_until_confined(pid);
        Injected::stop(pid)
    }

    /// Makes the process try them, and some that another process of the same user would suffer.
    fn try_everything(injected: &Injected, kind: &str) {
        for (what, number, arguments) in NEVER {
            let answer = injected.call(*number, arguments);
            // The x32 interface has its numbers beyond all that are known.
            let expected = if number & 0x4000_0000 != 0 { UNKNOWN } else { REFUSED };
            assert_eq!(answer, expected, "{kind}: {what}");
        }
        assert_eq!(injected.call(libc::SYS_clone3, &[0, 0]), UNKNOWN, "{kind}: clone3");
        // A number that no kernel has given out.
        assert_eq!(injected.call(5000, &[]), UNKNOWN, "{kind}: a call of tomorrow");
        let mut sleeper = nobodys_sleep();
        let pid = u64::from(sleeper.id());
        assert_eq!(injected.call(libc::SYS_kill, &[pid, 0]), REFUSED, "{kind}: kill");
        assert_eq!(injected.call(libc::SYS_tgkill, &[pid, pid, 0]), REFUSED, "{kind}: tgkill");
        let limit = injected.text(&[0xff; 16]);
        assert_eq!(injected.call(libc::SYS_prlimit64, &[pid, 7, limit, 0]), REFUSED, "{kind}: prlimit of another");
        assert_eq!(injected.call(libc::SYS_prlimit64, &[0, 7, limit, 0]), REFUSED, "{kind}: setting a limit");
        let path = injected.text(b"/etc/passwd\0");
        assert_eq!(injected.call(libc::SYS_openat, &[0xffff_ff9c, path, 0, 0]), REFUSED, "{kind}: /etc/passwd");
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
    }

    fn nobodys_sleep() -> Child {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "sleep", "100"]);
        command.spawn().unwrap()
    }

    /// The descriptor of a process that is its packet socket.
    fn capture_of(pid: u32) -> u64 {
        let table = fs::read_to_string(format!("/proc/{pid}/net/packet")).unwrap();
        let inodes: Vec<&str> = table.lines().skip(1).filter_map(|line| line.split_whitespace().last()).collect();
        descriptor(pid, |target| inodes.iter().any(|inode| target == format!("socket:[{inode}]"))).unwrap()
    }

    fn descriptor(pid: u32, is_it: impl Fn(&str) -> bool) -> Option<u64> {
        fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten().find_map(|entry| {
            let target = fs::read_link(entry.path()).ok()?;
            is_it(&target.to_string_lossy()).then(|| entry.file_name().to_str()?.parse().ok())?
        })
    }

    /// Nothing can be made of the capture itself.
    fn attack_capture(injected: &Injected, capture: u64, kind: &str) {
        let text = injected.text(b"lo\0");
        let nothing = injected.text(&[0; 64]);
        let attacks: &[(&str, c_long, [u64; 6])] = &[
            ("bind", libc::SYS_bind, [capture, nothing, 20, 0, 0, 0]),
            ("setsockopt", libc::SYS_setsockopt, [capture, 263, 1, nothing, 16, 0]),
            ("removing the filter", libc::SYS_setsockopt, [capture, 1, 27, nothing, 4, 0]),
            ("sendto", libc::SYS_sendto, [capture, nothing, 20, 0, 0, 0]),
            ("sendmsg", libc::SYS_sendmsg, [capture, nothing, 0, 0, 0, 0]),
            ("write", libc::SYS_write, [capture, nothing, 20, 0, 0, 0]),
            ("writev", libc::SYS_writev, [capture, nothing, 0, 0, 0, 0]),
            ("pwrite", libc::SYS_pwrite64, [capture, nothing, 20, 0, 0, 0]),
            ("promiscuous mode", libc::SYS_ioctl, [capture, 0x8914, text, 0, 0, 0]),
            ("a copy of it", libc::SYS_fcntl, [capture, 1030, 0, 0, 0, 0]),
            ("a plain copy of it", libc::SYS_fcntl, [capture, 0, 0, 0, 0, 0]),
            ("a copy of it elsewhere", libc::SYS_dup3, [capture, 50, 0, 0, 0, 0]),
            ("connect", libc::SYS_connect, [capture, nothing, 20, 0, 0, 0]),
        ];
        for (what, number, arguments) in attacks {
            assert_eq!(injected.call(*number, arguments), REFUSED, "{kind}: {what}");
        }
    }

    #[test]
    fn a_reader_can_do_nothing_but_read_what_is_open() {
        if without_root("a look into other processes") {
            return;
        }
        let reading = Reading::start(&mut layerscope(["read", "-"]));
        let injected = taken(reading.0.id());
        try_everything(&injected, "reader");
        drop(injected);
        assert_eq!(reading.finish().0, Some(0));
    }

    #[test]
    fn a_capture_its_keeper_its_finder_and_its_writer_can_do_nothing_else() {
        if without_root("capturing on the host's loopback") {
            return;
        }
        let folder = public_folder();
        let mut command = layerscope(["capture", "-i", "lo", "--process", "--rotate-size", "1MB", "-w"]);
        let command = command.arg(folder.path().join("out.pcapng")).args(["port", "9", "--", "sleep", "100"]);
        let running = Running::start(command);
        let capture = running.child.id();
        {
            let injected = taken(capture);
            try_everything(&injected, "capture");
            attack_capture(&injected, capture_of(capture), "capture");
            // Its files come from the writer.
            let path = injected.text(b"out_x.pcapng\0");
            assert_eq!(injected.call(libc::SYS_openat, &[0xffff_ff9c, path, 0xc1, 0o600]), REFUSED);
        }
        {
            let injected = taken(child(capture, "run-when-told"));
            try_everything(&injected, "supervisor");
        }
        attack_finder(child(capture, "find-processes"));
        attack_writer(child(capture, "write-files"), folder.path());
        let (code, _, said) = running.interrupt();
        assert_eq!(code, Some(0), "{said}");
    }

    fn attack_finder(finder: u32) {
        let injected = taken(finder);
        try_everything(&injected, "finder");
        let proc = descriptor(finder, |target| target == "/proc").unwrap();
        for path in
            [&b"1/mem\0"[..], b"1/environ\0", b"1/maps\0", b"self/mem\0", b"1/root/etc/shadow\0", b"../etc/shadow\0"]
        {
            let place = injected.text(path);
            for flags in [0, 0x8_0000, 0x20_0000, 0x22_0000] {
                let answer = injected.call(libc::SYS_openat, &[proc, place, flags, 0]);
                assert_eq!(answer, REFUSED, "finder: {:?} with {flags:#x}", String::from_utf8_lossy(path));
            }
        }
        // The folder of a process is a place; no file can be opened in it by a name of the intruder's.
        let place = injected.text(b"1\0");
        let process = injected.call(libc::SYS_openat, &[proc, place, 0x2b_0000, 0]);
        assert!(process >= 0, "{process}");
        let place = injected.text(b"environ\0");
        let environ = injected.call(libc::SYS_openat, &[process.cast_unsigned(), place, 0xa_0000, 0]);
        assert_eq!(environ, REFUSED, "finder: the environment of process 1");
        assert_eq!(injected.call(libc::SYS_close, &[process.cast_unsigned()]), 0);
        assert_eq!(injected.call(libc::SYS_sendto, &[0, place, 1, 0, 0, 0]), REFUSED);
        let open: Vec<_> = fs::read_dir(format!("/proc/{finder}/fd")).unwrap().flatten().collect();
        // Standard input, output and error, the channel once more, two ways to the kernel's tables, and /proc.
        assert!(open.len() <= 7, "{open:?}");
    }

    fn attack_writer(writer: u32, folder: &Path) {
        let injected = taken(writer);
        try_everything(&injected, "writer");
        fs::write(folder.join("theirs"), "another's").unwrap();
        let theirs = injected.text(b"theirs\0");
        // To read, to overwrite, as a link, in another folder.
        for flags in [0, 1, 2, 0o101, 0o1001] {
            assert_eq!(injected.call(libc::SYS_openat, &[1, theirs, flags, 0o600]), REFUSED, "writer: {flags:o}");
        }
        let elsewhere = injected.text(b"../elsewhere\0");
        let answer = injected.call(libc::SYS_openat, &[1, elsewhere, 0o2_400_301, 0o600]);
        assert!(answer < 0, "writer: a file in another folder");
        assert_eq!(injected.call(libc::SYS_write, &[1, theirs, 4]), REFUSED);
    }

    #[test]
    fn an_echo_program_with_its_capture_talks_and_does_nothing_else() {
        if without_root("capturing on the host's loopback") {
            return;
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let (tcp, udp) = (listener.local_addr().unwrap().to_string(), socket.local_addr().unwrap().to_string());
        let server = ["echo", "server", "--bind", "127.0.0.1:0"];
        let programs: [(&str, Vec<&str>); 4] = [
            ("TCP server", [&server[..], &["--tcp"]].concat()),
            ("UDP server", [&server[..], &["--udp"]].concat()),
            ("TCP client", vec!["echo", "client", &tcp]),
            ("UDP client", vec!["echo", "client", &udp, "--udp"]),
        ];
        for (kind, words) in programs {
            let running = Running::start(layerscope(words).arg("--capture").stdin(Stdio::piped()));
            let pid = running.child.id();
            {
                let injected = taken(pid);
                try_everything(&injected, kind);
                attack_capture(&injected, capture_of(pid), kind);
            }
            running.interrupt();
        }
    }

    #[test]
    fn the_remover_of_a_file_that_nothing_was_written_to_does_nothing_else() {
        if without_root("a look into other processes") {
            return;
        }
        let folder = public_folder();
        let (file, theirs) = (folder.path().join("new.pcapng"), folder.path().join("theirs"));
        fs::write(&theirs, "another's").unwrap();
        fs::create_dir(folder.path().join("below")).unwrap();
        let mut command = layerscope(["read", "-", "-w"]);
        let mut reading = command.arg(&file).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        wait_until_confined(reading.id());
        let remover = child(reading.id(), "remove-stub");
        {
            let injected = taken(remover);
            try_everything(&injected, "remover");
            let name = injected.text(b"theirs\0");
            let refused: &[(&str, c_long, [u64; 4])] = &[
                ("a file opened", libc::SYS_openat, [1, name, 0, 0]),
                ("a file made", libc::SYS_openat, [1, name, 0o2_400_301, 0o600]),
                ("words on standard error", libc::SYS_write, [2, name, 6, 0]),
                ("words into the folder", libc::SYS_write, [1, name, 6, 0]),
                ("a look at a link's end", libc::SYS_newfstatat, [1, name, name, 0]),
                ("a look from here", libc::SYS_newfstatat, [0xffff_ff9c, name, name, 0x100]),
                ("a file removed from here", libc::SYS_unlinkat, [0xffff_ff9c, name, 0, 0]),
                ("a folder removed", libc::SYS_unlinkat, [1, name, 0x200, 0]),
                ("the file cut", libc::SYS_ftruncate, [2, 0, 0, 0]),
            ];
            for (what, number, arguments) in refused {
                assert_eq!(injected.call(*number, arguments), REFUSED, "remover: {what}");
            }
            let elsewhere = injected.text(b"../elsewhere\0");
            assert!(injected.call(libc::SYS_unlinkat, &[1, elsewhere, 0]) < 0, "remover: a file of another folder");
            // Its channel, the folder, and the file as a place.
            assert_eq!(fs::read_dir(format!("/proc/{remover}/fd")).unwrap().count(), 3);
        }
        assert_eq!(status(remover, &["NoNewPrivs", "Seccomp"]), ["NoNewPrivs: 1", "Seccomp: 2"]);
        reading.stdin.take().unwrap().write_all(b"this is no capture").unwrap();
        assert_eq!(reading.wait().unwrap().code(), Some(1));
        assert!(!file.exists() && theirs.exists());
    }
}
