//! A demonstration: a scenario is played while its packets are captured, until every packet that its calls account for
//! was seen.

use std::net::IpAddr;
use std::os::fd::BorrowedFd;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use super::Failure;
use super::taps::Taps;
use crate::analyse::{Journey, Ledger, NextHop, Place as Link, canonical, follow_canonical, journeys};
use crate::clock::now;
use crate::decode::headers;
use crate::lab::{Host, Lab, LabError, NamespaceError, Needs, Scenario, Setting, Topology, enter_private_network};
use crate::model::{Lane, LinkType, Note, OwnedFrame};
use crate::source::{BATCH, Drops, LiveCapture, LiveOptions, SourceError};

/// How long after the last call the last packet may take to be seen.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is played, and where.
pub(crate) struct Demonstration {
    pub(crate) scenario: &'static Scenario,
    pub(crate) lab: Lab,
    pub(crate) place: Place,
}

/// Where it is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the host's loopback where this process may capture there, else on that of a private network.
    Auto,
    /// On the host's loopback.
    Host,
    /// On that of a private network.
    Private,
    /// Between hosts of their own, in a private network.
    Apart(Topology),
}

/// Why there is no capture.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoCapture {
    /// Not on the host's loopback, which was asked for.
    #[error(transparent)]
    Host(SourceError),
    /// There is no private network.
    #[error(transparent)]
    Private(NamespaceError),
    /// There is one, but no capture in it.
    #[error(transparent)]
    Inside(SourceError),
}

/// What a demonstration left behind.
pub(crate) struct Performance {
    pub(crate) link: LinkType,
    /// The links in the order in which the client's packets pass them, with what was captured there; of the first, the packets
    /// that the ledger knows.
    pub(crate) places: Vec<Link>,
    /// The way of each packet of the first link, where there are others.
    pub(crate) journeys: Vec<Journey>,
    pub(crate) notes: Vec<Note>,
    pub(crate) ledger: Ledger,
    pub(crate) drops: Drops,
    /// What ended the play before its time.
    pub(crate) mishap: Option<Failure>,
}

impl Place {
    /// Where a scenario is played unless somebody chooses.
    pub(crate) const fn usual(scenario: &Scenario) -> Self {
        match (scenario.topologies, scenario.needs) {
            ([topology, ..], _) if !matches!(topology, Topology::Loopback) => Self::Apart(*topology),
            (_, Needs::Loopback) => Self::Auto,
            (_, Needs::QuietLoopback | Needs::OwnNetwork) => Self::Private,
        }
    }

    /// How client and server are joined there.
    pub(crate) const fn topology(self) -> Topology {
        match self {
            Self::Auto | Self::Host | Self::Private => Topology::Loopback,
            Self::Apart(topology) => topology,
        }
    }
}

impl Demonstration {
    /// Opens the capture on the loopback of the host or of a private network, or on the links of a network that is made for it;
    /// the process is there then.
    pub(crate) fn open_taps(&mut self) -> Result<Taps, NoCapture> {
        let filter = self.filter();
        let open = |interface: &str| LiveCapture::open(interface, &filter, &LiveOptions::default());
        match self.place {
            Place::Private | Place::Apart(_) => {}
            Place::Host => return open("lo").map(|capture| Taps::new(vec![capture])).map_err(NoCapture::Host),
            // Whether the host lets us is best asked by asking: a capability may be there and count for nothing here.
            Place::Auto => {
                if let Ok(capture) = open("lo") {
                    return Ok(Taps::new(vec![capture]));
                }
            }
        }
        enter_private_network().map_err(NoCapture::Private)?;
        self.lab.hosts = self.place.topology().build().map_err(NoCapture::Private)?;
        let mut captures = Vec::new();
        for (host, interface) in self.lab.hosts.places() {
            host.map_or(Ok(()), Host::visit).map_err(NoCapture::Private)?;
            captures.push(open(interface).map_err(NoCapture::Inside)?);
        }
        Ok(Taps::new(captures))
    }

    /// Whether the play itself changes networks, or goes from one to another: then it needs its rights to its end.
    pub(crate) fn changes_networks(&self) -> bool {
        self.scenario.needs == Needs::OwnNetwork || self.place.topology() != Topology::Loopback
    }

