//! Names and words that try to steer a terminal: of files, commands, filters, interfaces, options, in every verb; and cells
//! that try to steer a spreadsheet.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::process::{Command, Stdio};

use layerscope::model::{Frame, LinkType, PacketEnd, Process, ProcessNote, Timestamp};
use layerscope::render::text::sanitise;
use layerscope::source::{CaptureWriter, Format, Heading};
use serde_json::Value;

use crate::run::{as_nobody, binary, layerscope, public_folder, stdout, without_root};
use crate::support::savefile::{COMMENT, Order, Pcapng, saved};
use crate::support::segments::{FROM_CLIENT, SYN, Segment, segment};

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng");

/// A title, a cleared screen, a line written over, a C1 sequence, a turned direction, another line, and no UTF-8.
const HOSTILE: &[u8] = b"x\x1b]0;owned\x07\x1b[2J\rgood\xc2\x9b31m\xe2\x80\xae\xe2\x81\xa6\n\x08\x7f\xff\x9b";

fn hostile() -> OsString {
    OsString::from_vec(HOSTILE.to_vec())
}

fn joined(parts: &[&OsStr]) -> OsString {
    OsString::from_vec(parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>().concat())
}

/// What was printed must be text whose every line is what the sanitiser would make of it.
fn assert_harmless(printed: &[u8], what: &dyn std::fmt::Debug) {
    let text = str::from_utf8(printed).unwrap_or_else(|error| panic!("{what:?}: {error}"));
    for line in text.split('\n') {
        assert_eq!(sanitise(line), line, "{what:?}\n{text}");
    }
}

/// Runs it, and looks at every byte it prints; says what it printed.
fn harmless(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_harmless(&output.stdout, command);
    assert_harmless(&output.stderr, command);
    // A panic has 101; a command that there is not has 127.
    let is_usual = |code| code < 100 || code == 127;
    assert!(output.status.code().is_some_and(is_usual), "{command:?}: {}", output.status);
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
}

/// The verbs that read a capture, with what they need beside it.
const READERS: [&[&str]; 7] = [
    &["read"],
    &["inspect", "1"],
    &["handshakes"],
    &["flows"],
    &["timeline", "-s", "0"],
    &["follow", "-s", "0"],
    &["stats"],
];

/// `VERB FILE REST`
fn reading(words: &[&str], file: &Path) -> Command {
    let mut command = layerscope([words[0]]);
    command.arg(file).args(&words[1..]);
    command
}

#[test]
fn names_of_files_are_shown_and_not_obeyed() {
    let folder = public_folder();
    let at = |ending: &str| folder.path().join(joined(&[&hostile(), OsStr::new(ending)]));
    fs::copy(DEMO, at(".pcapng")).unwrap();
    fs::write(at(".pcap"), "no capture").unwrap();
    let bytes = fs::read(DEMO).unwrap();
    fs::write(at("-cut.pcapng"), &bytes[..bytes.len() - 9]).unwrap();
    fs::create_dir(at("-folder")).unwrap();
    fs::write(at("-mode.pcapng"), &bytes).unwrap();
    for words in READERS {
        let complaints = [".pcap", "-missing.pcap", "-folder"].map(|ending| harmless(&mut reading(words, &at(ending))));
        for said in complaints {
            assert!(said.contains("x\\x1b]0;owned\\x07\\x1b[2J\\rgood\\u{9b}31m\\u{202e}\\u{2066}\\n"), "{said}");
        }
        for ending in [".pcapng", "-cut.pcapng"] {
            harmless(&mut reading(words, &at(ending)));
        }
    }
    // Advice is a command, which must hold the name as it is.
    let said = harmless(layerscope(["inspect"]).arg(at(".pcapng")).arg("999"));
    let advice = said.lines().find_map(|line| line.trim().strip_prefix("layerscope ")).unwrap();
    let script = format!("{} {advice} | head -1", binary().display());
    stdout(Command::new("bash").args(["-c", &script]).stdin(Stdio::null()));
    // Short for `read`, and two files at once.
    harmless(layerscope([at(".pcapng")]).arg("-c").arg("1"));
    harmless(layerscope([at("-missing.pcap")]).arg(at(".pcap")));
    harmless(layerscope(["read"]).args([at(".pcapng"), at(".pcap")]));
    for words in [&["read", DEMO, "-w"][..], &["demo", "--network", "private", "-w"]] {
        for ending in ["-new.pcap", "-new.pcapng.gz", "-folder", "", "/no/such.pcap"] {
            harmless(as_nobody(words).arg(at(ending)));
        }
    }
    harmless(layerscope(["read"]).arg(at(".pcapng")).arg("-w").arg(at(".pcapng")));
}

