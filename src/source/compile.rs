//! libpcap's compiler, kept from taking for ever.
//!
//! Its work grows with the cube of the number of terms, most of it in the optimiser, and it calls itself as deep as the
//! program is long: 300 ports took 24 s, and 10,000 hosts ended the process.

use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use pcap::{BpfProgram, Capture, Linktype};

use super::SourceError;
use crate::clock::processor_time;
use crate::model::LinkType;

/// Expressions up to this long, in bytes, take no time worth speaking of.
const SHORT: usize = 512;

/// The most words of one expression: with what they become, the stack is deep enough.
const WORDS: usize = 10_000;

/// The stack that the longest needs, in bytes.
const STACK: usize = 64 << 20;

/// How much processor time compiling may take: another machine's load is not the expression's fault.
const PATIENCE: Duration = Duration::from_secs(10);

/// After how long it is told that it takes long.
const SOON: Duration = Duration::from_secs(1);

/// How often to look.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The longest program, in instructions, that is worth optimising.
const OPTIMISED: usize = 4_000;

/// Whom to tell, with the number of terms, that an expression takes long to compile.
static LISTENER: OnceLock<fn(usize)> = OnceLock::new();

/// Has somebody told, once for each, of expressions that take more than a second to compile, and how many terms they have.
pub fn tell_of_long_filters(listener: fn(usize)) {
    // Who asked first is told.
    let _ = LISTENER.set(listener);
}

/// Why there is no program.
pub(super) enum Refusal {
    /// In libpcap's words: it has no meaning for this link type.
    Meaningless(String),
    /// It is too large for any.
    TooLarge {
        /// How many terms it has.
        terms: usize,
        /// What that is too much for.
        why: String,
    },
}

impl Refusal {
    /// What it means for an expression, on packets of a link type or at all.
    pub(super) fn into_error(self, expression: &str, link: Option<LinkType>) -> SourceError {
        match self {
            Self::Meaningless(message) => SourceError::Filter { expression: expression.to_owned(), link, message },
            Self::TooLarge { terms, why } => SourceError::FilterTooLarge { terms, why },
        }
    }
}

/// A program for packets of a link type, and whether it was optimised.
pub(super) fn compile(expression: &str, data_link: Linktype) -> Result<(BpfProgram, bool), Refusal> {
    if expression.len() <= SHORT {
        return Ok((translate(expression, data_link, true)?, true));
    }
    let terms = terms(expression);
    let too_large = |why: String| Refusal::TooLarge { terms, why };
    if expression.split_ascii_whitespace().count() > WORDS {
        return Err(too_large(format!("more than {WORDS} words are not compiled")));
    }
    let (sender, receiver) = channel();
    let (copy, began) = (expression.to_owned(), processor_time());
    let work = move || {
        // Nobody listens any more where it took too long.
        let _ = sender.send(compile_at_once(&copy, data_link));
    };
    thread::Builder::new()
        .stack_size(STACK)
        .spawn(work)
        .map_err(|error| too_large(format!("it is compiled by a thread of its own, which cannot start: {error}")))?;
    let mut waited = Duration::ZERO;
    loop {
        match receiver.recv_timeout(LOOK_AGAIN) {
            Ok(compiled) => return compiled,
            Err(RecvTimeoutError::Disconnected) => return Err(too_large("libpcap gave it up".to_owned())),
            Err(RecvTimeoutError::Timeout) => {}
        }
        waited = waited.saturating_add(LOOK_AGAIN);
        if waited == SOON
            && let Some(tell) = LISTENER.get()
        {
            tell(terms);
        }
        if processor_time().saturating_sub(began) > PATIENCE {
            let seconds = PATIENCE.as_secs();
            return Err(too_large(format!("{seconds} s of processor time were not enough to compile them")));
        }
    }
}

/// How many terms an expression joins.
fn terms(expression: &str) -> usize {
    let joins = |word: &&str| matches!(*word, "and" | "or" | "&&" | "||");
    expression.split_ascii_whitespace().filter(joins).count().saturating_add(1)
}

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
