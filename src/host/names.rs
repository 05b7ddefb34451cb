//! What hosts are called, as far as the name servers have said.
//!
//! Nothing waits for a name: a row shows the address until the name is known. A confined process makes no sockets, so
//! those to the name servers are opened and connected before; what they carry is written and read like a file's bytes.

use std::collections::HashMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::io::{Errno, read, write};
use rustix::net::netdevice::name_to_index;

use super::reverse_dns::{self, Said};
use crate::clock::now;
use crate::model::{Endpoint, Recent};

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

/// How many messages of a server are taken before rows are shown again, whatever it sends.
const MESSAGES: usize = OPEN;

/// The longest answer over UDP (RFC 1035 §2.3.4 says 512, and servers say more only when asked to).
const ANSWER: usize = 4096;

/// The names known so far.
pub(crate) struct NameBook {
    servers: Vec<UdpSocket>,
    /// Those of `/etc/hosts`.
    listed: HashMap<IpAddr, Arc<str>>,
    hosts: Recent<IpAddr, Entry>,
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
    pub(crate) fn open() -> Self {
        // A comment may be written in any encoding.
        let text = |path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        let settings = text("/etc/resolv.conf");
        let servers = servers(&settings).into_iter().filter_map(|server| server.connect().ok());
        Self::new(servers.take(SERVERS).collect(), &text("/etc/hosts"))
    }

    fn new(servers: Vec<UdpSocket>, hosts_file: &str) -> Self {
        let mut listed = HashMap::new();
        for (address, name) in hosts(hosts_file) {
            listed.entry(address).or_insert_with(|| name.into());
        }
        let (hosts, open) = (Recent::new(HOSTS), HashMap::new());
        Self { servers, listed, hosts, open, numbers: RandomState::new(), asked: 0 }
    }

    /// Whether there is anybody to ask.
    pub(crate) fn has_servers(&self) -> bool {
        !self.servers.is_empty()
    }

    /// The name of a host, if it is known; asks for it where nobody has.
    pub(crate) fn of(&mut self, address: IpAddr) -> Option<Arc<str>> {
        if let Some(name) = self.listed.get(&address) {
            return Some(Arc::clone(name));
        }
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
    pub(crate) fn endpoint(&mut self, endpoint: Endpoint) -> String {
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
        let _ = write(&self.servers[question.tries % self.servers.len()], &reverse_dns::question(id, question.address));
        (question.since, question.tries) = (now(), question.tries + 1);
    }

    /// Takes in what the name servers have said, and asks again where they have not.
    pub(crate) fn take_answers(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let mut message = [0; ANSWER];
        for server in 0..self.servers.len() {
            for _ in 0..MESSAGES {
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
        let Some((id, question)) = reverse_dns::id(message).and_then(|id| Some((id, self.open.get(&id)?))) else {
            return;
        };
        let address = question.address;
        let entry = match reverse_dns::answer(message, address) {
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

/// Where a name server is: its address, and the interface for one that only means something there (`fe80::1%eth0`).
#[derive(Debug, PartialEq, Eq)]
struct Server<'a> {
    address: IpAddr,
    interface: Option<&'a str>,
}

/// The name servers of a `resolv.conf`; the machine itself where it names none.
fn servers(text: &str) -> Vec<Server<'_>> {
    let named = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next().and_then(Server::parse)).flatten()
    });
    let servers: Vec<Server<'_>> = named.collect();
    if servers.is_empty() { vec![Server { address: Ipv4Addr::LOCALHOST.into(), interface: None }] } else { servers }
}

impl<'a> Server<'a> {
    fn parse(word: &'a str) -> Option<Self> {
        let (address, interface) = word.split_once('%').map_or((word, None), |(address, it)| (address, Some(it)));
        Some(Self { address: address.parse().ok()?, interface })
    }

    fn connect(&self) -> std::io::Result<UdpSocket> {
        let any: IpAddr =
            if self.address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
        socket.connect(self.place(&socket)?)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }

    fn place(&self, socket: &UdpSocket) -> std::io::Result<SocketAddr> {
        let (IpAddr::V6(address), Some(interface)) = (self.address, self.interface) else {
            return Ok(SocketAddr::new(self.address, PORT));
        };
        let index = interface.parse().map_or_else(|_| name_to_index(socket, interface), Ok)?;
        Ok(SocketAddrV6::new(address, PORT, 0, index).into())
    }
}

/// Addresses and names of a `hosts` file.
fn hosts(text: &str) -> impl Iterator<Item = (IpAddr, &str)> {
    text.lines().filter_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let address = words.next()?.parse().ok()?;
        words.next().filter(|name| reverse_dns::is_host_name(name)).map(|name| (address, name))
    })
}

