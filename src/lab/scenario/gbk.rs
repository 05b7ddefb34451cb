//! The same text in other bytes.

use super::definition::{HERE_OR_APART, Scenario};
use super::place::{Lab, hang_up};
use crate::lab::{Encoding, LabError, Party};
use crate::model::{Lane, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario =
    Scenario { compares_payloads: true, topologies: HERE_OR_APART, play, ..Scenario::of(ScenarioKey::Gbk) };

const TEXT: &str = "你好";

fn play(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(5)?;
    let (utf8, gbk) = (Encoding::default(), "gbk".parse()?);
    for (encoding, reading) in [(utf8, utf8), (gbk, gbk), (gbk, utf8)] {
        let party = Party { encoding, ..lab.party(Lane::Client) };
        let mut client = party.socket(Transport::Tcp, lab.at_server())?;
        client.connect(lab.at_server())?;
        let connection = listener.accept()?.of(Party { encoding: reading, ..lab.party(Lane::Server) });
        client.send(&encoding.encode(TEXT)?)?;
        connection.recv()?;
        hang_up(client, connection)?;
    }
    listener.close()
}
