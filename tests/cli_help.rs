//! Help as people read it, one file a verb and length, in `tests/golden/help`.
//!
//! `UPDATE_GOLDEN=1 cargo test cli_help` writes the files anew.

use std::process::Command;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/help");

fn layerscope(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_layerscope")).args(args).env("COLUMNS", "100").output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The verbs, as the help of layerscope itself names them.
fn verbs() -> Vec<String> {
    let help = layerscope(&["-h"]);
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = list.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn help_is_as_it_was_read_last() {
    let verbs = verbs();
    assert!(verbs.len() >= 5, "{verbs:?}");
    let programs = ["echo server", "echo client"];
    for verb in std::iter::once("").chain(verbs.iter().map(String::as_str)).chain(programs) {
        for length in ["-h", "--help"] {
            let words: Vec<&str> = verb.split_whitespace().chain([length]).collect();
            let help = layerscope(&words);
            assert!(help.contains("Examples:\n") && help.contains("Exit codes:\n"), "{words:?}");
            assert!(help.lines().all(|line| line.chars().count() <= 100), "{words:?} is wider than a terminal");
            let name = if verb.is_empty() { "layerscope".to_owned() } else { verb.replace(' ', "-") };
            let path = format!("{GOLDEN}/{name}{}.txt", if length == "-h" { "-short" } else { "" });
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                std::fs::create_dir_all(GOLDEN).unwrap();
                std::fs::write(&path, &help).unwrap();
            }
            let golden = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(help, golden, "{path}: run with UPDATE_GOLDEN=1 and read it");
        }
    }
}

#[test]
fn manual_pages_and_completions_name_every_verb_and_option() {
    let whole = layerscope(&["man"]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = layerscope(&["completions", shell]);
        for verb in verbs() {
            assert!(script.contains(&verb), "{shell}: {verb}");
            assert!(whole.contains(&verb), "man: {verb}");
        }
        assert!(script.contains("columns"), "{shell}");
    }
    let bash = layerscope(&["completions", "bash"]);
    let of_man = bash.split("layerscope__subcmd__man)").nth(1).unwrap();
    let words = of_man.lines().find(|line| line.contains("opts=")).unwrap();
    assert!(verbs().iter().all(|verb| words.contains(verb)) && !words.contains("run-when-told"), "{words}");
    assert!(layerscope(&["man", "echo", "server"]).contains(".TH layerscope-echo-server 1"));
    let page = layerscope(&["man", "read"]);
    assert!(page.contains(".TH layerscope-read 1") && page.contains("\\-\\-columns"), "{page}");
}
