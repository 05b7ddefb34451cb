//! The processes behind a packet's ends, in words and for programs.

use serde::Serialize;

use super::text;
use crate::model::{Process, Processes};

/// `curl[4711] alice → nginx[80] root`, safe to print; empty where neither is known.
pub fn processes_words(processes: &Processes, to: &str, missing: &str) -> String {
    let Processes { source, destination } = processes;
    if source.is_none() && destination.is_none() {
        return String::new();
    }
    let words = |process: Option<&Process>| process.map_or_else(|| missing.to_owned(), process_words);
    format!("{} {to} {}", words(source.as_deref()), words(destination.as_deref()))
}

/// `curl[4711] alice`, safe to print.
pub(super) fn process_words(process: &Process) -> String {
    text::sanitise(&process.to_string())
}

/// The processes behind a packet's ends.
#[derive(Serialize)]
pub(super) struct ProcessesObject<'a> {
    src: Option<ProcessObject<'a>>,
    dst: Option<ProcessObject<'a>>,
}

#[derive(Serialize)]
struct ProcessObject<'a> {
    pid: u32,
    name: &'a str,
    user: &'a str,
    others: u32,
}

impl<'a> ProcessesObject<'a> {
    pub(super) fn new(processes: &'a Processes) -> Self {
        let object = |process: &'a Process| {
            let Process { pid, ref name, ref user, others } = *process;
            ProcessObject { pid, name, user, others }
        };
        Self { src: processes.source.as_deref().map(object), dst: processes.destination.as_deref().map(object) }
    }
}
