//! What `layerscope read` was asked to show, and how.

use std::io::Write as _;

use crate::analyse::Observed;
use crate::cli::args::{Part, ReadArgs, VerbArgs};
use crate::cli::output::Output;
use crate::cli::report::Failure;
use crate::cli::rows::Rows;
use crate::cli::terminal;
use crate::engine::rows::Shape;
use crate::engine::{Choice, Selection, Transcript};
use crate::render::{PacketFormat, View};

/// The most packets whose conversations are drawn without being asked for.
const FEW: usize = 100;

/// The most that are drawn at all: a timeline is made of packets kept in memory.
pub(super) const MOST: usize = 10_000;

/// The most bytes of them.
pub(super) const MOST_BYTES: usize = 8 << 20;

/// What is to be shown, and how.
pub(super) struct Plan<'a> {
    pub(super) args: &'a ReadArgs,
    pub(super) rows: Rows<'a>,
    /// The most packets whose conversations are drawn under the table.
    pub(super) drawn: usize,
}

impl<'a> Plan<'a> {
    /// Makes sense of the options together.
    pub(super) fn new(args: &'a VerbArgs<ReadArgs>) -> Result<Self, Failure> {
        let (rows, show) = (Rows::new(&args.output.rows)?, &args.output.show);
        let is_table = rows.format() == PacketFormat::Table;
        let refuse = |words: &'static str| Err(Failure::usage(words));
        if args.output.explain && !is_table {
            return refuse("--explain is for --format table; `layerscope timeline` explains in others too");
        }
        let drawn =
            match (args.output.explain || show.contains(&Part::Timeline), show.is_empty() && rows.is_usual_table()) {
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
    pub(super) fn follows(&self) -> bool {
        self.drawn > 0 || (self.args.shows() && self.rows.follows())
    }

    /// Whether the packets are shown one by one.
    fn has_rows(&self) -> bool {
        let show = &self.args.output.show;
        self.args.shows() && (show.is_empty() || show.contains(&Part::Table))
    }

    /// In what shape the packets are shown.
    pub(super) fn shape<'v>(&self, view: View<'v>) -> Shape<'v>
    where
        'a: 'v,
    {
        let rows = self.rows;
        match rows.rows().table(view) {
            _ if !self.has_rows() => Shape::Hidden,
            Some(table) => Shape::Table(table),
            None => Shape::Each(Box::new(move || rows.rows().writer(view))),
        }
    }

    /// Draws the conversations of the packets that were kept.
    pub(super) fn draw(
        &self,
        kept: Vec<Observed>,
        choice: Choice,
        view: &View<'_>,
        out: &mut Output,
    ) -> Result<(), Failure> {
        let origin = choice.origin();
        let Some(tracker) = choice.into_tracker() else { return Ok(()) };
        let transcript = Transcript::of_saved(kept, tracker, origin);
        if transcript.timelines.is_empty() {
            return Ok(());
        }
        let explain = self.args.output.explain;
        let show = &self.args.output.show;
        let timeline = show.is_empty() || show.contains(&Part::Timeline);
        if show.is_empty() || show.contains(&Part::Table) {
            writeln!(out)?;
        }
        let selection = Selection { timeline, explain, ..Selection::default() };
        Ok(transcript.write(&selection, view, out)?)
    }
}
