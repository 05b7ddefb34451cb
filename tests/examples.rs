//! The examples of the help, the README and the documentation do what they say.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::run::{binary, layerscope, public_folder, stdout};
use crate::support::segments::{ACK, FIN, FROM_CLIENT, FROM_SERVER, RST, SYN, Segment, datagram, save, segment};

/// The verbs that read what was saved, or nothing at all: their examples run anywhere.
const READERS: [&str; 11] = [
    "read",
    "inspect",
    "flows",
    "handshakes",
    "timeline",
    "follow",
    "stats",
    "interfaces",
    "completions",
    "man",
    "capture.pcap",
];

/// The files that examples name.
const FILES: [&str; 12] = [
    "capture.pcap",
    "web.pcap",
    "web.pcapng",
    "big.pcap",
    "a.pcap",
    "b.pcap.gz",
    "day1.pcap",
    "day2.pcap.gz",
    "test.pcap",
    "dns.pcap",
    "chat.pcap",
    "c.pcap.gz",
];

/// Four connections that were closed, the last one by a reset, one that was refused, and a question to a name server: what every example finds something in.
fn packets() -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    for port in 40_000..40_004 {
        let mut client = FROM_CLIENT;
        client.from.set_port(port);
        let server = Segment { from: client.to, to: client.from, ..FROM_SERVER };
        packets.extend([
            segment(&Segment { flags: SYN, seq: 0, ack: 0, ..client }),
            segment(&Segment { flags: SYN | ACK, seq: 0, ..server }),
            segment(&client),
            segment(&Segment { len: 5, ..client }),
            segment(&Segment { ack: 6, len: 5, ..server }),
            segment(&Segment { flags: FIN | ACK, seq: 6, ack: 6, ..client }),
            segment(&Segment { flags: FIN | ACK, seq: 6, ack: 7, ..server }),
            segment(&Segment { seq: 7, ack: 7, ..client }),
        ]);
    }
    packets.pop();
    let mut reset = Segment { flags: RST, seq: 7, ..FROM_CLIENT };
    reset.from.set_port(40_003);
    packets.push(segment(&reset));
    let mut refused = FROM_CLIENT;
    refused.from.set_port(40_004);
    packets.push(segment(&Segment { flags: SYN, seq: 0, ack: 0, ..refused }));
    let answer = Segment { from: refused.to, to: refused.from, ..FROM_SERVER };
    packets.push(segment(&Segment { flags: RST | ACK, seq: 0, ..answer }));
    let mut question = FROM_CLIENT;
    question.to.set_port(53);
    packets.push(datagram(&Segment { len: 20, ..question }));
    packets
}

/// A folder with all that examples name, and the command under its own name.
fn stage() -> TempDir {
    let folder = public_folder();
    let packets = packets();
    FILES.iter().for_each(|name| save(&folder.path().join(name), &packets));
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng");
    std::fs::create_dir_all(folder.path().join("captures")).unwrap();
    for name in ["captures/demo.pcapng", "lesson.pcapng"] {
        std::fs::copy(demo, folder.path().join(name)).unwrap();
    }
    folder
}

fn sh(line: &str, folder: &Path) -> Output {
    let path = format!("{}:{}", binary().parent().unwrap().display(), std::env::var("PATH").unwrap());
    let home = folder.join("home/.local/share/bash-completion/completions");
    std::fs::create_dir_all(home).unwrap();
    std::fs::create_dir_all(folder.join("home/.config/fish/completions")).unwrap();
    let mut command = Command::new("sh");
    command.args(["-ec", line]).current_dir(folder).env("PATH", path).env("HOME", folder.join("home"));
    command.output().unwrap()
}

