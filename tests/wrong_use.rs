//! What people do wrong, and the answer they get.

use std::io::Read;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::run::{as_nobody, binary, complaint, is_root, layerscope, public_folder, stdout};
use crate::support::ours;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng");

#[test]
fn a_taken_port_is_named_with_a_way_out() {
    if !is_root() {
        eprintln!("SKIPPED: only the host's network has other programs, and only root may capture there");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
        return;
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = complaint(&mut layerscope(["demo", "--network", "host", "--port", &port]), 1);
    assert!(said.contains(&format!("TCP port {port} of 127.0.0.1 is taken")), "{said}");
    assert!(said.contains("--port 0"), "{said}");

    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = complaint(&mut layerscope(["demo", "--network", "host", "--udp", "--port", &port]), 1);
    assert!(said.contains(&format!("UDP port {port} of 127.0.0.1 is taken")), "{said}");
}

#[test]
fn a_name_that_does_not_exist_is_answered_with_those_that_do() {
    let said = complaint(&mut layerscope(["demo", "eko"]), 2);
    assert!(said.contains("echo"), "{said}");
    let said = complaint(&mut layerscope(["demo", "--encoding", "klingon"]), 2);
    assert!(said.contains("klingon") && said.contains("gbk"), "{said}");
    let said = complaint(&mut layerscope(["dmeo"]), 2);
    assert!(said.contains("demo"), "{said}");
    let said = complaint(&mut layerscope(["demo", "--mesage", "x"]), 2);
    assert!(said.contains("--message"), "{said}");
}

#[test]
fn a_message_that_cannot_be_sent_is_refused_before_anything_starts() {
    let said = complaint(&mut layerscope(["demo", "--encoding", "gbk", "--message", "smile 😀"]), 2);
    assert!(said.contains("GBK cannot express '😀'"), "{said}");
    let said = complaint(&mut layerscope(["demo", "--message", "exit"]), 2);
    assert!(said.contains("sent last"), "{said}");
    let said = complaint(&mut layerscope(["demo", "--message", ""]), 2);
    assert!(said.contains("at least one byte"), "{said}");
    let said = complaint(&mut layerscope(["demo", "--message", &"x".repeat(5000)]), 2);
    assert!(said.contains("5000 bytes"), "{said}");
}

#[test]
fn a_missing_file_is_named() {
    let said = complaint(&mut layerscope(["read", "no-such-file.pcap"]), 1);
    assert!(said.contains("there is no file no-such-file.pcap"), "{said}");
    let said = complaint(&mut as_nobody(["demo", "-w", "/no/such/folder/x.pcap"]), 1);
    assert!(said.contains("/no/such/folder/x.pcap"), "{said}");
    let said = complaint(&mut as_nobody(["demo", "-w", "/tmp/lesson.txt"]), 2);
    assert!(said.contains(".pcapng"), "{said}");
    assert!(!Path::new("/tmp/lesson.txt").exists());
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let script = format!("{} read {DEMO} | head -1; echo ${{PIPESTATUS[0]}}", binary().display());
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().last(), Some("0"), "{text}");
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let said = complaint(layerscope(["read", DEMO]).stdout(full), 1);
    assert!(said.contains("standard output") && said.contains("No space left"), "{said}");
}

#[test]
fn a_run_that_fails_leaves_no_file_and_harms_none() {
    let folder = public_folder();
    let (new, old) = (folder.path().join("new.pcapng"), folder.path().join("old.pcapng"));
    std::fs::copy(DEMO, &old).unwrap();
    if is_root() {
        std::os::unix::fs::chown(&old, Some(65534), Some(65534)).unwrap();
    }
    for file in [&new, &old] {
        // Nobody may open ports below 1024 in somebody else's network; here the failure is the network's.
        let said = complaint(as_nobody(["demo", "--network", "host", "-w"]).arg(file), 1);
        assert!(said.contains("CAP_NET_RAW") || said.contains("ermission"), "{said}");
    }
    assert!(!new.exists());
    assert_eq!(std::fs::read(&old).unwrap(), std::fs::read(DEMO).unwrap());
}

