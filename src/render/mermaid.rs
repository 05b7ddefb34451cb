//! A timeline as a Mermaid sequence diagram, for Markdown.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::ladder::Ladder;
use super::rungs::{Drawn, Part, rungs, title};
use super::text;
use crate::model::Lane;

/// The most of a label that a diagram has room for.
const LABEL: usize = 90;

/// Writes a `sequenceDiagram`; an explained packet has its sentence as a note.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_mermaid(ladder: &Ladder<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (timeline, (rungs, unit)) = (ladder.timeline, rungs(ladder));
    // A socket connected to itself has one lane.
    let alone = timeline.client == timeline.server;
    let (client, server) = if alone { ("C", "C") } else { ("C", "S") };
    let both = if alone { "C".to_owned() } else { "C,S".to_owned() };
    writeln!(out, "sequenceDiagram")?;
    writeln!(out, "    accTitle: {}", escape(&title(ladder)))?;
    let [client_side, server_side] = ladder.view.style.spelling().ladder().sides;
    writeln!(out, "    participant C as {} ({client_side})", escape(&timeline.client.to_string()))?;
    if !alone {
        writeln!(out, "    participant S as {} ({server_side})", escape(&timeline.server.to_string()))?;
    }
    for remark in ladder.remarks() {
        writeln!(out, "    Note over {both}: {}", escape_whole(&remark))?;
    }
    for rung in rungs {
        let (mut client_state, mut server_state) = (rung.client, rung.server);
        let time = if rung.time.is_empty() { String::new() } else { format!("{} {unit} ", rung.time) };
        match rung.what {
            Drawn::Arrow { from, label, sentence, is_lost, .. } => {
                let arrow = if is_lost { "-x" } else { "->>" };
                let (from, to) = if from == Lane::Client { (client, server) } else { (server, client) };
                writeln!(out, "    {from}{arrow}{to}: {}", escape(&format!("{time}{label}")))?;
                if ladder.explain && !sentence.is_empty() {
                    writeln!(out, "    Note over {both}: {}", escape_whole(&sentence))?;
                }
            }
            Drawn::Call { lane, said, part } => {
                let said = match part {
                    Part::Entered => format!("{time}{said} {}", ladder.view.style.ellipsis()),
                    Part::Returned => format!("{time}{} {said}", ladder.view.style.ellipsis()),
                    Part::Whole => format!("{time}{said}"),
                };
                // The state that a call brings stands in its own note.
                let state = if lane == Lane::Client { client_state.take() } else { server_state.take() };
                let state = state.map(|state| format!("<br/>{}", escape(&state))).unwrap_or_default();
                writeln!(out, "    Note {}: {}{state}", beside(lane, alone), escape(&said))?;
            }
            Drawn::Omitted(words) => writeln!(out, "    Note over {both}: {}", escape(&words))?,
        }
        for (lane, state) in [(Lane::Client, client_state), (Lane::Server, server_state)] {
            if let Some(state) = state {
                writeln!(out, "    Note {}: {}", beside(lane, alone), escape(&state))?;
            }
        }
    }
    Ok(())
}

const fn beside(lane: Lane, alone: bool) -> &'static str {
    match (lane, alone) {
        (Lane::Client, _) => "left of C",
        (Lane::Server, true) => "right of C",
        (Lane::Server, false) => "right of S",
    }
}

fn escape(label: &str) -> String {
    escape_whole(&text::fit(label, LABEL, "…"))
}

/// Text with everything that Mermaid (or the HTML it makes) could read as more than text written as an entity.
fn escape_whole(label: &str) -> String {
    let mut safe = String::with_capacity(label.len());
    for character in text::sanitise(label).chars() {
        if character.is_alphanumeric() || " .,:=+-()/[]_?!…→µ✓".contains(character) {
            safe.push(character);
        } else {
            let _ = write!(safe, "#{};", u32::from(character));
        }
    }
    safe
}
