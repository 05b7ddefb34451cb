//! `--resolve`: what hosts are called, as far as the name servers have said.
//!
//! Nothing waits for a name: a row shows the address until the name is known. A confined process makes no sockets, so
//! those to the name servers are opened and connected before; what they carry is written and read like a file's bytes.

use std::collections::HashMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::io::{Errno, read, write};

use super::reverse::{self, Said};
use super::session::now;
use crate::cli::remembered::Remembered;
use crate::decode::Packet;
use crate::model::Endpoint;
use crate::render::Names;

/// How many addresses are remembered with their names.
const HOSTS: usize = 1 << 14;

/// How many questions may be open; an address beyond is asked for when it is seen again.
const OPEN: usize = 128;

/// How many name servers are asked (resolver(5)), and where.
const SERVERS: usize = 3;
const PORT: u16 = 53;

/// When the next server is asked, and how often each is. Late answers are taken as well until the last time has passed.
const TIMEOUT: Duration = Duration::from_secs(3);
const ROUNDS: usize = 2;

/// When an address that nobody could tell about is asked for again.
const RETRY: Duration = Duration::from_secs(60);

/// The longest answer over UDP (RFC 1035 §2.3.4 says 512, and servers say more only when asked to).
const ANSWER: usize = 4096;

/// The names known so far.
pub(super) struct NameBook {
    servers: Vec<UdpSocket>,
    hosts: Remembered<IpAddr, Entry>,
    open: HashMap<u16, Question>,
    /// Makes numbers that strangers cannot guess.
    numbers: RandomState,
    asked: u64,
}

enum Entry {
    /// A question is on its way.
    Asked,
    Named(Arc<str>),
    Nameless,
    /// Nobody answered; since when.
    Unanswered(Instant),
}

/// A question on its way.
struct Question {
    address: IpAddr,
    /// When it was asked last.
    since: Instant,
    /// How often it was asked; the servers take turns.
    tries: usize,
}

impl NameBook {
    /// Opens the ways to the name servers of `/etc/resolv.conf`, and reads `/etc/hosts`.
    pub(super) fn open() -> Self {
        let text = |path| fs::read_to_string(path).unwrap_or_default();
        let servers = servers(&text("/etc/resolv.conf")).into_iter().filter_map(|server| connect(server).ok());
        let mut book = Self {
            servers: servers.take(SERVERS).collect(),
            hosts: Remembered::new(HOSTS),
            open: HashMap::new(),
            numbers: RandomState::new(),
            asked: 0,
        };
        for (address, name) in hosts(&text("/etc/hosts")) {
            if book.hosts.get(&address).is_none() {
                book.hosts.put(address, Entry::Named(name.into()));
            }
        }
        book
    }

    /// Whether there is anybody to ask.
    pub(super) fn has_servers(&self) -> bool {
        !self.servers.is_empty()
    }

    /// The name of a host, if it is known; asks for it where nobody has.
    pub(super) fn of(&mut self, address: IpAddr) -> Option<Arc<str>> {
        match self.hosts.get(&address) {
            Some(Entry::Named(name)) => return Some(Arc::clone(name)),
            Some(Entry::Unanswered(since)) if since.elapsed() >= RETRY => {}
            Some(_) => return None,
            None => {}
        }
        if self.open.len() < OPEN && self.has_servers() && may_have_name(address) {
            self.ask(address);
        }
        None
    }

    /// An endpoint, its host by name where that is known; safe to print, because only host names are names.
    pub(super) fn endpoint(&mut self, endpoint: Endpoint) -> String {
        self.of(endpoint.addr).map_or_else(|| endpoint.to_string(), |name| format!("{name}:{}", endpoint.port))
    }

    fn ask(&mut self, address: IpAddr) {
        let id = loop {
            self.asked += 1;
            let id = self.numbers.hash_one(self.asked) as u16;
            if !self.open.contains_key(&id) {
                break id;
            }
        };
        self.hosts.put(address, Entry::Asked);
        self.open.insert(id, Question { address, since: now(), tries: 0 });
        self.send(id);
    }

    /// Asks the next server, unless all have been asked often enough.
    fn send(&mut self, id: u16) {
        let Some(question) = self.open.get_mut(&id) else { return };
        if question.tries >= self.servers.len() * ROUNDS {
            self.hosts.put(question.address, Entry::Unanswered(now()));
            self.open.remove(&id);
            return;
        }
        // Where it cannot be sent, it is not answered.
        let _ = write(&self.servers[question.tries % self.servers.len()], &reverse::question(id, question.address));
        (question.since, question.tries) = (now(), question.tries + 1);
    }

