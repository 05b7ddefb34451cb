//! `layerscope read`: the packets of saved captures.

use std::io::Write as _;

use anyhow::{Context, anyhow};

use super::lesson::{Lesson, Selection};
use crate::analyse::Observed;
use crate::cli::args::{Part, ReadArgs, RowFormat};
use crate::cli::choice::Choice;
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output::{self, Output};
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, say};
use crate::cli::rows::Rows;
use crate::cli::terminal;
use crate::model::SocketCall;
use crate::render::{PacketWriter, View};
use crate::source::SourceError;

mod pass;
mod save;

use pass::{MOST_BYTES, Pass, Passed};

/// The most packets whose conversations are drawn without being asked for.
const FEW: usize = 100;

/// The most that are drawn at all: a timeline is made of packets kept in memory.
const MOST: usize = 10_000;

/// Runs the verb.
pub(in crate::cli) fn run(args: &ReadArgs) -> Result<Exit, Failure> {
    let plan = Plan::new(args)?;
    let recipe = Recipe::new(&args.safety)?;
    let input = Input::new(&args.words, &args.files, args.choice.filter.as_deref())?;
    let choice = Choice::new(&args.choice, &input, plan.follows())?;
    let opened = input.open(args.merge)?;
    if let Some(path) = &args.output.write {
        return save::run(path, args, &input, opened, recipe, choice);
    }
    recipe.confine_reader()?;
    let read_text = terminal::text_reader(args.output.rows.encoding);
    let view = View { style: terminal::style(&args.look), absolute: args.output.rows.absolute, read_text: &read_text };
    let Passed { exit, count, read, kept, named, choice, mut out } =
        Pass::new(&plan, &input, opened, choice, view)?.run()?;
    if args.output.count {
        writeln!(out, "{count}").context("writing to standard output")?;
    }
    let missing = choice.missing(count, input.files());
    match kept {
        Some(kept) => plan.draw(kept, choice, &view, &mut out)?,
        None if plan.drawn == MOST => say(&format!(
            "no timeline: it would have more than {MOST} packets, or {} MiB; choose some with --stream, a filter or -c",
            MOST_BYTES >> 20
        )),
        None => {}
    }
    output::finish(out)?;
    // Nothing on standard output says that nothing was found.
    if let Some(missing) = missing? {
        say(&missing);
    } else if exit == Exit::Done && count == 0 && !args.output.count {
        say(&input.none_of(read, "packet"));
    }
    if count > 0 && !named && args.output.rows.columns.iter().any(|column| column.needs_processes()) {
        say(&format!("{} no process named: `layerscope capture --process -w FILE.pcapng` saves them", input.have()));
    }
    Ok(exit)
}

/// Says what is wrong with a capture, and how that ends.
fn tell(error: &SourceError) -> Exit {
    say(&error.to_string());
    if matches!(error, SourceError::Damaged { .. }) { Exit::Damaged } else { Exit::Failed }
}

/// What is to be shown, and how.
struct Plan<'a> {
    args: &'a ReadArgs,
    rows: Rows<'a>,
    /// The most packets whose conversations are drawn under the table.
    drawn: usize,
}

impl<'a> Plan<'a> {
    /// Makes sense of the options together.
    fn new(args: &'a ReadArgs) -> Result<Self, Failure> {
        let (rows, show) = (Rows::new(&args.output.rows)?, &args.output.show);
        let is_table = rows.format() == RowFormat::Table;
        let refuse = |words: &'static str| Err(Failure::new(Exit::Usage, anyhow!(words)));
        if args.explain && !is_table {
            return refuse("--explain is for --format table; `layerscope timeline` explains in others too");
        }
        let drawn = match (args.explain || show.contains(&Part::Timeline), show.is_empty() && rows.is_usual_table()) {
            _ if !args.shows() => 0,
            (true, _) => MOST,
            (false, true) => FEW,
            (false, false) => 0,
        };
        if drawn == 0 && args.shows() {
            rows.stand_alone()?;
        }
        if !show.is_empty() && !show.contains(&Part::Table) && rows.lays_out() {
            return refuse("--columns and --time lay out the table, which --show leaves out");
        }
        terminal::check_color(&args.look, rows.has_color() && args.shows(), "--format table, --verbose and --hex")?;
        Ok(Self { args, rows, drawn })
    }

    /// Whether what is shown depends on conversations.
    fn follows(&self) -> bool {
        self.drawn > 0 || (self.args.shows() && self.rows.follows())
    }

    /// What writes the packets, where they are shown.
    fn writer<'v>(&self, view: View<'v>) -> Option<Box<dyn PacketWriter + 'v>> {
        let show = &self.args.output.show;
        let shown = self.args.shows() && (show.is_empty() || show.contains(&Part::Table));
        shown.then(|| self.rows.writer(view))
    }

    /// Draws the conversations of the packets that were kept.
    fn draw(&self, kept: Vec<Observed>, choice: Choice, view: &View<'_>, out: &mut Output) -> Result<(), Failure> {
        let origin = choice.origin();
        let Some(tracker) = choice.into_tracker() else { return Ok(()) };
        // The calls of a saved demonstration are comments of its packets.
        let comments = kept.iter().flat_map(|observed| &observed.frame.comments);
        let mut calls: Vec<SocketCall> = comments.filter_map(|comment| comment.parse().ok()).collect();
        calls.sort_by_key(|call| call.entered);
        let lesson = Lesson::of(kept, calls, tracker, origin);
        if lesson.timelines.is_empty() {
            return Ok(());
        }
        let explain = self.args.explain;
        let show = &self.args.output.show;
        let parts: &[Part] = if show.is_empty() || show.contains(&Part::Timeline) { &[Part::Timeline] } else { &[] };
        if show.is_empty() || show.contains(&Part::Table) {
            writeln!(out).context("writing to standard output")?;
        }
        let selection = Selection { parts, packet: None, every_payload: false, explain };
        Ok(lesson.write(&selection, view, out).context("writing to standard output")?)
    }
}