/// What the two files of the resolver would say if `text` stood in them: hosts with their names, and how many servers.
#[cfg(any(fuzzing, test))]
pub(super) fn resolver_files(text: &str) -> (Vec<(IpAddr, &str)>, usize) {
    (hosts(text).collect(), servers(text).len())
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
        let text = "# comment\nsearch example\nnameserver 192.0.2.53\nnameserver  fe80::1%eth0\nnameserver nonsense\n";
        let server = |address: &str, interface| Server { address: address.parse().unwrap(), interface };
        assert_eq!(servers(text), [server("192.0.2.53", None), server("fe80::1", Some("eth0"))]);
        assert_eq!(servers(""), [server("127.0.0.1", None)]);
        let text = "127.0.0.1 localhost other\n# 192.0.2.1 no\n::1\tip6-localhost # yes\n192.0.2.2\nbad x\n192.0.2.3 \u{1b}[m\n";
        let found: Vec<(String, &str)> = hosts(text).map(|(address, name)| (address.to_string(), name)).collect();
        assert_eq!(found, [("127.0.0.1".to_owned(), "localhost"), ("::1".to_owned(), "ip6-localhost")]);
    }

    #[test]
    fn a_server_may_be_reached_by_one_interface_alone() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let place = |word| Server::parse(word).unwrap().place(&socket).map(|place| place.to_string());
        // The loopback is always there, and always the first.
        for word in ["fe80::1%lo", "fe80::1%1"] {
            assert_eq!(place(word).unwrap(), "[fe80::1%1]:53", "{word}");
        }
        assert!(place("fe80::1%nosuch").is_err());
        assert_eq!(place("192.0.2.53").unwrap(), "192.0.2.53:53");
    }

    /// A server that answers nothing by itself, and a book that asks it.
    fn book() -> (UdpSocket, NameBook) {
        let (server, client) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        client.connect(server.local_addr().unwrap()).unwrap();
        server.connect(client.local_addr().unwrap()).unwrap();
        client.set_nonblocking(true).unwrap();
        server.set_nonblocking(true).unwrap();
        (server, NameBook::new(vec![client], "192.0.2.1 listed.test\n192.0.2.1 other.test\n"))
    }

    #[test]
    fn a_flood_of_addresses_takes_bounded_memory_and_forgets_no_listed_name() {
        let (server, mut book) = book();
        for number in 0..3 * HOSTS as u32 {
            let address = Ipv4Addr::from(0x0a00_0000 + number);
            assert_eq!(book.of(address.into()), None);
            assert!(book.open.len() <= OPEN);
            if number % 1000 == 0 {
                // Without an answer there are but the first questions.
                book.take_answers();
            }
        }
        assert_eq!(book.of("192.0.2.1".parse().unwrap()).as_deref(), Some("listed.test"));
        let mut asked = 0;
        while server.recv(&mut [0; 512]).is_ok() {
            asked += 1;
        }
        assert!(asked <= OPEN, "{asked}");
    }

    #[test]
    fn a_flood_of_answers_does_not_keep_rows_waiting() {
        let (server, mut book) = book();
        book.of("192.0.2.7".parse().unwrap());
        let flood = || (0..4 * MESSAGES).for_each(|_| drop(server.send(b"no answer at all")));
        let held = |book: &NameBook| std::iter::from_fn(|| book.servers[0].recv(&mut [0; 512]).ok()).count();
        // The system holds so many of them.
        flood();
        let all = held(&book);
        assert!(all > MESSAGES, "{all}");
        flood();
        book.take_answers();
        assert_eq!(held(&book), all - MESSAGES);
    }

    #[test]
    fn an_answer_from_elsewhere_is_none() {
        let (server, mut book) = book();
        let address = "192.0.2.7".parse().unwrap();
        assert_eq!(book.of(address), None);
        let (mut question, stranger) = ([0; 512], UdpSocket::bind("127.0.0.1:0").unwrap());
        let length = server.recv(&mut question).unwrap();
        let mut said = question[..length].to_vec();
        (said[2], said[3], said[7]) = (0x81, 0x80, 1);
        said.extend(b"\xc0\x0c\0\x0c\0\x01\0\0\0\x3c\0\x06\x04host\0");
        stranger.send_to(&said, book.servers[0].local_addr().unwrap()).unwrap();
        let mut wrong_number = said.clone();
        wrong_number[0] ^= 1;
        server.send(&wrong_number).unwrap();
        book.take_answers();
        assert_eq!(book.of(address), None);
        server.send(&said).unwrap();
        book.take_answers();
        assert_eq!(book.of(address).as_deref(), Some("host"));
    }
}
