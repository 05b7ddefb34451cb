//! `layerscope capture` for real: as root, with nothing but `cap_net_raw`, in a private network, and with nothing.
#![expect(clippy::disallowed_methods, reason = "how late a row is, a clock tells")]

use std::io::{BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::run::{as_nobody, binary, complaint, layerscope, public_folder, status, stdout, tshark, without_root};
use crate::running::{Running, Traffic, next_row, usual_rows_are_not_late};

fn count(file: &Path) -> usize {
    tshark(file, &["frame.number"]).len()
}

/// capinfos' word on a file, which it must read without a complaint.
fn capinfos(file: &Path) -> String {
    let output = Command::new("capinfos").arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn captures(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn rows_come_as_packets_do_and_the_summary_counts_them() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let traffic = Traffic::new();
    let mut running = Running::start(&mut layerscope(["capture", "-i", "lo", &traffic.filter()]));
    let mut rows = BufReader::new(running.child.stdout.take().unwrap());
    let count = usual_rows_are_not_late(|| {
        traffic.send(1);
        next_row(&mut rows, "packet 000000");
    });
    running.child.stdout = Some(rows.into_inner());
    let (code, _, said) = running.interrupt();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("{count} packets ({} bytes)", 55 * count)), "{said}");
    assert!(said.contains("dropped: 0 by the kernel"), "{said}");
    assert!(said.contains("1 UDP conversation"), "{said}");
}

#[test]
fn the_running_capture_has_given_everything_up() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let names = ["Uid", "Gid", "Groups", "CapEff", "CapPrm", "CapInh", "CapAmb", "NoNewPrivs", "Seccomp"];
    let expected = |user: &str, seccomp: &str| {
        let none = "0000000000000000";
        let mut lines = ["CapEff", "CapPrm", "CapInh", "CapAmb"].map(|name| format!("{name}: {none}")).to_vec();
        lines.extend(["Uid", "Gid"].map(|name| format!("{name}: {user} {user} {user} {user}")));
        lines.extend(["Groups:".to_owned(), "NoNewPrivs: 1".to_owned(), format!("Seccomp: {seccomp}")]);
        lines.sort();
        lines
    };
    let cases: [(&[&str], &str, &str); 4] = [
        (&[], "65534", "2"),
        (&["--user", "daemon"], "1", "2"),
        (&["--user", "4242"], "4242", "2"),
        (&["--no-sandbox"], "65534", "0"),
    ];
    for (options, user, seccomp) in cases {
        let running = Running::start(layerscope(["capture", "-i", "lo", "port 9"]).args(options));
        assert_eq!(status(running.child.id(), &names), expected(user, seccomp), "{options:?}");
        running.interrupt();
    }
    let mut sudo = layerscope(["capture", "-i", "lo", "port 9"]);
    let running = Running::start(sudo.env("SUDO_UID", "12345").env("SUDO_GID", "12345"));
    assert_eq!(status(running.child.id(), &names), expected("12345", "2"));
    running.interrupt();
    let said = complaint(&mut layerscope(["capture", "-i", "lo", "--user", "no such user"]), 2);
    assert!(said.contains("no such user"), "{said}");
}

#[test]
fn cap_net_raw_alone_is_enough() {
    if without_root("handing on a single capability") {
        return;
    }
    let traffic = Traffic::new();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    command.args(["--inh-caps", "-all,+net_raw", "--ambient-caps", "-all,+net_raw", "--bounding-set", "-all,+net_raw"]);
    command.arg(binary()).args(["capture", "-i", "lo", "-c", "3", &traffic.filter()]);
    let running = Running::start(&mut command);
    assert!(status(running.child.id(), &["CapEff", "NoNewPrivs", "Seccomp"]).contains(&"Seccomp: 2".to_owned()));
    traffic.send(5);
    let (code, shown, said) = running.end();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(shown.lines().filter(|line| line.contains("packet 0")).count(), 3, "{shown}");
    assert!(said.contains("3 packets"), "{said}");
}

