//! A demonstration: a scenario is played while its packets are captured, until every packet that its calls account for
//! was seen.

use std::net::IpAddr;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::Failure;
use crate::analyse::{Ledger, canonical};
use crate::clock::now;
use crate::decode::headers;
use crate::lab::{Lab, LabError, NamespaceError, Needs, Scenario, Setting, enter_private_network};
use crate::model::{LinkType, Note, OwnedFrame};
use crate::source::{Drops, LiveCapture, LiveOptions, SourceError};

/// How long after the last call the last packet may take to be seen.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to sleep for packets before looking whether the lab is done.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// What is played, and where.
pub(crate) struct Demonstration {
    pub(crate) scenario: &'static Scenario,
    pub(crate) lab: Lab,
    pub(crate) place: Place,
}

/// Whose loopback it is played on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The host's where this process may capture there, else that of a private network.
    Auto,
    /// The host's.
    Host,
    /// That of a private network.
    Private,
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
    Loopback(SourceError),
}

/// What a demonstration left behind.
pub(crate) struct Performance {
    pub(crate) link: LinkType,
    pub(crate) frames: Vec<OwnedFrame>,
    pub(crate) notes: Vec<Note>,
    pub(crate) ledger: Ledger,
    pub(crate) drops: Drops,
    /// What ended the play before its time.
    pub(crate) mishap: Option<Failure>,
}

impl Place {
    /// Where a scenario is played unless somebody chooses.
    pub(crate) const fn usual(scenario: &Scenario) -> Self {
        match scenario.needs {
            Needs::Loopback => Self::Auto,
            Needs::QuietLoopback | Needs::OwnNetwork => Self::Private,
        }
    }
}

impl Demonstration {
    /// Opens the capture on the loopback of the host or of a private network, which the process then is in.
    pub(crate) fn open_capture(&self) -> Result<LiveCapture, NoCapture> {
        let filter = self.filter();
        let open = || LiveCapture::open("lo", &filter, &LiveOptions::default());
        match self.place {
            Place::Private => {}
            Place::Host => return open().map_err(NoCapture::Host),
            // Whether the host lets us is best asked by asking: a capability may be there and count for nothing here.
            Place::Auto => {
                if let Ok(capture) = open() {
                    return Ok(capture);
                }
            }
        }
        enter_private_network().map_err(NoCapture::Private)?;
        open().map_err(NoCapture::Loopback)
    }

    /// What the capture lets through.
    fn filter(&self) -> String {
        if !self.scenario.accepts(Setting::Port) {
            // ICMP too, which has no ports.
            return "host 127.0.0.1 or host ::1".to_owned();
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
        if self.scenario.accepts(Setting::Port) { self.lab.echo.try_ports() } else { Ok(()) }
    }

    /// Plays the scenario while capturing, until every packet that the calls account for was seen.
    ///
    /// `played` hears how the play ended, before anything is decoded: it says what a mishap comes to, and gives up whatever
    /// decoding has no need of; the capture is not to be closed.
    ///
    /// # Errors
    ///
    /// What `played` or the capture says, or that somebody interrupted it.
    pub(crate) fn perform(
        self,
        capture: &mut LiveCapture,
        interrupted: &AtomicBool,
        played: impl FnOnce(Option<LabError>, BorrowedFd<'_>) -> Result<Option<Failure>, Failure>,
    ) -> Result<Performance, Failure> {
        let Self { scenario, lab, .. } = self;
        let recorder = lab.recorder.clone();
        let player = thread::Builder::new()
            .name("client".to_owned())
            .spawn(move || scenario.play(&lab))
            .map_err(|error| Failure::from(error).about("starting the lab's thread"))?;
        let mut frames = Vec::new();
        while !player.is_finished() {
            collect(capture, &mut frames, interrupted)?;
        }
        let result = player.join().map_err(|_| Failure::saying("the lab's thread panicked"))?;
        let mishap = played(result.err(), capture.as_fd())?;
        let notes = recorder.notes();
        let deadline = now() + PATIENCE;
        let (frames, ledger) = loop {
            collect(capture, &mut frames, interrupted)?;
            let (concerned, ledger) = settle(&frames, &notes);
            if ledger.is_complete() || mishap.is_some() || now() > deadline {
                break (concerned, ledger);
            }
        };
        Ok(Performance { link: capture.link(), frames, notes, ledger, drops: capture.drops()?, mishap })
    }
}

impl Performance {
    /// Replaces what differs from run to run by stable values.
    pub(crate) fn make_canonical(&mut self) {
        canonical(&mut self.frames, &mut self.notes, &mut self.ledger);
    }
}

/// Takes over what the kernel has captured, waiting a little for it.
fn collect(capture: &mut LiveCapture, frames: &mut Vec<OwnedFrame>, interrupted: &AtomicBool) -> Result<(), Failure> {
    if interrupted.load(Ordering::Relaxed) {
        return Err(Failure::saying("interrupted; nothing was shown or saved"));
    }
    capture.wait(LOOK_AGAIN)?;
    while capture.deliver(usize::MAX, |frame| frames.push(frame.to_owned()))? > 0 {}
    Ok(())
}

/// The packets of the lab's conversations, numbered anew, and the ledger with them entered.
fn settle(frames: &[OwnedFrame], notes: &[Note]) -> (Vec<OwnedFrame>, Ledger) {
    let mut ledger = Ledger::expect(notes);
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
