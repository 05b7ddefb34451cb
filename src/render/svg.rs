//! A timeline as an SVG picture: self-contained, its text selectable, for light and dark pages.

use std::io::{self, Write};

use super::ladder::Ladder;
use super::pixels::Pixels;
use super::rungs::{Drawn, Part, Rung, rungs, title};
use super::text;
use crate::model::Lane;

/// The colours; a page in the dark gets its own.
const CSS: &str = "\
text{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1f2937}\
.paper{fill:#ffffff}.life{stroke:#9ca3af;stroke-width:1.5}.head{fill:#f3f4f6;stroke:#9ca3af}.dim{fill:#6b7280}\
.c{fill:#0b5cad}.s{fill:#7a3ea8}.bad{fill:#b3261e}.big{font-size:15px;font-weight:600}.state{font-weight:600}\
line.c{stroke:#0b5cad}line.s{stroke:#7a3ea8}line.bad{stroke:#b3261e;stroke-dasharray:6 3}\
line.c,line.s,line.bad{stroke-width:1.6}.lost{stroke:#b3261e;stroke-width:2}.call{fill:none;stroke:#6b7280;stroke-width:1.5}\
@media(prefers-color-scheme:dark){text{fill:#e5e7eb}.paper{fill:#111827}.head{fill:#1f2937;stroke:#6b7280}\
.life{stroke:#6b7280}.dim{fill:#9ca3af}.c{fill:#7cc4ff}.s{fill:#d3a6ff}.bad{fill:#ff9d94}\
line.c{stroke:#7cc4ff}line.s{stroke:#d3a6ff}line.bad,.lost{stroke:#ff9d94}.call{stroke:#9ca3af}}";

/// The height of a rung, and where the first one lies.
const RUNG: Pixels = Pixels::new(34);
const FIRST: Pixels = Pixels::new(132);

/// The height of a line under the picture.
const REMARK: Pixels = Pixels::new(20);

/// How wide a character is, rounded up: of all text, and of the title.
const CHARACTER: Pixels = Pixels::new(8);
const LARGE_CHARACTER: Pixels = Pixels::new(10);

/// What stays free at the edges.
const MARGIN: Pixels = Pixels::new(16);

/// What is said once in a picture: the widest line of each kind decides where things stand.
struct Said {
    title: String,
    client: String,
    server: String,
    remarks: Vec<String>,
}

/// Where things stand from left to right.
struct Plan {
    /// The right edge of the times.
    time: Pixels,
    /// The brackets of the calls.
    brackets: Option<(Pixels, Pixels)>,
    /// The lines of the two ends.
    client: Pixels,
    server: Pixels,
    width: Pixels,
}

impl Plan {
    fn new(rungs: &[Rung], said: &Said) -> Self {
        let has_calls = rungs.iter().any(|rung| matches!(rung.what, Drawn::Call { .. }));
        let has_states = rungs.iter().any(|rung| rung.client.is_some() || rung.server.is_some());
        let (call, state) = (if has_calls { 260 } else { 0 }, Pixels::new(if has_states { 124 } else { 24 }));
        let widest = |lines: &mut dyn Iterator<Item = &str>, character: Pixels| {
            character.times(lines.map(text::width).max().unwrap_or(0))
        };
        let times = widest(&mut rungs.iter().map(|rung| &*rung.time), CHARACTER);
        let time = (MARGIN + times).max(Pixels::new(80));
        let client = (time + call + state).max(MARGIN + box_width(&said.client).half());
        let server = client + 560;
        let brackets = has_calls.then_some((client - state, server + state));
        let beside = (state + call).max(box_width(&said.server).half());
        let title = widest(&mut [&*said.title].into_iter(), LARGE_CHARACTER);
        let remarks = widest(&mut said.remarks.iter().map(|remark| &**remark), CHARACTER);
        let width = (server + beside).max(MARGIN + title.max(remarks)) + MARGIN;
        Self { time, brackets, client, server, width }
    }
}

/// How wide the box with an end's name is.
fn box_width(end: &str) -> Pixels {
    CHARACTER.times(text::width(end).max(12).saturating_add(2))
}

/// Writes a picture of a timeline; every packet's sentence is its tooltip.
///
/// # Errors
///
/// Whatever `out` says.
pub fn write_svg(ladder: &Ladder<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (timeline, (rungs, unit)) = (ladder.timeline, rungs(ladder));
    let (client, server) = (timeline.client.to_string(), timeline.server.to_string());
    let said = Said { title: title(ladder), client, server, remarks: ladder.remarks() };
    let plan = Plan::new(&rungs, &said);
    let bottom = FIRST + RUNG.times(rungs.len());
    let (width, height) = (plan.width, bottom + MARGIN + REMARK.times(said.remarks.len()));
    let title = escape(&said.title);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         style=\"max-width:100%;height:auto\" role=\"img\" aria-label=\"{title}\">"
    )?;
    writeln!(out, "<title>{title}</title><style>{CSS}</style>")?;
    writeln!(out, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>")?;
    writeln!(out, "<text class=\"big\" x=\"16\" y=\"30\">{title}</text>")?;
    label(out, plan.time, FIRST - RUNG, "end", "dim", unit)?;
    for (x, name, end) in [(plan.client, "client", &said.client), (plan.server, "server", &said.server)] {
        head(out, x, name, end)?;
        writeln!(out, "<line class=\"life\" x1=\"{x}\" y1=\"90\" x2=\"{x}\" y2=\"{bottom}\"/>")?;
    }
    let mut open = [None, None];
    for (index, rung) in rungs.iter().enumerate() {
        let y = FIRST + RUNG.times(index);
        label(out, plan.time, y, "end", "dim", &rung.time)?;
        draw(out, &plan, rung, y, &mut open)?;
        for (x, anchor, state) in [(plan.client - 12, "end", &rung.client), (plan.server + 12, "start", &rung.server)] {
            if let Some(state) = state {
                label(out, x, y, anchor, "state", state)?;
            }
        }
    }
    for (lane, begun) in open.into_iter().enumerate() {
        bracket(out, &plan, lane, begun, bottom)?;
    }
    for (place, remark) in said.remarks.iter().enumerate() {
        label(out, MARGIN, bottom + REMARK.times(place), "start", "dim", remark)?;
    }
    writeln!(out, "</svg>")
}

