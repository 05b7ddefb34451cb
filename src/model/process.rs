//! The program behind an end of a conversation.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A process that holds a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// What it calls itself, up to 15 bytes of its own choosing (`/proc/PID/comm`): hostile text.
    pub name: String,
    /// The user it runs as: a name, or a number where there is none.
    pub user: String,
    /// How many other processes hold the same socket.
    pub others: u32,
}

/// `curl[4711] alice`, `nginx[80] root +3` where three others hold the socket as well.
impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] {}", self.name, self.pid, self.user)?;
        if self.others > 0 { write!(f, " +{}", self.others) } else { Ok(()) }
    }
}

/// The processes behind the two ends of a packet; `None` for one that is not known, on another machine for instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Processes {
    /// Behind the sending end.
    pub source: Option<Arc<Process>>,
    /// Behind the receiving end.
    pub destination: Option<Arc<Process>>,
}

impl Processes {
    /// The same seen from the other direction.
    #[must_use]
    pub fn turned(self) -> Self {
        Self { source: self.destination, destination: self.source }
    }
}

/// Which end of a packet a [`ProcessNote`] speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketEnd {
    /// The sending one.
    Source,
    /// The receiving one.
    Destination,
}

impl PacketEnd {
    const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Destination => "destination",
        }
    }
}

/// The comment of a saved packet that names the process behind one of its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessNote {
    /// Which end.
    pub end: PacketEnd,
    /// The process behind it.
    pub process: Arc<Process>,
}

/// One line that people can read and [`ProcessNote::from_str`] reads back:
/// `process of the source: pid 4711, user "alice", name "curl"`, and `, held by 2 others too` where that is so.
impl fmt::Display for ProcessNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Process { pid, name, user, others } = &*self.process;
        write!(f, "process of the {}: pid {pid}, user {user:?}, name {name:?}", self.end.name())?;
        if *others > 0 { write!(f, ", held by {others} others too") } else { Ok(()) }
    }
}

impl FromStr for ProcessNote {
    type Err = ();

    /// Reads the line back; any other text is `Err(())`.
    fn from_str(line: &str) -> Result<Self, ()> {
        let rest = line.strip_prefix("process of the ").ok_or(())?;
        let (end, rest) = rest.split_once(": pid ").ok_or(())?;
        let end = [PacketEnd::Source, PacketEnd::Destination].into_iter().find(|known| known.name() == end).ok_or(())?;
        let (pid, rest) = rest.split_once(", user ").ok_or(())?;
        let (user, rest) = unquote(rest).ok_or(())?;
        let (name, rest) = unquote(rest.strip_prefix(", name ").ok_or(())?).ok_or(())?;
        let others = match rest {
            "" => 0,
            held => {
                let count = held.strip_prefix(", held by ").and_then(|held| held.strip_suffix(" others too"));
                count.ok_or(())?.parse().map_err(drop)?
            }
        };
        let process = Process { pid: pid.parse().map_err(drop)?, name, user, others };
        Ok(Self { end, process: Arc::new(process) })
    }
}

/// The text in quotes that `text` begins with, as `{:?}` writes it, and what stands behind it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut unquoted = String::new();
    let mut rest = text.strip_prefix('"')?.chars();
    loop {
        unquoted.push(match rest.next()? {
            '"' => return Some((unquoted, rest.as_str())),
            '\\' => match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                'u' => {
                    let (digits, behind) = rest.as_str().strip_prefix('{')?.split_once('}')?;
                    rest = behind.chars();
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
                }
                quoted => quoted,
            },
            plain => plain,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(name: &str, others: u32) -> ProcessNote {
        let process = Process { pid: 4711, name: name.to_owned(), user: "alice".to_owned(), others };
        ProcessNote { end: PacketEnd::Source, process: Arc::new(process) }
    }

    #[test]
    fn a_note_reads_back_whatever_the_name_holds() {
        for name in ["curl", "", "a\", held by", "\x1b[31m\0\r\n", "back\\slash\\", "你好", "\u{202e}b", "it's"] {
            for others in [0, 3] {
                let note = note(name, others);
                assert_eq!(note.to_string().parse(), Ok(note), "{name:?}");
            }
        }
        let text = "process of the source: pid 4711, user \"alice\", name \"curl\", held by 3 others too";
        assert_eq!(note("curl", 3).to_string(), text);
    }

    #[test]
    fn a_note_holds_nothing_that_steers_a_terminal() {
        assert!(!note("\x1b[2J\u{202e}", 0).to_string().contains(['\x1b', '\u{202e}']));
    }

    #[test]
    fn other_comments_are_no_notes() {
        let cut = "process of the source: pid 4711, user \"alice\", name \"curl";
        let tail = "process of the source: pid 4711, user \"a\", name \"b\" and more";
        for text in ["", "process", "process of the source: pid x, user \"a\", name \"b\"", cut, tail] {
            assert_eq!(text.parse::<ProcessNote>(), Err(()), "{text:?}");
        }
    }
}
