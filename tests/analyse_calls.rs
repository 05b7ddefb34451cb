//! How calls are written in a capture's comments: whatever is written is read back, and whatever is read is shown as it
//! stands.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use layerscope::analyse::call_notation::{arguments, asked, given, read, write};
use layerscope::model::{
    Call, Control, Descriptors, Direction, Domain, Endpoint, Errno, EthtoolSwitch, Lane, Message, MessageFlags,
    OptionValue, Outcome, Readiness, Receiving, Sending, SocketCall, SocketKind, SocketOption, TcpState, Timestamp,
    Transport,
};
use proptest::collection::vec;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;

use crate::support::frames;

/// Texts that look like parts of the notation, or steer a terminal.
const HOSTILE: [&str; 12] = [
    "",
    "hello",
    "a) = b",
    "quote \" and ) = ok",
    "back\\slash\\",
    "call [client] x(",
    "5 B \"x\" from 127.0.0.1:8888",
    "你好\n\r\t\0",
    "\u{1b}]0;OWNED\u{7}\u{202e}",
    "\\u{1b}",
    "] = ok",
    "'",
];

fn end(text: &str) -> Endpoint {
    text.parse::<SocketAddr>().unwrap().into()
}

fn message(text: &str) -> Message {
    Message { len: text.len() as u32, text: text.to_owned() }
}

fn made(what: Call, result: Result<Outcome, Errno>) -> SocketCall {
    SocketCall {
        lane: Lane::Client,
        transport: Some(Transport::Tcp),
        what,
        result,
        entered: Timestamp::from_nanos(1_700_000_000_000_000_042),
        returned: Timestamp::from_nanos(1_700_000_000_000_045_842),
        local: Some(end("127.0.0.1:40112")),
        peer: Some(end("[::1]:8888")),
        state: Some(TcpState::Established),
        descriptors: Descriptors::default(),
    }
}

/// Every call there is, with what it is written as.
fn calls() -> Vec<(Call, &'static str)> {
    let number = OptionValue::Number;
    let ethtool = |switch| Control::Ethtool { interface: "lo".to_owned(), switch, on: false };
    vec![
        (Call::Socket { domain: Domain::Inet, kind: SocketKind::Stream }, "socket(AF_INET, SOCK_STREAM)"),
        (Call::Socket { domain: Domain::Inet6, kind: SocketKind::Datagram }, "socket(AF_INET6, SOCK_DGRAM)"),
        (Call::Bind(end("127.0.0.1:0")), "bind(127.0.0.1:0)"),
        (Call::Listen { backlog: -1 }, "listen(-1)"),
        (Call::Accept, "accept()"),
        (Call::Connect(end("[2001:db8::1]:80")), "connect([2001:db8::1]:80)"),
        (Call::send(message("hello"), None), "send(5 B \"hello\")"),
        (Call::send(message("hello"), Some(end("127.0.0.1:1"))), "sendto(5 B \"hello\", 127.0.0.1:1)"),
        (
            Call::Send {
                by: Sending::SendTo,
                message: message("x"),
                flags: MessageFlags::MORE | MessageFlags::NOSIGNAL | MessageFlags(0x1_0000),
                to: Some(end("127.0.0.1:1")),
            },
            "sendto(1 B \"x\", MSG_NOSIGNAL|MSG_MORE|0x10000, 127.0.0.1:1)",
        ),
        (Call::receive(Receiving::Recv, 4096), "recv(4096)"),
        (
            Call::Receive { by: Receiving::RecvFrom, room: 4, flags: MessageFlags::TRUNC | MessageFlags::PEEK },
            "recvfrom(4, MSG_PEEK|MSG_TRUNC)",
        ),
        (Call::Poll { ready: Readiness::Readable, millis: 400 }, "poll(POLLIN, 400 ms)"),
        (Call::Poll { ready: Readiness::Writable, millis: 0 }, "poll(POLLOUT, 0 ms)"),
        (Call::ShutDown(Direction::Write), "shutdown(SHUT_WR)"),
        (Call::ShutDown(Direction::Read), "shutdown(SHUT_RD)"),
        (Call::ShutDown(Direction::Both), "shutdown(SHUT_RDWR)"),
        (Call::Close { listener: false }, "close()"),
        (Call::Close { listener: true }, "close(listener)"),
        (Call::SetOption(SocketOption::ReuseAddress, number(1)), "setsockopt(SO_REUSEADDR, 1)"),
        (Call::SetOption(SocketOption::Congestion, OptionValue::Reno), "setsockopt(TCP_CONGESTION, reno)"),
        (Call::SetOption(SocketOption::Linger, OptionValue::Seconds(0)), "setsockopt(SO_LINGER, 0 s)"),
        (Call::SetOption(SocketOption::ReceiveTimeout, OptionValue::Millis(300)), "setsockopt(SO_RCVTIMEO, 300 ms)"),
        (Call::Control(Control::NonBlocking(true)), "ioctl(FIONBIO, 1)"),
        (Call::Control(Control::NonBlocking(false)), "ioctl(FIONBIO, 0)"),
        (Call::Control(Control::Mtu { interface: "a, b".to_owned(), bytes: 1500 }), "ioctl(SIOCSIFMTU, a, b, 1500)"),
        (Call::Control(ethtool(EthtoolSwitch::GenericReceive)), "ioctl(SIOCETHTOOL, lo, ETHTOOL_SGRO, 0)"),
        (Call::Other { name: "sendfile".to_owned(), arguments: "3, 4096".to_owned() }, "sendfile(3, 4096)"),
    ]
}