/// The command lines of the help of every verb, and of the documents, without what is said beside them.
fn examples() -> BTreeSet<String> {
    let help = stdout(&mut layerscope(["--help"]));
    let verbs = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let verbs: Vec<&str> = verbs.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    let mut lines = BTreeSet::new();
    for verb in verbs.into_iter().filter(|verb| !matches!(*verb, "" | "help")).chain(["echo server", "echo client"]) {
        let help = stdout(layerscope(verb.split(' ')).arg("--help").env("COLUMNS", "200"));
        let examples = help.lines().skip_while(|line| *line != "Examples:").skip(1).take_while(|line| !line.is_empty());
        lines.extend(examples.map(str::to_owned));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    for document in docs.filter(|path| path.extension().is_some_and(|it| it == "md")).chain([root.join("README.md")]) {
        let text = std::fs::read_to_string(document).unwrap();
        let mut in_code = false;
        // A pipe at the end of a line goes on in the next one.
        for line in text.replace("|\n  ", "| ").lines() {
            in_code ^= line.starts_with("```");
            if in_code && !line.starts_with("```") {
                lines.insert(line.split(" #").next().unwrap().to_owned());
            }
        }
    }
    lines.iter().map(|line| line.trim()).filter(|line| line.contains("layerscope ")).map(command_line).collect()
}

/// The command without the words beside it, which two spaces or more part from it.
fn command_line(line: &str) -> String {
    line.split("  ").next().unwrap_or(line).to_owned()
}

/// Whether an example only reads.
fn only_reads(line: &str) -> bool {
    let verb = line.strip_prefix("layerscope ").and_then(|rest| rest.split(' ').next());
    verb.is_some_and(|verb| READERS.contains(&verb)) && !line.contains('\u{2026}')
}

#[test]
fn every_example_that_reads_a_capture_finds_something_in_it() {
    let folder = stage();
    let examples: Vec<String> = examples().into_iter().filter(|line| only_reads(line)).collect();
    assert!(examples.len() >= 20, "{examples:#?}");
    for example in examples {
        // Of what comes behind a pipe, jq alone is sure to be there (tests/setup.sh).
        let line = match example.split_once(" | ") {
            Some((before, behind)) if !behind.starts_with("jq") => before,
            _ => &example,
        };
        let output = sh(line, folder.path());
        let (shown, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        // Expectations may be met or not.
        let is_fine = output.status.success() || (line.contains("--expect") && output.status.code() == Some(4));
        assert!(is_fine, "{line}: {said}");
        assert!(!shown.is_empty() || line.contains(" > ") || line.contains(" -w "), "{line}: {said}");
        assert!(!said.contains("0 of") && !shown.lines().any(|line| line == "null"), "{line}: {shown}{said}");
    }
}

#[test]
fn what_examples_take_out_of_json_is_there() {
    let folder = stage();
    let programs: Vec<String> = examples().into_iter().filter(|line| line.contains("| jq")).collect();
    assert!(!programs.is_empty());
    for example in programs {
        let (line, program) = example.split_once("| jq").unwrap();
        let output = sh(line, folder.path());
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let documents = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        let mut keys = BTreeSet::new();
        documents.for_each(|document| gather(&document.unwrap(), &mut keys));
        for name in program.split('.').skip(1) {
            let name: String = name.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            assert!(name.is_empty() || keys.contains(&name), "{example}: there is no .{name}, there are {keys:?}");
        }
    }
}

#[test]
fn what_jq_makes_of_the_json_is_never_empty() {
    if Command::new("jq").arg("--version").output().is_err() {
        eprintln!("SKIPPED: there is no jq, so its part of the examples was not run (tests/setup.sh installs it)");
        assert!(std::env::var_os("CI").is_none(), "continuous integration has jq");
        return;
    }
    let folder = stage();
    let examples: Vec<String> = examples().into_iter().filter(|line| line.contains("| jq")).collect();
    assert!(examples.len() >= 2, "{examples:#?}");
    for example in examples {
        let output = sh(&example, folder.path());
        let (shown, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && !shown.is_empty(), "{example}: {said}");
        let is_empty = |line: &&str| line.trim().is_empty() || line.ends_with("= ") || line.ends_with("null");
        assert_eq!(shown.lines().find(is_empty), None, "{example}");
    }
}

#[test]
fn every_demonstration_of_the_readme_runs() {
    let folder = stage();
    let readme = include_str!("../README.md");
    let lines = readme.lines().filter(|line| line.starts_with("layerscope demo") && !line.ends_with('|'));
    let demonstrations: Vec<&str> = lines.map(|line| line.split(" #").next().unwrap()).collect();
    assert!(demonstrations.len() >= 5, "{demonstrations:?}");
    for line in demonstrations {
        let output = sh(line, folder.path());
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stdout.is_empty(), "{line}");
    }
}

/// The keys of all objects in a value.
fn gather(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| {
            keys.insert(key.clone());
            gather(value, keys);
        }),
        Value::Array(values) => values.iter().for_each(|value| gather(value, keys)),
        _ => {}
    }
}

#[test]
fn every_option_of_an_example_is_one_of_its_verb() {
    for example in examples() {
        let Some((_, command)) = example.split_once("layerscope ") else { continue };
        let command = command.split([';', '|', '>', '#']).next().unwrap().split(" -- ").next().unwrap();
        let words: Vec<&str> = command.split_whitespace().collect();
        let verb: Vec<&str> = match words.as_slice() {
            ["echo", program @ ("server" | "client"), ..] => vec!["echo", program],
            [verb, ..] if READERS[..10].contains(verb) || ["capture", "demo", "echo"].contains(verb) => vec![verb],
            _ => continue,
        };
        let help = stdout(layerscope(&verb).arg("--help"));
        for word in words.iter().filter(|word| word.starts_with("--")) {
            let option = word.split('=').next().unwrap();
            assert!(help.contains(option), "{example}: {option} is none of {verb:?}");
        }
    }
}

/// The documents that a newcomer reads.
const DOCUMENTS: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "captures/README.md", "tests/captures/README.md", "docs/lab.md"];

/// What stands between backticks, outside of blocks of code.
fn quoted(text: &str) -> Vec<&str> {
    let blocks = text.split("```").step_by(2);
    blocks.flat_map(|block| block.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn every_file_that_a_document_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        let beside = root.join(document).parent().unwrap().to_owned();
        let links = text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap());
        for link in links.filter(|link| !link.is_empty() && !link.starts_with("http")) {
            assert!(beside.join(link).exists(), "{document} links to {link}");
        }
        let is_file = |word: &&str| word.contains('/') && word.ends_with(".rs") && !word.contains(' ');
        for file in quoted(&text).into_iter().filter(is_file) {
            let folders = ["", "src", "src/cli", "src/cli/commands"];
            assert!(folders.iter().any(|folder| root.join(folder).join(file).exists()), "{document} names {file}");
        }
    }
}

#[test]
fn every_option_that_a_document_names_is_one() {
    let verbs = [&["demo"][..], &["capture"], &["echo", "server"], &["echo", "client"]];
    let help: String = READERS[..10]
        .iter()
        .map(|verb| vec![*verb])
        .chain(verbs.map(<[_]>::to_vec))
        .fold(String::new(), |help, verb| help + &stdout(layerscope(verb).arg("--help")));
    let known: BTreeSet<&str> = help.split(|c: char| !c.is_ascii_lowercase() && c != '-').collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        for word in quoted(&text).into_iter().filter(|words| !words.contains("cargo")).flat_map(str::split_whitespace) {
            let option: String = word.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            let is_option = option.starts_with("--") && option.len() > 2;
            assert!(!is_option || known.contains(option.as_str()), "{document} names {option}");
        }
    }
}
