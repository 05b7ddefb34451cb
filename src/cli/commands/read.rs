//! `layerscope read`: the packets of saved captures.

use std::io::Write as _;

use anyhow::{Context, anyhow};

use super::lesson::{Lesson, Selection};
use crate::analyse::{Observed, Tracker};
use crate::cli::args::{Part, ReadArgs, RowFormat};
use crate::cli::choice::{Choice, Followed};
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output::{self, Output};
use crate::cli::progress::Progress;
use crate::cli::report::{Failure, say};
use crate::cli::terminal;
use crate::decode::headers;
use crate::model::{Frame, SocketCall, Timestamp};
use crate::render::{Column, CsvRows, Details, JsonRows, PacketTable, PacketWriter, PlainRows, Row, TimeStyle, View};
use crate::source::{FrameSource, SourceError};

/// The most packets whose conversations are drawn without being asked for.
const FEW: usize = 100;

/// The most that are drawn at all: a timeline is made of packets kept in memory.
const MOST: usize = 10_000;

/// The most bytes that are kept for it.
const MOST_BYTES: usize = 8 << 20;

/// Runs the verb.
pub(in crate::cli) fn run(args: &ReadArgs) -> Result<Exit, Failure> {
    let plan = Plan::new(args)?;
    let input = Input::new(&args.words, &args.files, args.choice.filter.as_deref())?;
    let mut choice = Choice::new(&args.choice, input.filter(), plan.follows()).map_err(|error| input.refused(error))?;
    let mut reading = Reading {
        source: input.open(args.merge)?,
        left: args.choice.limit.unwrap_or(u64::MAX),
        may_wait: input.may_wait(),
        input,
    };
    if args.output.count {
        let mut counter = Counter(0);
        let exit = reading.run(&mut choice, &mut counter)?;
        let mut out = output::stdout()?;
        writeln!(out, "{}", counter.0).context("writing to standard output")?;
        output::finish(out)?;
        return Ok(exit);
    }
    show(&plan, reading, choice)
}

/// What is to be shown, and how.
struct Plan<'a> {
    args: &'a ReadArgs,
    format: RowFormat,
    time: TimeStyle,
    /// The most packets whose conversations are drawn under the table.
    drawn: usize,
}

impl<'a> Plan<'a> {
    /// Makes sense of the options together.
    fn new(args: &'a ReadArgs) -> Result<Self, Failure> {
        let asked = &args.output;
        let detailed = asked.verbose || asked.hex;
        let format =
            asked.format.unwrap_or(if detailed || asked.relative { RowFormat::Plain } else { RowFormat::Table });
        let refuse = |words: &'static str| Err(Failure::new(Exit::Usage, anyhow!(words)));
        match format {
            RowFormat::Plain | RowFormat::Json if !asked.columns.is_empty() => {
                return refuse("--columns is for --format table and csv");
            }
            RowFormat::Table | RowFormat::Json | RowFormat::Csv if detailed => {
                return refuse("--verbose and --hex write under plain rows; leave --format out");
            }
            RowFormat::Table | RowFormat::Json | RowFormat::Csv if asked.relative => {
                return refuse("--relative is for --format plain; the other formats always follow connections");
            }
            _ => {}
        }
        let drawn = match (format, asked.show.is_empty()) {
            (RowFormat::Table, true) if asked.format.is_none() && asked.columns.is_empty() => FEW,
            (RowFormat::Table, _) if args.display.explain || asked.show.contains(&Part::Timeline) => MOST,
            _ => 0,
        };
        Ok(Self { args, format, time: asked.time.into(), drawn })
    }

    /// Whether what is shown depends on conversations.
    fn follows(&self) -> bool {
        match self.format {
            _ if self.args.output.count => false,
            RowFormat::Plain => self.args.output.relative,
            RowFormat::Json => true,
            RowFormat::Table | RowFormat::Csv => self.drawn > 0 || self.columns().iter().any(|column| column.follows()),
        }
    }

    /// The columns of table or csv.
    fn columns(&self) -> Vec<Column> {
        let usual = if self.format == RowFormat::Csv { Column::CSV } else { Column::TABLE };
        let chosen = &self.args.output.columns;
        let timed = |column: &Column| match *column {
            Column::Time => Column::of_time(self.time),
            column => column,
        };
        if chosen.is_empty() { usual.iter().map(timed).collect() } else { chosen.iter().map(timed).collect() }
    }

    fn writer<'v>(&self, view: View<'v>) -> Box<dyn PacketWriter + 'v> {
        let asked = &self.args.output;
        let rows = PlainRows::new(self.time);
        match self.format {
            RowFormat::Plain if asked.verbose || asked.hex => {
                Box::new(Details { rows, fields: asked.verbose, hex: asked.hex, view })
            }
            RowFormat::Plain => Box::new(rows),
            RowFormat::Json => Box::new(JsonRows::new(view)),
            RowFormat::Csv => Box::new(CsvRows::new(self.columns(), view)),
            RowFormat::Table if !asked.show.is_empty() && !asked.show.contains(&Part::Table) => Box::new(Nothing),
            RowFormat::Table => Box::new(PacketTable::new(self.columns(), asked.columns.is_empty(), view)),
        }
    }
}

/// The table where it is not to be shown.
struct Nothing;

impl PacketWriter for Nothing {
    fn write(&mut self, _: &Row<'_>, _: &mut dyn std::io::Write) -> std::io::Result<()> {
        Ok(())
    }
}

/// Captures on their way to somebody who wants their packets.
struct Reading {
    source: Box<dyn FrameSource>,
    input: Input,
    /// How many more packets are wanted.
    left: u64,
    may_wait: bool,
}

