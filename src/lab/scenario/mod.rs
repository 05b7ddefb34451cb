//! The scenarios, a file each: readable scripts over the recording sockets.
//!
//! Most scripts are one thread that plays both sides: the order of the calls is the order of the lines, and the kernel
//! does its part in between. Where it matters that the sides are programs of their own, they are threads.

mod backlog;
mod big_segments;
mod blocking;
mod buffers;
mod busy_loop;
mod checksum;
mod congestion;
mod dead_peer;
mod definition;
mod echo;
mod encapsulation;
mod firewall;
mod gbk;
mod half_close;
mod half_read;
mod handshake;
mod hops;
mod http;
mod keep_alive;
mod listener_closed;
mod many_clients;
mod nagle;
mod name;
mod one_at_a_time;
mod partial_read;
mod ping;
mod pipelining;
mod place;
mod port_in_use;
mod refused;
mod reordering;
mod reset;
mod retransmit;
mod self_connect;
mod send_all;
mod server_close;
mod syn_lost;
mod timeout;
mod two_hosts;
mod udp_losses;
mod udp_too_large;

pub use definition::{Needs, Scenario, Setting};
pub use place::Lab;

/// Every scenario, in the order of a course.
pub static SCENARIOS: [Scenario; 41] = [
    echo::SCENARIO,
    handshake::SCENARIO,
    blocking::SCENARIO,
    server_close::SCENARIO,
    half_close::SCENARIO,
    reset::SCENARIO,
    refused::SCENARIO,
    port_in_use::SCENARIO,
    many_clients::SCENARIO,
    listener_closed::SCENARIO,
    backlog::SCENARIO,
    one_at_a_time::SCENARIO,
    timeout::SCENARIO,
    busy_loop::SCENARIO,
    half_read::SCENARIO,
    partial_read::SCENARIO,
    udp_too_large::SCENARIO,
    buffers::SCENARIO,
    send_all::SCENARIO,
    nagle::SCENARIO,
    retransmit::SCENARIO,
    syn_lost::SCENARIO,
    keep_alive::SCENARIO,
    http::SHORT,
    http::KEEP_ALIVE,
    pipelining::SCENARIO,
    big_segments::SCENARIO,
    self_connect::SCENARIO,
    gbk::SCENARIO,
    encapsulation::SCENARIO,
    two_hosts::SCENARIO,
    hops::SCENARIO,
    ping::SCENARIO,
    udp_losses::LOSS,
    udp_losses::REORDER,
    checksum::SCENARIO,
    firewall::SCENARIO,
    reordering::SCENARIO,
    congestion::SCENARIO,
    dead_peer::SCENARIO,
    name::SCENARIO,
];

impl Scenario {
    /// The scenario of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.key.key() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ScenarioKey;

    #[test]
    fn every_scenario_that_has_a_name_can_be_played() {
        assert!(SCENARIOS.iter().map(|scenario| &scenario.key).eq(ScenarioKey::ALL));
    }
}
