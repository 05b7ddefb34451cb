//! What kept a demonstration from its end, and the ways out.

use crate::cli::capture_rights;
use crate::cli::held;
use crate::cli::mishap;
use crate::cli::report::Failure;
use crate::engine::NoCapture;
use crate::engine::command_line::this_binary;
use crate::lab::LabError;

/// What ended the play before its time; `port` is the one that the servers were to have.
pub(super) fn mishap(mishap: LabError, port: u16) -> Failure {
    match &mishap {
        &LabError::PortTaken { transport, endpoint } => held::refusal(mishap, transport, endpoint)
            .advise("take any free port with --port 0, or a network of its own with --network private"),
        LabError::TimedOut { .. } => mishap::failure(mishap).advise(
            "the other side's packet did not arrive: is a firewall rule dropping loopback traffic? see the ledger",
        ),
        LabError::Call { .. } if (1..1024).contains(&port) => mishap::failure(mishap)
            .advise("ports below 1024 are for root, whose rights were given up; take a higher one with --port"),
        _ => mishap::failure(mishap),
    }
}

/// Why there is no capture, and every way to one.
pub(super) fn no_capture(refused: NoCapture) -> Failure {
    let reason = match refused {
        NoCapture::Host(_) => "the host's loopback needs CAP_NET_RAW",
        NoCapture::Private(_) => "the host's loopback needs CAP_NET_RAW, which does not count here",
        NoCapture::Inside(error) => return error.into(),
    };
    let binary = this_binary();
    let unprivileged = [
        (format!("{binary} demo --network private"), "where user namespaces are allowed"),
        (format!("{binary} read captures/demo.pcapng"), "a saved run, no privilege needed"),
    ];
    let failure = Failure::from(refused).advise(format!("{reason}. One of these will do:"));
    capture_rights::ways(&format!("{binary} demo"), &unprivileged).into_iter().fold(failure, Failure::advise)
}