#[test]
fn filters_options_and_verbs_are_shown_and_not_obeyed() {
    let lossy = String::from_utf8_lossy(HOSTILE).into_owned();
    for words in READERS {
        harmless(reading(words, DEMO.as_ref()).arg(hostile()));
        harmless(reading(words, DEMO.as_ref()).arg(&lossy));
        for option in
            ["--format", "--color", "--stream", "-s", "--expect", "--columns", "-T", "--from", "--encoding", "--as"]
        {
            harmless(reading(words, DEMO.as_ref()).arg(option).arg(hostile()));
            harmless(reading(words, DEMO.as_ref()).arg(format!("{option}={lossy}")));
        }
        harmless(reading(words, DEMO.as_ref()).arg(joined(&[OsStr::new("--"), &hostile()])));
        harmless(reading(words, DEMO.as_ref()).arg(format!("-{lossy}")));
    }
    for verb in ["demo", "interfaces", "completions", "man", "capture", "help"] {
        harmless(as_nobody([verb]).arg(hostile()));
        harmless(as_nobody([verb]).arg(&lossy));
        harmless(as_nobody([verb]).arg(format!("--{lossy}")));
    }
    harmless(layerscope([hostile()]).arg(hostile()));
    harmless(layerscope([&lossy]).arg("--help"));
    for options in [["-i", &lossy], ["--user", &lossy], ["--duration", &lossy], ["-w", &lossy], ["-c", &lossy]] {
        harmless(as_nobody(["capture"]).args(options));
        harmless(layerscope(["capture", "-i", "no-such-interface"]).args(options));
    }
    for options in [["--bind", &lossy], ["--reply", &lossy], ["--encoding", &lossy], ["--timeout", &lossy]] {
        harmless(layerscope(["echo", "server", "--bind", "203.0.113.77:1"]).args(options));
    }
    harmless(layerscope(["echo", "client"]).arg(&lossy));
    harmless(layerscope(["echo", "client"]).arg(hostile()));
}

#[test]
fn what_a_person_says_is_shown_and_not_obeyed() {
    let lossy = String::from_utf8_lossy(HOSTILE).into_owned();
    let options = ["demo", "--network", "private", "--explain", "-m", &lossy, "--reply", &lossy];
    harmless(&mut as_nobody(options));
    let shown = harmless(as_nobody(options.iter().filter(|word| **word != "--explain")).args(["--format", "json"]));
    serde_json::from_str::<Value>(&shown).unwrap();
    let clauses = format!("no reset; {lossy}");
    harmless(&mut layerscope(["flows", DEMO, "--expect", &clauses]));
    let harmful = "no\u{b}reset ;\u{2003}no\u{a0}reset;\r\nno reset";
    harmless(&mut layerscope(["flows", DEMO, "--expect", harmful]));
    // The program's own name stands in its help and its complaints.
    let folder = public_folder();
    let renamed = folder.path().join(joined(&[OsStr::new("l"), &hostile()]));
    assert!(Command::new("cp").arg(binary()).arg(&renamed).status().unwrap().success());
    for words in [&["--help"][..], &["read"], &["capture", "-i", "no-such-interface"], &["interfaces"]] {
        harmless(Command::new(&renamed).args(words).stdin(Stdio::null()));
    }
    for variable in ["COLUMNS", "TERM", "NO_COLOR", "LANG", "SUDO_UID", "SUDO_GID"] {
        harmless(layerscope(["read", DEMO]).env(variable, hostile()));
    }
}

#[test]
fn commands_and_interfaces_are_shown_and_not_obeyed() {
    if without_root("naming an interface") {
        return;
    }
    let folder = public_folder();
    let program = folder.path().join(hostile());
    fs::copy("/bin/true", &program).unwrap();
    let name = "x\x1b[2J\u{9b}\u{202e}";
    let script = "ip link set lo down && ip link set lo name \"$NAME\" && ip link set \"$NAME\" up && exec \"$@\"";
    let in_network = |words: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["-n", "sh", "-c", script, "sh"]).arg(binary()).args(words).env("NAME", name).stdin(Stdio::null());
        command
    };
    let listed = harmless(&mut in_network(&["interfaces"]));
    assert!(listed.contains("x\\x1b[2J\\u{9b}\\u{202e}"), "{listed}");
    let listed = harmless(&mut in_network(&["interfaces", "--format", "csv"]));
    assert!(listed.contains("\nx\\x1b[2J\\u{9b}\\u{202e},"), "{listed}");
    let listed = harmless(&mut in_network(&["interfaces", "--format", "json"]));
    let objects = listed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(objects.into_iter().any(|object| object["name"] == name), "{listed}");
    let capture = ["capture", "-i", name, "--duration", "10ms"];
    let said = harmless(&mut in_network(&capture));
    assert!(said.contains("capturing on x\\x1b[2J\\u{9b}\\u{202e}"), "{said}");
    let file = folder.path().join("x.pcapng");
    harmless(in_network(&capture).arg("-w").arg(&file));
    harmless(layerscope(["read"]).arg(&file));
    let said = harmless(in_network(&capture[..3]).arg("--").arg(&program));
    assert!(said.contains("\\x1b[2J") && said.contains("ended with exit code 0"), "{said}");
    let said = harmless(in_network(&capture[..3]).arg("--").arg(joined(&[program.as_os_str(), OsStr::new("-not")])));
    assert!(said.contains("there is no command"), "{said}");
}