    /// What the captures let through.
    fn filter(&self) -> String {
        let topology = self.place.topology();
        let addrs = [Lane::Client, Lane::Server].map(|lane| [false, true].map(|is_ipv6| topology.addr(lane, is_ipv6)));
        if topology != Topology::Loopback {
            // What asks for neighbours too.
            let hosts: Vec<String> = addrs.iter().flatten().map(|addr| format!("host {addr}")).collect();
            return format!("arp or {}", hosts.join(" or "));
        }
        if !self.scenario.accepts(Setting::Port) {
            // ICMP too, which has no ports.
            return format!("host {} or host {}", addrs[0][0], addrs[0][1]);
        }
        let host: IpAddr = self.lab.echo.addr;
        match self.lab.echo.port {
            // The port is not known before the lab has it; the ledger leaves out what is not the lab's.
            0 => format!("host {host} and (tcp or udp)"),
            port => format!("host {host} and port {port}"),
        }
    }

    /// Tries whether the ports can be had that it was told to take, while it can still be seen who has one that is taken.
    ///
    /// # Errors
    ///
    /// [`LabError::PortTaken`].
    pub(crate) fn try_ports(&self) -> Result<(), LabError> {
        let are_shared = self.place.topology() == Topology::Loopback && self.scenario.accepts(Setting::Port);
        if are_shared { self.lab.echo.try_ports() } else { Ok(()) }
    }

    /// Plays the scenario while capturing, until every packet that the calls account for was seen.
    ///
    /// `played` hears how the play ended, before anything is decoded: it says what a mishap comes to, and gives up whatever
    /// decoding has no need of; the captures are not to be closed.
    ///
    /// # Errors
    ///
    /// What `played` or the capture says, or that somebody interrupted it.
    pub(crate) fn perform(
        self,
        taps: &mut Taps,
        interrupted: &AtomicBool,
        played: impl FnOnce(Option<LabError>, &[BorrowedFd<'_>]) -> Result<Option<Failure>, Failure>,
    ) -> Result<Performance, Failure> {
        let Self { scenario, lab, .. } = self;
        let recorder = lab.recorder.clone();
        // A host is gone, and its links with it, when nobody holds it any more.
        let hosts = lab.hosts.clone();
        let next_hop = |(of, asks_for)| NextHop { of, asks_for };
        let next_hops: Vec<NextHop> = lab.hosts.topology.next_hops().into_iter().map(next_hop).collect();
        let player = thread::Builder::new()
            .name("client".to_owned())
            .spawn(move || scenario.play(&lab))
            .map_err(|error| Failure::from(error).about("starting the lab's thread"))?;
        while !player.is_finished() {
            taps.collect(interrupted)?;
        }
        let result = player.join().map_err(|_| Failure::saying("the lab's thread panicked"))?;
        let mishap = played(result.err(), &taps.descriptors())?;
        let notes = recorder.notes();
        let deadline = now() + PATIENCE;
        if hosts.places().len() > 1 {
            // A packet that one capture has heard, another may still hold back.
            taps.collect_for(BATCH.saturating_mul(2), interrupted)?;
        }
        let (places, journeys, ledger) = loop {
            taps.collect(interrupted)?;
            let (concerned, mut ledger) = settle(taps.frames(), &notes, &next_hops);
            let places = taps.places(concerned);
            let journeys = if places.len() > 1 { journeys(&places) } else { Vec::new() };
            ledger.thrown_away = hosts.lost();
            ledger.vanished = journeys.iter().filter(|journey| journey.is_lost()).count();
            let is_settled = ledger.is_complete() && ledger.is_accounted_for();
            if is_settled || mishap.is_some() || now() > deadline {
                break (places, journeys, ledger);
            }
        };
        let (link, drops) = (taps.link(), taps.drops()?);
        Ok(Performance { link, places, journeys, notes, ledger, drops, mishap })
    }
}

impl Performance {
    /// Replaces what differs from run to run by stable values.
    pub(crate) fn make_canonical(&mut self) {
        let Some(first) = self.places.first_mut() else { return };
        canonical(&mut first.frames, &mut self.notes, &mut self.ledger);
        follow_canonical(&mut self.places, &self.journeys);
        self.journeys = if self.places.len() > 1 { journeys(&self.places) } else { Vec::new() };
    }
}

/// The packets of the lab's conversations, numbered anew, and the ledger with them entered.
fn settle(frames: &[OwnedFrame], notes: &[Note], next_hops: &[NextHop]) -> (Vec<OwnedFrame>, Ledger) {
    let mut ledger = Ledger::expect_between(notes, next_hops);
    let mut concerned: Vec<OwnedFrame> = Vec::new();
    for frame in frames {
        let packet = headers(&frame.as_frame());
        if ledger.concerns(&packet) {
            ledger.enter(concerned.len(), frame.time, &packet);
            concerned.push(OwnedFrame { number: concerned.len() as u64 + 1, ..frame.clone() });
        }
    }
    (concerned, ledger)
}
