//! The same text in other bytes.

use super::definition::Scenario;
use super::place::{Lab, SERVER, hang_up};
use crate::lab::{Encoding, LabError, Party};
use crate::model::{Lane, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "gbk",
    title: "the same text in UTF-8 and in GBK: other bytes, other lengths, same transport",
    teaches: &[
        "你好 took 6 bytes in UTF-8 and 4 in GBK: only the application layer knows what the bytes mean.",
        "To TCP both are bytes to carry, six or four of them: no header says which encoding was meant.",
        "So the third receiver, which read the GBK bytes as UTF-8, got rubbish, and no call of its failed.",
    ],
    compares_payloads: true,
    play,
    ..Scenario::PLAIN
};

const TEXT: &str = "你好";

fn play(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(5)?;
    let (utf8, gbk) = (Encoding::default(), "gbk".parse()?);
    for (encoding, reading) in [(utf8, utf8), (gbk, gbk), (gbk, utf8)] {
        let party = Party { encoding, ..lab.party(Lane::Client) };
        let mut client = party.socket(Transport::Tcp, SERVER)?;
        client.connect(SERVER)?;
        let connection = listener.accept()?.of(Party { encoding: reading, ..lab.party(Lane::Server) });
        client.send(&encoding.encode(TEXT)?)?;
        connection.recv()?;
        hang_up(client, connection)?;
    }
    listener.close()
}