#[test]
fn forbidden_everywhere_the_ways_out_are_named_for_this_binary() {
    if !is_root() {
        eprintln!("SKIPPED: forbidding namespaces to a process needs root");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
        return;
    }
    // A user namespace of its own in which no further one may be made, then no capabilities.
    let binary = binary().display();
    let script = format!(
        "echo 0 > /proc/sys/user/max_user_namespaces; \
         exec setpriv --securebits=+noroot --inh-caps=-all --bounding-set=-all {binary} demo"
    );
    let said = complaint(Command::new("unshare").args(["-Ur", "sh", "-c", &script]), 1);
    for part in [
        "max_user_namespaces",
        &format!("sudo {binary} demo"),
        &format!("setcap cap_net_raw=ep {binary}"),
        &format!("{binary} read captures/demo.pcapng"),
    ] {
        assert!(said.contains(part), "{part:?} is missing in\n{said}");
    }
}

#[test]
fn a_root_that_may_not_capture_gets_a_network_of_its_own() {
    if !is_root() {
        eprintln!("SKIPPED: being a root without rights needs root");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
        return;
    }
    let binary = binary().to_str().unwrap();
    // Root of a user namespace, whose capabilities count for nothing on the host's loopback; and root without the one
    // that capturing needs.
    for wrapper in [&["unshare", "-Ur"][..], &["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]] {
        let mut command = Command::new(wrapper[0]);
        let text = stdout(command.args(&wrapper[1..]).args([binary, "demo", "--show", "table"]));
        assert!(text.contains("(19 of 19)"), "{text}");
    }
}

#[test]
fn a_conversation_that_breaks_off_replaces_no_file() {
    if !is_root() {
        eprintln!("SKIPPED: only the host's network has other programs, and only root may capture there");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
        return;
    }
    let folder = public_folder();
    let (new, old) = (folder.path().join("new.pcapng"), folder.path().join("old.pcapng"));
    std::fs::copy(DEMO, &old).unwrap();
    for file in [&new, &old] {
        // It gives root up, and with it the right to such a port.
        let mut command = layerscope(["demo", "--network", "host", "--port", "1", "-w"]);
        let output = command.arg(file).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("broke off") && !text.contains("and no other"), "{text}");
    }
    assert!(!new.exists());
    assert_eq!(std::fs::read(&old).unwrap(), std::fs::read(DEMO).unwrap());
}

#[test]
fn lost_packets_are_named_and_the_exit_code_says_so() {
    if !is_root() {
        eprintln!("SKIPPED: a firewall rule needs root");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
        return;
    }
    // A network whose firewall drops what the UDP client sends; the demonstration runs on that network's loopback.
    let script = format!(
        "ip link set lo up && nft add table inet t && \
         nft add chain inet t out '{{ type filter hook output priority 0; }}' && \
         nft add rule inet t out udp sport 8889 drop && exec {} demo --network host --udp",
        binary().display()
    );
    let mut command = Command::new("unshare");
    let said = complaint(command.args(["-n", "sh", "-c", &script]), 1);
    assert!(said.contains("sendto(") || said.contains("recvfrom("), "{said}");
}