    /// Takes in what the name servers have said, and asks again where they have not.
    pub(super) fn take_answers(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let mut message = [0; ANSWER];
        for server in 0..self.servers.len() {
            loop {
                match read(&self.servers[server], &mut message) {
                    Ok(length) => self.enter(&message[..length]),
                    // An earlier question came back: nobody listens there.
                    Err(Errno::CONNREFUSED) => self.give_up_on(server),
                    Err(_) => break,
                }
            }
        }
        self.ask_again(|question| question.since.elapsed() >= TIMEOUT);
    }

    fn enter(&mut self, message: &[u8]) {
        let Some((id, question)) = reverse::id(message).and_then(|id| Some((id, self.open.get(&id)?))) else { return };
        let address = question.address;
        let entry = match reverse::answer(message, address) {
            Some(Said::Name(name)) => Entry::Named(name.into()),
            Some(Said::Nameless) => Entry::Nameless,
            Some(Said::NoAnswer) => return self.send(id),
            None => return,
        };
        self.open.remove(&id);
        self.hosts.put(address, entry);
    }

    /// Asks others what was last asked of this server.
    fn give_up_on(&mut self, server: usize) {
        let count = self.servers.len();
        self.ask_again(|question| (question.tries + count - 1) % count == server);
    }

    fn ask_again(&mut self, is_lost: impl Fn(&Question) -> bool) {
        let lost: Vec<u16> = self.open.iter().filter(|(_, question)| is_lost(question)).map(|(id, _)| *id).collect();
        lost.into_iter().for_each(|id| self.send(id));
    }
}

/// What two hosts are called.
#[derive(Default)]
pub(super) struct HostNames {
    source: Option<Arc<str>>,
    destination: Option<Arc<str>>,
}

impl HostNames {
    /// Those of a packet's hosts, as far as the book knows.
    pub(super) fn of(packet: &Packet<'_>, book: &mut NameBook) -> Self {
        let addresses = packet.ip().and_then(|ip| ip.source().zip(ip.destination()));
        addresses.map_or_else(Self::default, |(source, destination)| Self {
            source: book.of(source),
            destination: book.of(destination),
        })
    }

    /// The same, to be shown.
    pub(super) fn as_names(&self) -> Names<'_> {
        Names { source: self.source.as_deref(), destination: self.destination.as_deref() }
    }
}

/// The name servers of a `resolv.conf`; the machine itself where it names none.
fn servers(text: &str) -> Vec<IpAddr> {
    let named = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next()?.parse().ok()).flatten()
    });
    let servers: Vec<IpAddr> = named.collect();
    if servers.is_empty() { vec![Ipv4Addr::LOCALHOST.into()] } else { servers }
}

/// Addresses and names of a `hosts` file.
fn hosts(text: &str) -> impl Iterator<Item = (IpAddr, &str)> {
    text.lines().filter_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let address = words.next()?.parse().ok()?;
        words.next().filter(|name| reverse::is_host_name(name)).map(|name| (address, name))
    })
}

fn connect(server: IpAddr) -> std::io::Result<UdpSocket> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { std::net::Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
    socket.connect(SocketAddr::new(server, PORT))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Whether it is one host's address.
fn may_have_name(address: IpAddr) -> bool {
    let is_broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    !(address.is_unspecified() || address.is_multicast() || is_broadcast)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_read_as_resolver_and_hosts_say() {
        let text = "# comment\nsearch example\nnameserver 192.0.2.53\nnameserver  ::1\nnameserver nonsense\n";
        assert_eq!(servers(text), ["192.0.2.53".parse::<IpAddr>().unwrap(), "::1".parse().unwrap()]);
        assert_eq!(servers(""), [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        let text = "127.0.0.1 localhost other\n# 192.0.2.1 no\n::1\tip6-localhost # yes\n192.0.2.2\nbad x\n192.0.2.3 \u{1b}[m\n";
        let found: Vec<(String, &str)> = hosts(text).map(|(address, name)| (address.to_string(), name)).collect();
        assert_eq!(found, [("127.0.0.1".to_owned(), "localhost"), ("::1".to_owned(), "ip6-localhost")]);
    }
}
