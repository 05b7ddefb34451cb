//! `layerscope demo`: the only place where the lab and a capture meet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::lesson::{Lesson, Selection};
use crate::analyse::{Ledger, canonical};
use crate::cli::args::{DemoArgs, Format, Network, Scenario};
use crate::cli::exit::Exit;
use crate::cli::output::{self, SaveFile};
use crate::cli::privilege;
use crate::cli::report::{Failure, say, this_binary};
use crate::cli::terminal;
use crate::decode::headers;
use crate::lab::scenario::echo::{self, Script};
use crate::lab::{Conversation, LabError, Recorder, enter_private_network};
use crate::model::{LinkType, OwnedFrame, SocketCall};
use crate::render::{View, write_ledger};
use crate::source::{CaptureWriter, Drops, Heading, LiveCapture};

/// How long after the last call the last packet may take to be seen.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to sleep for packets before looking whether the lab is done.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// What a demonstration left behind.
struct Performance {
    link: LinkType,
    frames: Vec<OwnedFrame>,
    calls: Vec<SocketCall>,
    ledger: Ledger,
    drops: Drops,
    /// What ended the play before its time.
    mishap: Option<LabError>,
}

/// Runs the verb: from the plan to the ledger's verdict.
pub(in crate::cli) fn run(args: &DemoArgs) -> Result<Exit, Failure> {
    let script = script(args)?;
    let mut save = args.write.as_deref().map(SaveFile::open).transpose()?;
    let interrupted = watch_for_interrupts()?;
    let capture = open_capture(args)?;
    privilege::relinquish()?;
    let mut performance = perform(script, capture, &interrupted)?;
    if args.canonical {
        canonical(&mut performance.frames, &mut performance.calls, &mut performance.ledger);
    }
    let Performance { link, frames, calls, ledger, drops, mishap } = performance;
    let lesson = Lesson::new(frames, calls);
    if let (Some(number), None) = (args.packet, lesson.packet_to_open(args.packet)) {
        let missing = anyhow!("there is no packet {number}: the demonstration has {}", lesson.packets.len());
        return Err(Failure::new(Exit::Usage, missing));
    }
    // A run that broke off is shown, for what it shows, but does not replace a file.
    if let Some(save) = save.as_mut().filter(|_| mishap.is_none()) {
        write_file(save, &lesson, link)?;
    }
    show(args, &lesson, &ledger, drops, mishap.is_some())?;
    if let Some(mishap) = mishap {
        return Err(explain_mishap(mishap, args));
    }
    if !ledger.is_balanced() {
        say("the packets do not add up with the calls; see the ledger");
        return Ok(Exit::Unmet);
    }
    Ok(Exit::Done)
}

/// What will be said; everything that can be refused without a socket is refused here.
fn script(args: &DemoArgs) -> Result<Script, Failure> {
    match args.scenario {
        Scenario::Echo => {}
    }
    Script::new(args.addr(), args.port, args.transports(), &args.messages, &args.reply, args.encoding)
        .map_err(|error| Failure::new(Exit::Usage, error))
}

/// Sets a flag on Ctrl-C, so that nothing half-written stays behind.
fn watch_for_interrupts() -> Result<Arc<AtomicBool>, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted)).context("watching for Ctrl-C")?;
    }
    Ok(interrupted)
}

/// Opens the capture on the loopback of the host or of a private network.
fn open_capture(args: &DemoArgs) -> Result<LiveCapture, Failure> {
    let filter = filter(args);
    let open = || LiveCapture::open("lo", &filter);
    match args.network {
        Network::Private => {}
        Network::Host => return open().map_err(|error| advise_ways(error, "the host's loopback needs CAP_NET_RAW")),
        // Whether the host lets us is best asked by asking: a capability may be there and count for nothing here.
        Network::Auto => {
            if let Ok(capture) = open() {
                return Ok(capture);
            }
        }
    }
    enter_private_network()
        .map_err(|error| advise_ways(error, "the host's loopback needs CAP_NET_RAW, which does not count here"))?;
    Ok(open()?)
}

/// What the capture lets through.
fn filter(args: &DemoArgs) -> String {
    let host = args.addr();
    match args.port {
        // The port is not known before the lab has it; the ledger leaves out what is not the lab's.
        0 => format!("host {host} and (tcp or udp)"),
        port => format!("host {host} and port {port}"),
    }
}

/// Plays the script while capturing, until every packet that the calls account for was seen.
fn perform(script: Script, mut capture: LiveCapture, interrupted: &AtomicBool) -> Result<Performance, Failure> {
    let recorder = Recorder::default();
    let lab = start_lab(script, recorder.clone())?;
    let mut frames = Vec::new();
    while !lab.is_finished() {
        collect(&mut capture, &mut frames, interrupted)?;
    }
    let played = lab.join().map_err(|_| anyhow!("the lab's thread panicked"))?;
    let calls = recorder.calls();
    let deadline = now() + PATIENCE;
    let (frames, ledger) = loop {
        collect(&mut capture, &mut frames, interrupted)?;
        let (concerned, ledger) = settle(&frames, &calls);
        if ledger.is_complete() || played.is_err() || now() > deadline {
            break (concerned, ledger);
        }
    };
    Ok(Performance { link: capture.link(), frames, calls, ledger, drops: capture.drops()?, mishap: played.err() })
}

