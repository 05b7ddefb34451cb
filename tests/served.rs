//! The processes beside a verb: nobody of the same user looks into them, what becomes of one that is stopped or killed is told,
//! and what was begun is there whole or not at all.
#![expect(clippy::disallowed_methods, reason = "how long an end takes, a clock tells; that a process began is polled")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::run::{as_nobody, binary, complaint, demo, layerscope, public_folder, stdout, without_root};
use super::running::{Running, Traffic, child};
use super::sandbox::wait_until_confined;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng");

/// A program that tries to get at the descriptors and the memory of who captures, and of all whom that started: by
/// pidfd_getfd, by /proc and by ptrace (PTRACE_SEIZE, which stops nobody).
const INTRUDER: &str = r#"
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def parent(pid):
    return int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
capture = int(sys.argv[1]) if len(sys.argv) > 1 else parent(os.getppid())
ours = {capture: "capture"}
for name in filter(str.isdigit, os.listdir("/proc")):
    try:
        if parent(name) == capture:
            ours[int(name)] = open(f"/proc/{name}/cmdline").read().split("\0")[1]
    except OSError:
        pass
def attempt(what, do):
    try:
        if do() < 0:
            raise OSError(ctypes.get_errno(), "")
        print("could", what)
    except OSError as error:
        print("could not", what, errno.errorcode[error.errno])
for pid, who in ours.items():
    pidfd = os.pidfd_open(pid)
    for fd in range(8):
        attempt(f"take of {who}", lambda: libc.syscall(438, pidfd, fd, 0))
    attempt(f"list {who}", lambda: len(os.listdir(f"/proc/{pid}/fd")))
    attempt(f"open memory of {who}", lambda: os.open(f"/proc/{pid}/mem", os.O_RDWR))
    attempt(f"trace {who}", lambda: libc.ptrace(0x4206, pid, 0, 0))
print("done")
"#;

/// What an intruder said, who must not have got anywhere with these.
fn got_nowhere(said: &str, processes: &[&str]) {
    assert!(said.contains("done"), "{said}");
    assert!(!said.lines().any(|line| line.starts_with("could ") && !line.starts_with("could not ")), "{said}");
    for process in processes {
        for (attempt, why) in
            [("take of", "EPERM"), ("list", "EACCES"), ("open memory of", "EACCES"), ("trace", "EPERM")]
        {
            assert!(said.contains(&format!("could not {attempt} {process} {why}")), "{attempt} {process}: {said}");
        }
    }
}

#[test]
fn a_command_of_the_same_user_looks_into_no_process_of_a_capture() {
    let folder = public_folder();
    let ring = ["--rotate-size", "1MB", "--process"];
    for (options, processes) in [
        (&ring[..], &["capture", "run-when-told", "write-files", "find-processes"][..]),
        (&[][..], &["capture", "run-when-told", "remove-stub"][..]),
    ] {
        // In a user namespace of its own the intruder has every capability, over nobody here.
        for nested in [&[][..], &["unshare", "-Ur"][..]] {
            let mut command = as_nobody(["capture", "--network", "private", "-i", "lo", "-w"]);
            command.arg(folder.path().join(format!("{}{}.pcapng", options.len(), nested.len()))).args(options);
            let output = command.arg("--").args(nested).args(["python3", "-c", INTRUDER]).output().unwrap();
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(output.status.success(), "{said}");
            got_nowhere(&said, processes);
        }
    }
}

#[test]
fn a_program_of_the_same_user_looks_into_no_process_that_captures() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    for words in [&["echo", "server", "--bind", "127.0.0.1:0", "--capture"][..], &["capture", "-i", "lo", "port", "9"]]
    {
        for options in [&[][..], &["--no-sandbox"]] {
            let running = Running::start(layerscope(words).args(options));
            let mut intruder = nobody();
            intruder.args(["python3", "-c", INTRUDER]);
            let intruder = intruder.arg(running.child.id().to_string()).env("PATH", "/usr/bin:/bin");
            got_nowhere(&stdout(intruder), &["capture"]);
            running.interrupt();
        }
    }
}

/// A program with capabilities of its own is hidden from the beginning, and finds its way into a network of its own all the same.
#[test]
fn a_program_with_a_capability_of_its_own_has_a_private_network_too() {
    if without_root("giving a program a capability") {
        return;
    }
    let (_folder, program) = capable();
    let mut command = nobody();
    command.arg(&program);
    assert!(stdout(command.args(["demo", "--network", "private", "--show", "table"])).contains("(19 of 19)"));
}

fn signal(pid: u32, name: &str) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

