//! Whatever writes packets: whose file that becomes, what is never written to, and what a failed start and a full disk leave.

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::run::{as_nobody, binary, complaint, demo, is_root, layerscope, public_folder, stdout, without_root};
use crate::running::Running;

/// A user who is neither root nor nobody, and another one.
const SOMEBODY: u32 = 12_345;
const ANOTHER: u32 = 23_456;

/// The words before the file's name, of every verb that writes one and ends by itself.
fn writers() -> Vec<Vec<&'static str>> {
    let mut writers = vec![vec!["read", demo(), "-w"], vec!["demo", "--network", "private", "-w"]];
    if is_root() {
        writers.push(vec!["capture", "-i", "lo", "--duration", "10ms", "-w"]);
        writers.push(vec!["echo", "client", "127.0.0.1:1", "--capture", "-w"]);
        writers.push(vec!["echo", "server", "--capture", "--bind", "127.0.0.1:0", "-w"]);
    }
    writers
}

/// The same as ordinary users can run them.
fn ordinary_writers() -> Vec<Vec<&'static str>> {
    writers().into_iter().take(2).collect()
}

fn mode(file: &Path) -> u32 {
    file.metadata().unwrap().permissions().mode() & 0o7777
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg("-m").arg("666").arg(path).status().unwrap().success());
}

/// Everything that can be said of what lies at a path.
fn state(path: &Path) -> String {
    let data = path.symlink_metadata().unwrap();
    let bytes = if data.is_file() { fs::read(path).unwrap() } else { Vec::new() };
    format!("{:?} {} {} {} {bytes:?}", data.file_type(), data.uid(), data.mode(), data.nlink())
}

#[test]
fn a_new_file_is_for_its_owner_alone() {
    let saved = demo();
    let folder = public_folder();
    let run = |name: &str, words: &str, owner: u32| {
        let file = folder.path().join(name);
        let script = format!("umask 0; exec {words} -w {}", file.display());
        let mut shell = Command::new("sh");
        stdout(shell.args(["-c", &script]).stdin(Stdio::null()).stderr(Stdio::null()).env_remove("SUDO_UID"));
        assert_eq!((mode(&file), file.metadata().unwrap().uid()), (0o600, owner), "{words}");
    };
    let (binary, me) = (binary().display(), fs::metadata(folder.path()).unwrap().uid());
    run("read.pcap", &format!("{binary} read {saved}"), me);
    run("read.pcapng.gz", &format!("{binary} read {saved}"), me);
    run("demo.pcapng", &format!("{binary} demo --network private"), me);
    if !is_root() {
        return;
    }
    let nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups";
    run("nobody-read.pcap", &format!("{nobody} {binary} read {saved}"), 65_534);
    run("nobody-demo.pcap", &format!("{nobody} {binary} demo"), 65_534);
    run("capture.pcap", &format!("{binary} capture -i lo --duration 10ms"), 0);
    let sudo = format!("env SUDO_UID={SOMEBODY} SUDO_GID={ANOTHER}");
    run("sudo-read.pcap", &format!("{sudo} {binary} read {saved}"), SOMEBODY);
    run("sudo-demo.pcap", &format!("{sudo} {binary} demo --network private"), SOMEBODY);
    run("sudo-capture.pcap", &format!("{sudo} {binary} capture -i lo --duration 10ms"), SOMEBODY);
    assert_eq!(folder.path().join("sudo-read.pcap").metadata().unwrap().gid(), ANOTHER);
}

#[test]
fn the_files_of_a_ring_are_for_their_owner_alone() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let folder = public_folder();
    let script = format!(
        "umask 0; ip link set lo up; exec {} capture -i lo udp --rotate-size 2kB -w {}/ring.pcap -- python3 -c \
         'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); \
         [s.sendto(bytes(900), (\"127.0.0.1\", 9)) for _ in range(8)]'",
        binary().display(),
        folder.path().display()
    );
    stdout(Command::new("unshare").args(["-n", "sh", "-c", &script]).env("SUDO_UID", SOMEBODY.to_string()));
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 2, "{files:?}");
    for file in files {
        assert_eq!((mode(&file), file.metadata().unwrap().uid()), (0o600, SOMEBODY), "{}", file.display());
    }
}

