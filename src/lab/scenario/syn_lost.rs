//! A SYN gets lost.

use std::time::Duration;

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{Lab, Pair, SERVER};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Consequence, Measure, Purpose, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario =
    Scenario { measures: &[Measure::Repetition], seconds: Some(1), play, ..Scenario::of(ScenarioKey::SynLost) };

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