/// Every outcome there is, and a call that gives it.
fn outcomes() -> Vec<(Call, Outcome, &'static str)> {
    let (accept, send, recv) =
        (Call::Accept, Call::send(message("hello"), None), Call::receive(Receiving::RecvFrom, 4096));
    let poll = Call::Poll { ready: Readiness::Readable, millis: 1 };
    let received = |of, from| Outcome::Received { message: message("hello"), of, from };
    let other = |text: &str, moved| Outcome::Other { text: text.to_owned(), moved };
    vec![
        (Call::Listen { backlog: 5 }, Outcome::Done, ""),
        (accept, Outcome::Accepted(end("127.0.0.1:40001")), "127.0.0.1:40001"),
        (send.clone(), Outcome::Sent(3), "3 B"),
        (send, other("three", Some(3)), "three"),
        (recv.clone(), received(None, None), "5 B \"hello\""),
        (recv.clone(), received(None, Some(end("[::1]:1"))), "5 B \"hello\" from [::1]:1"),
        (recv.clone(), received(Some(10), None), "5 B \"hello\" of 10 B"),
        (recv.clone(), received(Some(10), Some(end("127.0.0.1:1"))), "5 B \"hello\" of 10 B from 127.0.0.1:1"),
        (recv, Outcome::PeerClosed, "0 B: peer closed"),
        (poll.clone(), Outcome::Ready, "ready"),
        (poll, Outcome::TimeIsUp, "0: time is up"),
        (Call::Other { name: "dup".to_owned(), arguments: "3".to_owned() }, other("4", None), "4"),
    ]
}

#[test]
fn every_call_is_written_as_ever_and_read_back() {
    for (what, spelt) in calls() {
        assert_eq!(asked(&what), spelt);
        let call = made(what, Ok(Outcome::Done));
        assert_eq!(read(&write(&call)), Some(call), "{spelt}");
    }
    for option in SocketOption::ALL {
        let call = made(Call::SetOption(*option, OptionValue::Number(-1)), Ok(Outcome::Done));
        assert_eq!(read(&write(&call)), Some(call));
    }
}

#[test]
fn every_outcome_is_written_as_ever_and_read_back() {
    for (what, outcome, spelt) in outcomes() {
        assert_eq!(given(&outcome), spelt);
        let call = made(what, Ok(outcome));
        assert_eq!(read(&write(&call)), Some(call), "{spelt}");
    }
    for errno in Errno::NAMED.into_iter().chain([Errno::Other("errno 113".to_owned()), Errno::Other(String::new())]) {
        let call = made(Call::Accept, Err(errno));
        assert_eq!(read(&write(&call)), Some(call));
    }
}

