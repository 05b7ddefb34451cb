//! How socket calls are written in the comments of a capture, and read back: a format for files, the same in all languages.
//!
//! `call [client TCP at 1700000000.000000000 for 45800ns local 127.0.0.1:40112 peer 127.0.0.1:8888 state-after ESTABLISHED]
//! connect(127.0.0.1:8888) = ok`
//!
//! What is not written as it would be written here stays as it is ([`Call::Other`], [`Outcome::Other`]): whoever wrote it, it
//! is shown as it stands.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::SocketAddr;

use crate::model::{
    Call, Control, Descriptors, Direction, Domain, Endpoint, Errno, EthtoolSwitch, Lane, Message, MessageFlags,
    OptionValue, Outcome, Readiness, Receiving, Sending, SocketCall, SocketKind, SocketOption, Timestamp, Transport,
};

/// What the comment of a call begins with.
const MARK: &str = "call [";

/// What stands for the transport of a socket of ICMP.
const ICMP: &str = "ICMP";

/// How the congestion control of RFC 5681 is called.
const RENO: &str = "reno";

/// What ends the facts of a comment, and begins the call.
const END_OF_FACTS: &str = "] ";

/// What stands between a call's arguments.
const COMMA: &str = ", ";

/// What stands between a call and what it gave.
const GAVE: &str = ") = ";

/// What stands for nothing in particular that a call gave.
const OK: &str = "ok";

const PEER_CLOSED: &str = "0 B: peer closed";
const READY: &str = "ready";
const TIME_IS_UP: &str = "0: time is up";

/// A call as it is made: `connect(127.0.0.1:8888)`.
#[must_use]
pub fn asked(call: &Call) -> String {
    format!("{}({})", call.key(), arguments(call))
}

/// The same with the descriptor that it is made on, where that is told: `recv(4, 4096)`.
#[must_use]
pub fn asked_of(call: &SocketCall) -> String {
    match (call.descriptors.of, arguments(&call.what)) {
        (None, arguments) => format!("{}({arguments})", call.key()),
        (Some(descriptor), arguments) if arguments.is_empty() => format!("{}({descriptor})", call.key()),
        (Some(descriptor), arguments) => format!("{}({descriptor}, {arguments})", call.key()),
    }
}

/// A call's arguments: `127.0.0.1:8888`, `5 B "hello"`.
#[must_use]
pub fn arguments(call: &Call) -> Cow<'_, str> {
    match call {
        Call::Socket { domain, kind } => format!("{}, {}", domain.key(), kind.key()).into(),
        Call::Bind(end) | Call::Connect(end) => end.to_string().into(),
        Call::Listen { backlog } => backlog.to_string().into(),
        Call::Accept | Call::Close { listener: false } => "".into(),
        Call::Send { message, flags, to, .. } => {
            let parts = [Some(bytes(message)), flag_names(*flags), to.map(|to| to.to_string())];
            parts.into_iter().flatten().collect::<Vec<_>>().join(COMMA).into()
        }
        Call::Receive { room, flags, .. } => match flag_names(*flags) {
            Some(flags) => format!("{room}, {flags}").into(),
            None => room.to_string().into(),
        },
        Call::Poll { ready, millis } => format!("{}, {millis} ms", ready.key()).into(),
        Call::ShutDown(direction) => direction.key().into(),
        Call::Close { listener: true } => "listener".into(),
        Call::SetOption(option, value) => format!("{}, {}", option.key(), option_value(*value)).into(),
        Call::Control(control) => written_control(control).into(),
        Call::Other { arguments, .. } => arguments.as_str().into(),
    }
}

/// What a call gave: `5 B`, `5 B "hello" from 127.0.0.1:8888`; empty where there is nothing to tell.
#[must_use]
pub fn given(outcome: &Outcome) -> Cow<'_, str> {
    match outcome {
        Outcome::Done => "".into(),
        Outcome::Sent(len) => format!("{len} B").into(),
        Outcome::Received { message, of, from } => {
            let mut text = bytes(message);
            // Writing to memory cannot fail.
            let _ = of.map_or(Ok(()), |of| write!(text, " of {of} B"));
            let _ = from.map_or(Ok(()), |from| write!(text, " from {from}"));
            text.into()
        }
        Outcome::PeerClosed => PEER_CLOSED.into(),
        Outcome::Accepted(peer) => peer.to_string().into(),
        Outcome::Ready => READY.into(),
        Outcome::TimeIsUp => TIME_IS_UP.into(),
        Outcome::Other { text, .. } => text.as_str().into(),
    }
}

