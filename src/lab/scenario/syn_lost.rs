//! A SYN gets lost.

use std::time::Duration;

use rustix::io::Errno;

use super::definition::{HERE_OR_APART, Scenario};
use super::place::{Lab, Pair, SYN_REPEATED};
use crate::lab::LabError;
use crate::lab::error::must_fail;
use crate::model::{Measure, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::Repetition],
    seconds: Some(1),
    columns: &["marks"],
    topologies: HERE_OR_APART,
    play,
    ..Scenario::of(ScenarioKey::SynLost)
};

fn play(lab: &Lab) -> Result<(), LabError> {
    let listener = lab.listener(5)?;
    listener.lose_arrivals()?;
    let mut client = lab.client(Transport::Tcp)?;
    client.do_not_wait()?;
    // The third SYN is for a machine that is so busy that the second is lost too.
    client.expecting(SYN_REPEATED);
    must_fail(client.connect(lab.at_server()), Errno::INPROGRESS)?;
    listener.let_arrivals_in()?;
    client.wait_writable(Duration::from_secs(5))?;
    let connection = listener.accept()?;
    Pair { listener, client, connection }.hang_up()
}