#[test]
fn a_call_on_a_socket_of_icmp_is_read_back_as_one_without_a_transport() {
    let call = SocketCall { transport: None, ..made(Call::Accept, Ok(Outcome::Done)) };
    assert!(write(&call).contains("ICMP"), "{}", write(&call));
    assert_eq!(read(&write(&call)), Some(call));
    assert_eq!(read(&write(&made(Call::Accept, Ok(Outcome::Done)))).map(|it| it.transport), Some(Some(Transport::Tcp)));
}

#[test]
fn every_kind_of_outcome_has_a_key_of_its_own() {
    let all: BTreeMap<_, _> = outcomes().into_iter().map(|(_, outcome, _)| (outcome.key(), outcome)).collect();
    assert_eq!(all.len(), 8, "{all:?}");
    assert!(all.iter().all(|(key, outcome)| outcome.key() == *key));
}

#[test]
fn a_message_is_read_back_whatever_it_holds() {
    for text in HOSTILE {
        let sent = made(Call::send(message(text), Some(end("127.0.0.1:1"))), Ok(Outcome::Sent(text.len() as u32)));
        let received = Outcome::Received { message: message(text), of: Some(9), from: Some(end("127.0.0.1:1")) };
        let received = made(Call::receive(Receiving::RecvFrom, 4), Ok(received));
        for call in [sent, received] {
            let written = write(&call);
            assert!(!written.contains(['\n', '\u{1b}', '\0']), "{written:?}");
            assert_eq!(read(&written), Some(call), "{text:?}");
        }
    }
}

#[test]
fn a_line_is_what_saved_captures_have() {
    let call = made(Call::send(message("hello"), None), Ok(Outcome::Sent(5)));
    assert_eq!(
        write(&call),
        "call [client TCP at 1700000000.000000042 for 45800ns local 127.0.0.1:40112 peer [::1]:8888 state-after \
         ESTABLISHED moved 5] send(5 B \"hello\") = ok 5 B"
    );
    let refused = SocketCall { local: None, peer: None, state: None, ..made(Call::Accept, Err(Errno::Again)) };
    assert_eq!(write(&refused), "call [client TCP at 1700000000.000000042 for 45800ns] accept() = EAGAIN");
}

/// A stranger's comment: what is not written as it would be here is shown as it stands, and never lost.
#[test]
fn what_is_written_otherwise_is_shown_as_it_stands() {
    let others = [
        ("connect(127.0.0.1:080)", "ok"),
        ("connect([fe80::1%2]:80)", "ok"),
        ("send(5 B \"\u{1b}]0;OWNED\")", "ok 5 B"),
        ("send(05 B \"x\")", "ok 05 B"),
        ("send(5 B \"\\x\")", "ok 5 B too"),
        ("recv(4096, MSG_TRUNC|MSG_PEEK)", "ok 5 B \"hello\" from nobody"),
        ("recvfrom(4)", "ok 5 B \"hello\" from 127.0.0.1:1 from 127.0.0.1:2"),
        ("setsockopt(SO_LINGER, 00 s)", "ok"),
        ("ioctl(FIONBIO, 2)", "ok"),
        ("close(5)", "okay"),
        ("poll(POLLIN, 1 ms)", "ok soon"),
        ("accept()", "ok somebody"),
        ("\u{202e}name()", "E\u{1b}[2J"),
        ("shutdown(1)", "ok"),
    ];
    for (asks, gives) in others {
        let line = format!("call [server UDP at 1.5 for 1ns] {asks} = {gives}");
        let call = read(&line).unwrap_or_else(|| panic!("{line:?}"));
        assert_eq!(asked(&call.what), asks);
        let said = match &call.result {
            Ok(outcome) => format!("ok {}", given(outcome)).trim_end().to_owned(),
            Err(errno) => errno.key().to_owned(),
        };
        assert_eq!(said, gives);
        assert_eq!(read(&write(&call)), Some(call), "{line:?}");
    }
}

