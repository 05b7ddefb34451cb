//! The borders between the modules, as ARCHITECTURE.md draws them: which module may use which, and where each foreign
//! crate stops.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::imports;
use crate::support::prose::prose;

/// A room: the rooms of the crate it may use, and the foreign crates that stop there.
type Border = (&'static str, &'static [&'static str], &'static [&'static str]);

/// The rooms, from the ground up: each may use those that are named, all of which stand before it.
const BORDERS: [Border; 12] = [
    ("model", &[], &["arrayvec"]),
    ("clock", &["model"], &["rustix"]),
    ("decode", &["model"], &["etherparse"]),
    ("source", &["model", "clock"], &["pcap", "pcap_parser", "flate2", "zstd", "rustix", "libc", "thiserror"]),
    ("host", &["model", "clock", "decode"], &["rustix", "thiserror"]),
    ("sandbox", &[], &["landlock", "seccompiler", "rustix", "libc", "thiserror"]),
    ("lab", &["model", "clock"], &["rustix", "libc", "encoding_rs", "thiserror"]),
    ("analyse", &["model", "decode"], &[]),
    ("words", &["model", "decode", "analyse"], &[]),
    ("render", &["model", "decode", "analyse", "words"], &["comfy_table", "serde", "serde_json", "unicode_width"]),
    (
        "engine",
        &["model", "clock", "decode", "source", "host", "sandbox", "lab", "analyse", "words", "render"],
        &["anyhow", "rustix", "strsim", "thiserror"],
    ),
    (
        "cli",
        &["model", "clock", "decode", "source", "host", "sandbox", "lab", "analyse", "words", "render", "engine"],
        &["clap", "clap_complete", "clap_mangen", "rustix", "libc", "signal_hook", "serde", "serde_json", "thiserror"],
    ),
];

/// The Rust files of a folder and its subfolders.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The files of a room: a folder, or one file.
fn room(name: &str) -> Vec<PathBuf> {
    let folder = source().join(name);
    if folder.is_dir() { files(&folder) } else { vec![folder.with_extension("rs")] }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The crates of Cargo.toml, as code names them. `cargo package` gives each a table of its own.
fn dependencies() -> Vec<String> {
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let (mut table, mut names) = ("", Vec::new());
    for line in manifest.lines() {
        if let Some(heading) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = heading;
            names.extend(heading.strip_prefix("dependencies."));
        } else if table == "dependencies" {
            names.extend(line.split_once('=').map(|(name, _)| name.trim()));
        }
    }
    names.into_iter().map(|name| name.replace('-', "_")).collect()
}

#[test]
fn every_module_keeps_its_border() {
    let dependencies = dependencies();
    assert!(dependencies.len() > 10, "{dependencies:?}");
    let mut broken = Vec::new();
    for (place, (module, may_use, foreign)) in BORDERS.iter().enumerate() {
        let below = &BORDERS[..place];
        assert!(
            may_use.iter().all(|used| below.iter().any(|(room, ..)| room == used)),
            "{module} uses what stands above it"
        );
        for file in room(module) {
            for path in imports::named(&std::fs::read_to_string(&file).unwrap()) {
                let (first, second) = (path[0].as_str(), path.get(1).map(String::as_str));
                let allowed = match (first, second) {
                    ("crate", Some(inner)) if BORDERS.iter().any(|(name, ..)| *name == inner) => {
                        inner == *module || may_use.contains(&inner)
                    }
                    // A module of ours may have a crate's name (`source::pcap`).
                    (name, _) if dependencies.iter().any(|crate_name| crate_name == name) => {
                        foreign.contains(&name) || source().join(module).join(name).with_extension("rs").exists()
                    }
                    _ => true,
                };
                if !allowed {
                    broken.push(format!("{}: {}", file.display(), path.join("::")));
                }
            }
        }
    }
    assert!(broken.is_empty(), "across a border:\n{}", broken.join("\n"));
}

/// A file that another one needs does not need that one: whoever reads the house from below never turns back.
#[test]
fn no_files_use_each_other_in_a_circle() {
    let src = source();
    let uses = imports::uses(&src);
    assert!(uses.len() > 250 && uses.values().map(BTreeMap::len).sum::<usize>() > 1000, "{}", uses.len());
    let short = |file: &Path| file.strip_prefix(&src).unwrap().display().to_string();
    let mut told = String::new();
    for circle in imports::circles(&uses) {
        told += &format!("a circle of {} files\n", circle.len());
        for &file in &circle {
            for (used, names) in uses[file].iter().filter(|(used, _)| circle.contains(&used.as_path())) {
                told += &format!(
                    "  {} -> {}: {}\n",
                    short(file),
                    short(used),
                    Vec::from_iter(names.iter().cloned()).join(", ")
                );
            }
        }
    }
    assert!(told.is_empty(), "{told}");
}

/// What of decoding is no table of a protocol: those have the names that RFCs and registries give, a checksum's judgement
/// among them.
const MACHINERY: [&str; 10] = [
    "cursor.rs",
    "damage.rs",
    "fragment.rs",
    "packet.rs",
    "readers.rs",
    "registry.rs",
    "spec.rs",
    "text.rs",
    "views.rs",
    "walk.rs",
];

/// Where other words stand than those about packets: what columns and formats say, with their headings; the syntax of pictures; how calls
/// and processes are written into packet comments, and read back; a table that only tests have.
const NAMES: [&str; 18] = [
    "render/columns.rs",
    "render/connection.rs",
    "render/direction.rs",
    "render/events.rs",
    "render/flows.rs",
    "render/handshakes.rs",
    "render/interfaces.rs",
    "render/live_connections.rs",
    "render/piece.rs",
    "render/stats.rs",
    "render/packet_rows.rs",
    "render/grid/format.rs",
    "render/grid/schema.rs",
    "render/svg.rs",
    "render/mermaid.rs",
    "model/process.rs",
    "analyse/call_notation.rs",
    "analyse/state_tests.rs",
];

/// What is found are facts: words about packets are spelt in `words`, whatever the language. Types that spell themselves are
/// names, numbers, and Zeek's letters.
#[test]
fn facts_are_spelt_in_words_alone() {
    let (mut told, mut displayed) = (String::new(), Vec::new());
    let is_checked = |file: &PathBuf| {
        let is_table = file.starts_with(source().join("decode")) && !MACHINERY.iter().any(|name| file.ends_with(name));
        !is_table && !NAMES.iter().any(|name| file.ends_with(name))
    };
    for file in ["model", "decode", "analyse", "render"].into_iter().flat_map(room).filter(is_checked) {
        let found = prose(&std::fs::read_to_string(&file).unwrap());
        found.sentences.iter().for_each(|sentence| told += &format!("{}: {sentence}\n", file.display()));
        displayed.extend(found.displayed);
    }
    assert!(told.is_empty(), "prose outside words:\n{told}");
    displayed.sort();
    assert_eq!(displayed, ["Endpoint", "History", "Lane", "Mac", "Pixels", "TcpState", "Timestamp"]);
}

/// The test above would see a sentence wherever one can stand.
#[test]
fn prose_is_known_where_it_stands() {
    let text = r#"
        #![expect(lint, reason = "an attribute is for who reads the code")]
        //! So are comments.
        const KEY: &str = "no_answer";
        const SENTENCE: &str = "no answer";
        fn told(by: &str, at: u8) -> String {
            assert!(at > 0, "a promise that is broken");
            let list = [" 0 s", ", ", "a.b"].map(Some);
            table! { /// A comment, "quoted", of a list.
                One "one", }
            list[0].expect("words that nobody reads");
            format!("{by} {at}") + &format!("{by} says \"so\"") + told("by \"it\" alone", 1)
        }
        impl fmt::Display for Fact {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result { write!(f, "{} of {}", self.0, self.1) }
        }
        #[cfg(test)]
        mod tests { const TOLD: &str = "what a test says"; }
    "#;
    let found = prose(text);
    assert_eq!(found.sentences, ["no answer", r#"{by} says \"so\""#, "by \"it\" alone", "{} of {}"]);
    assert_eq!(found.displayed, ["Fact"]);
}

/// What an option is called is the command line's business: below it nobody knows of any.
#[test]
fn no_option_is_named_below_the_command_line() {
    let is_option = |text: &str| {
        text.split([' ', '`', '(', '"', '\'', '='])
            .any(|word| word.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase())))
    };
    let mut told = String::new();
    for (name, ..) in BORDERS.iter().filter(|(name, ..)| *name != "cli") {
        for file in room(name) {
            let literals = prose(&std::fs::read_to_string(&file).unwrap()).literals;
            literals
                .iter()
                .filter(|text| is_option(text))
                .for_each(|text| told += &format!("{}: {text}\n", file.display()));
        }
    }
    assert!(told.is_empty(), "options named below the command line:\n{told}");
}

/// The command line is arguments, settings and words on them; what it does lives below. A verb's file is its recipe.
#[test]
fn the_command_line_and_its_verbs_stay_small() {
    let lines = |file: &Path| std::fs::read_to_string(file).unwrap().lines().count();
    let all: usize = files(&source().join("cli")).iter().map(|file| lines(file)).sum();
    assert!((3_000..=5_500).contains(&all), "{all} lines in src/cli");
    let verbs = files(&source().join("cli/commands"));
    assert!(verbs.len() > 20, "{verbs:?}");
    let long: Vec<_> = verbs.into_iter().filter(|file| lines(file) > 200).collect();
    assert!(long.is_empty(), "over 200 lines: {long:?}");
}

/// What of the lab makes traffic, or hears of it as it is made.
const MAKES_TRAFFIC: [&str; 5] = ["Recorder", "enter_private_network", "EchoServer", "EchoClient", "Observer"];

#[test]
fn lab_and_source_meet_in_two_places_alone() {
    let mut meetings = Vec::new();
    for file in ["engine", "cli"].into_iter().flat_map(|room| files(&source().join(room))) {
        let named = imports::named(&std::fs::read_to_string(&file).unwrap());
        let uses =
            |module: &str| named.iter().any(|path| path[0] == "crate" && path.get(1).is_some_and(|it| it == module));
        let runs = |module: &str, parts: &[&str]| {
            uses(module) && named.iter().any(|path| parts.iter().any(|part| path.iter().any(|it| it == part)))
        };
        if runs("lab", &MAKES_TRAFFIC) && runs("source", &["LiveCapture"]) {
            meetings.push(file.strip_prefix(source()).unwrap().display().to_string());
        }
    }
    meetings.sort();
    assert_eq!(meetings, ["engine/demonstration.rs", "engine/echo/watch.rs"]);
}

/// A clone alone tests itself: one file knows of captures that are not part of the repository, and says where they are
/// missing.
#[test]
fn one_file_alone_reads_what_is_not_in_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // In two parts, so that this file does not name it.
    let above = [concat!("\"/", "../"), concat!("../", "shared"), concat!("LAYERSCOPE_", "CORPUS")];
    let rust = ["src", "tests", "benches"].into_iter().flat_map(|folder| files(&root.join(folder)));
    let reads_above = rust.filter(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        above.iter().any(|path| text.contains(path))
    });
    let named: Vec<_> = reads_above.map(|file| file.strip_prefix(root).unwrap().display().to_string()).collect();
    assert_eq!(named, ["tests/support/corpus.rs"]);
}

/// What every clone and every package carries stays small.
#[test]
fn the_captures_of_the_tests_are_few() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let folders = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let captures = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let bytes: u64 = captures.map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!((1..=7_000_000).contains(&bytes), "{bytes} bytes");
}

#[test]
fn every_file_says_what_it_is_for() {
    for file in files(&source()) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} does not open with //!", file.display());
    }
}

#[test]
fn unsafe_code_is_in_small_files_that_face_the_kernel() {
    for file in files(&source()) {
        let text = std::fs::read_to_string(&file).unwrap();
        let has_unsafe = text.contains("unsafe {") || text.contains("unsafe fn") || text.contains("unsafe impl");
        assert_eq!(has_unsafe, file.ends_with("kernel.rs"), "{}", file.display());
    }
}