#[test]
fn one_s_own_file_is_written_over_and_stays_as_open_as_it_was() {
    let folder = public_folder();
    for (index, words) in writers().iter().take(3).enumerate() {
        let file = folder.path().join(format!("{index}.pcap"));
        fs::write(&file, vec![b'x'; 1 << 20]).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        stdout(layerscope(words).arg(&file));
        assert!(file.metadata().unwrap().len() < 1 << 20, "{words:?}");
        assert_eq!(mode(&file), 0o640, "{words:?}");
        stdout(layerscope(["read"]).arg(&file));
    }
}

#[test]
fn what_is_not_ones_own_is_refused_and_stays_as_it_is() {
    let folder = public_folder();
    let at = |name: &str| folder.path().join(name);
    let (second, socket) = (at("second.pcap"), UnixListener::bind(at("socket.pcap")).unwrap());
    fs::write(at("first.pcap"), "precious").unwrap();
    fs::hard_link(at("first.pcap"), &second).unwrap();
    fs::create_dir(at("folder.pcap")).unwrap();
    symlink("nothing", at("dangling.pcap")).unwrap();
    let mut refused = vec![
        (second, "has 2 names (hard links)"),
        (at("folder.pcap"), "is a directory"),
        (at("socket.pcap"), "is a socket"),
        (at("dangling.pcap"), "is a symbolic link"),
        ("/dev/full".into(), "is a device"),
        ("/dev/zero".into(), "is a device"),
        ("/dev/tty".into(), "is a device"),
    ];
    if is_root() {
        for (name, owner) in [("nobodys.pcap", 65_534), ("somebodys.pcap", SOMEBODY)] {
            fs::write(at(name), "precious").unwrap();
            chown(at(name), Some(owner), None).unwrap();
            refused.push((
                at(name),
                if owner == SOMEBODY { "belongs to user 12345" } else { "belongs to nobody (user 65534)" },
            ));
        }
        fifo(&at("fifo.pcap"));
        chown(at("fifo.pcap"), Some(SOMEBODY), None).unwrap();
        refused.push((at("fifo.pcap"), "is a FIFO of user 12345"));
    }
    for (path, why) in &refused {
        let before = state(path);
        for words in writers() {
            let said = complaint(layerscope(&words).arg(path), 1);
            assert!(said.contains(why) && said.contains(&*path.to_string_lossy()), "{words:?}: {said}");
            assert_eq!(state(path), before, "{words:?}");
        }
    }
    drop(socket);
}

/// That everybody may write to a file does not make it theirs.
#[test]
fn an_ordinary_user_is_refused_what_others_let_them_write_to() {
    if without_root("files of several users") {
        return;
    }
    let folder = public_folder();
    let (file, pipe) = (folder.path().join("roots.pcap"), folder.path().join("pipe.pcap"));
    fs::write(&file, "precious").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    fifo(&pipe);
    for words in ordinary_writers() {
        let said = complaint(as_nobody(&words).arg(&file), 1);
        assert!(said.contains("belongs to root (user 0)"), "{said}");
        assert_eq!(fs::read(&file).unwrap(), b"precious");
        let said = complaint(as_nobody(&words).arg(&pipe), 1);
        assert!(said.contains("is a FIFO of root (user 0)"), "{said}");
    }
}

#[test]
fn under_sudo_the_files_of_root_and_of_who_ran_it_are_ones_own() {
    if without_root("pretending to be sudo") {
        return;
    }
    let folder = public_folder();
    let file = folder.path().join("old.pcap");
    for words in writers().iter().take(3) {
        for owner in [0, SOMEBODY, ANOTHER] {
            fs::write(&file, "old").unwrap();
            chown(&file, Some(owner), None).unwrap();
            let mut command = layerscope(words);
            let output = command.arg(&file).env("SUDO_UID", SOMEBODY.to_string()).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(if owner == ANOTHER { 1 } else { 0 }), "{words:?}: {said}");
            assert_eq!(fs::read(&file).unwrap() == b"old", owner == ANOTHER, "{words:?}");
            assert_eq!(file.metadata().unwrap().uid(), owner, "{words:?}");
        }
    }
}