/// `5 B "hello"`.
fn bytes(Message { len, text }: &Message) -> String {
    format!("{len} B {text:?}")
}

/// `MSG_PEEK|MSG_TRUNC`; what has no name as a number.
fn flag_names(flags: MessageFlags) -> Option<String> {
    let known = MessageFlags::NAMED.into_iter().filter(|(flag, _)| flags.contains(*flag));
    let (mut rest, mut names) = (flags.0, Vec::new());
    for (flag, name) in known {
        rest &= !flag.0;
        names.push(Cow::from(name));
    }
    if rest != 0 {
        names.push(format!("{rest:#x}").into());
    }
    (!names.is_empty()).then(|| names.join("|"))
}

fn option_value(value: OptionValue) -> String {
    match value {
        OptionValue::Number(number) => number.to_string(),
        OptionValue::Seconds(seconds) => format!("{seconds} s"),
        OptionValue::Millis(millis) => format!("{millis} ms"),
        OptionValue::Reno => RENO.to_owned(),
    }
}

fn written_control(control: &Control) -> String {
    match control {
        Control::NonBlocking(on) => format!("FIONBIO, {}", u8::from(*on)),
        Control::Mtu { interface, bytes } => format!("SIOCSIFMTU, {interface}, {bytes}"),
        Control::Ethtool { interface, switch, on } => {
            format!("SIOCETHTOOL, {interface}, {}, {}", switch.key(), u8::from(*on))
        }
    }
}

/// A call as a capture's comment, which [`read`] reads back.
#[must_use]
pub fn write(call: &SocketCall) -> String {
    let (seconds, nanos) = call.entered.parts();
    let (lane, transport, duration) = (call.lane, call.transport.map_or(ICMP, Transport::name), call.duration());
    let mut line = format!("{MARK}{lane} {transport} at {seconds}.{nanos:09} for {duration}ns");
    let facts = [
        call.local.map(|local| format!(" local {local}")),
        call.peer.map(|peer| format!(" peer {peer}")),
        call.state.map(|state| format!(" state-after {state}")),
        call.moved().map(|moved| format!(" moved {moved}")),
        call.descriptors.of.map(|descriptor| format!(" descriptor {descriptor}")),
        call.descriptors.given.map(|descriptor| format!(" gives {descriptor}")),
    ];
    line.extend(facts.into_iter().flatten());
    line.extend([END_OF_FACTS, call.key(), "(", &arguments(&call.what), GAVE]);
    match &call.result {
        Ok(Outcome::Done) => line.push_str(OK),
        Ok(outcome) => line.extend([OK, " ", &given(outcome)]),
        Err(errno) => line.push_str(errno.key()),
    }
    line
}

/// The transport of a name; that of ICMP is none.
fn transport(name: &str) -> Option<Option<Transport>> {
    let transport = find(&[Transport::Tcp, Transport::Udp], Transport::name, name);
    (name == ICMP || transport.is_some()).then_some(transport)
}

/// Reads a capture's comment; `None` where it is no call.
#[must_use]
pub fn read(comment: &str) -> Option<SocketCall> {
    let (facts, written) = comment.strip_prefix(MARK)?.split_once(END_OF_FACTS)?;
    let (name, rest) = written.split_once('(')?;
    let (arguments, gave) = split_at_result(rest)?;
    let mut words = facts.split(' ');
    let mut call = SocketCall {
        lane: find(&[Lane::Client, Lane::Server], Lane::name, words.next()?)?,
        transport: transport(words.next()?)?,
        what: called(name, arguments),
        result: Ok(Outcome::Done),
        entered: Timestamp::default(),
        returned: Timestamp::default(),
        local: None,
        peer: None,
        state: None,
        descriptors: Descriptors::default(),
    };
    let mut moved = None;
    while let Some(key) = words.next() {
        let value = words.next()?;
        match key {
            "at" => call.entered = time(value)?,
            "for" => call.returned = call.entered + value.strip_suffix("ns")?.parse::<i64>().ok()?,
            "local" => call.local = Some(end(value)?),
            "peer" => call.peer = Some(end(value)?),
            "state-after" => call.state = Some(value.parse().ok()?),
            "moved" => moved = Some(value.parse().ok()?),
            "descriptor" => call.descriptors.of = Some(value.parse().ok()?),
            "gives" => call.descriptors.given = Some(value.parse().ok()?),
            _ => return None,
        }
    }
    call.result = result(&call.what, gave, moved);
    Some(call)
}

