//! What will be played and said, and where; everything that can be refused without a socket is refused here.

use std::time::Duration;

use crate::cli::args::{DemoArgs, Network, option};
use crate::cli::exit::Exit;
use crate::cli::report::Failure;
use crate::engine::{Demonstration, Place};
use crate::lab::{Lab, Needs, Recorder, Reply, SCENARIOS, Script, Setting};

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
    let place = match args.network {
        None => Place::usual(scenario),
        Some(Network::Auto) => Place::Auto,
        Some(Network::Private) => Place::Private,
        Some(Network::Host) if scenario.needs == Needs::OwnNetwork => {
            let name = scenario.key.key();
            let refused = format!("{name} changes the loopback's settings, which it does in a private network alone");
            return Err(Failure::usage(refused));
        }
        Some(Network::Host) => Place::Host,
    };
    Ok(Demonstration { scenario, lab: lab(args)?, place })
}

fn lab(args: &DemoArgs) -> Result<Lab, Failure> {
    let hello = [String::from("hello")];
    let messages = if args.messages.is_empty() { &hello } else { args.messages.as_slice() };
    let (port, reply) = (args.port.unwrap_or(PORT), args.reply.as_ref().unwrap_or(&Reply::Upper));
    let echo =
        Script::new(args.addr(), port, args.over.transports(), messages, reply, args.encoding.unwrap_or_default())
            .map_err(|error| Failure::new(Exit::Usage, error))?;
    let timeout = args.timeout.unwrap_or(Duration::from_secs(1));
    Ok(Lab { recorder: Recorder::default(), echo, timeout })
}

/// That a scenario has no use for an option, and which have.
fn useless(scenario: &str, setting: Setting) -> Failure {
    let option = option(setting);
    let users: Vec<&str> =
        SCENARIOS.iter().filter(|other| other.accepts(setting)).map(|other| other.key.key()).collect();
    Failure::usage(format!("the scenario {scenario} has no use for {option}"))
        .advise(format!("{option} is for {}", users.join(", ")))
}
