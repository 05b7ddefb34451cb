//! Where the echo client's lines come from and go to: the terminal alone, or beside its packets.

use std::io::{self, Read, Write};
use std::os::fd::BorrowedFd;

use crate::cli::report::say;
use crate::engine::echo::{PROMPT, PacketWatch};
use crate::lab::{Event, Observer, Waited, wait};

/// Where the client's own lines go, and its calls.
pub(super) trait Dialogue: Observer {
    /// Asks for a line.
    fn prompt(&self) -> io::Result<()>;
    /// Takes note of a line that was typed, or of their end.
    fn typed(&self, is_end: bool);
    /// Prints a line, safe to print.
    fn line(&self, text: String) -> io::Result<()>;
    /// Says why a line was not sent.
    fn refused(&self, why: String);
}

/// Standard output, and nobody who hears of calls.
pub(super) struct Plain;

impl Observer for Plain {
    fn happened(&self, _: &Event<'_>) {}
}

impl Dialogue for Plain {
    fn prompt(&self) -> io::Result<()> {
        write!(io::stdout(), "{PROMPT}").and_then(|()| io::stdout().flush())
    }

    fn typed(&self, _: bool) {}

    fn line(&self, text: String) -> io::Result<()> {
        writeln!(io::stdout(), "{text}")
    }

    fn refused(&self, why: String) {
        say(&why);
    }
}

impl Dialogue for PacketWatch {
    fn prompt(&self) -> io::Result<()> {
        PacketWatch::prompt(self);
        Ok(())
    }

    fn typed(&self, is_end: bool) {
        PacketWatch::typed(self, is_end);
    }

    fn line(&self, text: String) -> io::Result<()> {
        self.answer(text);
        Ok(())
    }

    fn refused(&self, why: String) {
        self.answer(why);
    }
}

/// Standard input, which ends where Ctrl-C is to end the program properly.
pub(super) struct Typed<'e> {
    /// Can be read from once it has come.
    pub(super) end: Option<BorrowedFd<'e>>,
}

impl Read for Typed<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let stdin = io::stdin();
        if let Some(end) = self.end
            && wait(&stdin, Some(end), None)? == Waited::Over
        {
            return Ok(0);
        }
        Ok(rustix::io::read(&stdin, bytes)?)
    }
}
