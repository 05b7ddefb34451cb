//! The ways to a capture for a user who lacks the right to it.

use crate::engine::command_line::this_binary;

/// How `command` may capture without its user being root all the time, a line each, and what else will do without any
/// privilege: a command, and what comes of it.
pub(super) fn ways(command: &str, unprivileged: &[(String, &str)]) -> Vec<String> {
    let capability = format!("sudo setcap cap_net_raw=ep {}", this_binary());
    let privileged = [
        (format!("sudo {command}"), "gives root up before it decodes anything"),
        (capability, "once; then without sudo"),
    ];
    let ways = || privileged.iter().chain(unprivileged);
    let widest = ways().map(|(way, _)| way.len()).max().unwrap_or(0);
    ways().map(|(way, what)| format!("{way:<widest$}  # {what}")).collect()
}

/// A capture of a command, in a network of its own.
pub(super) fn private_network() -> (String, &'static str) {
    let way = format!("{} capture --network private -- COMMAND", this_binary());
    (way, "a command in a network of its own: no privilege")
}
