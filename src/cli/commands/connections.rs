//! What the verbs over saved captures have in common: how they begin, the conversation asked for, rows, and the end.

use crate::analyse::{Connection, Limits, Moment, Tracker};
use crate::cli::args::{RowOrder, SafetyArgs, SelectionArgs};
use crate::cli::choice::{missing, wanted};
use crate::cli::exit::Exit;
use crate::cli::input::Input;
use crate::cli::output;
use crate::cli::recipe::Recipe;
use crate::cli::report::{Failure, say};
use crate::cli::streams;
use crate::engine::{Captures, Choice, Expectations, Passed, Scan, Stream, Wanted, follow_all};
use crate::render::{Style, Tabular, sort_rows};

/// Captures that are open in a confined process, and what is wanted of their packets.
pub(super) struct Ready {
    pub(super) input: Input,
    pub(super) captures: Captures,
    wanted: Wanted,
    limit: Option<u64>,
}

impl Ready {
    /// Opens the captures, and gives up what reading them has no need of.
    ///
    /// # Errors
    ///
    /// A choice that makes no sense, a capture that cannot be opened, or what the kernel refused.
    pub(super) fn new(selection: &SelectionArgs, safety: &SafetyArgs) -> Result<Self, Failure> {
        let recipe = Recipe::new(safety)?;
        let input = selection.input()?;
        let wanted = wanted(&selection.choice, &input)?;
        let captures = input.open(selection.merge)?;
        recipe.confine_reader()?;
        Ok(Self { input, captures, wanted, limit: selection.choice.limit })
    }

    /// Follows every conversation; those with a chosen packet are to be shown.
    ///
    /// # Errors
    ///
    /// A capture that is none, or a filter that has no meaning for a packet.
    pub(super) fn follow(self, limits: Limits) -> Result<(Input, Passed), Failure> {
        let Self { input, captures, wanted, limit } = self;
        let choice = Choice::following(wanted, limits).of_conversations();
        let passed = input.checked(follow_all(Scan { batches: captures.batches()?, choice, limit })?)?;
        Ok((input, passed))
    }

    /// A pass over them. Conversations are followed where that is asked for, or one is chosen.
    ///
    /// # Errors
    ///
    /// A capture that is none.
    pub(super) fn scan(self, follows: bool) -> Result<(Input, Scan), Failure> {
        let Self { input, captures, wanted, limit } = self;
        let is_followed = follows || wanted.stream.is_some();
        let choice =
            if is_followed { Choice::following(wanted, Limits::default()) } else { Choice::new(wanted, false) };
        Ok((input, Scan { batches: captures.batches()?, choice, limit }))
    }
}

/// Says why there was nothing to show, which nothing on standard output says; `what` is what there would be.
///
/// # Errors
///
/// A usage failure for a span of time that ends before it begins, which only the capture's own date shows.
pub(super) fn tell_of_none(passed: &Passed, input: &Input, all: u64, what: &str) -> Result<(), Failure> {
    let missing = missing(&passed.choice, passed.chosen, input.files());
    if missing.is_err() {
        tell_damage(passed, Exit::Usage);
    }
    say(&missing?.unwrap_or_else(|| input.none_of(all, what)));
    Ok(())
}

/// The conversation asked for; `None` where packets of it were chosen, but it was forgotten since.
///
/// # Errors
///
/// A usage failure that says which there are, where none was asked for or no packet of it was seen.
pub(super) fn connection<'p>(
    passed: &'p Passed,
    input: &Input,
    stream: Option<Stream>,
    verb: &str,
) -> Result<Option<&'p Connection>, Failure> {
    let tracker = passed.tracker();
    let found = stream.and_then(|stream| tracker?.connection(stream.transport, stream.number));
    if found.is_some() || (passed.chosen > 0 && stream.is_some()) {
        return Ok(found);
    }
    tell_damage(passed, Exit::Usage);
    Err(streams::which(passed, input.files(), stream, verb))
}

/// Says what was damaged or forgotten on the way, and how that ends.
pub(super) fn conclude(passed: Passed, exit: Exit) -> Exit {
    let evicted = passed.tracker().map_or(0, Tracker::evicted);
    if evicted > 0 {
        say(&format!(
            "{evicted} conversations were forgotten to make room for others and are not shown; \
             --max-connections sets how many are remembered at once"
        ));
    }
    conclude_one(passed, exit)
}

/// The same where one conversation was shown, and those that were forgotten are others.
pub(super) fn conclude_one(passed: Passed, exit: Exit) -> Exit {
    let exit = tell_damage(&passed, exit);
    // The process ends here, but for a fuzz target: taking a hundred thousand connections apart first would only make
    // people wait.
    if !cfg!(fuzzing) {
        std::mem::forget(passed);
    }
    exit
}

/// Reports which expectations connections meet, and how that ends.
///
/// # Errors
///
/// What writing gives.
pub(super) fn report(expectations: &Expectations, connections: &[&Connection], style: Style) -> Result<Exit, Failure> {
    let mut out = output::stdout()?;
    let are_met = expectations.check(connections, style, &mut out)?;
    output::finish(out)?;
    Ok(if are_met { Exit::Done } else { Exit::Unmet })
}

/// Puts rows about conversations in order; those of [`Passed::connections`] are in the order of their streams.
pub(super) fn sort<T: Tabular>(rows: &mut [T], order: RowOrder, connection: impl Fn(&T) -> &Connection) {
    let start = |row: &T| connection(row).first().map(Moment::frame);
    match order {
        // The order of their numbers rarely differs.
        RowOrder::Start if rows.is_sorted_by_key(start) => {}
        RowOrder::Start => rows.sort_by_cached_key(start),
        RowOrder::Stream => {}
        RowOrder::By(key) => sort_rows(rows, key),
    }
}

/// Says what was damaged, and how a verb ends then.
pub(super) fn tell_damage(passed: &Passed, exit: Exit) -> Exit {
    passed.damages.iter().for_each(|damage| say(&damage.to_string()));
    passed.exit(exit)
}
