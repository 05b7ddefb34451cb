//! The same text in other bytes.

use super::{Lab, SERVER, Scenario};
use crate::lab::{Encoding, LabError, Party};
use crate::model::{Lane, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "gbk",
    title: "the same text in UTF-8 and in GBK: other bytes, other lengths, same transport",
    teaches: &[
        "你好 took 6 bytes in UTF-8 and 4 in GBK: only the application layer knows what the bytes mean.",
        "To TCP both are numbers of bytes; the segments differ in length, and in nothing else.",
        "A receiver that reads GBK bytes as UTF-8 gets rubbish: no header says which encoding was meant.",
    ],
    play,
    ..Scenario::PLAIN
};

const TEXT: &str = "你好";

fn play(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(5)?;
    for encoding in [Encoding::default(), "gbk".parse()?] {
        let party = Party { encoding, ..lab.party(Lane::Client) };
        let mut client = party.socket(Transport::Tcp, SERVER)?;
        client.connect(SERVER)?;
        let connection = listener.accept()?.of(Party { encoding, ..lab.party(Lane::Server) });
        client.send(&encoding.encode(TEXT)?)?;
        connection.recv()?;
        client.close()?;
        connection.recv()?;
        connection.close()?;
    }
    listener.close()
}
