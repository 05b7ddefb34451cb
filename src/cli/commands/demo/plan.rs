//! What will be played and said, and where; everything that can be refused without a socket is refused here.

use std::time::Duration;

use crate::cli::args::{DemoArgs, Network, option};
use crate::cli::exit::Exit;
use crate::cli::report::Failure;
use crate::engine::{Demonstration, Place};
use crate::lab::{Hosts, Lab, Needs, Recorder, Reply, SCENARIOS, Scenario, Script, Setting, Topology};
use crate::model::Lane;

/// The port of the echo servers.
const PORT: u16 = 8888;

/// The demonstration that the options ask for.
///
/// # Errors
///
/// The scenario has no use for an option, or is not played where it should be; or a message cannot be sent.
pub(super) fn demonstration(args: &DemoArgs) -> Result<Demonstration, Failure> {
    let scenario = args.scenario;
    if let Some(setting) = args.settings().find(|setting| !scenario.accepts(*setting)) {
        return Err(useless(scenario.key.key(), setting));
    }
    let place = place(args)?;
    Ok(Demonstration { scenario, lab: lab(args, place.topology())?, place })
}

/// Where it is played.
fn place(args: &DemoArgs) -> Result<Place, Failure> {
    let scenario = args.scenario;
    let name = scenario.key.key();
    let place = match args.network {
        None => Place::usual(scenario),
        Some(Network::Auto) if !scenario.runs_in(Topology::Loopback) => Place::usual(scenario),
        Some(Network::Auto) => Place::Auto,
        Some(Network::Private) => Place::Private,
        Some(Network::Host) if scenario.needs == Needs::OwnNetwork && scenario.runs_in(Topology::Loopback) => {
            let refused = format!("{name} changes the loopback's settings, which it does in a private network alone");
            return Err(Failure::usage(refused));
        }
        Some(Network::Host) => Place::Host,
        Some(Network::Pair) => Place::Apart(Topology::Pair),
        Some(Network::Routed) => Place::Apart(Topology::Routed),
    };
    if scenario.runs_in(place.topology()) { Ok(place) } else { Err(misplaced(scenario, place.topology())) }
}

/// That a scenario is not played in such a network, and which are, or where it is.
fn misplaced(scenario: &Scenario, topology: Topology) -> Failure {
    let name = scenario.key.key();
    match topology {
        Topology::Loopback => {
            let usual = scenario.topologies.first().map_or("", |topology| network(*topology));
            Failure::usage(format!("{name} needs more than one host")).advise(format!("it is played with {usual}"))
        }
        topology => Failure::usage(format!("{name} is not played with {}", network(topology))).advise(format!(
            "{} is for {}",
            network(topology),
            names(|other| other.runs_in(topology))
        )),
    }
}

/// The option for a network.
const fn network(topology: Topology) -> &'static str {
    match topology {
        Topology::Loopback => "--network private",
        Topology::Pair => "--network pair",
        Topology::Routed => "--network routed",
    }
}

fn lab(args: &DemoArgs, topology: Topology) -> Result<Lab, Failure> {
    let hello = [String::from("hello")];
    let messages = if args.messages.is_empty() { &hello } else { args.messages.as_slice() };
    let (port, reply) = (args.port.unwrap_or(PORT), args.reply.as_ref().unwrap_or(&Reply::Upper));
    let ends = [Lane::Client, Lane::Server].map(|lane| topology.addr(lane, args.ipv6));
    let echo = Script::new(ends, port, args.over.transports(), messages, reply, args.encoding.unwrap_or_default())
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    let timeout = args.timeout.unwrap_or(Duration::from_secs(1));
    Ok(Lab { recorder: Recorder::default(), hosts: Hosts::planned(topology), echo, timeout })
}

/// That a scenario has no use for an option, and which have.
fn useless(scenario: &str, setting: Setting) -> Failure {
    let option = option(setting);
    Failure::usage(format!("the scenario {scenario} has no use for {option}"))
        .advise(format!("{option} is for {}", names(|other| other.accepts(setting))))
}

/// The scenarios of a kind.
fn names(are_such: impl Fn(&Scenario) -> bool) -> String {
    let names: Vec<&str> =
        SCENARIOS.iter().filter(|scenario| are_such(scenario)).map(|scenario| scenario.key.key()).collect();
    names.join(", ")
}
