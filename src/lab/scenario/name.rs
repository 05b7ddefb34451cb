//! A name is looked up, and then connected to.

use std::net::{IpAddr, SocketAddr};

use super::definition::Scenario;
use super::place::{Lab, Pair};
use crate::lab::{LabError, Topology};
use crate::model::{Lane, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario = Scenario { play, ..Scenario::apart(ScenarioKey::Name, &[Topology::Pair]) };

/// Where name servers listen.
const PORT: u16 = 53;

/// `echo.example`, as DNS writes it: each label behind its length (RFC 1035 §3.1).
const NAME: &[u8] = b"\x04echo\x07example\0";

/// A question for an address: its identification, recursion desired, one question; the name, type A, class IN.
fn question() -> Vec<u8> {
    [&[0x2a, 0x01, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], NAME, &[0, 1, 0, 1]].concat()
}

/// The answer of who is in charge of the name: the question again, and an address that may be kept for a minute.
fn answer(question: &[u8], addr: IpAddr) -> Option<Vec<u8>> {
    let (IpAddr::V4(addr), [a, b, _, _, _, _, _, _, _, _, _, _, rest @ ..]) = (addr, question) else { return None };
    let head = [*a, *b, 0x85, 0, 0, 1, 0, 1, 0, 0, 0, 0];
    // The name stands at byte 12 already.
    let record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4];
    Some([&head[..], rest, &record, &addr.octets()].concat())
}

/// The address that an answer ends with.
fn told(answer: &[u8]) -> Option<IpAddr> {
    answer.last_chunk::<4>().map(|octets| IpAddr::from(*octets))
}

fn play(lab: &Lab) -> Result<(), LabError> {
    let at = SocketAddr::new(lab.at_server().ip(), PORT);
    let mut names = lab.party(Lane::Server).socket(Transport::Udp, at)?;
    names.bind(at)?;
    let listener = lab.listener(5)?;

    let mut resolver = lab.client(Transport::Udp)?;
    resolver.connect(at)?;
    resolver.send(&question())?;
    let (asked, from) = names.recv_from()?;
    names.send_to(&answer(&asked, lab.at_server().ip()).unwrap_or_default(), from)?;
    let found = told(&resolver.recv()?).unwrap_or(at.ip());
    resolver.close()?;

    let mut client = lab.client(Transport::Tcp)?;
    client.connect(SocketAddr::new(found, lab.at_server().port()))?;
    let connection = listener.accept()?;
    client.send(b"hello")?;
    connection.recv()?;
    Pair { listener, client, connection }.hang_up()?;
    names.close()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_repeats_the_question_and_tells_the_address() {
        let addr = IpAddr::from([192, 0, 2, 2]);
        let answer = answer(&question(), addr).unwrap();
        assert_eq!(answer[..2], question()[..2]);
        assert_eq!(answer[12..30], question()[12..30]);
        assert_eq!(told(&answer), Some(addr));
    }
}
