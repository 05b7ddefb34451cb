//! Running the command and its peers.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::support::ending::shared;

/// A place that every user may enter, with copies that every user may run and read: a checkout in a home directory is closed
/// to them.
struct Public {
    binary: PathBuf,
    demo: String,
}

fn public() -> &'static Public {
    static PUBLIC: OnceLock<Public> = OnceLock::new();
    PUBLIC.get_or_init(|| {
        let folder = shared(public_folder());
        let [binary, demo] = ["layerscope", "demo.pcapng"].map(|name| folder.join(name));
        copy_binary(&binary);
        std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/captures/demo.pcapng"), &demo).unwrap();
        Public { binary, demo: demo.display().to_string() }
    })
}

/// The binary under test, where nobody may run it too.
pub(crate) fn binary() -> &'static Path {
    &public().binary
}

/// The saved demonstration, where nobody may read it too.
pub(crate) fn demo() -> &'static str {
    &public().demo
}

/// Copies the binary under test. A process of its own does it: a file that is open for writing cannot be run, and what
/// another test starts meanwhile would inherit it open.
fn copy_binary(to: &Path) {
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_layerscope")).arg(to).status().unwrap();
    assert!(copied.success());
}

/// A new folder that everybody may enter and write to.
pub(crate) fn public_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    folder
}

/// Whether the tests run as root, as they do in continuous integration.
pub(crate) fn is_root() -> bool {
    effective_uid() == 0
}

/// Whether the test must be left out, which is said loudly, because it needs root.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
pub(crate) fn without_root(why: &str) -> bool {
    if !is_root() {
        eprintln!("SKIPPED: {why} needs root");
        assert!(std::env::var_os("CI").is_none(), "continuous integration runs as root");
    }
    !is_root()
}

/// The lines of `/proc/PID/task/*/status` that begin with one of these names.
pub(crate) fn status(pid: u32, names: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        let text = std::fs::read_to_string(task.unwrap().path().join("status")).unwrap();
        let named =
            |line: &&str| names.iter().any(|name| line.strip_prefix(name).is_some_and(|it| it.starts_with(':')));
        lines.extend(text.lines().filter(named).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    lines.sort();
    lines.dedup();
    lines
}

fn effective_uid() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("Uid:")).unwrap();
    line.split_whitespace().nth(2).unwrap().parse().unwrap()
}

/// The command with arguments, in an environment that says nothing about terminals.
pub(crate) fn layerscope<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(args: I) -> Command {
    clean(binary(), args)
}

/// The same as a user without any privilege.
pub(crate) fn as_nobody<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(args: I) -> Command {
    if !is_root() {
        return layerscope(args);
    }
    let mut command = clean("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    command.arg(binary()).args(args);
    command
}

fn clean<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(program: impl AsRef<OsStr>, args: I) -> Command {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null());
    for variable in ["COLUMNS", "TERM", "NO_COLOR", "SUDO_UID", "SUDO_GID"] {
        command.env_remove(variable);
    }
    command
}

/// What the command printed, which must have succeeded.
pub(crate) fn stdout(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", told(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// What the command said on standard error, which must have ended with `code`.
pub(crate) fn complaint(command: &mut Command, code: i32) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{}", told(&output));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("panicked") && !said.contains("Error {"), "a debug dump: {said}");
    said
}

fn told(output: &Output) -> String {
    format!(
        "{}\n--- stdout\n{}\n--- stderr\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// tshark's values for the fields of every packet of a file, which it must read without a complaint.
pub(crate) fn tshark(file: &Path, fields: &[&str]) -> Vec<Vec<String>> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-o", "tcp.check_checksum:FALSE", "-T", "fields", "-E", "occurrence=f", "-r"]).arg(file);
    for field in fields {
        command.args(["-e", field]);
    }
    let output = command.output().unwrap_or_else(|error| panic!("tshark: {error}; `make test` installs it"));
    assert!(output.status.success(), "{}", told(&output));
    let complaints = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<&str> = complaints.lines().filter(|line| !line.contains("Running as user")).collect();
    assert!(complaints.is_empty(), "tshark complained about {}: {complaints:?}", file.display());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}