/// Somebody who wants packets.
trait Consumer {
    /// Takes one; `origin` is the time that counts as zero.
    fn take(
        &mut self,
        frame: Frame<'_>,
        followed: Option<Followed<'_>>,
        origin: Option<Timestamp>,
    ) -> Result<(), Failure>;

    /// The next packet may be long in coming.
    fn pause(&mut self) -> Result<(), Failure>;

    /// There is no further packet, or something to be said first.
    fn finish(&mut self) -> Result<(), Failure>;
}

impl Reading {
    /// Hands every chosen packet to the consumer. Damage ends a capture, not the others.
    fn run(&mut self, choice: &mut Choice, consumer: &mut impl Consumer) -> Result<Exit, Failure> {
        let mut exit = Exit::Done;
        let mut progress = Progress::new();
        while self.left > 0 {
            if self.may_wait && !self.source.holds_next() {
                consumer.pause()?;
            }
            let frame = match self.source.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => {
                    consumer.finish()?;
                    exit = if exit == Exit::Failed { exit } else { tell(&error) };
                    continue;
                }
            };
            progress.step();
            let followed = choice.follow(&frame);
            let taken = choice.takes(&frame, followed.as_ref());
            match taken {
                Ok(true) => consumer.take(frame, followed, choice.origin())?,
                Ok(false) => continue,
                Err(error) => {
                    consumer.finish()?;
                    return Err(self.input.refused(error));
                }
            }
            self.left -= 1;
        }
        consumer.finish()?;
        Ok(exit)
    }
}

/// Says what is wrong with a capture.
fn tell(error: &SourceError) -> Exit {
    say(&error.to_string());
    if matches!(error, SourceError::Damaged { .. }) { Exit::Damaged } else { Exit::Failed }
}

/// Only wants to know how many there are.
struct Counter(u64);

impl Consumer for Counter {
    #[inline]
    fn take(&mut self, _: Frame<'_>, _: Option<Followed<'_>>, _: Option<Timestamp>) -> Result<(), Failure> {
        self.0 += 1;
        Ok(())
    }

    fn pause(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// Writes them.
struct Show<'v> {
    writer: Box<dyn PacketWriter + 'v>,
    out: Output,
    previous: Option<Timestamp>,
    kept: Kept,
}

impl Consumer for Show<'_> {
    fn take(
        &mut self,
        frame: Frame<'_>,
        followed: Option<Followed<'_>>,
        origin: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let (packet, seen) = followed.unwrap_or_else(|| (headers(&frame), None));
        self.kept.take(&frame, seen);
        let row = Row { frame, packet, seen, origin, previous: self.previous };
        self.previous = frame.time.or(self.previous);
        Ok(self.writer.write(&row, &mut self.out).context("writing to standard output")?)
    }

    fn pause(&mut self) -> Result<(), Failure> {
        self.writer.pause(&mut self.out).context("writing to standard output")?;
        Ok(self.out.flush().context("writing to standard output")?)
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.writer.finish(&mut self.out).context("writing to standard output")?;
        Ok(self.out.flush().context("writing to standard output")?)
    }
}

/// The packets of a capture that is small enough to draw its conversations.
struct Kept {
    packets: Vec<Observed>,
    bytes: usize,
    most: usize,
}

impl Kept {
    fn take(&mut self, frame: &Frame<'_>, seen: Option<crate::analyse::Seen>) {
        if self.most == 0 {
            return;
        }
        self.bytes += frame.bytes.len();
        if self.packets.len() == self.most || self.bytes > MOST_BYTES {
            *self = Self { packets: Vec::new(), bytes: 0, most: 0 };
            return;
        }
        self.packets.push(Observed { frame: frame.to_owned(), seen });
    }
}

fn show(plan: &Plan<'_>, mut reading: Reading, mut choice: Choice) -> Result<Exit, Failure> {
    let read_text = terminal::text_reader(plan.args.output.encoding);
    let display = &plan.args.display;
    let view = View { style: terminal::style(&display.look), absolute: display.absolute, read_text: &read_text };
    let mut shown = Show {
        writer: plan.writer(view),
        out: output::stdout()?,
        previous: None,
        kept: Kept { packets: Vec::new(), bytes: 0, most: plan.drawn },
    };
    let exit = reading.run(&mut choice, &mut shown)?;
    if plan.drawn > 0 && !draw(plan, shown.kept, choice.into_tracker(), &view, &mut shown.out)? && plan.drawn == MOST {
        say(&format!("no timeline: it would have more than {MOST} packets; choose some with --stream, a filter or -c"));
    }
    output::finish(shown.out)?;
    Ok(exit)
}

/// Draws the conversations of the packets that were kept; false where there were too many.
fn draw(
    plan: &Plan<'_>,
    kept: Kept,
    tracker: Option<Tracker>,
    view: &View<'_>,
    out: &mut Output,
) -> Result<bool, Failure> {
    let (Some(tracker), true) = (tracker, kept.most > 0) else { return Ok(false) };
    // The calls of a saved demonstration are comments of its packets.
    let comments = kept.packets.iter().flat_map(|observed| &observed.frame.comments);
    let mut calls: Vec<SocketCall> = comments.filter_map(|comment| comment.parse().ok()).collect();
    calls.sort_by_key(|call| call.entered);
    let lesson = Lesson::of(kept.packets, calls, tracker);
    let explain = plan.args.display.explain;
    let show = &plan.args.output.show;
    let parts: &[Part] = if show.is_empty() || show.contains(&Part::Timeline) { &[Part::Timeline] } else { &[] };
    if show.is_empty() || show.contains(&Part::Table) {
        writeln!(out).context("writing to standard output")?;
    }
    let selection = Selection { parts, packet: None, explain };
    lesson.write(&selection, view, out).context("writing to standard output")?;
    Ok(true)
}