/// Starts it, and waits until it says that it waits.
fn waiting(command: &mut Command) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("waiting for somebody to read from"), "{line}");
    (child, stderr)
}

#[test]
fn a_fifo_is_waited_for_which_is_said() {
    let folder = public_folder();
    for words in writers().iter().take(3) {
        for name in ["fifo.pcapng", "fifo"] {
            let (pipe, copy) = (folder.path().join(name), folder.path().join("copy"));
            fifo(&pipe);
            let (mut child, mut stderr) = waiting(layerscope(words).arg(&pipe));
            fs::write(&copy, fs::read(&pipe).unwrap()).unwrap();
            let mut said = String::new();
            stderr.read_to_string(&mut said).unwrap();
            assert!(child.wait().unwrap().success(), "{words:?}: {said}");
            assert!(pipe.symlink_metadata().unwrap().file_type().is_fifo());
            stdout(layerscope(["read"]).arg(&copy));
            fs::remove_file(&pipe).unwrap();
        }
    }
}

#[test]
fn waiting_for_a_reader_ends_with_ctrl_c() {
    let folder = public_folder();
    let pipe = folder.path().join("fifo.pcap");
    fifo(&pipe);
    for words in writers().iter().take(3) {
        let (mut child, mut stderr) = waiting(layerscope(words).arg(&pipe));
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let status = child.wait().unwrap();
        let mut said = String::new();
        stderr.read_to_string(&mut said).unwrap();
        assert!(!status.success(), "{words:?}: {said}");
        assert!(words[0] != "capture" || said.contains("interrupted"), "{said}");
    }
}

#[test]
fn a_command_of_the_shell_takes_the_packets() {
    let folder = public_folder();
    let run = |prefix: &str, words: &[&str]| {
        let copy = folder.path().join(format!("{}{}.pcapng", words[0], prefix.len()));
        let words = words.join(" ");
        let copying = format!("cat > {0}.part && mv {0}.part {0}", copy.display());
        let script = format!("{prefix} {} {words} >({copying}); wait $!", binary().display());
        let mut shell = Command::new("bash");
        stdout(shell.args(["-c", &script]).stdin(Stdio::null()).stderr(Stdio::null()));
        stdout(layerscope(["read"]).arg(&copy));
    };
    for words in writers().iter().take(3) {
        run("", words);
    }
    if is_root() {
        run("env SUDO_UID=12345", &writers()[0]);
    }
}

#[test]
fn what_the_caller_has_opened_is_written_to_as_standard_output_is() {
    let saved = demo();
    let folder = public_folder();
    let copy = folder.path().join("copy.pcapng");
    for path in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let output = File::create(&copy).unwrap();
        assert!(layerscope(["read", demo(), "-w", path]).stdout(output).status().unwrap().success(), "{path}");
        assert_eq!(stdout(layerscope(["read", "--count"]).arg(&copy)), "19\n", "{path}");
    }
    let said = complaint(&mut layerscope(["read", demo(), "-w", "/dev/fd/77"]), 1);
    assert!(said.contains("/dev/fd/77 is not open here"), "{said}");
    // Nobody reads any more.
    let pipe = folder.path().join("pipe");
    fifo(&pipe);
    let reading = format!("cat {0} >/dev/null & exec 9>{0}; kill $!; wait $!", pipe.display());
    let script = format!("{reading}; {} read {saved} -w /dev/fd/9", binary().display());
    let said = complaint(Command::new("bash").args(["-c", &script]).stdin(Stdio::null()), 1);
    assert!(said.contains("nobody reads from /dev/fd/9"), "{said}");
    stdout(&mut layerscope(["read", demo(), "-w", "/dev/null"]));
}