#[test]
fn a_command_is_captured_in_a_network_of_its_own_without_root() {
    let folder = public_folder();
    let file = folder.path().join("out.pcapng");
    let script = "import socket\na = socket.create_server(('127.0.0.1', 0))\n\
                  b = socket.create_connection(a.getsockname())\nc, _ = a.accept()\nb.send(b'hello')\n\
                  print('the command says', c.recv(9), input())\nb.close()\nc.recv(1)\nc.close()";
    let mut command = as_nobody(["capture", "--network", "private", "--connections", "-w"]);
    command.arg(&file).args(["--", "python3", "-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"what was typed\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("the command says b'hello' what was typed\n"), "{said}");
    assert!(said.contains("capturing on lo") && said.contains("python3 ended with exit code 0"), "{said}");
    assert!(said.contains("1 TCP connection: 1 closed by the client"), "{said}");
    let flags = tshark(&file, &["tcp.flags.str"]);
    assert!(flags[0][0].contains('S') && flags.last().unwrap()[0].contains('A'), "{flags:?}");
    assert!(capinfos(&file).contains("Number of packets:"));
}

#[test]
fn a_command_that_ends_at_once_ends_the_capture() {
    for (command, ending, code) in [
        (&["true"][..], "exit code 0", 0),
        (&["sh", "-c", "exit 7"], "exit code 7", 7),
        (&["sh", "-c", "kill -9 $$"], "signal 9", 137),
    ] {
        let output = as_nobody(["capture", "--network", "private", "--"]).args(command).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(ending) && said.contains("0 packets"), "{said}");
    }
    let said = complaint(&mut as_nobody(["capture", "--network", "private", "--", "/no/such/command"]), 127);
    assert!(said.contains("there is no command /no/such/command"), "{said}");
}