/// The box with an end's name, above its line.
fn head(out: &mut dyn Write, x: Pixels, name: &str, end: &str) -> io::Result<()> {
    let width = box_width(end);
    let left = x - width.half();
    writeln!(out, "<rect class=\"head\" x=\"{left}\" y=\"46\" width=\"{width}\" height=\"44\" rx=\"6\"/>")?;
    label(out, x, Pixels::new(60), "middle", "state", name)?;
    label(out, x, Pixels::new(78), "middle", "", end)
}

fn draw(out: &mut dyn Write, plan: &Plan, rung: &Rung, y: Pixels, open: &mut [Option<Pixels>; 2]) -> io::Result<()> {
    match &rung.what {
        Drawn::Arrow { .. } => arrow(out, plan, y, &rung.what),
        Drawn::Omitted(words) => label(out, plan.client.midpoint(plan.server), y, "middle", "dim", words),
        Drawn::Call { lane, said, part } => {
            let Some((left, right)) = plan.brackets else { return Ok(()) };
            let lane_index = *lane as usize;
            match part {
                Part::Entered => open[lane_index] = Some(y),
                Part::Returned => bracket(out, plan, lane_index, open[lane_index].take(), y)?,
                Part::Whole => {}
            }
            let room = CHARACTER.fit_into(left - plan.time).saturating_sub(3);
            let said = text::fit(&text::sanitise(said), room, "…");
            match lane {
                Lane::Client => label(out, left - 24, y, "end", "", &said),
                Lane::Server => label(out, right + 24, y, "start", "", &said),
            }
        }
    }
}

/// A packet, or a run of them: an arrow with its head at the other side, or with a cross where it was lost.
fn arrow(out: &mut dyn Write, plan: &Plan, y: Pixels, what: &Drawn) -> io::Result<()> {
    let Drawn::Arrow { from, label: said, is_remarkable, is_lost, sentence } = what else { return Ok(()) };
    let class = match from {
        _ if *is_remarkable => "bad",
        Lane::Client => "c",
        Lane::Server => "s",
    };
    let (start, tip, back) = match from {
        Lane::Client => (plan.client, plan.server, plan.server - 10),
        Lane::Server => (plan.server, plan.client, plan.client + 10),
    };
    let room = CHARACTER.fit_into(plan.server - plan.client).saturating_sub(4);
    let said = text::fit(&text::sanitise(said), room, "…");
    writeln!(out, "<g><title>{}</title>", escape(sentence))?;
    writeln!(out, "<line class=\"{class}\" x1=\"{start}\" y1=\"{y}\" x2=\"{back}\" y2=\"{y}\"/>")?;
    if *is_lost {
        let (left, right) = (back - 5, back + 5);
        let (above, below) = (y - 5, y + 5);
        writeln!(out, "<path class=\"lost\" d=\"M{left} {above}L{right} {below}M{left} {below}L{right} {above}\"/>")?;
    } else {
        writeln!(out, "<polygon class=\"{class}\" points=\"{tip},{y} {back},{} {back},{}\"/>", y - 5, y + 5)?;
    }
    label(out, plan.client.midpoint(plan.server), y - 11, "middle", class, &said)?;
    writeln!(out, "</g>")
}

/// The bracket of a call that was entered at `begun` and returns at `y`, open towards the wire.
fn bracket(out: &mut dyn Write, plan: &Plan, lane: usize, begun: Option<Pixels>, y: Pixels) -> io::Result<()> {
    let (Some(begun), Some((left, right))) = (begun, plan.brackets) else { return Ok(()) };
    let (x, tick) = if lane == 0 { (left - 10, -8) } else { (right + 10, 8) };
    writeln!(out, "<path class=\"call\" d=\"M{x} {begun}h{tick}M{x} {begun}V{y}h{tick}\"/>")
}

/// Text at the height of a rung; nothing at all where it is empty.
fn label(out: &mut dyn Write, x: Pixels, y: Pixels, anchor: &str, class: &str, said: &str) -> io::Result<()> {
    if said.is_empty() {
        return Ok(());
    }
    writeln!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>", y + 5, escape(said))
}

/// Text made harmless for a terminal, then for XML.
fn escape(said: &str) -> String {
    text::sanitise(said).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