#[test]
fn a_file_that_is_written_to_is_not_written_to_by_another() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let folder = public_folder();
    for (name, kind) in [("file.pcapng", "file"), ("pipe.pcapng", "pipe")] {
        let file = folder.path().join(name);
        let mut reader = (kind == "pipe").then(|| {
            fifo(&file);
            Command::new("cat").arg(&file).stdout(Stdio::null()).spawn().unwrap()
        });
        let mut running = Running::start(layerscope(["capture", "-i", "lo", "port", "1", "-w"]).arg(&file));
        if kind == "file" {
            // What was begun is there.
            while file.metadata().unwrap().len() == 0 {
                assert!(running.child.try_wait().unwrap().is_none());
            }
        }
        for words in writers() {
            let said = complaint(layerscope(&words).arg(&file), 1);
            let holder = format!("is being written to by layerscope (process {})", running.child.id());
            assert!(said.contains(&holder), "{words:?}: {said}");
        }
        assert_eq!(running.interrupt().0, Some(0));
        if let Some(reader) = &mut reader {
            assert!(reader.wait().unwrap().success());
        } else {
            stdout(layerscope(["read", "--count"]).arg(&file));
            stdout(layerscope(["read", demo(), "-w"]).arg(&file));
        }
    }
}

#[test]
fn a_refused_start_leaves_no_file_and_empties_none() {
    let folder = public_folder();
    let (new, old) = (folder.path().join("new.pcapng"), folder.path().join("old.pcapng"));
    fs::write(&old, "old").unwrap();
    let mut refused: Vec<Vec<&str>> = vec![
        vec!["read", "no-such-file.pcap"],
        vec!["read", demo(), "no such filter"],
        vec!["read", "Cargo.toml"],
        vec!["demo", "--network", "private", "--packet", "999"],
    ];
    if is_root() {
        refused.push(vec!["capture", "-i", "no-such-interface"]);
        refused.push(vec!["capture", "-i", "lo", "no such filter"]);
        refused.push(vec!["capture", "-i", "lo", "--user", "no such user"]);
        refused.push(vec!["echo", "server", "--capture", "--bind", "203.0.113.77:1"]);
    }
    for words in refused {
        for file in [&new, &old] {
            let output =
                layerscope(&words).arg("-w").arg(file).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
            assert!(!output.status.success(), "{words:?}");
            assert!(!new.exists(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(fs::read(&old).unwrap(), b"old", "{words:?}");
        }
    }
}

/// The command is found missing when the capture is confined already.
#[test]
fn a_command_that_does_not_start_empties_no_file() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let folder = public_folder();
    let old = folder.path().join("old.pcapng");
    fs::write(&old, "old").unwrap();
    let mut command = layerscope(["capture", "-i", "lo", "-w"]);
    let said = complaint(command.arg(&old).args(["--", "/no/such/command"]), 127);
    assert!(said.contains("/no/such/command"), "{said}");
    assert_eq!(fs::read(&old).unwrap(), b"old");
}

/// Neither in a folder that everybody may write to, nor in one where only root may; a ring's files are the new user's, who
/// needs the former.
#[test]
fn a_command_that_does_not_start_leaves_no_file() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let (open, closed) = (public_folder(), tempfile::tempdir().unwrap());
    for (folder, name, options) in [
        (&open, "new.pcapng", &[][..]),
        (&closed, "new.pcap.gz", &[]),
        (&open, "ring.pcapng", &["--rotate-size", "1MB"]),
        (&open, "ring.pcap.zst", &["--rotate-every", "1h", "--keep", "2"]),
    ] {
        let mut command = layerscope(["capture", "-i", "lo"]);
        let command = command.args(options).arg("-w").arg(folder.path().join(name)).arg("--");
        for (program, code, words) in [
            ("/no/such/command", 127, "there is no command /no/such/command"),
            ("no-such-command", 127, "there is no command no-such-command in the folders of PATH"),
            ("/etc/passwd", 126, "/etc/passwd may not be run"),
            ("/etc", 126, "/etc may not be run"),
        ] {
            let mut words_of = Command::new(command.get_program());
            words_of.args(command.get_args()).arg(program).stdin(Stdio::null()).env_remove("SUDO_UID");
            let said = complaint(&mut words_of, code);
            assert!(said.contains(words), "{said}");
            let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert!(left.is_empty(), "{name}: {left:?}");
        }
    }
}

