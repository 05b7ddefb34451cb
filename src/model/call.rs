//! A socket call as the program that made it saw it.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use super::{Endpoint, TcpState, Timestamp, Transport};

/// What a call's line begins with, see [`SocketCall`]'s `Display`.
const MARK: &str = "call ";

/// Which side of a conversation made a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// The side that sends the first packet.
    Client,
    /// The side that waits for it.
    Server,
}

impl Lane {
    /// `client` or `server`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One call on a socket, with the clock read just before and just after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketCall {
    /// Whose call it was.
    pub lane: Lane,
    /// The socket's transport.
    pub transport: Transport,
    /// The system call: `connect`.
    pub name: Cow<'static, str>,
    /// Its arguments in words: `127.0.0.1:8888`, `5 B "hello"`.
    pub arguments: String,
    /// What came back: `Ok("5 B")`, `Ok("")` for a plain success, or the error's name, `Err("ECONNREFUSED")`.
    pub result: Result<String, String>,
    /// How many payload bytes it handed to the kernel or took from it, for the calls that move any.
    pub moved: Option<u32>,
    /// `CLOCK_REALTIME` just before the call.
    pub entered: Timestamp,
    /// `CLOCK_REALTIME` just after it.
    pub returned: Timestamp,
    /// The socket's own endpoint, as soon as the kernel has given it one; where the kernel refused it, the one asked for.
    pub local: Option<Endpoint>,
    /// The other end, where the socket (or the datagram) has one.
    pub peer: Option<Endpoint>,
    /// The connection's state after the call, as the kernel says (`TCP_INFO`).
    pub state: Option<TcpState>,
}

impl SocketCall {
    /// How long the call took, in nanoseconds.
    #[must_use]
    pub fn duration(&self) -> i64 {
        self.returned - self.entered
    }
}

/// One line that people can read and [`SocketCall::from_str`] reads back, as saved captures carry it:
/// `call [client TCP at 1700000000.000000000 for 45800ns local 127.0.0.1:40112 peer 127.0.0.1:8888 state-after ESTABLISHED]
/// connect(127.0.0.1:8888) = ok`
impl fmt::Display for SocketCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = self.entered.parts();
        let (lane, transport, duration) = (self.lane, self.transport.name(), self.duration());
        write!(f, "{MARK}[{lane} {transport} at {seconds}.{nanos:09} for {duration}ns")?;
        if let Some(local) = self.local {
            write!(f, " local {local}")?;
        }
        if let Some(peer) = self.peer {
            write!(f, " peer {peer}")?;
        }
        if let Some(state) = self.state {
            write!(f, " state-after {state}")?;
        }
        if let Some(moved) = self.moved {
            write!(f, " moved {moved}")?;
        }
        write!(f, "] {}({}) = ", self.name, self.arguments)?;
        match &self.result {
            Ok(text) if text.is_empty() => f.write_str("ok"),
            Ok(text) => write!(f, "ok {text}"),
            Err(errno) => f.write_str(errno),
        }
    }
}

impl FromStr for SocketCall {
    type Err = ();

    /// Reads the line back; any other text is `Err(())`.
    fn from_str(line: &str) -> Result<Self, ()> {
        let (facts, call) =
            line.strip_prefix(MARK).and_then(|rest| rest.strip_prefix('[')).ok_or(())?.split_once("] ").ok_or(())?;
        let mut words = facts.split(' ');
        let lane = match words.next().ok_or(())? {
            "client" => Lane::Client,
            "server" => Lane::Server,
            _ => return Err(()),
        };
        let transport = match words.next().ok_or(())? {
            "TCP" => Transport::Tcp,
            "UDP" => Transport::Udp,
            _ => return Err(()),
        };
        let (name, rest) = call.split_once('(').ok_or(())?;
        let (arguments, result) = split_at_result(rest).ok_or(())?;
        let mut read = Self {
            lane,
            transport,
            name: Cow::Owned(name.to_owned()),
            arguments: arguments.to_owned(),
            result: match result.strip_prefix("ok") {
                Some(text) => Ok(text.trim_start().to_owned()),
                None => Err(result.to_owned()),
            },
            moved: None,
            entered: Timestamp::default(),
            returned: Timestamp::default(),
            local: None,
            peer: None,
            state: None,
        };
        while let Some(key) = words.next() {
            let value = words.next().ok_or(())?;
            match key {
                "at" => read.entered = parse_time(value)?,
                "for" => {
                    let nanos = value.strip_suffix("ns").ok_or(())?;
                    read.returned = read.entered + nanos.parse::<i64>().map_err(drop)?;
                }
                "local" => read.local = Some(parse_endpoint(value)?),
                "peer" => read.peer = Some(parse_endpoint(value)?),
                "state-after" => read.state = Some(value.parse()?),
                "moved" => read.moved = Some(value.parse().map_err(drop)?),
                _ => return Err(()),
            }
        }
        Ok(read)
    }
}

/// Splits `5 B "a) = b") = ok` behind its arguments: at the first `) = ` that no quoted message holds.
fn split_at_result(text: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b')' if !quoted => {
                if let Some(result) = text.get(at..)?.strip_prefix(") = ") {
                    return Some((text.get(..at)?, result));
                }
            }
            _ => {}
        }
    }
    None
}

fn parse_time(text: &str) -> Result<Timestamp, ()> {
    let (seconds, nanos) = text.split_once('.').ok_or(())?;
    Timestamp::at_parts(seconds.parse().map_err(drop)?, nanos.parse().map_err(drop)?).ok_or(())
}

fn parse_endpoint(text: &str) -> Result<Endpoint, ()> {
    text.parse::<SocketAddr>().map(Endpoint::from).map_err(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(message: &str) -> SocketCall {
        SocketCall {
            lane: Lane::Client,
            transport: Transport::Tcp,
            name: "send".into(),
            arguments: format!("{} B {message:?}", message.len()),
            result: Ok(format!("{} B", message.len())),
            moved: Some(message.len() as u32),
            entered: Timestamp::from_nanos(1_700_000_000_000_000_042),
            returned: Timestamp::from_nanos(1_700_000_000_000_045_842),
            local: Some("127.0.0.1:40112".parse::<SocketAddr>().unwrap().into()),
            peer: Some("[::1]:8888".parse::<SocketAddr>().unwrap().into()),
            state: Some(TcpState::Established),
        }
    }

    #[test]
    fn a_line_reads_back_whatever_the_message_holds() {
        for message in ["hello", "a) = b", "quote \" and ) = ok", "back\\slash\\", "call [client] x(", "你好\n"] {
            let call = send(message);
            assert_eq!(call.to_string().parse(), Ok(call), "{message:?}");
        }
    }

    #[test]
    fn a_failed_call_keeps_its_error() {
        let call = SocketCall { result: Err("ECONNREFUSED".to_owned()), moved: None, ..send("x") };
        assert_eq!(call.to_string().parse(), Ok(call));
    }

    #[test]
    fn other_comments_are_not_calls() {
        for text in ["", "call", "call [client TCP] send", "call [client TCP at x for 1ns] send() = ok", "a note"] {
            assert_eq!(text.parse::<SocketCall>(), Err(()), "{text:?}");
        }
    }
}