#[test]
fn more_packets_than_the_calls_account_for_are_named() {
    if !is_root() {
        eprintln!("SKIPPED: changing a loopback's MTU needs root");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
        return;
    }
    // One message, several segments.
    let script = format!(
        "ip link set lo mtu 600 up && ethtool -K lo tso off gso off && exec {} demo --network host --tcp --message {}",
        binary().display(),
        "x".repeat(2000)
    );
    let output = Command::new("unshare").args(["-n", "sh", "-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("do not add up") && text.contains("unexpected: packet"), "{text}");
    assert!(text.contains("missing: TCP segment of 2000 B"), "{text}");
}

#[test]
fn forty_columns_are_enough_and_none_is_too_long() {
    for columns in [40, 60, 80, 100, 200] {
        for part in ["table", "timeline", "bytes"] {
            let mut command = as_nobody(["demo", "--explain", "--absolute", "--show", part]);
            let text = stdout(command.env("COLUMNS", columns.to_string()));
            // The ledger is a sentence, and a hex line of 16 bytes is what it is.
            for line in text.lines().filter(|line| !line.starts_with("ledger") && !line.starts_with("00")) {
                let width = layerscope::render::text::width(line);
                assert!(width <= columns.max(40), "{part} at {columns}: {width} columns: {line}");
            }
        }
    }
}

#[test]
fn a_dumb_terminal_gets_plain_ascii() {
    let text = stdout(as_nobody(["demo", "--explain"]).env("TERM", "dumb"));
    assert!(text.is_ascii(), "{}", text.lines().find(|line| !line.is_ascii()).unwrap());
    assert!(!text.contains('\u{1b}'));
    let text = stdout(layerscope(["read", "--color", "always", DEMO]).env("NO_COLOR", "1"));
    assert!(text.contains("\u{1b}[36m"), "asking for colour beats NO_COLOR");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the moment of the interrupt is what is tried")]
fn an_interrupt_at_any_moment_ends_cleanly() {
    let folder = public_folder();
    for milliseconds in [0, 1, 3, 5, 10, 15, 20, 30, 40, 50, 60] {
        let file = folder.path().join(format!("{milliseconds}.pcapng"));
        let mut command = as_nobody(["demo", "-w"]);
        let mut child = command.arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        let pid = child.id().to_string();
        Command::new("kill").args(["-INT", &pid]).status().unwrap();
        let status = child.wait().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        match (status.code(), status.signal()) {
            // It was done before the signal came.
            (Some(0), _) => stdout(layerscope(["read"]).arg(&file)).clear(),
            (Some(1), _) => {
                assert!(said.contains("interrupted"), "{said}");
                assert!(!file.exists(), "a half-written file stayed");
            }
            // It had not yet begun to listen for it.
            (None, Some(2)) => assert!(!file.exists() || file.metadata().unwrap().len() == 0),
            other => panic!("after {milliseconds} ms: {other:?} {said}"),
        }
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_filter_that_makes_no_sense_for_a_capture_is_wrong_use_for_every_verb() {
    let raw = ours("derived/raw-101.pcap");
    let raw = raw.to_str().unwrap();
    for verb in ["read", "flows", "handshakes", "stats"] {
        let said = complaint(&mut layerscope([verb, raw, "ether host 02:00:00:00:00:01"]), 2);
        assert!(said.contains("on packets of RAW"), "{verb}: {said}");
        let said = complaint(&mut layerscope([verb, DEMO, "outbound"]), 2);
        assert!(said.contains("which way a packet went is not saved with it"), "{verb}: {said}");
    }
}

#[test]
fn a_filter_that_is_wrong_is_marked_where_it_is_and_answered_with_what_to_type() {
    for (filter, mark, step) in [
        ("tcp prt 80", "      ^^^ this makes no sense here", "did you mean port?"),
        ("tcp port 80 adn udp", "              ^^^ this makes no sense here", "did you mean and?"),
        ("tcp and (udp", "              ^ here something is missing", ""),
        ("tcp.port == 80", "  ^^^^^^^^ this makes no sense here", "not as Wireshark's display filter"),
        ("dns", "  ^^^ this makes no sense here", "by its ports it is: port 53"),
        ("port 80 or hsot 192.0.2.1", "             ^^^^ this makes no sense here", "did you mean host?"),
        ("port no-such-service", "       ^^^^^^^^^^^^^^^ this makes no sense here", ""),
    ] {
        for verb in ["read", "flows", "handshakes", "stats"] {
            let said = complaint(&mut layerscope([verb, DEMO, filter]), 2);
            let lines: Vec<&str> = said.lines().collect();
            assert_eq!((lines[1].trim_start(), lines[2]), (filter, mark), "{verb}: {said}");
            assert!(said.contains(step), "{verb}: {said}");
        }
    }
    let hostile = complaint(&mut layerscope(["read", DEMO, "tcp \u{1b}[2J prt"]), 2);
    assert!(!hostile.contains('\u{1b}') && !hostile.contains('^'), "{hostile}");
    let long = format!("{} adn udp", "tcp port 80 or ".repeat(14) + "tcp");
    let said = complaint(&mut layerscope(["read", DEMO, &long]), 2);
    assert!(said.contains("it makes no sense from 'adn' on"), "{said}");
}

#[test]
fn a_conversation_keeps_its_number_however_many_come_between() {
    // A datagram, ten thousand conversations, and the first one's next datagram.
    let folder = public_folder();
    let path = folder.path().join("many.pcap");
    let mut bytes = [0xa1b2_3c4d_u32, 0x0004_0002, 0, 0, 262_144, 101].map(u32::to_le_bytes).concat();
    for port in (1..=10_000_u16).chain([1]) {
        let packet = [
            &[0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2][..],
            &port.to_be_bytes(),
            &[0, 53, 0, 8, 0, 0],
        ]
        .concat();
        bytes.extend([0, 0, 28, 28].map(u32::to_le_bytes).concat());
        bytes.extend(packet);
    }
    std::fs::write(&path, bytes).unwrap();
    let count = |stream: &str| stdout(layerscope(["read", "--count", "--stream", stream]).arg(&path)).trim().to_owned();
    assert_eq!((count("udp:0"), count("udp:9999")), ("2".into(), "1".into()));
    let said = complaint(layerscope(["read", "--count", "--stream", "udp:10000"]).arg(&path), 2);
    assert!(said.contains("there is no UDP stream 10000"), "{said}");
}

#[test]
fn a_verb_without_a_manual_page_is_answered_with_the_nearest() {
    assert!(complaint(&mut layerscope(["man", "raed"]), 2).contains("did you mean read?"));
    assert!(complaint(&mut layerscope(["man", "echo", "servr"]), 2).contains("did you mean server?"));
    assert!(complaint(&mut layerscope(["man", "run-when-told"]), 2).contains("has no verb"));
}

#[test]
fn a_standard_output_that_is_closed_is_an_error_for_every_verb() {
    for words in [
        "read demo.pcap",
        "read demo.pcap --count",
        "read demo.pcap --format json",
        "read demo.pcap -w -",
        "flows demo.pcap",
        "handshakes demo.pcap",
        "timeline demo.pcap -s 0",
        "follow demo.pcap -s 0",
        "inspect demo.pcap 1",
        "stats demo.pcap",
        "demo",
        "demo --list",
        "interfaces",
        "man",
        "completions bash",
        "capture -i lo -c 1",
        "--help",
        "--version",
    ] {
        let script = format!("cd {}/captures && exec {} {words} >&-", env!("CARGO_MANIFEST_DIR"), binary().display());
        let said = complaint(Command::new("sh").args(["-c", &script]).stdin(Stdio::null()), 1);
        let is_told = said.contains("standard output, which is closed");
        // Who may not capture hears of that first.
        assert!(is_told || (words.starts_with("capture") && !is_root()), "{words}: {said}");
    }
    let folder = public_folder();
    // Nothing is lost where it goes to a file, and /dev/null is not closed.
    let script = format!(
        "cd {0}/captures && {1} read demo.pcap -w {2}/x.pcap 2>&1 >&- && {1} read demo.pcap >/dev/null",
        env!("CARGO_MANIFEST_DIR"),
        binary().display(),
        folder.path().display()
    );
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
}