#[test]
fn hostile_names_and_arguments_stay_calls() {
    for name in HOSTILE.iter().filter(|name| !name.contains('(')) {
        for text in HOSTILE {
            let line = format!("call [client TCP at 1.5 for 1ns] {name}({text}) = ok {text}");
            let Some(call) = read(&line) else { continue };
            assert_eq!(read(&write(&call)), Some(call), "{line:?}");
        }
    }
}

#[test]
fn other_comments_are_not_calls() {
    for text in ["", "call", "call [client TCP] send", "call [client TCP at x for 1ns] send() = ok", "a note"] {
        assert_eq!(read(text), None, "{text:?}");
    }
}

#[test]
fn what_is_moved_follows_from_the_call() {
    let waits = made(Call::send(message("hello"), None), Ok(Outcome::Done));
    assert_eq!(waits.moved(), Some(5), "it has not returned, and is to move that");
    let failed = made(Call::send(message("hello"), None), Err(Errno::BrokenPipe));
    assert_eq!(failed.moved(), None);
    assert_eq!(made(Call::Accept, Ok(Outcome::Done)).moved(), None);
    let closed = made(Call::receive(Receiving::Recv, 1), Ok(Outcome::PeerClosed));
    assert_eq!((closed.moved(), arguments(&closed.what).as_ref()), (Some(0), "1"));
}

/// The calls of captures that were saved before are typed, all of them, and would be saved the same today.
#[test]
fn saved_calls_are_read_as_what_they_are() {
    let capture = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/demo.pcapng");
    let comments: Vec<String> = frames(&capture).into_iter().flat_map(|frame| frame.comments).collect();
    let written: Vec<&String> = comments.iter().filter(|comment| comment.starts_with("call [")).collect();
    assert!(written.len() > 20, "{comments:?}");
    for comment in written {
        let call = read(comment).unwrap_or_else(|| panic!("{comment:?}"));
        let is_typed = !matches!(call.what, Call::Other { .. }) && !matches!(call.result, Ok(Outcome::Other { .. }));
        assert!(is_typed, "{call:?}");
        assert_eq!(&write(&call), comment);
    }
}

/// What lines are made of.
const PIECES: [&str; 34] = [
    "(",
    ")",
    ") = ",
    "ok",
    " ",
    "\"",
    "\\",
    "5 B \"",
    "5 B",
    "send",
    "sendto",
    "recvfrom",
    "accept",
    ", ",
    " from ",
    "127.0.0.1:1",
    "[::1]:1",
    " of ",
    "MSG_TRUNC",
    "|",
    "0x20",
    "poll",
    "POLLIN",
    " ms",
    "1",
    "ready",
    "EPIPE",
    "\\u{41}",
    "ioctl",
    "FIONBIO",
    "setsockopt",
    "SO_LINGER, 0 s",
    "] ",
    "0 B: peer closed",
];

proptest! {
    #[test]
    fn any_line_that_is_a_call_is_shown_as_it_stands(pieces in vec(select(&PIECES[..]), 0..16)) {
        let written = pieces.concat();
        if let Some(call) = read(&format!("call [client TCP at 1.5 for 1ns moved 3] {written}")) {
            prop_assert!(written.starts_with(&(asked(&call.what) + " = ")), "{written:?} is {call:?}");
            prop_assert_eq!(read(&write(&call)), Some(call));
        }
    }

    #[test]
    fn any_arguments_and_results_are_shown_as_they_stand(
        name in select(&["send", "sendto", "recv", "recvfrom", "accept", "poll", "ioctl", "setsockopt", "close"][..]),
        arguments in vec(select(&PIECES[..]), 0..6),
        result in vec(select(&PIECES[..]), 0..8),
    ) {
        let written = format!("{name}({}) = {}", arguments.concat(), result.concat());
        if let Some(call) = read(&format!("call [server UDP at 1.5 for 1ns] {written}")) {
            prop_assert!(written.starts_with(&(asked(&call.what) + " = ")), "{written:?} is {call:?}");
            prop_assert_eq!(read(&write(&call)), Some(call));
        }
    }
}