/// The one of a name among all there are.
fn find<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, wanted: &str) -> Option<T> {
    all.iter().copied().find(|it| name(*it) == wanted)
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
                if let Some(result) = text.get(at..)?.strip_prefix(GAVE) {
                    return Some((text.get(..at)?, result));
                }
            }
            _ => {}
        }
    }
    None
}

/// What is called; where it is not written as [`arguments`] writes it, as it is written.
fn called(name: &str, text: &str) -> Call {
    let as_written = |call: &Call| call.key() == name && arguments(call) == text;
    let other = || Call::Other { name: name.to_owned(), arguments: text.to_owned() };
    named_call(name, text).filter(as_written).unwrap_or_else(other)
}

fn named_call(name: &str, text: &str) -> Option<Call> {
    if let Some(by) = find(Sending::ALL, Sending::key, name) {
        return sent(by, text);
    }
    if let Some(by) = find(Receiving::ALL, Receiving::key, name) {
        let (room, flags) = text.split_once(COMMA).unzip();
        let flags = flags.map_or(Some(MessageFlags::NONE), named_flags)?;
        return Some(Call::Receive { by, room: room.unwrap_or(text).parse().ok()?, flags });
    }
    Some(match name {
        "socket" => {
            let (domain, kind) = text.split_once(COMMA)?;
            let domain = find(Domain::ALL, Domain::key, domain)?;
            Call::Socket { domain, kind: find(SocketKind::ALL, SocketKind::key, kind)? }
        }
        "bind" => Call::Bind(end(text)?),
        "connect" => Call::Connect(end(text)?),
        "listen" => Call::Listen { backlog: text.parse().ok()? },
        "accept" => Call::Accept,
        "poll" => {
            let (ready, millis) = text.split_once(COMMA)?;
            let ready = find(Readiness::ALL, Readiness::key, ready)?;
            Call::Poll { ready, millis: millis.strip_suffix(" ms")?.parse().ok()? }
        }
        "shutdown" => Call::ShutDown(find(Direction::ALL, Direction::key, text)?),
        "close" => Call::Close { listener: !text.is_empty() },
        "setsockopt" => {
            let (option, value) = text.split_once(COMMA)?;
            let option = find(SocketOption::ALL, SocketOption::key, option)?;
            Call::SetOption(option, read_value(value)?)
        }
        "ioctl" => Call::Control(control(text)?),
        _ => return None,
    })
}

/// `5 B "hello", MSG_MORE, 127.0.0.1:8888`, the last two where they are there.
fn sent(by: Sending, text: &str) -> Option<Call> {
    let (message, rest) = leading_bytes(text)?;
    let (mut flags, mut to) = (MessageFlags::NONE, None);
    for part in rest.split(COMMA).filter(|part| !part.is_empty()) {
        match end(part) {
            Some(end) => to = Some(end),
            None => flags = named_flags(part)?,
        }
    }
    Some(Call::Send { by, message, flags, to })
}

fn named_flags(text: &str) -> Option<MessageFlags> {
    let flag = |name: &str| match MessageFlags::NAMED.into_iter().find(|(_, known)| *known == name) {
        Some((flag, _)) => Some(flag),
        None => u32::from_str_radix(name.strip_prefix("0x")?, 16).ok().map(MessageFlags),
    };
    text.split('|').try_fold(MessageFlags::NONE, |flags, name| Some(flags | flag(name)?))
}