#[test]
fn a_ring_that_finds_no_room_for_its_heading_leaves_no_file() {
    if without_root("a disk that is full") {
        return;
    }
    let folder = public_folder();
    let script = format!(
        "mount -t tmpfs -o size=4k,mode=777 none {folder} && ip link set lo up && cd {folder} && \
         head -c 4096 /dev/zero > filler && {binary} capture -i lo --rotate-size 1MB -w ring.pcapng; \
         echo \"exit $?\"; ls",
        folder = folder.path().display(),
        binary = binary().display()
    );
    let output = Command::new("unshare").args(["-nm", "sh", "-c", &script]).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("No space left"), "{said}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "exit 1\nfiller\n");
}

/// What a verb leaves on a disk of 8 KiB: its exit code, what it said, the packets that can be read, and how that ends.
fn on_a_full_disk(words: &str, name: &str, filler: usize) -> (String, String) {
    let folder = public_folder();
    let script = format!(
        "mount -t tmpfs -o size=8k,mode=777 none {folder} && ip link set lo up && cd {folder} && \
         head -c {filler} /dev/zero > filler && {{ {words} >/dev/null; echo \"exit $?\"; rm filler; \
         {binary} read {name} --count; echo \"read $?\"; }}",
        folder = folder.path().display(),
        binary = binary().display()
    );
    let spaces = if is_root() { "-nm" } else { "-Urnm" };
    let output = Command::new("unshare").args([spaces, "sh", "-c", &script]).stdin(Stdio::null()).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_full_disk_leaves_a_file_that_can_be_read() {
    let binary = binary().display();
    let noise = "import socket, os; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); \
                 [s.sendto(os.urandom(1000), (\"127.0.0.1\", 9)) for _ in range(60)]";
    let talk = "import socket, os; s = socket.create_connection((\"127.0.0.1\", 8888)); s.settimeout(9); \
                [(s.send(os.urandom(400).hex().encode() + b\"\\n\"), s.recv(9999)) for _ in range(30)]";
    let many = [demo(); 12].join(" ");
    for name in ["x.pcap", "x.pcapng", "x.pcap.gz", "x.pcapng.gz", "x.pcap.zst", "x.pcapng.zst"] {
        let mut cases = vec![
            (format!("{binary} read {many} -w {name}"), if name.contains('z') { 4096 } else { 0 }),
            (format!("{binary} demo big-segments --network private -w {name}"), 4096),
        ];
        if is_root() {
            cases.push((
                format!("{binary} capture -i lo udp -w {name} -- sh -c 'python3 -c \"$0\"; exec sleep 9' '{noise}'"),
                0,
            ));
            let server = format!("{binary} echo server --capture -w {name}");
            cases.push((format!("sh -c '{server} & sleep 0.7; python3 -c \"$0\"; kill -INT $!; wait $!' '{talk}'"), 0));
        }
        for (words, filler) in cases {
            let (shown, said) = on_a_full_disk(&words, name, filler);
            if name.ends_with('z') || name.ends_with("zst") {
                // Where compression makes it fit, it fits.
                if shown.starts_with("exit 0") {
                    continue;
                }
            }
            assert!(
                said.contains("No space left") && said.contains("what was saved before can be read"),
                "{words}\n{said}"
            );
            let lines: Vec<&str> = shown.lines().collect();
            let [exit, packets, read] = lines[..] else { panic!("{words}\n{shown}{said}") };
            assert_eq!((exit, read), ("exit 1", "read 0"), "{words}\n{shown}{said}");
            assert!(packets.parse::<u32>().unwrap() > 0, "{words}\n{shown}{said}");
        }
    }
}

#[test]
fn what_stood_in_a_file_before_stays_when_the_disk_is_full() {
    if without_root("mounting a small disk") {
        return;
    }
    let folder = public_folder();
    let script = "mount -t tmpfs -o size=12k none \"$1\" && cd \"$1\" && head -c 7000 /dev/zero > log && \
                  ! \"$0\" read \"$2\" -w - >> log && test $(stat -c %s log) -ge 7000 && \
                  test $(head -c 7000 log | tr -d '\\0' | wc -c) = 0 && \
                  tail -c +7001 log > /tmp/$$.pcapng && \"$0\" read --count /tmp/$$.pcapng; rm -f /tmp/$$.pcapng";
    let big = crate::support::ours("generated/loss-many.client.pcap");
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script]).arg(crate::run::binary()).arg(folder.path()).arg(big);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let count = String::from_utf8_lossy(&output.stdout).trim().parse::<u32>();
    assert!(output.status.success() && count.is_ok_and(|count| count > 0), "{said}");
}