/// A capture that fills one file of a ring after the other with what is sent.
fn ring(folder: &Path, traffic: &Traffic, options: &[&str]) -> Running {
    let mut command = layerscope(["capture", "-i", "lo", "--rotate-size", "2kB", "-w"]);
    Running::start(command.arg(folder.join("ring.pcapng")).args(options).arg(traffic.filter()))
}

#[test]
fn a_stopped_writer_holds_ctrl_c_up_for_seconds_alone() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let (folder, traffic) = (public_folder(), Traffic::new());
    let mut running = ring(folder.path(), &traffic, &[]);
    let writer = child(running.child.id(), "write-files");
    signal(writer, "-STOP");
    traffic.send_long(6, 900);
    std::thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    running.signal("-INT");
    let code = running.child.wait().unwrap().code();
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    // It has standard error too, and would be waited for.
    signal(writer, "-KILL");
    let (_, _, said) = running.end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("has not answered for 3 s; is it stopped?"), "{said}");
    assert!(said.contains("in 1 file can be read; what came after them is not saved"), "{said}");
}

#[test]
fn a_writer_that_has_ended_is_told_of() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    for sends in [false, true] {
        let (folder, traffic) = (public_folder(), Traffic::new());
        let running = ring(folder.path(), &traffic, &[]);
        traffic.send(1);
        if sends {
            // The next file is due before it can be noticed otherwise.
            running.signal("-STOP");
        }
        signal(child(running.child.id(), "write-files"), "-KILL");
        if sends {
            traffic.send_long(6, 900);
            running.signal("-CONT");
        }
        let (code, _, said) = running.end();
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("the writer of files (process") && said.contains("has ended before its time"), "{said}");
        assert!(said.contains("in 1 file can be read; what came after"), "{said}");
        let file = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        stdout(layerscope(["read", "--count"]).arg(file));
    }
}

#[test]
fn a_finder_that_has_ended_is_told_of() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    for (command, code) in
        [(&[][..], 1), (&["--", "sh", "-c", "sleep 1"], 1), (&["--", "sh", "-c", "sleep 1; exit 7"], 7)]
    {
        let running = Running::start(layerscope(["capture", "-i", "lo", "--process", "port", "9"]).args(command));
        signal(child(running.child.id(), "find-processes"), "-KILL");
        std::thread::sleep(Duration::from_millis(300));
        let (ended, _, said) = if command.is_empty() { running.interrupt() } else { running.end() };
        assert_eq!(ended, Some(code), "{said}");
        assert!(said.contains("the search for processes ended"), "{said}");
    }
}

#[test]
fn a_file_stays_where_its_remover_has_ended_which_is_told() {
    if without_root("becoming somebody else") {
        return;
    }
    let folder = public_folder();
    let file = folder.path().join("new.pcapng");
    let mut command = layerscope(["read", "-", "-w"]);
    let mut reading = command.arg(&file).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until_confined(reading.id());
    signal(child(reading.id(), "remove-stub"), "-KILL");
    reading.stdin.take().unwrap().write_all(b"this is no capture, and nothing comes to be saved").unwrap();
    let output = reading.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("new.pcapng stays, empty: the remover of files (process"), "{said}");
}

/// A service manager sends it to all processes at once.
#[test]
fn what_ends_a_capture_ends_it_in_order_though_all_processes_hear_it() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    for name in ["-TERM", "-INT", "-HUP"] {
        let (folder, traffic) = (public_folder(), Traffic::new());
        let mut command = layerscope(["capture", "-i", "lo", "--rotate-size", "1MB", "--process", "-w"]);
        command.arg(folder.path().join("ring.pcapng")).arg(traffic.filter()).process_group(0);
        let running = Running::start(&mut command);
        traffic.send(3);
        signal_group(running.child.id(), name);
        let (code, _, said) = running.end();
        assert_eq!(code, Some(0), "{name}: {said}");
        assert!(said.contains("3 packets") && !said.contains("before its time"), "{name}: {said}");
    }
}

fn signal_group(pid: u32, name: &str) {
    // It may have ended meanwhile.
    let _ = Command::new("kill").args([name, "--", &format!("-{pid}")]).stderr(Stdio::null()).status();
}

