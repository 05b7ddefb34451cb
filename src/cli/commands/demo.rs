//! `layerscope demo`: the only place where the lab and a capture meet.

use std::io::{self, Write};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};

use super::transcript::{Selection, Transcript};
use crate::analyse::{Finding, Ledger, Observed, canonical, findings};
use crate::cli::args::{DemoArgs, Format, Network};
use crate::cli::exit::Exit;
use crate::cli::held;
use crate::cli::interrupts;
use crate::cli::output;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::clock::now;
use crate::decode::headers;
use crate::engine::Unwritten;
use crate::engine::command_line::this_binary;
use crate::lab::{Lab, LabError, Recorder, Reply, SCENARIOS, Scenario, Script, enter_private_network};
use crate::model::{LinkType, Note, OwnedFrame};
use crate::render::{Style, View, write_encapsulation, write_findings, write_ledger, write_teaching, write_wrapped};
use crate::sandbox::Kind;
use crate::source::{Drops, Heading, LiveCapture, LiveOptions};

/// How long after the last call the last packet may take to be seen.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to sleep for packets before looking whether the lab is done.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// What a demonstration left behind.
struct Performance {
    link: LinkType,
    frames: Vec<OwnedFrame>,
    notes: Vec<Note>,
    ledger: Ledger,
    drops: Drops,
    /// What ended the play before its time.
    mishap: Option<Failure>,
}

/// Runs the verb: from the plan to the ledger's verdict.
pub(in crate::cli) fn run(args: &DemoArgs) -> Result<Exit, Failure> {
    if args.list {
        return list(terminal::style(&args.display.look));
    }
    let (lab, recipe) = (lab(args)?, Recipe::new(&args.safety)?);
    let interrupted = interrupts::watch()?;
    let mut save = args.write.as_deref().map(output::unwritten).transpose()?;
    let mut capture = open_capture(args)?;
    if args.scenario.options.contains(&"--port") {
        // Now it can be seen who has one that is taken.
        lab.echo.try_ports().map_err(|error| explain_mishap(error, args))?;
    }
    if !args.scenario.changes_network {
        recipe.relinquish()?;
    }
    let mut performance = perform(args, lab, &mut capture, recipe, &interrupted)?;
    if args.canonical {
        canonical(&mut performance.frames, &mut performance.notes, &mut performance.ledger);
    }
    let Performance { link, frames, notes, ledger, drops, mishap } = performance;
    let transcript = Transcript::new(frames, notes.into_iter().map(|note| note.call).collect());
    if let (Some(number), None) = (args.packet, transcript.packet_to_open(args.packet)) {
        let missing = anyhow!("there is no packet {number}: the demonstration has {}", transcript.packets.len());
        return Err(Failure::new(Exit::Usage, missing));
    }
    // A run that broke off is shown, for what it shows, but does not replace a file.
    if let Some(save) = save.as_mut().filter(|_| mishap.is_none()) {
        write_file(save, &transcript, link)?;
    }
    show(args, &transcript, &ledger, drops, mishap.is_some())?;
    if let Some(mishap) = mishap {
        return Err(mishap);
    }
    if !ledger.is_balanced() {
        say("the packets do not add up with the calls; see the ledger");
        return Ok(Exit::Unmet);
    }
    Ok(Exit::Done)
}

/// Prints every scenario with what it shows.
fn list(style: Style) -> Result<Exit, Failure> {
    let mut out = output::stdout()?;
    let time = |seconds: u8| format!(" (about {seconds} s)");
    let row = |scenario: &Scenario| {
        vec![scenario.name.to_owned(), format!("{}{}", scenario.title, scenario.seconds.map(time).unwrap_or_default())]
    };
    write_wrapped(&[], SCENARIOS.iter().map(row), style, &mut out).context("writing to standard output")?;
    output::finish(out)?;
    Ok(Exit::Done)
}

/// What will be played and said; everything that can be refused without a socket is refused here.
fn lab(args: &DemoArgs) -> Result<Lab, Failure> {
    let scenario = args.scenario;
    if let Some(option) = args.particular().find(|option| !scenario.options.contains(option)) {
        let useless = anyhow!("the scenario {} has no use for {option}", scenario.name);
        let users: Vec<&str> =
            SCENARIOS.iter().filter(|other| other.options.contains(&option)).map(|other| other.name).collect();
        return Err(Failure::new(Exit::Usage, useless).advise(format!("{option} is for {}", users.join(", "))));
    }
    if scenario.changes_network && args.network == Some(Network::Host) {
        let refused =
            anyhow!("{} changes the loopback's settings, which it does in a private network alone", scenario.name);
        return Err(Failure::new(Exit::Usage, refused));
    }
    let hello = [String::from("hello")];
    let messages = if args.messages.is_empty() { &hello } else { args.messages.as_slice() };
    let reply = args.reply.as_ref().unwrap_or(&Reply::Upper);
    let echo =
        Script::new(args.addr(), port(args), args.transports(), messages, reply, args.encoding.unwrap_or_default())
            .map_err(|error| Failure::new(Exit::Usage, error))?;
    let timeout = args.timeout.unwrap_or(Duration::from_secs(1));
    Ok(Lab { recorder: Recorder::default(), echo, timeout })
}

/// The port of the echo servers.
fn port(args: &DemoArgs) -> u16 {
    args.port.unwrap_or(8888)
}

