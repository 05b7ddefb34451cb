//! Every scenario of the lab for real, without privilege: its ledger, its fact in tshark's eyes, its golden timeline.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use layerscope::lab::SCENARIOS;
use layerscope::words::Spelling;

use crate::run::{as_nobody, complaint, layerscope, public_folder, stdout, tshark};

/// For each scenario what its saved file must show: display filters of Wireshark, and how many packets pass.
const FACTS: [(&str, &[(&str, usize)]); 30] = [
    ("echo", &[("tcp", 15), ("udp.payload == 48:45:4c:4c:4f", 1), ("tcp.payload == 48:45:4c:4c:4f", 1)]),
    (
        "handshake",
        &[
            ("tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.seq == 0", 1),
            ("tcp.flags.syn == 1 && tcp.flags.ack == 1 && tcp.ack == 1", 1),
        ],
    ),
    ("blocking", &[("tcp.len == 14", 2), ("frame.comment contains \"gives 4\"", 1)]),
    // The first FIN is the server's.
    (
        "server-close",
        &[("frame.number == 8 && tcp.flags.fin == 1 && tcp.srcport == 8888", 1), ("tcp.flags.fin == 1", 2)],
    ),
    // Two messages of the server after the client's FIN.
    ("half-close", &[("tcp.srcport == 8888 && tcp.len > 0 && tcp.ack == 7", 2), ("tcp.flags.fin == 1", 2)]),
    (
        "reset",
        &[
            ("tcp.flags.reset == 1 && tcp.dstport == 8888", 1),
            ("tcp.flags.reset == 1 && tcp.srcport == 8888", 1),
            ("tcp.flags.fin == 1", 0),
        ],
    ),
    (
        "refused",
        &[
            ("tcp.flags.reset == 1 && tcp.seq == 1 && tcp.ack == 1 && tcp.srcport == 8888", 1),
            ("icmp.type == 3 && icmp.code == 3 && udp.dstport == 8888", 1),
        ],
    ),
    ("port-in-use", &[("frame.comment contains \"bind(127.0.0.1:8888) = EADDRINUSE\"", 2), ("tcp.flags.syn == 1", 2)]),
    ("many-clients", &[("tcp.stream == 0", 11), ("tcp.stream == 2", 11), ("tcp.port == 8888", 33)]),
    ("listener-closed", &[("tcp.flags.reset == 1 && tcp.srcport == 8888", 2), ("tcp.stream == 0 && tcp.len > 0", 2)]),
    // Only the third SYN is repeated.
    ("backlog", &[("tcp.flags == 0x002 && tcp.stream == 2", 2), ("tcp.flags == 0x002", 4)]),
    // The second client's message is acknowledged before anything of the first is sent.
    ("one-at-a-time", &[("frame.number == 8 && tcp.stream == 1 && tcp.srcport == 8888 && tcp.ack == 7", 1)]),
    ("timeout", &[("tcp.flags.fin == 1 && tcp.srcport == 8888 && frame.time_delta > 0.9", 1), ("tcp.len > 0", 0)]),
    ("busy-loop", &[("tcp.len > 0", 2), ("tcp.flags.fin == 1", 2), ("frame.comment contains \"0 B: peer closed\"", 1)]),
    (
        "half-read",
        &[("tcp.stream == 1 && tcp.flags.reset == 1 && tcp.srcport == 8888", 1), ("tcp.stream == 1 && tcp.len > 0", 1)],
    ),
    (
        "partial-read",
        &[("tcp.len == 10", 1), ("udp.length == 18", 1), ("frame.comment contains \"4 B \\\"0123\\\" of 10 B\"", 1)],
    ),
    ("udp-too-large", &[("udp.length == 65515", 1), ("ip.flags.mf == 1", 2), ("ip.frag_offset > 0", 2)]),
    (
        "buffers",
        &[
            ("tcp.window_size == 0 && tcp.ack == 4097", 2),
            ("tcp.analysis.window_update && tcp.ack == 4097", 1),
            ("tcp.analysis.keep_alive || tcp.analysis.zero_window_probe", 1),
        ],
    ),
    ("send-all", &[("tcp.ack == 40001", 1), ("frame.comment contains \"= EAGAIN\"", 2)]),
    // With TCP_NODELAY nothing is acknowledged until all four messages are there.
    (
        "nagle",
        &[
            ("tcp.len == 6", 1),
            ("tcp.len == 2", 5),
            ("tcp.srcport == 8888 && tcp.ack > 14 && tcp.ack < 22", 0),
            ("udp.length == 10", 4),
        ],
    ),
    ("retransmit", &[("tcp.analysis.retransmission && tcp.len == 5", 1), ("tcp.len == 5 && tcp.seq == 1", 2)]),
    ("syn-lost", &[("tcp.analysis.retransmission && tcp.flags.syn == 1", 1), ("tcp.flags == 0x002", 2)]),
    (
        "keep-alive",
        &[("tcp.analysis.keep_alive", 1), ("tcp.analysis.keep_alive_ack", 1), ("tcp.payload == 70:6f:6e:67", 2)],
    ),
    ("http-short", &[("http.request", 2), ("http.response", 2), ("tcp.flags == 0x002", 2)]),
    ("http-keep-alive", &[("http.request", 2), ("http.response", 2), ("tcp.flags == 0x002", 1)]),
    ("pipelining", &[("http.request && frame.number < 10", 3), ("http.response", 3), ("tcp.flags == 0x002", 1)]),
    ("big-segments", &[("tcp.len == 7240", 1), ("tcp.len == 1448", 5), ("tcp.options.mss_val == 1460", 4)]),
    ("self-connect", &[("tcp.srcport == 8888 && tcp.dstport == 8888", 7), ("tcp.flags == 0x012", 1)]),
    ("gbk", &[("tcp.payload == e4:bd:a0:e5:a5:bd", 1), ("tcp.payload == c4:e3:ba:c3", 2)]),
    (
        "encapsulation",
        &[
            ("frame.len == 71 && ip && tcp.len == 5", 1),
            ("frame.len == 91 && ipv6 && tcp.len == 5", 1),
            ("frame.len == 47 && ip && udp", 1),
            ("frame.len == 67 && ipv6 && udp", 1),
        ],
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares with a golden file, or writes it where `UPDATE_GOLDEN` is set; says what is wrong.
fn differs(file: &Path, text: &str) -> Option<String> {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(file, text).unwrap();
    }
    let golden = std::fs::read_to_string(file).unwrap_or_default();
    let line = golden.lines().zip(text.lines()).find(|(old, new)| old != new);
    (golden != text).then(|| format!("{}: {line:#?}; UPDATE_GOLDEN=1 writes it anew", file.display()))
}

/// Timelines without what depends on the kernel: how long it took, and the windows it offers.
fn masked(text: &str) -> String {
    let of_the_kernel = |line: &str| ["  handshake ", "  time starts at "].iter().any(|lead| line.starts_with(lead));
    let kept = |line: &&str| !of_the_kernel(line) && !line.contains("window scale");
    // The time stands behind the packet's number, whose column ends under the heading's `#`.
    let mut number = 0;
    let line = |line: &str| {
        if let Some(line) = crate::lab_networks::without_times(line) {
            return line + "\n";
        }
        if line.trim_start().starts_with('#') {
            number = line.find('#').unwrap() + 1;
        }
        let at = line.len().min(number);
        let (before, rest) = line.split_at(if line.is_char_boundary(at) { at } else { 0 });
        let (time, after) = rest.char_indices().nth(8).map_or((rest, ""), |(at, _)| rest.split_at(at));
        let is_time = time.trim().parse::<f64>().is_ok() || matches!(time.trim(), "µs" | "ms");
        format!("{before}{}{after}\n", if is_time { "        " } else { time })
    };
    text.lines().filter(kept).map(line).collect()
}

/// How many packets of a file pass each filter, in one run of tshark.
fn counts(file: &Path, facts: &[(&str, usize)]) -> Vec<usize> {
    let filters: Vec<&str> = facts.iter().map(|(filter, _)| *filter).collect();
    let mut command = std::process::Command::new("tshark");
    command.args(["-n", "-q", "-o", "tcp.check_checksum:FALSE", "-z", &format!("io,stat,0,{}", filters.join(","))]);
    let table = stdout(command.arg("-r").arg(file));
    // One row, `| 0.0 <> 1.5 | frames | bytes | frames | bytes |`, a pair for each filter.
    let row = table.lines().find(|line| line.contains("<>")).unwrap();
    let counts: Vec<usize> = row.split('|').skip(2).step_by(2).filter_map(|count| count.trim().parse().ok()).collect();
    assert_eq!(counts.len(), facts.len(), "{table}");
    counts
}

/// What is wrong with a scenario. Every run has to add up. Which of the courses that add up it takes is for the kernel of
/// a busy machine to say, whether a FIN takes the acknowledgment along for one: the golden one comes within three runs.
fn problems(name: &str, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..3 {
        found = match play(name, folder) {
            Ok(found) if !found.is_empty() => found,
            Ok(found) => return found,
            Err(failure) => return vec![failure],
        };
    }
    found
}

/// Plays a scenario, which has to add up; returns where its text and packets are not the expected ones.
fn play(name: &str, folder: &Path) -> Result<Vec<String>, String> {
    let file: PathBuf = folder.join(format!("{name}.pcapng"));
    let mut command = as_nobody(["demo", name, "--canonical", "--explain", "--show", "timeline", "-w"]);
    let output = command.arg(&file).env("COLUMNS", "130").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    if !output.status.success() {
        return Err(format!("{name}: {}\n{text}\n{}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    let mut problems = Vec::new();
    let text = masked(&text);
    let told = text.find("What this shows").filter(|_| crate::lab_networks::IN_FLIGHT.contains(&name));
    problems.extend(differs(&root().join(format!("tests/golden/lab/{name}.txt")), &text[told.unwrap_or(0)..]));
    let facts = FACTS.iter().chain(crate::lab_networks::FACTS).find(|(other, _)| *other == name).unwrap().1;
    for ((filter, count), found) in facts.iter().zip(counts(&file, facts)) {
        if found != *count {
            problems.push(format!("{name}: {found} packets, not {count}, pass {filter}"));
        }
    }
    Ok(problems)
}

/// All scenarios, four at a time, each in a network of its own.
#[test]
fn every_scenario_adds_up_and_shows_its_fact() {
    let folder = public_folder();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(scenario) = SCENARIOS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    found.lock().unwrap().extend(problems(scenario.key.key(), folder.path()));
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_handshake_is_over_before_accept_is_called() {
    let text = stdout(&mut as_nobody(["demo", "handshake", "--format", "json"]));
    let demo: serde_json::Value = serde_json::from_str(&text).unwrap();
    let accept = demo["calls"].as_array().unwrap().iter().find(|call| call["name"] == "accept").unwrap();
    let last = &demo["packets"][2];
    assert_eq!(last["tcp"]["flags"]["ack"], true);
    assert!(accept["entered"].as_str() > last["frame"]["time_epoch"].as_str(), "{accept}");
    assert_eq!(demo["scenario"]["name"], "handshake");
}

#[test]
fn a_clients_port_tells_the_connections_apart() {
    let folder = public_folder();
    let file = folder.path().join("many.pcap");
    stdout(as_nobody(["demo", "many-clients", "-w"]).arg(&file));
    let flows = tshark(&file, &["tcp.stream", "tcp.port"]);
    let streams: HashSet<_> = flows.iter().map(|row| &row[0]).collect();
    assert_eq!(streams.len(), 3, "{flows:?}");
}

#[test]
fn a_timeout_is_the_one_asked_for() {
    let text = stdout(&mut as_nobody(["demo", "timeout", "--timeout", "200ms", "--format", "json"]));
    let demo: serde_json::Value = serde_json::from_str(&text).unwrap();
    let recv = demo["calls"].as_array().unwrap().iter().find(|call| call["error"] == "EAGAIN").unwrap();
    let nanos = recv["duration_ns"].as_i64().unwrap();
    assert!((200_000_000..400_000_000).contains(&nanos), "{nanos}");
    let said = complaint(&mut layerscope(["demo", "timeout", "--timeout", "soon"]), 2);
    assert!(said.contains("is not a duration") && said.contains("50ms"), "{said}");
}

#[test]
fn an_option_that_a_scenario_has_no_use_for_is_refused() {
    let said = complaint(&mut layerscope(["demo", "reset", "--message", "x"]), 2);
    assert!(said.contains("reset has no use for --message") && said.contains("--message is for echo"), "{said}");
    let said = complaint(&mut layerscope(["demo", "big-segments", "--network", "host"]), 2);
    assert!(said.contains("private network"), "{said}");
    let said = complaint(&mut layerscope(["demo", "--list", "--format", "json"]), 2);
    assert!(said.contains("--list"), "{said}");
    let said = complaint(&mut layerscope(["demo", "retransmitt"]), 2);
    assert!(said.contains("retransmit"), "{said}");
}

/// The sentences of a run behind "Measured in this run".
fn measured(scenario: &str, options: &[&str]) -> String {
    let mut command = as_nobody(["demo", scenario, "--explain", "--show", "timeline"]);
    let text = stdout(command.args(options).env("COLUMNS", "200"));
    text.split_once("Measured in this run").map(|(_, sentences)| sentences.to_owned()).unwrap_or_default()
}

#[test]
fn programs_read_what_was_measured() {
    let measured = |options: &[&str]| -> serde_json::Value {
        let text = stdout(as_nobody(["demo", "buffers", "--format", "json"]).args(options));
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["measured"].take()
    };
    let (own, canonical) = (measured(&[]), measured(&["--canonical"]));
    assert_eq!(
        (&own[0]["key"], &own[0]["packet"], &own[0]["unread"]),
        (&"window_closed".into(), &7.into(), &4096.into())
    );
    assert!(own[0]["opened"]["after_ns"].as_i64().is_some_and(|after| after > 0), "{own}");
    assert!(canonical[0]["opened"]["packet"].is_u64() && canonical[0]["opened"]["after_ns"].is_null(), "{canonical}");
}

#[test]
fn a_run_tells_its_own_numbers_and_a_canonical_one_no_times() {
    let milliseconds = |sentences: &str, before: &str| -> f64 {
        let (_, rest) = sentences.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {sentences}"));
        let (number, unit) = rest.split_once(' ').unwrap();
        number.parse::<f64>().unwrap() * if unit.starts_with("ms") { 1.0 } else { 1000.0 }
    };
    let waited = milliseconds(&measured("retransmit", &[]), "Packet 5 repeats packet 4 after ");
    assert!((200.0..2000.0).contains(&waited), "{waited}");
    let waited = milliseconds(&measured("timeout", &["--timeout", "300ms"]), "recv() waited in vain for ");
    assert!((300.0..2000.0).contains(&waited), "{waited}");
    let slowest = milliseconds(&measured("nagle", &[]), "packet 9, ");
    assert!((20.0..1000.0).contains(&slowest), "{slowest}");
    let closed = measured("buffers", &[]);
    assert!(closed.contains("packet 7 closed the window, 4096 bytes had arrived that nobody had read"), "{closed}");
    assert!(measured("handshake", &[]).contains("after packet 3 had finished the handshake"));
    assert!(measured("http-short", &[]).contains("2 connections and 22 packets, 4 of them with data"));
    assert!(measured("big-segments", &["--canonical"]).contains("5 segments of 1448 bytes"));
    assert_eq!(measured("retransmit", &["--canonical"]), "");
    assert!(!measured("buffers", &["--canonical"]).contains("ms"));
}

#[test]
fn the_list_and_the_document_name_every_scenario() {
    let list = stdout(&mut layerscope(["demo", "--list"]));
    let mut document = String::from(
        "# The lab\n\nEvery scenario is one command: `layerscope demo NAME`. It makes real sockets talk, captures what they \
         say, and shows each\npacket beside the call that caused it; `--explain` adds a sentence for every packet. No root is \
         needed.\n\n<!-- Made from the scenarios' own descriptions: UPDATE_GOLDEN=1 cargo test the_list_and_the_document -->\n",
    );
    for scenario in &SCENARIOS {
        let (name, spelling) = (scenario.key.key(), Spelling::default());
        assert!(list.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}");
        document.push_str(&format!("\n## {name}\n\n{}", spelling.scenario_title(scenario.key)));
        if let Some(seconds) = scenario.seconds {
            document.push_str(&format!(" (about {seconds} s)"));
        }
        document.push_str(&format!("\n\n```sh\nlayerscope demo {name} --explain\n```\n\n"));
        for sentence in spelling.scenario_teaches(scenario.key) {
            document.push_str(&format!("- {sentence}\n"));
        }
        let options: Vec<String> = scenario.accepts.iter().map(|setting| format!("`--{}`", setting.key())).collect();
        if !options.is_empty() {
            document.push_str(&format!("\nOptions: {}.\n", options.join(", ")));
        }
    }
    document.push_str(&crate::seed_rows::table());
    assert_eq!(differs(&root().join("docs/lab.md"), &document), None);
}

#[test]
fn the_same_text_in_two_encodings_is_opened_twice() {
    let text = stdout(&mut as_nobody(["demo", "gbk", "--show", "bytes"]));
    assert_eq!(text.matches(" opened: ").count(), 2, "{text}");
    assert!(text.contains("e4 bd a0 e5 a5 bd  data") && text.contains("c4 e3 ba c3  data"), "{text}");
}

/// What is left of a wide line on a narrow terminal is either cut or wrapped by us, never by the terminal.
#[test]
fn nothing_is_wider_than_the_terminal() {
    for (name, columns) in [("encapsulation", 60), ("encapsulation", 80), ("reset", 60), ("reset", 80), ("reset", 101)]
    {
        let mut command = as_nobody(["demo", name, "--explain", "--show", "timeline"]);
        let text = stdout(command.env("COLUMNS", columns.to_string()));
        let wide = text.lines().find(|line| layerscope::render::text::width(line) > columns);
        assert_eq!(wide, None, "{name} at {columns}");
    }
}

/// Down to the identification in the datagram that the ICMP message quotes.
#[test]
fn a_canonical_file_is_the_same_in_every_run() {
    let folder = public_folder();
    let files = ["one.pcap", "two.pcap"].map(|name| folder.path().join(name));
    for file in &files {
        stdout(as_nobody(["demo", "refused", "--canonical", "-w"]).arg(file));
    }
    assert_eq!(std::fs::read(&files[0]).unwrap(), std::fs::read(&files[1]).unwrap());
    let ids = tshark(&files[0], &["ip.id", "icmp.type"]);
    let mut command = std::process::Command::new("tshark");
    command.args([
        "-n",
        "-T",
        "fields",
        "-o",
        "ip.check_checksum:TRUE",
        "-e",
        "ip.id",
        "-e",
        "ip.checksum.status",
        "-r",
    ]);
    let checked = stdout(command.arg(&files[0]));
    let message = checked.lines().last().unwrap();
    // The message's own, then the one it quotes, which is the datagram's.
    assert_eq!(message.split('\t').next().unwrap().split(',').nth(1), Some(&*ids[2][0]), "{checked}");
    assert!(message.split('\t').nth(1).unwrap().split(',').all(|status| status == "1"), "{checked}");
}
