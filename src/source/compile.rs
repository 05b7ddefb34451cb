//! libpcap's compiler, kept from taking for ever.
//!
//! Its work grows with the cube of the number of terms, most of it in the optimiser, and it calls itself as deep as the
//! program is long: 300 ports took 24 s, and 10,000 hosts ended the process.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use pcap::{BpfProgram, Capture, Linktype};

/// Expressions up to this long, in bytes, take no time worth speaking of.
const SHORT: usize = 512;

/// The most words of one expression: with what they become, the stack is deep enough.
const WORDS: usize = 10_000;

/// The stack that the longest needs, in bytes.
const STACK: usize = 64 << 20;

/// How long compiling may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest program, in instructions, that is worth optimising.
const OPTIMISED: usize = 4_000;

/// Why there is no program.
pub(super) enum Refusal {
    /// In libpcap's words: it has no meaning for this link type.
    Meaningless(String),
    /// It is too long for any.
    TooLong(String),
}

impl Refusal {
    pub(super) fn into_words(self) -> String {
        match self {
            Self::Meaningless(words) | Self::TooLong(words) => words,
        }
    }
}

/// A program for packets of a link type, and whether it was optimised.
pub(super) fn compile(expression: &str, data_link: Linktype) -> Result<(BpfProgram, bool), Refusal> {
    if expression.len() <= SHORT {
        return Ok((translate(expression, data_link, true)?, true));
    }
    if expression.split_ascii_whitespace().count() > WORDS {
        return Err(Refusal::TooLong(format!("it has more than {WORDS} words; {ADVICE}")));
    }
    let (sender, receiver) = channel();
    let copy = expression.to_owned();
    let work = move || {
        // Nobody listens any more where it took too long.
        let _ = sender.send(compile_at_once(&copy, data_link));
    };
    thread::Builder::new().stack_size(STACK).spawn(work).map_err(|error| {
        Refusal::TooLong(format!(
            "so long an expression is compiled by a thread of its own, which cannot start: {error}"
        ))
    })?;
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|error| {
        Err(Refusal::TooLong(match error {
            RecvTimeoutError::Timeout => {
                format!("libpcap takes more than {} s to compile it; {ADVICE}", PATIENCE.as_secs())
            }
            RecvTimeoutError::Disconnected => "libpcap gave it up".to_owned(),
        }))
    })
}

/// What makes an expression shorter.
const ADVICE: &str = "`net` stands for many hosts and `portrange` for many ports, and a list that `or` alone joins, \
                      each term whole and without parentheses, may be long where captures are read";

/// Optimises what is worth it.
fn compile_at_once(expression: &str, data_link: Linktype) -> Result<(BpfProgram, bool), Refusal> {
    let plain = translate(expression, data_link, false)?;
    let is_long = plain.get_instructions().len() > OPTIMISED;
    if is_long { Ok((plain, false)) } else { Ok((translate(expression, data_link, true)?, true)) }
}

fn translate(expression: &str, data_link: Linktype, optimise: bool) -> Result<BpfProgram, Refusal> {
    Capture::dead(data_link).and_then(|dead| dead.compile(expression, optimise)).map_err(|error| {
        Refusal::Meaningless(match error {
            pcap::Error::PcapError(message) => message,
            other => other.to_string(),
        })
    })
}