#[test]
fn ctrl_c_at_any_moment_of_the_start_leaves_no_file_or_a_whole_one() {
    let mut verbs = vec![vec!["demo", "--network", "private", "-w", "x.pcapng"], vec!["read", "-", "-w", "x.pcapng"]];
    if !without_root("capturing on the host's loopback") {
        verbs.push(vec!["echo", "server", "--bind", "127.0.0.1:0", "--capture", "-w", "x.pcapng"]);
        verbs.push(vec!["echo", "client", "127.0.0.1:9", "--udp", "--capture", "-w", "x.pcapng"]);
        verbs.push(vec!["capture", "-i", "lo", "-q", "-w", "x.pcapng", "port", "9"]);
        verbs.push(vec!["capture", "-i", "lo", "-q", "-w", "x.pcapng", "--rotate-size", "1MB", "port", "9"]);
    }
    for verb in verbs {
        for moment in [1, 3, 5, 8, 12, 16, 20, 24, 28, 33, 38, 44, 50, 60, 70, 85, 100, 130] {
            let folder = public_folder();
            let mut command = layerscope(&verb);
            command.current_dir(folder.path()).process_group(0).stdin(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.stdout(Stdio::null()).spawn().unwrap();
            let stdin = child.stdin.take();
            std::thread::sleep(Duration::from_millis(moment));
            signal_group(child.id(), "-INT");
            let Output { status, stderr, .. } = child.wait_with_output().unwrap();
            drop(stdin);
            let said = String::from_utf8(stderr).unwrap();
            let what = format!("{verb:?} after {moment} ms: {status} {said}");
            if status.code() == Some(0) {
                let file = fs::read_dir(folder.path()).unwrap().next().unwrap_or_else(|| panic!("{what}"));
                stdout(layerscope(["read", "--count"]).arg(file.unwrap().path()));
                continue;
            }
            assert!(status.signal() == Some(2) || said.contains("interrupted"), "{what}");
            assert!(status.signal() == Some(2) || status.code() == Some(1), "{what}");
            assert!(!said.contains("capturing on"), "{what}");
            is_soon_empty(folder.path(), &what);
        }
    }
}

/// Who takes files away when this process is killed, does it a moment later.
fn is_soon_empty(folder: &Path, what: &str) {
    for _ in 0..200 {
        if fs::read_dir(folder).unwrap().next().is_none() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("a file is left: {what}");
}

/// A compressor holds back what it got: the file is empty for long.
#[test]
fn a_file_that_was_begun_is_not_taken_away() {
    let folder = public_folder();
    for name in ["x.pcapng.zst", "x.pcap.gz"] {
        let file = folder.path().join(name);
        let mut command = layerscope(["capture", "--network", "private", "-i", "lo", "-q", "-w"]);
        let output = command.arg(&file).args(["--", "sleep", "0.3"]).output().unwrap();
        assert!(output.status.success());
        assert_eq!(stdout(layerscope(["read", "--count"]).arg(&file)), "0\n");
    }
}

#[test]
fn who_is_killed_before_anything_is_saved_leaves_no_file() {
    let folder = public_folder();
    let mut command = layerscope(["read", "-", "-w", "x.pcapng"]);
    let mut reading = command.current_dir(folder.path()).stdin(Stdio::piped()).spawn().unwrap();
    wait_until_confined(reading.id());
    assert!(folder.path().join("x.pcapng").exists());
    reading.kill().unwrap();
    reading.wait().unwrap();
    is_soon_empty(folder.path(), "killed");
}

#[test]
fn a_keeper_holds_nothing_of_what_the_caller_gave_the_command() {
    if without_root("a look into other processes") {
        return;
    }
    let script = format!("exec 7</dev/null; exec {} capture -i lo -q port 9 -- sleep 100", binary().display());
    let mut shell = Command::new("bash");
    let running = Running::start(shell.args(["-c", &script]).stdin(Stdio::piped()));
    let supervisor = child(running.child.id(), "run-when-told");
    wait_until_confined(supervisor);
    let held: Vec<String> = fs::read_dir(format!("/proc/{supervisor}/fd"))
        .unwrap()
        .map(|entry| fs::read_link(entry.unwrap().path()).unwrap().display().to_string())
        .collect();
    assert_eq!(held.len(), 2, "{held:?}");
    assert!(held.iter().any(|target| target.starts_with("socket:")), "{held:?}");
    assert_eq!(running.interrupt().0, Some(0));
}

fn limited(size: &str) -> Command {
    let mut command = Command::new("prlimit");
    command.arg(format!("--fsize={size}")).arg(binary()).stdin(Stdio::null()).env_remove("SUDO_UID");
    command
}

#[test]
fn a_limit_on_the_size_of_files_is_met_like_a_full_disk() {
    let noise = "import socket, os\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
                 for i in range(60): s.sendto(os.urandom(1000), (\"127.0.0.1\", 9))\nimport time; time.sleep(9)";
    for name in ["x.pcap", "x.pcapng", "x.pcap.gz", "x.pcapng.zst"] {
        let folder = public_folder();
        let mut commands = [limited("3000"), limited("8192")];
        commands[0].args(["demo", "big-segments", "--network", "private", "-w"]).arg(folder.path().join(name));
        let last = folder.path().join(format!("2{name}"));
        commands[1].args(["capture", "--network", "private", "-i", "lo", "udp", "-w"]).arg(&last);
        commands[1].args(["--", "python3", "-c", noise]);
        for (command, file) in commands.iter_mut().zip([folder.path().join(name), last]) {
            let output = command.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            if output.status.code() == Some(0) && !name.ends_with("cap") && !name.ends_with("ng") {
                continue; // Compressed, it fits.
            }
            assert_eq!(output.status.code(), Some(1), "{name}: {said}");
            assert!(said.contains("File too large") && said.contains("what was saved before can be read"), "{said}");
            let count: u32 = stdout(layerscope(["read", "--count"]).arg(file)).trim().parse().unwrap();
            assert!(count > 0, "{name}");
        }
    }
}

/// A command is told of its limits as its caller wanted.
#[test]
fn a_command_meets_a_limit_on_files_as_without_a_capture() {
    let writes = "head -c 9000 /dev/zero >file 2>/dev/null; echo $?";
    let folder = public_folder();
    for (prefix, exit) in [("", "153\n"), ("trap '' XFSZ; ", "1\n")] {
        let script = format!(
            "{prefix}exec prlimit --fsize=4096 {} capture --network private -i lo -q port 9 -- sh -c '{writes}'",
            binary().display()
        );
        let mut shell = Command::new("sh");
        let shown = stdout(shell.args(["-c", &script]).current_dir(folder.path()).stdin(Stdio::null()));
        assert_eq!(shown, exit, "{prefix}");
    }
}

#[test]
fn without_proc_the_next_step_is_named() {
    if without_root("taking /proc away") {
        return;
    }
    let folder = public_folder();
    for words in ["--process", "-q -- true", "-w x.pcap", "-w x.pcap --rotate-size 1MB"] {
        let script = format!("umount -l /proc && exec {} capture -i lo --duration 10ms {words}", binary().display());
        let mut command = Command::new("unshare");
        let said = complaint(command.args(["-m", "sh", "-c", &script]).current_dir(folder.path()), 1);
        assert!(said.contains("sudo mount -t proc proc /proc"), "{words}: {said}");
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "{words}");
    }
}

#[test]
fn two_rings_of_one_name_in_one_second_are_told_apart() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let folder = public_folder();
    // A busy machine may take its time to begin.
    let moments = "now=$(date +%s); for ahead in $(seq 0 200); do date -u -d @$((now + ahead)) +%Y%m%d%H%M%S; done";
    for moment in stdout(Command::new("sh").args(["-c", moments])).lines() {
        fs::write(folder.path().join(format!("ring_00001_{moment}.pcap")), "another's").unwrap();
    }
    let mut command = layerscope(["capture", "-i", "lo", "--rotate-size", "1MB", "-w"]);
    let said = complaint(command.arg(folder.path().join("ring.pcap")), 1);
    assert!(said.contains("another capture began files of this name") && !said.contains("--user"), "{said}");
}

#[test]
fn a_filter_too_long_for_the_kernel_is_said_in_our_words() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let traffic = Traffic::new();
    let ports: String = (1..100).map(|port| format!("port {port} or ")).collect();
    let running = Running::start_after(
        layerscope(["capture", "-i", "lo", "-q"]).arg(format!("{ports}port {}", traffic.port())),
        "too long for the kernel",
    );
    traffic.send(3);
    let (code, _, said) = running.interrupt();
    assert_eq!(code, Some(0));
    assert!(said.starts_with("3 packets") && !said.contains("Warning"), "{said}");
}

#[test]
fn a_filter_that_takes_long_to_compile_is_told_of_and_one_too_large_is_refused_in_a_sentence() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let ports = |count: u32| (1..=count).map(|port| format!("port {port}")).collect::<Vec<_>>().join(" or ");
    let output = layerscope(["capture", "-i", "lo", "--duration", "10ms", "-q"]).arg(ports(300)).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("compiling a filter of 300 terms"), "{said}");
    let large = format!("({})", ports(6000));
    for verb in [&["capture", "-i", "lo"][..], &["read", DEMO]] {
        let said = complaint(layerscope(verb).arg(&large), 2);
        assert!(said.contains("the filter is too large, it has 6000 terms: more than 10000 words"), "{said}");
        assert!(said.contains("portrange") && said.contains("layerscope read") && said.len() < 400, "{said}");
    }
}

