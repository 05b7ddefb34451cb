//! `layerscope read`: the packets of saved captures.

mod save;

use std::io::Write as _;

use anyhow::{Context, anyhow};

use super::lesson::{Lesson, Selection};
use crate::analyse::Observed;
use crate::cli::args::{Part, ReadArgs, RowFormat};
use crate::cli::choice::{Choice, Followed};
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output::{self, Output};
use crate::cli::progress::Progress;
use crate::cli::report::{Failure, say};
use crate::cli::rows::{Nothing, Rows};
use crate::cli::terminal;
use crate::decode::headers;
use crate::model::{Frame, SocketCall, Timestamp};
use crate::render::{PacketWriter, Row, View, quantity};
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
    let choice = Choice::new(&args.choice, input.filter(), plan.follows()).map_err(|error| input.refused(error))?;
    let reading = Reading {
        source: input.open(args.merge)?,
        left: args.choice.limit.unwrap_or(u64::MAX),
        may_wait: input.may_wait(),
        input,
        read: 0,
    };
    match &args.output.write {
        Some(path) => save::run(path, reading, choice),
        None if args.output.count => count(reading, choice),
        None => show(&plan, reading, choice),
    }
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
            (true, _) => MOST,
            (false, true) => FEW,
            (false, false) => 0,
        };
        if drawn == 0 {
            rows.stand_alone()?;
        }
        if !show.is_empty() && !show.contains(&Part::Table) && rows.lays_out() {
            return refuse("--columns and --time lay out the table, which --show leaves out");
        }
        let has_color = rows.has_color() && !args.output.count && args.output.write.is_none();
        terminal::check_color(&args.look, has_color, "--format table, --verbose and --hex")?;
        Ok(Self { args, rows, drawn })
    }

    /// Whether what is shown depends on conversations.
    fn follows(&self) -> bool {
        !self.args.output.count && self.args.output.write.is_none() && (self.drawn > 0 || self.rows.follows())
    }

    fn writer<'v>(&self, view: View<'v>) -> Box<dyn PacketWriter + 'v> {
        let show = &self.args.output.show;
        if show.is_empty() || show.contains(&Part::Table) { self.rows.writer(view) } else { Box::new(Nothing) }
    }
}

/// Captures on their way to somebody who wants their packets.
struct Reading {
    source: Box<dyn FrameSource>,
    input: Input,
    /// How many more packets are wanted.
    left: u64,
    may_wait: bool,
    /// How many were read, wanted or not.
    read: u64,
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
                progress.look();
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
        self.read = progress.packets();
        consumer.finish()?;
        Ok(exit)
    }

    /// Says that nothing was found, which nothing on standard output says.
    fn tell_if_none(&self, taken: u64) {
        if taken == 0 {
            say(&match self.read {
                0 => "there are no packets".to_owned(),
                read => format!("0 of {} match", quantity::count(read, "packet")),
            });
        }
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

/// Prints how many packets are chosen.
fn count(mut reading: Reading, mut choice: Choice) -> Result<Exit, Failure> {
    let mut counter = Counter(0);
    let exit = reading.run(&mut choice, &mut counter)?;
    let mut out = output::stdout()?;
    writeln!(out, "{}", counter.0).context("writing to standard output")?;
    output::finish(out)?;
    Ok(exit)
}

/// Writes them.
struct Show<'v> {
    writer: Box<dyn PacketWriter + 'v>,
    out: Output,
    previous: Option<Timestamp>,
    kept: Kept,
}

impl Consumer for Show<'_> {
    #[inline]
    fn take(
        &mut self,
        frame: Frame<'_>,
        followed: Option<Followed<'_>>,
        origin: Option<Timestamp>,
    ) -> Result<(), Failure> {
        // Both build the row where it stays: headers are large, and moving them costs as much as finding them.
        let previous = self.previous;
        let row = match followed {
            Some((packet, seen)) => Row { frame, packet, seen, origin, previous },
            None => Row { frame, packet: headers(&frame), seen: None, origin, previous },
        };
        self.kept.take(&frame, row.seen);
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
    let read_text = terminal::text_reader(plan.args.output.rows.encoding);
    let absolute = plan.args.output.rows.absolute;
    let view = View { style: terminal::style(&plan.args.look), absolute, read_text: &read_text };
    let mut shown = Show {
        writer: plan.writer(view),
        out: output::stdout()?,
        previous: None,
        kept: Kept { packets: Vec::new(), bytes: 0, most: plan.drawn },
    };
    let wanted = reading.left;
    let exit = reading.run(&mut choice, &mut shown)?;
    let taken = wanted - reading.left;
    if plan.drawn > 0 && !draw(plan, shown.kept, choice, &view, &mut shown.out)? && plan.drawn == MOST {
        say(&format!(
            "no timeline: it would have more than {MOST} packets, or {} MiB; choose some with --stream, a filter or -c",
            MOST_BYTES >> 20
        ));
    }
    output::finish(shown.out)?;
    if exit == Exit::Done {
        reading.tell_if_none(taken);
    }
    Ok(exit)
}

/// Draws the conversations of the packets that were kept; false where there were too many.
fn draw(plan: &Plan<'_>, kept: Kept, choice: Choice, view: &View<'_>, out: &mut Output) -> Result<bool, Failure> {
    let origin = choice.origin();
    let (Some(tracker), true) = (choice.into_tracker(), kept.most > 0) else { return Ok(false) };
    // The calls of a saved demonstration are comments of its packets.
    let comments = kept.packets.iter().flat_map(|observed| &observed.frame.comments);
    let mut calls: Vec<SocketCall> = comments.filter_map(|comment| comment.parse().ok()).collect();
    calls.sort_by_key(|call| call.entered);
    let lesson = Lesson::of(kept.packets, calls, tracker, origin);
    let explain = plan.args.explain;
    let show = &plan.args.output.show;
    let parts: &[Part] = if show.is_empty() || show.contains(&Part::Timeline) { &[Part::Timeline] } else { &[] };
    if lesson.timelines.is_empty() {
        return Ok(true);
    }
    if show.is_empty() || show.contains(&Part::Table) {
        writeln!(out).context("writing to standard output")?;
    }
    let selection = Selection { parts, packet: None, every_payload: false, explain };
    lesson.write(&selection, view, out).context("writing to standard output")?;
    Ok(true)
}