/// Echo's port can be chosen, so it can share the host's loopback; the others want the ports and timers to themselves.
fn usual_network(scenario: &Scenario) -> Network {
    if scenario.options.contains(&"--port") { Network::Auto } else { Network::Private }
}

/// Opens the capture on the loopback of the host or of a private network.
fn open_capture(args: &DemoArgs) -> Result<LiveCapture, Failure> {
    let filter = filter(args);
    let open = || LiveCapture::open("lo", &filter, &LiveOptions::default());
    match args.network.unwrap_or_else(|| usual_network(args.scenario)) {
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
    if !args.scenario.options.contains(&"--port") {
        // ICMP too, which has no ports.
        return "host 127.0.0.1 or host ::1".to_owned();
    }
    let host = args.addr();
    match port(args) {
        // The port is not known before the lab has it; the ledger leaves out what is not the lab's.
        0 => format!("host {host} and (tcp or udp)"),
        port => format!("host {host} and port {port}"),
    }
}

/// Plays the scenario while capturing, until every packet that the calls account for was seen.
fn perform(
    args: &DemoArgs,
    lab: Lab,
    capture: &mut LiveCapture,
    recipe: Recipe,
    interrupted: &AtomicBool,
) -> Result<Performance, Failure> {
    let (scenario, recorder) = (args.scenario, lab.recorder.clone());
    let player = thread::Builder::new()
        .name("client".to_owned())
        .spawn(move || scenario.play(&lab))
        .context("starting the lab's thread")?;
    let mut frames = Vec::new();
    while !player.is_finished() {
        collect(capture, &mut frames, interrupted)?;
    }
    let played = player.join().map_err(|_| anyhow!("the lab's thread panicked"))?;
    // Who has a port cannot be seen by a confined process.
    let mishap = played.err().map(|mishap| explain_mishap(mishap, args));
    // The scenario needed sockets, and one that changed the network its rights. Now packets begin to be decoded.
    recipe.confine_live(Kind::Live { capture: capture.as_fd(), writer: None })?;
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

/// Takes over what the kernel has captured, waiting a little for it.
fn collect(capture: &mut LiveCapture, frames: &mut Vec<OwnedFrame>, interrupted: &AtomicBool) -> Result<(), Failure> {
    if interrupted.load(Ordering::Relaxed) {
        return Err(Failure::new(Exit::Failed, anyhow!("interrupted; nothing was shown or saved")));
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

fn write_file(save: &mut Unwritten, transcript: &Transcript, link: LinkType) -> Result<(), Failure> {
    let heading = Heading {
        link,
        interface: Some("lo"),
        comment: Some("A layerscope demonstration: calls and states are packet comments."),
    };
    let mut savefile = save.begin(&heading)?;
    for frame in transcript.annotated() {
        if let Err(error) = savefile.write_frame(&frame.as_frame()) {
            return Err(savefile.give_up(error.into()));
        }
    }
    savefile.finish()
}

fn show(
    args: &DemoArgs,
    transcript: &Transcript,
    ledger: &Ledger,
    drops: Drops,
    broke_off: bool,
) -> Result<(), Failure> {
    let style = terminal::style(&args.display.look);
    let read_text = terminal::text_reader(args.encoding);
    let view = View { style, absolute: args.display.absolute, read_text: &read_text };
    let mut out = output::stdout()?;
    let written = match args.format {
        Format::Json => {
            let scenario = (args.scenario.name, args.scenario.teaches);
            let measured = (&*measured(args, transcript), !args.canonical);
            transcript.write_document(scenario, measured, ledger, drops.by_kernel, &view, &mut out)
        }
        Format::Text => {
            let selection = Selection {
                parts: &args.show,
                packet: args.packet,
                every_payload: args.scenario.compares_payloads,
                explain: args.display.explain,
            };
            transcript
                .write(&selection, &view, &mut out)
                .and_then(|()| write_ledger(ledger, &transcript.calls, drops.by_kernel, broke_off, style, &mut out))
                .and_then(|()| write_conclusion(args, transcript, &view, &mut out))
        }
    };
    written.context("writing to standard output")?;
    output::finish(out)
}

/// What the scenario is there to show, at the end.
fn write_conclusion(args: &DemoArgs, transcript: &Transcript, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    if args.scenario.compares_sizes {
        let packets = transcript.packets.iter().map(Observed::packet);
        write_encapsulation(packets, view.style, out)?;
    }
    if args.display.explain {
        write_teaching(args.scenario.teaches, view.style, out)?;
        write_findings(&measured(args, transcript), !args.canonical, view.style, out)?;
    }
    Ok(())
}

fn measured(args: &DemoArgs, transcript: &Transcript) -> Vec<Finding> {
    findings(args.scenario.measures, &transcript.packets, &transcript.timelines, &transcript.calls)
}

fn explain_mishap(mishap: LabError, args: &DemoArgs) -> Failure {
    let advice = match &mishap {
        &LabError::PortTaken { transport, endpoint } => {
            return held::refusal(mishap, transport, endpoint)
                .advise("take any free port with --port 0, or a network of its own with --network private");
        }
        LabError::TimedOut { .. } => {
            Some("the other side's packet did not arrive: is a firewall rule dropping loopback traffic? see the ledger")
        }
        LabError::Call { .. } if (1..1024).contains(&port(args)) => {
            Some("ports below 1024 are for root, whose rights were given up; take a higher one with --port")
        }
        _ => None,
    };
    match advice {
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