/// Runs a shell's command at a terminal of its own, and says what came there.
fn at_a_terminal(script: &str, name: &OsStr) -> String {
    let mut command = Command::new("script");
    command.args(["-qefc", script, "/dev/null"]).env("NAME", name).env("TERM", "xterm").env_remove("NO_COLOR");
    let output = command.env("COLUMNS", "200").stdin(Stdio::null()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Takes away what we colour and move with ourselves.
fn without_our_own(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|character: char| !character.is_ascii_digit() && character != ';').unwrap_or(part.len());
        assert!(part[end..].starts_with(['m', 'K', 'h', 'l', 'A', 'J', 'H']) && !part.starts_with("2J"), "{text:?}");
        rest.push_str(&part[end + 1..]);
    }
    rest
}

#[test]
fn a_terminal_is_not_steered_either() {
    let folder = public_folder();
    let file = folder.path().join(joined(&[&hostile(), OsStr::new(".pcapng")]));
    fs::copy(DEMO, &file).unwrap();
    let missing = folder.path().join(joined(&[&hostile(), OsStr::new("-missing.pcapng")]));
    let program = binary().display();
    for verb in ["read", "inspect", "flows", "handshakes", "timeline", "follow", "stats"] {
        for (rest, name) in [("", &file), ("", &missing), ("--no-such-option \"$NAME\"", &file), ("\"$NAME\"", &file)] {
            let shown = at_a_terminal(&format!("{program} {verb} \"$NAME\" {rest}"), name.as_os_str());
            assert_harmless(without_our_own(&shown.replace("\r\n", "\n")).as_bytes(), &(verb, rest));
        }
    }
    for rest in [
        "demo \"$NAME\"",
        "\"$NAME\"",
        "read --format \"$NAME\"",
        "capture -i \"$NAME\"",
        "demo -m \"$NAME\" --network private",
    ] {
        let shown = at_a_terminal(&format!("{program} {rest}"), OsStr::from_bytes(&HOSTILE[..HOSTILE.len() - 2]));
        assert!(!shown.is_empty(), "{rest}");
        assert_harmless(without_our_own(&shown.replace("\r\n", "\n")).as_bytes(), &rest);
    }
}

/// The cells of a CSV (RFC 4180).
fn cells(csv: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = csv.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
            character => cell.push(character),
        }
    }
    cells
}

/// Every verb's CSV of a capture.
fn csv_of(file: &str) -> Vec<String> {
    let all = "number,time,delta,epoch,macs,vlan,addresses,src-name,protocol,ports,service,stream,flags,seq,ack,win,checksum,\
               marks,process,src-process,dst-process,len,data";
    let mut outputs = Vec::new();
    for words in [
        &["read", "--columns", all][..],
        &["read"],
        &["flows"],
        &["handshakes"],
        &["stats"],
        &["timeline", "-s", "0"],
        &["timeline", "-s", "0", "--explain"],
        &["timeline", "-s", "udp:0"],
        &["follow", "-s", "0"],
    ] {
        let mut command = reading(words, file.as_ref());
        outputs.push(harmless(command.args(["--format", "csv"])));
    }
    outputs
}

/// A capture whose every text is one that a spreadsheet would run: calls and processes in comments, names, and a payload.
fn spreadsheet(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".pcapng").tempfile().unwrap();
    let heading = Heading { link: LinkType::RAW, interface: Some(text), comment: Some(text) };
    let mut writer = CaptureWriter::new(file.reopen().unwrap(), file.path(), Format::Pcapng, &heading).unwrap();
    let payload = text.as_bytes();
    let mut bytes = vec![0x45, 0, 0, (28 + payload.len()) as u8, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    bytes.extend([0x13, 0x88, 0x13, 0x89, 0, (8 + payload.len()) as u8, 0, 0]);
    bytes.extend(payload);
    let process = Process { pid: 1, name: text.to_owned(), user: text.to_owned(), others: 0 };
    let note = |end| ProcessNote { end, process: process.clone().into() }.to_string();
    let call = |result: &str| {
        let facts = "client UDP at 1.000000000 for 5ns local 10.0.0.1:5000 peer 10.0.0.2:5001";
        format!("call [{facts}] {text}({text}) = {result}{text}")
    };
    let comments = [call(""), call("ok "), note(PacketEnd::Source), note(PacketEnd::Destination), text.to_owned()];
    let frame = Frame {
        number: 1,
        time: Some(Timestamp::from_parts(1, 0)),
        interface: 0,
        link: LinkType::RAW,
        wire_len: bytes.len() as u32,
        bytes: &bytes,
        comments: &comments,
    };
    writer.write_frame(&frame).unwrap();
    writer.finish().unwrap();
    file
}