fn read_value(text: &str) -> Option<OptionValue> {
    Some(match text.split_once(' ') {
        Some((seconds, "s")) => OptionValue::Seconds(seconds.parse().ok()?),
        Some((millis, "ms")) => OptionValue::Millis(millis.parse().ok()?),
        Some(_) => return None,
        None if text == RENO => OptionValue::Reno,
        None => OptionValue::Number(text.parse().ok()?),
    })
}

fn control(text: &str) -> Option<Control> {
    let (request, rest) = text.split_once(COMMA)?;
    if request == "FIONBIO" {
        return Some(Control::NonBlocking(rest == "1"));
    }
    let (rest, value) = rest.rsplit_once(COMMA)?;
    if request == "SIOCSIFMTU" {
        return Some(Control::Mtu { interface: rest.to_owned(), bytes: value.parse().ok()? });
    }
    let (interface, switch) = rest.rsplit_once(COMMA)?;
    let switch = find(EthtoolSwitch::ALL, EthtoolSwitch::key, switch)?;
    Some(Control::Ethtool { interface: interface.to_owned(), switch, on: value == "1" })
}

fn result(call: &Call, written: &str, moved: Option<u32>) -> Result<Outcome, Errno> {
    match written.strip_prefix(OK) {
        Some("") => Ok(Outcome::Done),
        Some(gave) if gave.starts_with(' ') => Ok(outcome(call, gave.trim_start(), moved)),
        _ => Err(Errno::named(written)),
    }
}

/// What a call gave; where it is not written as [`given`] writes it, as it is written.
fn outcome(call: &Call, text: &str, moved: Option<u32>) -> Outcome {
    let read = match call {
        Call::Accept => end(text).map(Outcome::Accepted),
        Call::Send { .. } => text.strip_suffix(" B").and_then(|len| len.parse().ok()).map(Outcome::Sent),
        Call::Receive { .. } if text == PEER_CLOSED => Some(Outcome::PeerClosed),
        Call::Receive { .. } => received(text),
        Call::Poll { .. } if text == READY => Some(Outcome::Ready),
        Call::Poll { .. } => Some(Outcome::TimeIsUp),
        _ => None,
    };
    let other = || Outcome::Other { text: text.to_owned(), moved };
    read.filter(|outcome| given(outcome) == text).unwrap_or_else(other)
}

/// `4 B "0123" of 10 B from 127.0.0.1:8888`, the last two where they are there.
fn received(text: &str) -> Option<Outcome> {
    let (message, rest) = leading_bytes(text)?;
    let (rest, from) = match rest.split_once(" from ") {
        Some((rest, from)) => (rest, Some(end(from)?)),
        None => (rest, None),
    };
    let of = match rest {
        "" => None,
        rest => Some(rest.strip_prefix(" of ")?.strip_suffix(" B")?.parse().ok()?),
    };
    Some(Outcome::Received { message, of, from })
}

/// `5 B "hello"` at the beginning of a text, and what follows it.
fn leading_bytes(text: &str) -> Option<(Message, &str)> {
    let (len, rest) = text.split_once(" B \"")?;
    let mut message = Message { len: len.parse().ok()?, text: String::new() };
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => return Some((message, characters.as_str())),
            '\\' => {
                let (character, rest) = escaped(characters.as_str())?;
                message.text.push(character);
                characters = rest.chars();
            }
            character => message.text.push(character),
        }
    }
}

/// The character that stands behind a `\`, and what follows it.
fn escaped(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let character = match characters.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        'u' => {
            let (number, rest) = characters.as_str().strip_prefix('{')?.split_once('}')?;
            return Some((char::from_u32(u32::from_str_radix(number, 16).ok()?)?, rest));
        }
        itself => itself,
    };
    Some((character, characters.as_str()))
}

fn time(text: &str) -> Option<Timestamp> {
    let (seconds, nanos) = text.split_once('.')?;
    Timestamp::at_parts(seconds.parse().ok()?, nanos.parse().ok()?)
}

fn end(text: &str) -> Option<Endpoint> {
    text.parse::<SocketAddr>().ok().map(Endpoint::from)
}