#[test]
fn the_command_ends_with_the_capture() {
    let began = Instant::now();
    let mut command = as_nobody(["capture", "--network", "private", "--duration", "200ms", "--", "sleep", "60"]);
    let output = command.output().unwrap();
    assert!(output.status.success());
    // The pipes are at their end when the command has ended as well.
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn rows_and_what_the_command_prints_do_not_mix() {
    let script = "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
                  s.sendto(b'a row', ('127.0.0.1', 9))\nprint('said')";
    let output = as_nobody(["capture", "--network", "private", "udp", "--", "python3", "-c", script]).output().unwrap();
    let (shown, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(shown.contains("\"a row\"") && !shown.contains("said"), "{shown}");
    assert!(said.contains("said\n"), "{said}");
}

#[test]
fn without_the_right_the_ways_to_it_are_named() {
    let said = complaint(&mut as_nobody(["capture", "-i", "lo"]), 1);
    for part in ["CAP_NET_RAW", "sudo ", "setcap cap_net_raw=ep", "--network private"] {
        assert!(said.contains(part), "{part} is missing in\n{said}");
    }
}

#[test]
fn an_unknown_interface_is_answered_with_those_that_exist() {
    for mut command in [layerscope(["capture", "-i", "nosuch"]), as_nobody(["capture", "-i", "nosuch"])] {
        let said = complaint(&mut command, 1);
        assert!(said.contains("no interface \"nosuch\"") && said.contains("lo"), "{said}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let cases: [(&[&str], &str); 7] = [
        (&["--keep", "3"], "--rotate-size"),
        (&["-w", "-", "--print"], "standard output"),
        (&["-w", "-", "--rotate-size", "1MB"], "rotated"),
        (&["--duration", "soon"], "10s"),
        (&["--buffer-size", "9GiB"], "at most 2 GiB"),
        (&["--network", "private"], "COMMAND"),
        (&["-c", "0"], "0"),
    ];
    for (options, part) in cases {
        let said = complaint(layerscope(["capture"]).args(options), 2);
        assert!(said.contains(part), "{options:?}: {said}");
    }
    if !without_root("opening a capture") {
        let said = complaint(&mut layerscope(["capture", "-w", "/tmp/x.txt", "-i", "lo"]), 2);
        assert!(said.contains(".pcapng"), "{said}");
        let said = complaint(&mut layerscope(["capture", "-i", "lo", "wlan", "type", "mgt"]), 2);
        assert!(said.contains("'wlan type mgt' on packets of ETHERNET"), "{said}");
    }
}

/// Runs a script in a network of its own with a pair of interfaces, `v0` and `v1`, that are up.
fn with_interfaces(script: &str) -> Output {
    let script = format!(
        "ip link add v0 type veth peer name v1 && ip address add 192.0.2.1/24 dev v0 && ip link set v0 up && \
         ip link set v1 up && {script}"
    );
    Command::new("unshare").args(["-nm", "sh", "-c", &script]).output().unwrap()
}

#[test]
fn an_interface_that_goes_down_or_disappears_ends_the_capture_and_keeps_what_was_captured() {
    if without_root("a network with interfaces") {
        return;
    }
    let folder = public_folder();
    for (name, action, words) in [
        ("down", "ip link set v0 down", "the interface v0 went down"),
        ("gone", "ip link del v0", "the interface v0 disappeared"),
    ] {
        let file = folder.path().join(format!("{name}.pcapng"));
        let send = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); \
                      s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1); s.sendto(b'last words', ('192.0.2.255', 9))";
        let output = with_interfaces(&format!(
            "exec {} capture -i v0 -w {} udp port 9 -- sh -c \"python3 -c \\\"{send}\\\"; {action}; exec sleep 20\"",
            binary().display(),
            file.display()
        ));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(words) && said.contains("1 packet ("), "{said}");
        assert_eq!(count(&file), 1);
    }
    // Whoever may not capture is told so even there: switching it on would not help.
    let nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups";
    for (who, words) in [("", ["v0 is down", "ip link set v0 up"]), (nobody, ["CAP_NET_RAW", "sudo"])] {
        let script = format!("ip link set v0 down && exec {who} {} capture -i v0", binary().display());
        let said = String::from_utf8(with_interfaces(&script).stderr).unwrap();
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
    }
}

#[test]
fn what_the_interface_lost_is_counted_by_a_confined_capture_too() {
    if without_root("a network with interfaces") {
        return;
    }
    // The counters stand in for those of an interface that has lost packets before, and loses more.
    let counters = "/sys/class/net/v0/statistics";
    let (missed, queued) = ("rx_missed_errors", "rx_fifo_errors");
    let output = with_interfaces(&format!(
        "mount -t tmpfs none /sys && mkdir -p {counters} && echo 7 > {counters}/{missed} && echo 2 > {counters}/{queued} && \
         exec {} capture -i v0 -q --promiscuous udp port 9 -- sh -c 'echo 5 > {counters}/{queued}'",
        binary().display()
    ));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("0 by the kernel, 3 by the interface"), "{said}");
}

#[test]
fn any_tells_the_interfaces_apart() {
    if without_root("capturing everywhere") {
        return;
    }
    let (folder, traffic) = (public_folder(), Traffic::new());
    let file = folder.path().join("any.pcapng");
    let running =
        Running::start(layerscope(["capture", "-i", "any", "-c", "2", "-w"]).arg(&file).arg(traffic.filter()));
    assert!(running.first.contains("LINUX_SLL2"), "{}", running.first);
    traffic.send(2);
    let (code, shown, said) = running.end();
    assert_eq!((code, shown.as_str()), (Some(0), ""), "{said}");
    assert!(said.contains(&format!("layerscope flows {}", file.display())), "{said}");
    assert_eq!(tshark(&file, &["sll.ifindex", "udp.length"]), [["1", "21"], ["1", "21"]]);
}

