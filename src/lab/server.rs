//! The echo server as a program of its own: many clients, over TCP and UDP, for as long as it runs.
//!
//! What happens is told an [`Observer`]; nothing is printed here. A client that resets, vanishes, is silent, does not read or
//! sends rubbish costs its own thread and no other.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, Scope};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SocketFlags, SocketType, sockopt};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::observer::{Datagram, Observer, Told, Waited};
use super::script::{EXIT, Reply};
use super::{Encoding, LONGEST_MESSAGE, LabError};
use crate::model::{Call, Happening, Lane, Transport};

/// How long a client that does not read may hold up its own answers.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// Hardly any time: a time-out of 0 would be none.
const INSTANT: Duration = Duration::from_millis(1);

/// How long to wait for another client to leave when no descriptor is free for a new one.
const PAUSE: Duration = Duration::from_millis(100);

/// What a client's thread needs; a thousand of them must fit.
const STACK: usize = 256 * 1024;

/// How the server is to behave.
#[derive(Clone, Debug)]
pub struct ServerPlan {
    /// Where it listens; port 0 lets the kernel choose.
    pub bind: SocketAddr,
    /// Over what.
    pub transports: Vec<Transport>,
    /// How it answers.
    pub reply: Reply,
    /// How bytes become text.
    pub encoding: Encoding,
    /// How many connections may wait for `accept()`.
    pub backlog: i32,
    /// How many bytes a `recv()` asks for.
    pub recv: usize,
    /// How long a TCP client may be silent; `None` for as long as it likes.
    pub timeout: Option<Duration>,
    /// Whether the next TCP client has to wait until the one before has left.
    pub one_at_a_time: bool,
}

/// A server with its sockets bound.
#[derive(Debug)]
pub struct EchoServer {
    plan: ServerPlan,
    /// Its own address, the port included that the kernel chose.
    addr: SocketAddr,
    tcp: Option<TcpListener>,
    udp: Option<UdpSocket>,
    /// How many clients have a thread.
    busy: Mutex<usize>,
    left: Condvar,
}

impl EchoServer {
    /// Opens the server's sockets and binds them. Nobody can connect until it serves. `SO_REUSEADDR` lets it start again at
    /// once after it was stopped.
    ///
    /// # Errors
    ///
    /// [`LabError::PortTaken`], or [`LabError::Call`] with what the kernel said.
    pub fn bind(plan: ServerPlan) -> Result<Self, LabError> {
        let mut addr = plan.bind;
        let mut tcp = None;
        if plan.transports.contains(&Transport::Tcp) {
            let listener = stream_socket(addr).map_err(|errno| not_bound(Transport::Tcp, addr, errno))?;
            // Both transports get the same number, also where the kernel chose it.
            addr = listener.local_addr().unwrap_or(addr);
            tcp = Some(listener);
        }
        let mut udp = None;
        if plan.transports.contains(&Transport::Udp) {
            let socket = UdpSocket::bind(addr).map_err(|error| not_bound(Transport::Udp, addr, errno_of(&error)))?;
            addr = socket.local_addr().unwrap_or(addr);
            udp = Some(socket);
        }
        allow_many_clients();
        Ok(Self { plan, addr, tcp, udp, busy: Mutex::new(0), left: Condvar::new() })
    }

    /// Where it serves.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Over what it serves.
    #[must_use]
    pub fn transports(&self) -> &[Transport] {
        &self.plan.transports
    }

    /// Lets clients connect.
    ///
    /// # Errors
    ///
    /// [`LabError::PortTaken`] where another program has begun to listen meanwhile, or [`LabError::Call`].
    pub fn listen(&self) -> Result<(), LabError> {
        self.tcp.as_ref().map_or(Ok(()), |listener| {
            net::listen(listener, self.plan.backlog).map_err(|errno| not_bound(Transport::Tcp, self.addr, errno))
        })
    }

    /// Serves until the process ends, the observer ends the program, or no socket works any more.
    ///
    /// # Errors
    ///
    /// There is no thread for datagrams beside the one for connections.
    pub fn serve(&self, observer: &dyn Observer) -> io::Result<()> {
        thread::scope(|scope| {
            let datagrams = |socket| self.serve_datagrams(socket, self.told(Transport::Udp, observer));
            match (&self.udp, &self.tcp) {
                (Some(socket), None) => datagrams(socket),
                (Some(socket), Some(_)) => {
                    thread::Builder::new().spawn_scoped(scope, move || datagrams(socket))?;
                }
                (None, _) => {}
            }
            if let Some(listener) = &self.tcp {
                self.serve_connections(listener, scope, self.told(Transport::Tcp, observer));
            }
            Ok(())
        })
    }

