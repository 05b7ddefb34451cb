//! A SYN gets lost.

use std::time::Duration;

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{Lab, Pair, SERVER};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Consequence, Measure, Purpose, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "syn-lost",
    title: "a lost SYN comes again after a second",
    teaches: &[
        "The first SYN was lost: IP_MINTTL of 255 at the listening socket made the kernel drop it.",
        "No round trip was measured yet, so the kernel waits a whole second before it sends the same SYN again.",
        "A connect() that does not wait says EINPROGRESS; poll() says when the handshake is over.",
    ],
    measures: &[Measure::Repetition],
    seconds: Some(1),
    play,
    ..Scenario::PLAIN
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(5)?;
    listener.lose_arrivals()?;
    let mut client = lab.client(Transport::Tcp)?;
    client.do_not_wait()?;
    client.expecting([
        Consequence::there(Purpose::Syn),
        Consequence::there(Purpose::Syn),
        // Where the machine is so busy that the second is lost too.
        Consequence::there(Purpose::Syn).maybe(),
        Consequence::back(Purpose::SynAck),
        Consequence::there(Purpose::Ack),
    ]);
    must_fail(client.connect(SERVER), Errno::INPROGRESS)?;
    listener.let_arrivals_in()?;
    client.wait_writable(Duration::from_secs(5))?;
    let connection = listener.accept()?;
    Pair { listener, client, connection }.hang_up()
}