#[test]
fn a_ring_of_files_keeps_the_last_packets_of_all() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    for ending in ["pcap", "pcapng", "pcapng.zst"] {
        let (folder, traffic) = (public_folder(), Traffic::new());
        let file = folder.path().join("ring").with_extension(ending);
        let mut command =
            layerscope(["capture", "-i", "lo", &traffic.filter(), "--rotate-size", "10kB", "--keep", "3"]);
        let running = Running::start(command.arg("-w").arg(&file));
        traffic.send(1000);
        let (code, _, said) = running.interrupt();
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("1000 packets") && said.contains("3 kept"), "{said}");
        let files = captures(folder.path());
        assert_eq!(files.len(), 3, "{files:?}");
        let payloads: Vec<String> = files
            .iter()
            .flat_map(|file| tshark(file, &["data.text", "udp.payload"]))
            .map(|row| row[1].clone())
            .collect();
        let last: Vec<String> =
            (1000 - payloads.len()..1000).map(|number| hex(&format!("packet {number:06}"))).collect();
        assert_eq!(payloads, last, "the last packets, each once, in order");
        for file in &files {
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(name.starts_with("ring_000") && name.ends_with(ending), "{name}");
            assert!(ending.ends_with("zst") || (file.metadata().unwrap().len() <= 10_200), "{name}");
            capinfos(file);
        }
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn files_rotate_by_the_packets_clock() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let (folder, traffic) = (public_folder(), Traffic::new());
    let file = folder.path().join("out.pcapng");
    let mut command = layerscope(["capture", "-i", "lo", &traffic.filter(), "--rotate-every", "100ms", "--print"]);
    let mut running = Running::start(command.arg("-w").arg(&file));
    let mut rows = BufReader::new(running.child.stdout.take().unwrap());
    let began = Instant::now();
    // The row is there when the packet was captured; then the next one is sent.
    while began.elapsed() < Duration::from_millis(350) {
        traffic.send(1);
        next_row(&mut rows, "packet 0");
    }
    running.child.stdout = Some(rows.into_inner());
    let (code, _, said) = running.interrupt();
    assert_eq!(code, Some(0), "{said}");
    let nanos = |row: &Vec<String>| row[0].replace('.', "").parse::<u64>().unwrap();
    let times_in = |file: &PathBuf| tshark(file, &["frame.time_epoch"]).iter().map(nanos).collect::<Vec<_>>();
    let files: Vec<Vec<u64>> = captures(folder.path()).iter().map(times_in).collect();
    // Every file begins with the first packet that the one before is too old for.
    let mut expected: Vec<Vec<u64>> = Vec::new();
    for time in files.concat() {
        match expected.last_mut().filter(|file| time - file[0] < 100_000_000) {
            Some(file) => file.push(time),
            None => expected.push(vec![time]),
        }
    }
    assert_eq!(files, expected);
    assert!(files.len() > 1, "{files:?}");
}

#[test]
fn where_no_further_file_may_be_created_that_is_said_first() {
    if without_root("giving up root") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.pcapng");
    let mut command = layerscope(["capture", "-i", "lo", "--rotate-size", "1MB", "-w"]);
    let said = complaint(command.arg(&file), 1);
    assert!(said.contains("creating ") && said.contains("Permission denied") && said.contains("--user"), "{said}");
    // One file needs no further one: it is open before root is given up, and belongs to who ran sudo.
    let traffic = Traffic::new();
    let mut command = layerscope(["capture", "-i", "lo", "-c", "1", &traffic.filter(), "-w"]);
    let running = Running::start(command.arg(folder.path().join("one.pcap")).env("SUDO_UID", "12345"));
    traffic.send(1);
    assert_eq!(running.end().0, Some(0));
    assert_eq!(folder.path().join("one.pcap").metadata().unwrap().uid(), 12345);
}

