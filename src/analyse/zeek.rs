//! A connection in the letters that Zeek's `conn.log` made familiar: `conn_state` and `history`.

use super::connection::Connection;
use crate::model::{Lane, Transport};

impl Connection {
    /// What happened, in the letters of Zeek's `history`: upper case for the client, in the order of events, at most 28.
    ///
    /// `s` SYN, `h` SYN-ACK, `f` FIN, `r` reset: once for each sequence number. `a` empty acknowledgment, `d` data, `i` FIN
    /// with RST, `q` SYN with FIN or RST: once. `g` gap in the capture, `t` payload sent again or late, `w` window of zero:
    /// the 1st, 10th, 100th ... time. `^` the first sender is the server, by its SYN-ACK or by the ports, or a SYN put an
    /// assumed direction right. Zeek's `c` (bad checksum) is not given: on a capture near its sender most are not filled in.
    #[must_use]
    pub fn zeek_history(&self) -> String {
        match self.transport() {
            Transport::Tcp => self.history().map(ToString::to_string).unwrap_or_else(|| "S".to_owned()),
            Transport::Udp => {
                let letters = [(Lane::Client, "D"), (Lane::Server, "d")];
                letters.iter().filter(|(lane, _)| self.traffic(*lane).packets > 0).map(|(_, letter)| *letter).collect()
            }
        }
    }

    /// The connection's state as Zeek's `conn_state` would have it.
    #[must_use]
    pub fn zeek_state(&self) -> &'static str {
        let payload = [Lane::Client, Lane::Server].iter().any(|lane| self.traffic(*lane).payload > 0);
        match (self.transport(), self.history()) {
            (Transport::Tcp, Some(history)) => history.state(payload),
            (Transport::Tcp, None) => "S0",
            (Transport::Udp, _) => {
                if self.traffic(Lane::Server).packets > 0 {
                    "SF"
                } else {
                    "S0"
                }
            }
        }
    }
}
