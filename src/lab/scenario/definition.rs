//! What a scenario is: what it is called, what it measures, accepts and needs, and the script that plays it.

use super::place::Lab;
use crate::lab::{LabError, Topology};
use crate::model::{Measure, ScenarioKey};

/// One idea of sockets, as a script.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What it is called.
    pub key: ScenarioKey,
    /// What is worth measuring in a run.
    pub measures: &'static [Measure],
    /// About how many seconds it takes, where its nature needs more than one.
    pub seconds: Option<u8>,
    /// What can be chosen about it.
    pub accepts: &'static [Setting],
    /// Where it can be played.
    pub needs: Needs,
    /// The columns of its packets that it is about, by their keys.
    pub columns: &'static [&'static str],
    /// How client and server may be joined: at first the usual way.
    pub topologies: &'static [Topology],
    /// Whether headers and payload are worth comparing.
    pub compares_sizes: bool,
    /// Whether the payloads are worth comparing, byte by byte.
    pub compares_payloads: bool,
    pub(super) play: fn(&Lab) -> Result<(), LabError>,
}

/// What somebody can choose about a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// What the client says.
    Message,
    /// How the server answers.
    Reply,
    /// The servers' port.
    Port,
    /// How text becomes bytes.
    Encoding,
    /// Over IPv6.
    Ipv6,
    /// Over TCP alone.
    Tcp,
    /// Over UDP alone.
    Udp,
    /// How long the server waits for a silent client.
    Timeout,
}

impl Setting {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Message, Self::Reply, Self::Port, Self::Encoding, Self::Ipv6, Self::Tcp, Self::Udp, Self::Timeout];

    /// What it is called.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Reply => "reply",
            Self::Port => "port",
            Self::Encoding => "encoding",
            Self::Ipv6 => "ipv6",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Timeout => "timeout",
        }
    }
}

/// What a scenario is about where the receiver limits the sender: how much was sent, and how much more may be.
pub(super) const FLOW: &[&str] = &["win", "marks", "len"];

/// Which network a scenario needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Any loopback: it stays out of the way of others there.
    Loopback,
    /// A loopback where it has the ports and timers to itself.
    QuietLoopback,
    /// A network of its own, and the right to change it.
    OwnNetwork,
}

/// Both programs on one host, or each on its own.
pub(super) const HERE_OR_APART: &[Topology] = &[Topology::Loopback, Topology::Pair];

impl Scenario {
    /// One that is like most of them.
    pub(super) const fn of(key: ScenarioKey) -> Self {
        Self {
            key,
            measures: &[],
            seconds: None,
            accepts: &[],
            needs: Needs::QuietLoopback,
            columns: &[],
            topologies: &[Topology::Loopback],
            compares_sizes: false,
            compares_payloads: false,
            play: |_| Ok(()),
        }
    }

    /// One between hosts of their own, the client captured.
    pub(super) const fn apart(key: ScenarioKey, topologies: &'static [Topology]) -> Self {
        Self { needs: Needs::OwnNetwork, topologies, ..Self::of(key) }
    }

    /// Whether it can be played where client and server are joined that way.
    #[must_use]
    pub fn runs_in(&self, topology: Topology) -> bool {
        self.topologies.contains(&topology)
    }

    /// Whether something can be chosen about it.
    #[must_use]
    pub fn accepts(&self, setting: Setting) -> bool {
        self.accepts.contains(&setting)
    }

    /// Plays it; the lab's recorder has every call, also of a play that fails.
    ///
    /// # Errors
    ///
    /// The first call that did not do what the script says.
    pub fn play(&self, lab: &Lab) -> Result<(), LabError> {
        (self.play)(lab)
    }
}
