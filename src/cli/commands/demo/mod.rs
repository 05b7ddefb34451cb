//! `layerscope demo`: a scenario of the lab, its packets beside its calls.

mod plan;
mod refusal;
mod show;

use crate::cli::args::{DemoArgs, VerbArgs};
use crate::cli::exit::Exit;
use crate::cli::interrupts;
use crate::cli::output::unwritten;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::engine::{Performance, Transcript, save_lesson};
use crate::render::Ways;
use crate::sandbox::Kind;

/// Runs the verb: from the plan to the ledger's verdict.
pub(in crate::cli) fn run(args: &VerbArgs<DemoArgs>) -> Result<Exit, Failure> {
    if args.list {
        return show::list(terminal::style(&args.look));
    }
    let (mut demonstration, recipe) = (plan::demonstration(args)?, Recipe::new(&args.safety)?);
    let interrupted = interrupts::watch()?;
    let mut save = args.write.as_deref().map(unwritten).transpose()?;
    let mut taps = demonstration.open_taps().map_err(refusal::no_capture)?;
    let port = demonstration.lab.echo.port;
    demonstration.try_ports().map_err(|mishap| refusal::mishap(mishap, port))?;
    if !demonstration.changes_networks() {
        recipe.relinquish()?;
    }
    let mut performance = demonstration.perform(&mut taps, &interrupted, |mishap, captures| {
        // Who has a port cannot be seen by a confined process.
        let mishap = mishap.map(|mishap| refusal::mishap(mishap, port));
        // The scenario needed sockets, and one that changed the network its rights. Now packets begin to be decoded.
        recipe.confine_live(Kind::Live { captures, writer: None })?;
        Ok(mishap)
    })?;
    if args.canonical {
        performance.make_canonical();
    }
    let Performance { link, places, journeys, notes, ledger, drops, mishap } = performance;
    let frames = places.first().map_or_else(Vec::new, |first| first.frames.clone());
    let transcript = Transcript::new(frames, notes.into_iter().map(|note| note.call).collect());
    if let (Some(number), None) = (args.packet, transcript.packet_to_open(args.packet)) {
        let missing = format!("there is no packet {number}: the demonstration has {}", transcript.packets.len());
        return Err(Failure::usage(missing));
    }
    // A run that broke off is shown, for what it shows, but does not replace a file.
    if let Some(save) = save.as_mut().filter(|_| mishap.is_none()) {
        save_lesson(save, &transcript, link, &places, args.encoding.unwrap_or_default())?;
    }
    show::show(
        args,
        &show::Shown { transcript: &transcript, ledger: &ledger, ways: Ways { places: &places, journeys: &journeys } },
        drops,
        mishap.is_some(),
    )?;
    if let Some(mishap) = mishap {
        return Err(mishap);
    }
    if !ledger.is_balanced() {
        say("the packets do not add up with the calls; see the ledger");
        return Ok(Exit::Unmet);
    }
    Ok(Exit::Done)
}
