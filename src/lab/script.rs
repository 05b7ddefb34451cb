//! What the echo programs say to each other, encoded before any socket exists.

use std::net::{IpAddr, SocketAddr};

use super::{Encoding, LONGEST_MESSAGE, LabError, Party, Recorder};
use crate::model::{Lane, Transport};

/// The message that ends a conversation.
pub const EXIT: &str = "exit";

/// How the server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// With the message in upper case.
    Upper,
    /// With the message itself.
    Same,
    /// With the same text every time.
    Text(String),
}

/// What is said, where and how.
#[derive(Clone, Debug)]
pub struct Script {
    /// The server's address.
    pub addr: IpAddr,
    /// The client's address.
    pub client: IpAddr,
    /// The server's port; 0 lets the kernel choose.
    pub port: u16,
    /// Which conversations to hold, in this order.
    pub transports: Vec<Transport>,
    /// What the client says before `exit`, in bytes.
    pub(super) messages: Vec<Vec<u8>>,
    /// What the server answers to each.
    replies: Vec<Vec<u8>>,
    pub(super) exit: Vec<u8>,
    pub(super) encoding: Encoding,
}

/// Why a script cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// A message that would end the conversation before its time.
    #[error("the message \"exit\" ends the conversation; it is always sent last, so leave it out")]
    EarlyExit,
    /// A message of no bytes, which TCP would not send.
    #[error("a message needs at least one byte")]
    EmptyMessage,
    /// A message that would not arrive in one piece.
    #[error("a message of {0} bytes is longer than the {LONGEST_MESSAGE} bytes the echo programs receive at once")]
    LongMessage(usize),
    /// A message the encoding has no bytes for.
    #[error(transparent)]
    Encoding(#[from] LabError),
}

impl Script {
    /// A script, between a client's address and a server's, of the client's messages and the server's way to answer; everything is encoded here, before any socket
    /// exists.
    ///
    /// # Errors
    ///
    /// [`ScriptError`] where a message cannot be sent as it is.
    pub fn new(
        [client, addr]: [IpAddr; 2],
        port: u16,
        transports: Vec<Transport>,
        messages: &[String],
        reply: &Reply,
        encoding: Encoding,
    ) -> Result<Self, ScriptError> {
        if messages.iter().any(|message| message == EXIT) {
            return Err(ScriptError::EarlyExit);
        }
        let encode = |text: &str| {
            let bytes = encoding.encode(text)?;
            match bytes.len() {
                0 => Err(ScriptError::EmptyMessage),
                len if len > LONGEST_MESSAGE => Err(ScriptError::LongMessage(len)),
                _ => Ok(bytes),
            }
        };
        let answer = |message: &String| match reply {
            Reply::Upper => encode(&message.to_uppercase()),
            Reply::Same => encode(message),
            Reply::Text(text) => encode(text),
        };
        Ok(Self {
            addr,
            client,
            port,
            transports,
            messages: messages.iter().map(|message| encode(message)).collect::<Result<_, _>>()?,
            replies: messages.iter().map(answer).collect::<Result<_, _>>()?,
            exit: encode(EXIT)?,
            encoding,
        })
    }

    /// Tries whether the ports that it names can be had, without talking to anybody.
    ///
    /// # Errors
    ///
    /// [`LabError::PortTaken`].
    pub fn try_ports(&self) -> Result<(), LabError> {
        let party = Party {
            lane: Lane::Server,
            recorder: Recorder::default(),
            rendezvous: None,
            host: None,
            encoding: self.encoding,
            tells_descriptors: false,
        };
        let beside = self.port.checked_add(1).unwrap_or(0);
        for &transport in &self.transports {
            let ports = match transport {
                Transport::Tcp => &[self.port][..],
                Transport::Udp => &[self.port, beside],
            };
            for port in ports.iter().filter(|_| self.port != 0) {
                let addr = SocketAddr::new(self.addr, *port);
                let mut socket = party.socket(transport, addr)?;
                if transport == Transport::Tcp {
                    socket.reuse_address()?;
                }
                // Whatever else there is to say of it, the play says.
                if let taken @ Err(LabError::PortTaken { .. }) = socket.bind(addr) {
                    return taken;
                }
            }
        }
        Ok(())
    }

    /// What the server answers to `message`.
    pub(super) fn reply(&self, message: &[u8]) -> &[u8] {
        let known = self.messages.iter().position(|said| said == message);
        known.map_or(self.exit.as_slice(), |index| self.replies[index].as_slice())
    }
}