fn start_lab(script: Script, recorder: Recorder) -> Result<JoinHandle<Result<Vec<Conversation>, LabError>>, Failure> {
    Ok(thread::Builder::new()
        .name("client".to_owned())
        .spawn(move || echo::play(&script, &recorder))
        .context("starting the lab's thread")?)
}

/// Takes over what the kernel has captured, waiting a little for it.
fn collect(capture: &mut LiveCapture, frames: &mut Vec<OwnedFrame>, interrupted: &AtomicBool) -> Result<(), Failure> {
    if interrupted.load(Ordering::Relaxed) {
        return Err(Failure::new(Exit::Failed, anyhow!("interrupted; nothing was shown or saved")));
    }
    capture.wait(LOOK_AGAIN)?;
    while let Some(frame) = capture.try_next()? {
        frames.push(frame.to_owned());
    }
    Ok(())
}

/// The packets of the lab's conversations, numbered anew, and the ledger with them entered.
fn settle(frames: &[OwnedFrame], calls: &[SocketCall]) -> (Vec<OwnedFrame>, Ledger) {
    let mut ledger = Ledger::expect(calls);
    let mut concerned: Vec<OwnedFrame> = Vec::new();
    for frame in frames {
        let packet = headers(&frame.as_frame());
        if ledger.concerns(&packet) {
            ledger.enter(concerned.len(), &packet);
            concerned.push(OwnedFrame { number: concerned.len() as u64 + 1, ..frame.clone() });
        }
    }
    (concerned, ledger)
}

fn write_file(save: &mut SaveFile, lesson: &Lesson, link: LinkType) -> Result<(), Failure> {
    let file = save.begin()?;
    let heading = Heading {
        link,
        interface: Some("lo"),
        comment: Some("A layerscope demonstration: calls and states are packet comments."),
    };
    let mut writer = CaptureWriter::new(file, save.path(), save.format(), &heading)?;
    for frame in lesson.annotated() {
        writer.write_frame(&frame.as_frame())?;
    }
    writer.finish()?;
    Ok(())
}

fn show(args: &DemoArgs, lesson: &Lesson, ledger: &Ledger, drops: Drops, broke_off: bool) -> Result<(), Failure> {
    let style = terminal::style(&args.display.look);
    let read_text = terminal::text_reader(Some(args.encoding));
    let view = View { style, absolute: args.display.absolute, read_text: &read_text };
    let mut out = output::stdout()?;
    let written = match args.format {
        Format::Json => lesson.write_document(ledger, drops.by_kernel, &view, &mut out),
        Format::Text => {
            let selection = Selection { parts: &args.show, packet: args.packet, explain: args.display.explain };
            lesson
                .write(&selection, &view, &mut out)
                .and_then(|()| write_ledger(ledger, &lesson.calls, drops.by_kernel, broke_off, style, &mut out))
        }
    };
    written.context("writing to standard output")?;
    output::finish(out)
}

fn explain_mishap(mishap: LabError, args: &DemoArgs) -> Failure {
    let failure = match &mishap {
        LabError::PortTaken { .. } => {
            Some("take any free port with --port 0, or a network of its own with --network private")
        }
        LabError::TimedOut { .. } => {
            Some("the other side's packet did not arrive: is a firewall rule dropping loopback traffic? see the ledger")
        }
        LabError::Call { .. } if args.port != 0 && args.port < 1024 => {
            Some("ports below 1024 are for root, whose rights were given up; take a higher one with --port")
        }
        _ => None,
    };
    match failure {
        Some(advice) => Failure::from(mishap).advise(advice),
        None => Failure::from(mishap),
    }
}

/// Says what was refused, and every way out.
fn advise_ways(error: impl Into<anyhow::Error>, reason: &str) -> Failure {
    let binary = this_binary();
    Failure::from(error.into())
        .advise(format!("{reason}. One of these will do:"))
        .advise(format!("sudo {binary} demo                      # gives root up before it decodes anything"))
        .advise(format!("sudo setcap cap_net_raw=ep {binary}     # once; then without sudo"))
        .advise(format!("{binary} demo --network private         # where user namespaces are allowed"))
        .advise(format!("{binary} read captures/demo.pcapng      # a saved run, no privilege needed"))
}

#[expect(clippy::disallowed_methods, reason = "the deadline for the last packet is the command's own")]
fn now() -> Instant {
    Instant::now()
}