    fn told<'t>(&self, transport: Transport, observer: &'t dyn Observer) -> Told<'t> {
        let encoding = self.plan.encoding;
        Told { observer, lane: Lane::Server, transport, encoding, local: Some(self.addr), peer: None, began: None }
    }

    fn serve_connections<'s>(&'s self, listener: &TcpListener, scope: &'s Scope<'s, '_>, told: Told<'s>) {
        told.happened(Happening::Listening);
        loop {
            // What fails with waiting, accepting will say.
            let asks = told.beginning();
            if matches!(asks.wait(listener, None), Ok(Waited::Over)) {
                return;
            }
            match asks.accept(listener) {
                Ok((stream, told)) if self.plan.one_at_a_time => self.serve_one(stream, &told, 0),
                Ok((stream, told)) => {
                    *self.busy() += 1;
                    let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || {
                        self.serve_one(stream, &told, 1);
                        self.left.notify_all();
                    });
                    if let Err(error) = thread {
                        *self.busy() -= 1;
                        told.happened(Happening::Unaccepted(&error));
                    }
                }
                // It was gone before it was accepted, or a signal came.
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                Err(error) => {
                    told.happened(Happening::Unaccepted(&error));
                    // Out of descriptors, most likely; one becomes free when a client leaves.
                    drop(self.left.wait_timeout(self.busy(), PAUSE));
                }
            }
        }
    }

    /// One client, which has so many threads, and then the next is waited for.
    fn serve_one(&self, stream: TcpStream, told: &Told<'_>, threads: usize) {
        let end = self.converse(stream, told);
        let clients = {
            let mut busy = self.busy();
            *busy -= threads;
            *busy
        };
        if !matches!(end, Ok(None)) {
            Told { peer: None, local: Some(self.addr), ..*told }.happened(Happening::Waiting { clients });
        }
        if let (Ok(Some(Happening::Left | Happening::Silent(_) | Happening::Unread)), Some(own), Some(peer)) =
            (end, told.local, told.peer)
        {
            told.observer.closed_first(own, peer);
        }
    }

    /// One client, from its first message to its last, and how that ended; `None` where this program is to end.
    fn converse(&self, stream: TcpStream, told: &Told<'_>) -> io::Result<Option<Happening<'static>>> {
        told.happened(Happening::Connected);
        let end = self.answer_all(&stream, told);
        match &end {
            Ok(Some(end)) => told.happened(*end),
            Ok(None) => {}
            Err(error) => told.happened(Happening::Lost(error)),
        }
        told.close(stream);
        end
    }

    /// How the conversation ended; `None` where this program is to end.
    fn answer_all(&self, stream: &TcpStream, told: &Told<'_>) -> io::Result<Option<Happening<'static>>> {
        stream.set_read_timeout(self.plan.timeout)?;
        stream.set_write_timeout(Some(WRITE_PATIENCE))?;
        let mut buffer = vec![0; self.plan.recv];
        let mut held = Vec::new();
        loop {
            let said = match self.receive(stream, told, &mut buffer) {
                Ok(Some(said)) => said,
                Ok(None) => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return Ok(self.plan.timeout.map(Happening::Silent));
                }
                Err(error) => return Err(error),
            };
            let is_over = said.is_empty();
            if said.len() == self.plan.recv && !said.contains(&b'\n') && has_more(stream) {
                told.happened(Happening::InPieces { room: self.plan.recv });
            }
            held.extend_from_slice(said);
            let whole = if is_over { held.len() } else { self.whole(&held) };
            // TCP keeps no boundaries: lines are messages, and what comes without an end of line is one too.
            for line in held[..whole].split_inclusive(|byte| *byte == b'\n') {
                let (answer, ends) = self.answer(line, told);
                match told.send(stream, &answer) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Some(Happening::Unread)),
                    sent => sent?,
                }
                told.happened(Happening::Answered(&answer));
                if ends {
                    return Ok(Some(Happening::Left));
                }
            }
            held.drain(..whole);
            if is_over {
                return Ok(Some(Happening::Closed));
            }
        }
    }

    /// What the client says next; `None` where this program is to end. That it was silent for too long, the call says.
    fn receive<'b>(&self, stream: &TcpStream, told: &Told<'_>, buffer: &'b mut [u8]) -> io::Result<Option<&'b [u8]>> {
        let asks = told.beginning();
        match asks.wait(stream, self.plan.timeout)? {
            Waited::Ready => asks.receive(stream, buffer).map(Some),
            Waited::Over => Ok(None),
            Waited::InVain => {
                stream.set_read_timeout(Some(INSTANT))?;
                let said = asks.receive(stream, buffer)?;
                stream.set_read_timeout(self.plan.timeout)?;
                Ok(Some(said))
            }
        }
    }

    /// How much of what a client said can be answered: all of it but a last message that ends in the middle of a character,
    /// whose rest is on its way.
    fn whole(&self, said: &[u8]) -> usize {
        let last = said.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let waits = said.len() < LONGEST_MESSAGE.max(self.plan.recv) && self.plan.encoding.is_cut(&said[last..]);
        if waits { last } else { said.len() }
    }

    fn serve_datagrams(&self, socket: &UdpSocket, told: Told<'_>) {
        told.happened(Happening::Listening);
        let mut buffer = vec![0; self.plan.recv];
        loop {
            let asks = told.beginning();
            if matches!(asks.wait(socket, None), Ok(Waited::Over)) {
                return;
            }
            let Datagram { bytes: said, of, from: peer } = match asks.receive_from(socket, &mut buffer) {
                Ok(received) => received,
                Err(error) => {
                    told.happened(Happening::Lost(&error));
                    continue;
                }
            };
            let told = Told { peer: Some(peer), ..told };
            if of > said.len() {
                told.happened(Happening::CutOff { room: self.plan.recv, of });
            }
            let (answer, ends) = self.answer(said, &told);
            match told.send_to(socket, &answer, peer) {
                Ok(()) => told.happened(Happening::Answered(&answer)),
                Err(error) => told.happened(Happening::Lost(&error)),
            }
            if ends {
                told.happened(Happening::Left);
            }
        }
    }

    /// The answer to a message, with the line's end it came with, and whether it was the last.
    fn answer(&self, message: &[u8], told: &Told<'_>) -> (Vec<u8>, bool) {
        let (body, end) = without_line_end(message);
        told.happened(Happening::Said(message));
        let encoding = self.plan.encoding;
        let text = encoding.read(body);
        if text.is_none() {
            told.happened(Happening::Unreadable { encoding: encoding.name() });
        }
        let ends = text.as_deref() == Some(EXIT);
        let reply = match (&self.plan.reply, text) {
            _ if ends => None,
            (Reply::Upper, Some(text)) => encoding.encode(&text.to_uppercase()).ok(),
            (Reply::Text(reply), _) => encoding.encode(reply).ok(),
            _ => None,
        };
        let mut answer = reply.unwrap_or_else(|| body.to_vec());
        answer.extend_from_slice(end);
        (answer, ends)
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, usize> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message and its `\n` or `\r\n`.
fn without_line_end(message: &[u8]) -> (&[u8], &[u8]) {
    let body = message.strip_suffix(b"\n").map_or(message, |body| body.strip_suffix(b"\r").unwrap_or(body));
    message.split_at(body.len())
}

/// Whether there is more to read by now.
fn has_more(stream: &TcpStream) -> bool {
    matches!(net::recv(stream, &mut [0_u8; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT), Ok((1.., _)))
}

/// A bound socket that does not listen yet, and then with a backlog of one's choice: std's can do neither.
fn stream_socket(addr: SocketAddr) -> Result<TcpListener, Errno> {
    let family = if addr.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = net::socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    net::bind(&socket, &addr)?;
    Ok(TcpListener::from(socket))
}

fn not_bound(transport: Transport, addr: SocketAddr, errno: Errno) -> LabError {
    match errno {
        Errno::ADDRINUSE => LabError::PortTaken { transport, endpoint: addr.into() },
        errno => LabError::Call { lane: Lane::Server, call: Box::new(Call::Bind(addr.into())), errno },
    }
}

fn errno_of(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

/// Raises the number of open files to what the system lets this process have.
fn allow_many_clients() {
    let limit = getrlimit(Resource::Nofile);
    // Where it is refused, fewer clients are served at once, and each that is not is told of.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
