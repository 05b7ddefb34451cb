//! The echo client's conversation: lines of standard input are messages, answers are lines.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;

use super::watch::PacketWatch;
use crate::lab::{Answer, EXIT, EchoClient, Encoding, Observer, Waited, wait};
use crate::model::Transport;
use crate::render::{Style, text};

/// Where the client's own lines go, and its calls.
pub(crate) trait Dialogue: Observer {
    /// Asks for a line.
    fn prompt(&self) -> io::Result<()>;
    /// Takes note of a line that was typed, or of their end.
    fn typed(&self, is_end: bool);
    /// Prints a line, safe to print.
    fn line(&self, text: String) -> io::Result<()>;
    /// Says what is beside the answers: why a line was not sent, what an answer lacks.
    fn aside(&self, text: String);
}

/// What is to be said with whom.
pub(crate) struct Conversation {
    pub(crate) transport: Transport,
    pub(crate) server: SocketAddr,
    pub(crate) encoding: Encoding,
    pub(crate) style: Style,
    /// Whether somebody types, who is asked for each line.
    pub(crate) asks: bool,
    /// Whether it is told how many bytes went, and came from whom.
    pub(crate) tells: bool,
    /// Whether it is to end.
    pub(crate) is_over: fn() -> bool,
}

/// Why a conversation broke off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrokenOff {
    /// What the kernel says of its socket.
    #[error(transparent)]
    Call(io::Error),
    /// The server has closed the connection.
    #[error("{0}")]
    Closed(String),
    /// Lines cannot be read, or answers printed.
    #[error(transparent)]
    Lines(#[from] io::Error),
}

/// What became of a line.
enum Said {
    /// It was the last.
    Last,
    /// Others may follow.
    Answered,
    /// It cannot be said.
    Refused,
}

impl Conversation {
    /// From connecting to the last answer, and whether every line was sent.
    ///
    /// # Errors
    ///
    /// Why it broke off.
    pub(crate) fn hold(&self, client: &EchoClient, dialogue: &impl Dialogue) -> Result<bool, BrokenOff> {
        client.connect(dialogue).map_err(BrokenOff::Call)?;
        if self.asks {
            dialogue.line(self.style.spelling().conversation_begins(self.transport, self.server, EXIT))?;
        }
        let mut lines = BufReader::new(Typed { end: dialogue.end() }).split(b'\n');
        let mut is_all = true;
        loop {
            if self.asks {
                dialogue.prompt()?;
            }
            let line = lines.next().transpose()?;
            // What was not ended with its line before the end came is not said.
            let line = line.filter(|_| !(self.is_over)());
            dialogue.typed(line.is_none());
            match line.map_or(Ok(Said::Last), |line| self.say(line, client, dialogue))? {
                Said::Last => return Ok(is_all),
                Said::Answered => {}
                Said::Refused => is_all = false,
            }
        }
    }

    /// Says a line; an empty one, as `exit`, is the last.
    fn say(&self, line: Vec<u8>, client: &EchoClient, dialogue: &impl Dialogue) -> Result<Said, BrokenOff> {
        let (line, message) = match self.encode(line) {
            Ok(encoded) => encoded,
            Err(why) => {
                dialogue.aside(self.style.spelling().not_sent(&text::sanitise(&why)));
                return Ok(Said::Refused);
            }
        };
        if line.is_empty() || !self.exchange(client, &message, dialogue)? || line == EXIT {
            return Ok(Said::Last);
        }
        Ok(Said::Answered)
    }

    /// Sends a message and prints the answer; `false` where the end came first.
    fn exchange(&self, client: &EchoClient, message: &[u8], dialogue: &impl Dialogue) -> Result<bool, BrokenOff> {
        if let Some(late) = client.late(dialogue).map_err(BrokenOff::Call)? {
            self.show(&late, dialogue)?;
        }
        let sent = client.send(message, dialogue).map_err(BrokenOff::Call)?;
        if self.tells {
            dialogue.line(self.style.spelling().sent(sent, self.server))?;
        }
        match client.answer(sent, dialogue) {
            Err(error) if error.kind() == ErrorKind::Interrupted && (self.is_over)() => Ok(false),
            Err(error) => Err(BrokenOff::Call(error)),
            Ok(answer) => self.show(&answer, dialogue).map(|()| true),
        }
    }

    fn show(&self, answer: &Answer, dialogue: &impl Dialogue) -> Result<(), BrokenOff> {
        let Answer { bytes, of, from } = answer;
        let words = self.style.spelling();
        if bytes.is_empty() && self.transport == Transport::Tcp {
            return Err(BrokenOff::Closed(words.closed(self.server)));
        }
        let told = if self.tells { words.got(bytes.len(), *from) } else { String::new() };
        let read = self.encoding.read(bytes);
        let is_text = read.is_some();
        let answer = read.unwrap_or_else(|| text::utf8_or_hex(bytes));
        dialogue.line(told + &text::sanitise(answer.trim_end_matches(['\r', '\n'])))?;
        if !is_text {
            dialogue.aside(words.unreadable(self.encoding.name()));
        }
        if *of > bytes.len() {
            dialogue.aside(words.cut_off(bytes.len(), *of));
        }
        if (from.ip().to_canonical(), from.port()) != (self.server.ip().to_canonical(), self.server.port()) {
            dialogue.aside(words.from_elsewhere(*from, self.server));
        }
        Ok(())
    }

    /// A line that was typed, as text and in the encoding of the conversation, or why it cannot be sent.
    fn encode(&self, mut line: Vec<u8>) -> Result<(String, Vec<u8>), String> {
        line.truncate(line.strip_suffix(b"\r").map_or(line.len(), <[u8]>::len));
        let line = String::from_utf8(line).map_err(|_| "what was typed is not UTF-8".to_owned())?;
        let message = self.encoding.encode(&line).map_err(|error| error.to_string())?;
        Ok((line, message))
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

    fn aside(&self, text: String) {
        self.answer(text);
    }
}

/// Standard input, which ends where the program is to end.
struct Typed<'e> {
    /// Can be read from once it is.
    end: Option<BorrowedFd<'e>>,
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
