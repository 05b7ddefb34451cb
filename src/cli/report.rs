//! Errors as people need them: what was being done, why it failed, and the next step as a command for this machine.

use std::io::{self, Write};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::exit::Exit;
use super::kernel;
use super::tcpdump_hints;
pub(super) use crate::engine::Failure;
use crate::render::text::sanitise;
use crate::source::SourceError;

/// Tells of a failure on standard error; a closed pipe is none.
pub(super) fn failure(failure: &Failure) -> Exit {
    if failure.is_closed_pipe() {
        return Exit::Done;
    }
    say(&failure.in_one_line());
    for advice in failure.advice() {
        line(&format!("  {advice}"));
    }
    failure.exit()
}

/// A line about something that went wrong without ending the work.
pub(super) fn say(message: &str) {
    line(&format!("layerscope: {message}"));
}

/// Help and version go to standard output and are no failure; anything else clap says is a usage error.
///
/// A flag that another program has and the verb has not is answered with what to type instead.
pub(super) fn usage(mut error: clap::Error, verb: &str) -> Exit {
    if let (ErrorKind::UnknownArgument, Some(ContextValue::String(flag))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
        && let Some(advice) = tcpdump_hints::advice(flag, verb)
    {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![advice.into()]));
    }
    if let (Some(ContextValue::String(option)), Some(ContextValue::String(value))) =
        (error.get(ContextKind::InvalidArg), error.get(ContextKind::InvalidValue))
        && let Some(advice) = tcpdump_hints::renamed(option, value)
    {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![advice.into()]));
    }
    if !error.use_stderr() && kernel::stdout_is_closed() {
        say("writing to standard output, which is closed");
        return Exit::Failed;
    }
    let said = error.render().to_string();
    if said.lines().any(|line| sanitise(line) != line) {
        said.lines().for_each(line);
    } else {
        // clap picks the stream; a closed pipe is nobody's fault.
        let _ = error.print();
    }
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

/// A line on standard error. Whatever names and words stand in it, it can neither steer a terminal nor become two lines.
pub(super) fn line(text: &str) {
    // Where standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{}", sanitise(text));
}

/// Says what is wrong with a capture, and how that ends.
pub(super) fn tell(error: &SourceError) -> Exit {
    say(&error.to_string());
    Exit::after(error)
}