#[test]
fn a_ring_without_memory_for_it_names_the_option() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let mut command = Command::new("prlimit");
    let command = command.arg("--as=400000000").arg(binary()).args(["capture", "-i", "lo", "--buffer-size", "1GiB"]);
    let said = complaint(command.stdin(Stdio::null()), 1);
    assert!(said.contains("no memory for a ring of 1024 MiB") && said.contains("--buffer-size 8MiB"), "{said}");
}

#[test]
fn a_folder_that_is_missing_or_closed_is_named() {
    if without_root("files of several users") {
        return;
    }
    let folder = public_folder();
    let (closed, others) = (folder.path().join("closed"), folder.path().join("others"));
    for (path, mode) in [(&closed, 0o700), (&others, 0o755)] {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        fs::copy(DEMO, path.join("x.pcapng")).unwrap();
        fs::set_permissions(path.join("x.pcapng"), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let missing = folder.path().join("no/such/x.pcapng");
    let name = |path: &Path| path.display().to_string();
    let may_not_enter = format!("user nobody may not enter the folder {}", name(&closed));
    for verb in [&["read"][..], &["flows"], &["stats"], &["handshakes"], &["read", "-r"]] {
        let said = complaint(as_nobody(verb).arg(closed.join("x.pcapng")), 1);
        assert!(
            said.contains(&may_not_enter) && said.contains("sudo ") && !said.contains("there is no file"),
            "{said}"
        );
        let said = complaint(as_nobody(verb).arg(others.join("x.pcapng")), 1);
        assert!(said.contains("user nobody may not read"), "{said}");
        let said = complaint(layerscope(verb).arg(&missing), 1);
        assert!(said.contains(&format!("there is no folder {}", name(&folder.path().join("no")))), "{said}");
        let said = complaint(layerscope(verb).arg(others.join("x.pcapng/y.pcap")), 1);
        assert!(said.contains("x.pcapng is not a folder"), "{said}");
    }
    let playing = ["demo", "--network", "private", "-w"];
    for verb in [
        &["read", demo(), "-w"][..],
        &playing,
        &["capture", "--network", "private", "-i", "lo", "--duration", "1ms", "-w"],
    ] {
        let said = complaint(as_nobody(verb).arg(closed.join("y.pcapng")).args(command_of(verb)), 1);
        assert!(said.contains(&may_not_enter), "{said}");
        let said = complaint(as_nobody(verb).arg(others.join("y.pcapng")).args(command_of(verb)), 1);
        assert!(said.contains(&format!("user nobody may not make files in the folder {}", name(&others))), "{said}");
        let said = complaint(layerscope(verb).arg(&missing).args(command_of(verb)), 1);
        assert!(said.contains("there is no folder") && said.contains("mkdir -p"), "{said}");
    }
    let mut ring = layerscope(["capture", "-i", "lo", "--rotate-size", "1MB", "-w"]);
    let said = complaint(ring.arg(&missing), 1);
    assert!(said.contains("there is no folder") && said.contains("mkdir -p"), "{said}");
}

/// `capture --network private` is for a command.
fn command_of(verb: &[&str]) -> &'static [&'static str] {
    if verb[0] == "capture" { &["--", "true"] } else { &[] }
}

/// Who captures is hidden from everybody but root, from the user whose it is too.
#[test]
fn a_port_that_a_capturing_program_has_is_not_said_to_be_for_its_user_to_see() {
    if without_root("giving a program a capability") {
        return;
    }
    let (_folder, program) = capable();
    let mut command = nobody();
    command.arg(&program).args(["echo", "server", "--bind", "127.0.0.1:0", "--capture"]);
    let mut running = Running::start(&mut command);
    let mut shown = BufReader::new(running.child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("is open") {
        line.clear();
        assert!(shown.read_line(&mut line).unwrap() > 0);
    }
    let taken = line.split_whitespace().nth(2).unwrap();
    let said = complaint(&mut as_nobody(["echo", "server", "--bind", taken]), 1);
    assert!(said.contains("is taken by a program of nobody, which lets nobody but root look into it"), "{said}");
    running.signal("-INT");
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
}

/// A copy of the program that may capture whoever runs it, and the folder that it lies in.
fn capable() -> (tempfile::TempDir, PathBuf) {
    let folder = public_folder();
    let program = folder.path().join("layerscope");
    assert!(Command::new("cp").arg(binary()).arg(&program).status().unwrap().success());
    assert!(Command::new("setcap").arg("cap_net_raw=ep").arg(&program).status().unwrap().success());
    (folder, program)
}

fn nobody() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    command
}