#[test]
fn a_file_behind_a_descriptor_of_the_caller_is_not_written_to_by_two() {
    let saved = demo();
    let folder = public_folder();
    let file = folder.path().join("both.pcapng");
    let script = |words: &str| format!("exec 9>>{}; exec {} {words} -w /dev/fd/9", file.display(), binary().display());
    let mut first = Command::new("sh");
    let first = first.args(["-c", &script("read -")]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut first = first.spawn().unwrap();
    let bytes = fs::read(saved).unwrap();
    let mut stdin = first.stdin.take().unwrap();
    stdin.write_all(&bytes[..bytes.len() / 2]).unwrap();
    // What was begun is there.
    while file.metadata().map_or(0, |data| data.len()) == 0 {
        assert!(first.try_wait().unwrap().is_none());
    }
    let holder = format!("is being written to by layerscope (process {})", first.id());
    let said = complaint(Command::new("sh").args(["-c", &script(&format!("read {saved}"))]).stdin(Stdio::null()), 1);
    assert!(said.contains(&holder), "{said}");
    let said = complaint(layerscope(["read", demo(), "-w"]).arg(&file), 1);
    assert!(said.contains(&holder), "{said}");
    stdin.write_all(&bytes[bytes.len() / 2..]).unwrap();
    drop(stdin);
    assert!(first.wait().unwrap().success());
    stdout(layerscope(["read", "--count"]).arg(&file));
    // The lock of a caller who took it beforehand, for its own commands, is nobody else's.
    let locked = format!("flock 9 && exec {} read {saved} -w /dev/fd/9", binary().display());
    let script = format!("exec 9>{}; {locked}", file.display());
    stdout(Command::new("sh").args(["-c", &script]).stdin(Stdio::null()));
    stdout(layerscope(["read", "--count"]).arg(&file));
}

#[test]
fn what_somebody_put_in_the_place_of_a_new_file_stays() {
    let folder = public_folder();
    let at = |name: &str| folder.path().join(name);
    for (name, verb) in
        [("nobody.pcapng", as_nobody(["read", "-", "-w"])), ("own.pcapng", layerscope(["read", "-", "-w"]))]
    {
        let (mut verb, file) = (verb, at(name));
        let command = verb.arg(&file).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        crate::sandbox::wait_until_confined(child.id());
        assert_eq!(file.metadata().unwrap().len(), 0);
        fs::write(at("theirs"), "another's").unwrap();
        fs::rename(at("theirs"), &file).unwrap();
        child.stdin.take().unwrap().write_all(b"this is no capture, and nothing comes to be saved").unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1));
        assert_eq!(fs::read(&file).unwrap(), b"another's", "{name}");
    }
}

#[test]
fn a_descriptor_of_the_caller_is_written_to_as_the_caller_opened_it() {
    let folder = public_folder();
    let (log, demo) = (folder.path().join("log"), concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcap"));
    let run = |redirection: &str| {
        std::fs::write(&log, "a log\n").unwrap();
        let script = format!("exec \"$0\" read {demo} -w /dev/fd/9 9{redirection}{}", log.display());
        let output = Command::new("sh").args(["-c", &script]).arg(crate::run::binary()).output().unwrap();
        (output.status.code(), std::fs::read(&log).unwrap())
    };
    let (code, written) = run(">>");
    assert_eq!(code, Some(0));
    assert!(written.starts_with(b"a log\n") && written.len() > 1000, "{}", written.len());
    assert_eq!(run("<"), (Some(1), b"a log\n".to_vec()));
}