#[test]
fn a_killed_capture_leaves_whole_packets() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    for (name, options) in [("cut.pcap", &[][..]), ("cut.pcapng", &[]), ("flushed.pcapng", &["--flush"])] {
        let (folder, traffic) = (public_folder(), Traffic::new());
        let file = folder.path().join(name);
        let mut command = layerscope(["capture", "-i", "lo", "--print", &traffic.filter(), "-w"]);
        let mut running = Running::start(command.arg(&file).args(options));
        traffic.send(2000);
        let mut rows = BufReader::new(running.child.stdout.take().unwrap());
        next_row(&mut rows, "packet 001000");
        running.signal("-KILL");
        running.child.wait().unwrap();
        // tshark complains about a packet that was cut.
        assert!(count(&file) > 500, "{}", count(&file));
        capinfos(&file);
    }
}

#[test]
fn a_full_disk_stops_the_capture_and_what_was_saved_can_be_read() {
    if without_root("a disk that is soon full") {
        return;
    }
    // A file that was open before confinement, and those of a ring, which are not.
    for (options, name) in
        [("", "full.pcapng"), ("--rotate-size 1GB", "full_*.pcapng"), ("--rotate-size 1GB", "full_*.pcap")]
    {
        fill_a_disk(options, name);
    }
}

fn fill_a_disk(options: &str, name: &str) {
    let folder = public_folder();
    let ending = name.rsplit('.').next().unwrap();
    let send = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); \
                [s.sendto(bytes(1000), ('127.0.0.1', 9)) for _ in range(2000)]";
    let script = format!(
        "mount -t tmpfs -o size=300k,mode=777 none {folder} && ip link set lo up && \
         {binary} capture -i lo udp -w {folder}/full.{ending} {options} -- sh -c \"python3 -c \\\"{send}\\\"; exec sleep 20\"; \
         echo \"exit code $?\"; tshark -r {folder}/{name} 2>&1 | wc -l; capinfos {folder}/{name} && echo whole",
        folder = folder.path().display(),
        binary = binary().display()
    );
    let output = Command::new("unshare").args(["-nm", "sh", "-c", &script]).output().unwrap();
    let (shown, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(shown.contains("exit code 1") && shown.contains("whole"), "{shown}\n{said}");
    assert!(said.contains(&format!(".{ending}: No space left on device")) && said.contains("can be read"), "{said}");
    assert!(!said.contains("cut short") && !said.contains("saved in"), "{said}");
    let packets: usize = shown.lines().nth(1).unwrap().trim().parse().unwrap();
    assert!(packets > 150, "{packets} of 300 that fit: {shown}");
}

#[test]
fn a_display_that_cannot_keep_up_costs_rows_and_no_packet_of_the_file() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    // More than may wait to be shown, and a few rows that fit into the pipe.
    const PACKETS: usize = 3000;
    const SIZE: usize = 24_000;
    let (folder, traffic) = (public_folder(), Traffic::new());
    let file = folder.path().join("all.pcap");
    let options = ["capture", "-i", "lo", "--print", &traffic.filter(), "-w"];
    let running = Running::start(layerscope(options).arg(&file));
    // Nobody reads the rows meanwhile. The next packets are sent when those before are in the file.
    for sent in (100..=PACKETS).step_by(100) {
        traffic.send_long(100, SIZE);
        let (since, saved) = (Instant::now(), sent * SIZE);
        while file.metadata().unwrap().len() < saved as u64 {
            assert!(since.elapsed() < Duration::from_secs(30), "{sent} packets are not in the file");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    let (code, shown, said) = running.interrupt();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("{PACKETS} packets")), "{said}");
    let rows = shown.lines().filter(|line| line.contains("packet 0")).count();
    assert!(rows > 0 && rows < PACKETS, "{rows}");
    assert!(said.contains(&format!("{} lines were not shown", PACKETS - rows)), "{said}");
    assert_eq!(count(&file), PACKETS);
}

