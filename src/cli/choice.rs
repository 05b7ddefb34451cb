//! The packets that a command line chooses, and what is said where there are none.

use std::path::PathBuf;

use super::args::ChoiceArgs;
use super::input::{Input, captures_have};
use super::report::Failure;
use super::streams::no_such_stream;
use crate::engine::{Choice, NoneChosen, Wanted};

/// The choice as typed; `follows` where conversations matter to what is shown.
///
/// # Errors
///
/// As [`wanted`].
pub(super) fn choice(args: &ChoiceArgs, input: &Input, follows: bool) -> Result<Choice, Failure> {
    Ok(Choice::new(wanted(args, input)?, follows))
}

/// What is wanted of packets, as typed.
///
/// # Errors
///
/// A usage failure for a filter that makes no sense, and for a span of time that ends before it begins.
pub(super) fn wanted(args: &ChoiceArgs, input: &Input) -> Result<Wanted, Failure> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from.is_after(to)
    {
        return Err(backwards("--from is later than --to"));
    }
    Ok(Wanted { filter: input.compile()?, stream: args.stream, from: args.from, to: args.to })
}

/// Why no packet was chosen, where none was, and that is because there is none in such a span of time.
///
/// # Errors
///
/// A usage failure where there is no such conversation, or the span ends before it begins, and only the capture's own date
/// shows it.
pub(super) fn missing(choice: &Choice, chosen: u64, files: &[PathBuf]) -> Result<Option<String>, Failure> {
    if chosen > 0 {
        return Ok(None);
    }
    match choice.missing() {
        None => Ok(None),
        Some(NoneChosen::NoSuchStream(stream)) => {
            let refusal = |tracker| Err(Failure::usage(no_such_stream(tracker, stream, files)));
            choice.tracker().map_or(Ok(None), refusal)
        }
        Some(NoneChosen::Backwards(from, to)) => Err(backwards(&format!("--from is {from}, later than --to, {to}"))),
        Some(NoneChosen::NotThen { extent: (first, last), is_beside }) => {
            let has = if is_beside { "no packet of that time" } else { "no such packet of that time" };
            Ok(Some(format!("{} {has}; its times are {first} to {last}", captures_have(files))))
        }
    }
}

/// A span of time that ends before it begins.
fn backwards(words: &str) -> Failure {
    Failure::usage(format!("{words}: no packet can be chosen")).advise("name the earlier moment with --from")
}
