//! What a command of `capture -- COMMAND` gets, and how it ends.
#![expect(clippy::disallowed_methods, reason = "the end of another process is polled")]

use std::ffi::OsStr;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::run::{binary, layerscope, public_folder, without_root};
use super::running::Running;

/// A program that tries what somebody could do with a capture's socket, on every descriptor that it has got.
const INTRUDER: &str = r#"
import errno, fcntl, os, socket, struct
for name in sorted(os.listdir("/proc/self/fd"), key=int):
    fd = int(name)
    try:
        target = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        continue
    if fd > 2 and not target.startswith("/proc"):
        print("got", fd, target)
    if not target.startswith("socket:"):
        continue
    s = socket.socket(fileno=os.dup(fd))
    if s.family != socket.AF_PACKET:
        continue
    print("a capture:", fd)
    def attempt(what, do):
        try:
            do()
            print("could", what)
        except OSError as error:
            print("could not", what, errno.errorcode[error.errno])
    attempt("send", lambda: s.sendto(b"\0" * 64, ("lo", 0x0800)))
    attempt("bind", lambda: s.bind(("lo", 0)))
    attempt("be promiscuous", lambda: s.setsockopt(263, 1, struct.pack("iHH8s", 1, 1, 0, b"")))
    attempt("remove the filter", lambda: s.setsockopt(socket.SOL_SOCKET, 27, 0))
print("done")
"#;

#[test]
fn a_command_gets_what_its_caller_gave_it_and_no_capture() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let folder = public_folder();
    let (theirs, shown) = (folder.path().join("theirs"), folder.path().join("shown"));
    std::fs::write(&theirs, "").unwrap();
    // A shell opens a file as descriptor 7; what the command prints goes to a file.
    let script = format!("exec 7<{}; exec \"$@\" >{}", theirs.display(), shown.display());
    let run = |arguments: &[&OsStr]| {
        let mut command = Command::new("sh");
        let output = command.args(["-c", &script, "sh"]).args(arguments).stdin(Stdio::null()).output().unwrap();
        let said = [output.stderr, std::fs::read(&shown).unwrap()].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(output.status.success() && said.contains("done"), "{arguments:?}: {said}");
        said.lines().filter(|line| line.starts_with("got") || line.contains("capture:")).map(str::to_owned).collect()
    };
    let intruder = ["python3", "-c", INTRUDER].map(OsStr::new);
    let without: Vec<String> = run(&intruder);
    assert!(without.contains(&format!("got 7 {}", theirs.display())));
    for options in [&[][..], &["--user", "nobody"], &["--process", "--print"], &["--network", "private"]] {
        let file = folder.path().join("x.pcapng");
        let mut words = vec![binary().as_os_str(), OsStr::new("capture"), OsStr::new("-w"), file.as_os_str()];
        words.extend(options.iter().chain(&["-i", "lo", "port", "9", "--"]).map(OsStr::new));
        words.extend(intruder);
        let with: Vec<String> = run(&words);
        assert_eq!(with, without, "{options:?}");
    }
}

#[test]
fn a_command_ends_with_its_keeper_and_with_the_capture_however_they_end() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    for victim in ["supervisor", "capture"] {
        let mut command = layerscope(["capture", "-i", "lo", "-q", "port", "9", "--", "sleep", "1000"]);
        let mut running = Running::start(&mut command);
        let capture = running.child.id();
        let supervisor = only_child(capture);
        let sleep = loop {
            // The supervisor may be about to start it.
            if let Some(pid) = child_of(supervisor).filter(|pid| name(*pid) == "sleep") {
                break pid;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let killed = if victim == "supervisor" { supervisor } else { capture };
        assert!(Command::new("kill").args(["-KILL", &killed.to_string()]).status().unwrap().success());
        for _ in 0..400 {
            if name(sleep) != "sleep" {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_ne!(name(sleep), "sleep", "the command outlived the {victim}");
        if victim == "supervisor" {
            let mut said = String::new();
            running.stderr.read_to_string(&mut said).unwrap();
            assert_eq!(running.child.wait().unwrap().code(), Some(1), "{said}");
            // Before the supervisor has told that the command runs, nobody knows that it did.
            assert!(
                said.contains("ended with its supervisor") || said.contains("its supervisor ended before"),
                "{said}"
            );
        }
    }
}

fn only_child(pid: u32) -> u32 {
    child_of(pid).unwrap_or_else(|| panic!("{pid} has no child"))
}

fn child_of(pid: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

/// What a process calls itself; nothing once it has ended, also where nobody has asked how.
fn name(pid: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    if status.lines().any(|line| line.starts_with("State:\tZ")) {
        return String::new();
    }
    status.lines().find_map(|line| line.strip_prefix("Name:\t")).unwrap_or_default().to_owned()
}