#[test]
fn a_closed_pipe_ends_the_capture_quietly() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let traffic = Traffic::new();
    let mut running = Running::start(&mut layerscope(["capture", "-i", "lo", &traffic.filter()]));
    drop(running.child.stdout.take());
    while running.child.try_wait().unwrap().is_none() {
        traffic.send(1);
    }
    let mut said = String::new();
    running.stderr.read_to_string(&mut said).unwrap();
    assert_eq!(running.child.wait().unwrap().code(), Some(0), "{said}");
    assert!(!said.contains("roken pipe"), "{said}");
}

#[test]
fn standard_output_carries_the_packets_to_another_program() {
    if without_root("capturing on the host's loopback") {
        return;
    }
    let traffic = Traffic::new();
    let mut command = layerscope(["capture", "-i", "lo", "-c", "3", &traffic.filter(), "-w", "-"]);
    let mut running = Running::start(&mut command);
    let mut reader = layerscope(["read", "-"]);
    reader.env("COLUMNS", "200");
    let reader = reader.stdin(running.child.stdout.take().unwrap()).stdout(Stdio::piped()).spawn().unwrap();
    traffic.send(3);
    let shown = String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap();
    assert!(shown.matches("packet 0").count() >= 3, "{shown}");
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
}

/// Three connections: one that closes, one that is refused, one datagram.
const THREE: &str = "import socket\na = socket.create_server(('127.0.0.1', 0))\n\
                     b = socket.create_connection(a.getsockname())\nc, _ = a.accept()\nb.send(b'hello')\nc.recv(9)\n\
                     b.close()\nc.recv(1)\nc.close()\n\
                     socket.socket().connect_ex(('127.0.0.1', 1))\n\
                     socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))";

#[test]
fn connections_are_told_event_by_event() {
    let options = ["capture", "--network", "private", "--connections", "--", "python3", "-c", THREE];
    let shown = stdout(&mut as_nobody(options));
    let events: Vec<&str> = shown.lines().map(|line| line.splitn(3, "  ").nth(2).unwrap()).collect();
    assert_eq!(events[..2], ["begins", "opened"], "{shown}");
    // Five segments of 20 + 20 + 12 bytes of headers behind Ethernet's 14, 8 more of options in the SYN, and "hello".
    let closed = |event: &str| event.starts_with("closed by the client, ") && event.contains("343 bytes there; ");
    assert!(closed(events[2]), "{shown}");
    assert_eq!(events[3], "begins");
    assert!(events[4].starts_with("reset by the server: refused"), "{shown}");
    assert_eq!(events[5..], ["begins"], "{shown}");
}

#[test]
fn on_a_terminal_the_table_of_connections_is_redrawn_in_place() {
    let folder = public_folder();
    let (script, typescript) = (folder.path().join("three.py"), folder.path().join("typescript"));
    std::fs::write(&script, format!("{THREE}\nimport time\ntime.sleep(0.5)\n{THREE}")).unwrap();
    let run = format!("{} capture --network private --connections -- python3 {}", binary().display(), script.display());
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "script", "-qec", &run]).arg(&typescript);
    let output = command.env("TERM", "xterm").env("COLUMNS", "140").stdin(Stdio::null()).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shown}");
    let (before, last) = shown.rsplit_once("\x1b[J").unwrap();
    assert!(before.contains("\x1b[") && before.contains("closed by the client"), "{shown}");
    assert_eq!(last.matches("closed by the client").count(), 3, "two rows and the summary: {shown}");
    assert_eq!(last.matches("reset by the server: refused").count(), 3, "{shown}");
}

#[test]
fn the_default_interface_is_named_first() {
    if without_root("opening a capture") {
        return;
    }
    let output = layerscope(["capture", "--duration", "50ms", "-q"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let listed = stdout(&mut layerscope(["interfaces"]));
    let default = listed.lines().find(|line| line.contains("yes, default")).unwrap().split_whitespace().next().unwrap();
    assert!(said.lines().next().unwrap().contains(&format!("capturing on {default} ")), "{said}");
}