/// Whether a spreadsheet takes it for a formula.
fn is_run(cell: &str) -> bool {
    cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        && cell.parse::<f64>().is_err()
}

#[test]
fn no_cell_of_a_csv_is_run_by_a_spreadsheet() {
    let texts =
        ["=1+1", "@SUM(A1)", "+1-cmd|' /C calc'!A0", "-1+1", "-", " =1", "\t=1", "\r=1", "\u{ff1d}1", "=A1,\"x\""];
    for text in texts {
        let file = spreadsheet(text);
        let outputs = csv_of(file.path().to_str().unwrap());
        let mut marked = 0;
        for output in &outputs {
            let cells = cells(output);
            assert!(!cells.iter().any(|cell| is_run(cell)), "{text:?}: {output}");
            marked += cells.iter().filter(|cell| cell.starts_with('\'') && is_run(&cell[1..])).count();
        }
        // A process, three columns of them, and the calls; what is quoted or spelled out begins otherwise.
        assert!(marked > 2 || text.starts_with(['\t', '\r']), "{text:?} {marked}: {outputs:?}");
    }
    for name in ["calls2.pcapng", "evil.pcapng", "times.pcapng"] {
        let file = attack(name);
        for output in csv_of(&file) {
            assert!(!cells(&output).iter().any(|cell| is_run(cell)), "{name}: {output}");
        }
    }
}

#[test]
fn numbers_in_a_csv_stay_numbers() {
    let file = attack("times.pcapng");
    let shown = stdout(&mut layerscope(["read", &file, "--columns", "number,epoch,delta,time", "--format", "csv"]));
    assert!(!shown.contains('\''), "{shown}");
}

/// A file of those that misled the first release.
fn attack(name: &str) -> String {
    crate::support::ours(&format!("attacks/{name}")).to_str().unwrap().to_owned()
}

#[test]
fn hostile_captures_steer_nothing_in_any_shape() {
    let own = spreadsheet(&String::from_utf8_lossy(HOSTILE));
    let attacks = ["evil.pcapng", "calls2.pcapng", "times.pcapng"].map(attack);
    for file in attacks.into_iter().chain([own.path().display().to_string()]) {
        for words in READERS {
            for options in [&[][..], &["--format", "json"], &["--format", "csv"], &["--ascii"], &["--color", "never"]] {
                harmless(reading(words, file.as_ref()).args(options));
            }
        }
        for format in ["mermaid", "svg", "text"] {
            for stream in ["0", "udp:0"] {
                harmless(
                    layerscope(["timeline", &file, "-s", stream, "--explain", "--format", format])
                        .env("COLUMNS", "160"),
                );
            }
        }
        for options in [&["--hex"][..], &["-v"], &["--explain"], &["--show", "timeline"], &["--format", "plain"]] {
            harmless(layerscope(["read", &file]).args(options));
        }
        for shape in ["text", "hex"] {
            harmless(&mut layerscope(["follow", &file, "-s", "0", "--as", shape]));
        }
        harmless(&mut layerscope(["handshakes", &file, "--ladder"]));
    }
}

#[test]
fn the_call_that_times_count_from_is_shown_and_not_obeyed() {
    let note =
        "call [client TCP at 1.000000000 for 1ns local 192.0.2.1:40000 peer 192.0.2.2:80] \x1b]0;owned\x07x() = ok";
    let packet = segment(&Segment { flags: SYN, ..FROM_CLIENT });
    let capture = Pcapng::default().section(Order::Little, &[]).interface(LinkType::RAW, 0, &[]).packet(
        0,
        5_000_000,
        packet.len() as u32,
        &packet,
        &[(COMMENT, note.as_bytes())],
    );
    let file = saved(&capture.bytes);
    for format in ["text", "mermaid", "svg"] {
        let words = ["timeline", "-s", "0", "--format", format];
        let said = harmless(layerscope(words).arg(file.path()));
        assert!(
            said.contains("x1b]0") && said.contains("owned") && said.contains("time starts at its first "),
            "{format}: {said}"
        );
    }
}
