//! A firewall between client and server, which judges by the destination port: silence, and two ways to say no.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;

use super::definition::Scenario;
use super::place::{Lab, hang_up_slowly};
use crate::lab::error::must_fail;
use crate::lab::network::Fate;
use crate::lab::{Hosts, LabError, Topology};
use crate::model::{Consequence, Lane, Measure, Purpose, ScenarioKey, Transport};

pub(super) const SCENARIO: Scenario = Scenario {
    measures: &[Measure::Repetition],
    seconds: Some(4),
    play,
    ..Scenario::apart(ScenarioKey::Firewall, &[Topology::Routed])
};

/// The ports that are dropped, rejected with a message, and rejected with a reset.
const DROPPED: u16 = 8889;
const PROHIBITED: u16 = 8890;
const RESET: u16 = 8891;

/// How long the firewall takes to say no: a client that is still in the midst of sending does not hear it.
const SOON: Duration = Duration::from_millis(5);

fn play(lab: &Lab) -> Result<(), LabError> {
    // Newer kernels first repeat a SYN four times every second.
    lab.hosts.set(Lane::Client, "ipv4/tcp_syn_linear_timeouts", "0")?;
    let router = lab.hosts.forward(|passing| match passing.port().filter(|_| passing.to_server) {
        Some(DROPPED) => Fate::IsLost,
        Some(PROHIBITED) => Fate::IsAnswered(passing.prohibited(Hosts::router_addr()), SOON),
        Some(RESET) => Fate::IsAnswered(passing.reset(), SOON),
        _ => Fate::Passes,
    })?;
    hang_up_slowly(lab.pair()?)?;

    let at = |port| SocketAddr::new(lab.at_server().ip(), port);
    let syn = Consequence::there(Purpose::Syn);
    let mut client = lab.client(Transport::Tcp)?;
    client.do_not_wait()?;
    client.expecting([syn; 3]);
    must_fail(client.connect(at(DROPPED)), Errno::INPROGRESS)?;
    client.wait_writable(Duration::from_millis(3500))?;
    client.expecting([]);
    client.close()?;

    // Bound, for a socket whose connect() failed has no address any more.
    let own = SocketAddr::new(lab.at_client().ip(), 0);
    let mut client = lab.client(Transport::Tcp)?;
    client.bind(own)?;
    client.expecting([syn, Consequence::back(Purpose::Prohibited)]);
    must_fail(client.connect(at(PROHIBITED)), Errno::HOSTUNREACH)?;
    client.expecting([]);
    client.close()?;

    let mut client = lab.client(Transport::Tcp)?;
    client.bind(own)?;
    must_fail(client.connect(at(RESET)), Errno::CONNREFUSED)?;
    client.close()?;
    router.finish().map_err(LabError::Router)
}
