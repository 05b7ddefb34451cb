//! What the verbs over connections have in common: the one asked for, rows, and the end.

use std::io::Write;

use anyhow::{Context, anyhow};

use crate::analyse::{Connection, Limits, Moment};
use crate::cli::args::{OneArgs, RowOrder, TableFormat};
use crate::cli::exit::Exit;
use crate::cli::input::{Captures, Input};
use crate::cli::report::{Failure, say};
use crate::cli::streams;
use crate::engine::{Scan, follow_all};
use crate::model::Transport;
use crate::render::grid::find;
use crate::render::{Style, Tabular, sort_rows, write_csv, write_ndjson, write_table};
use crate::source::{Filter, SourceError};

/// Follows every conversation of the captures that `opened` of `input` holds.
///
/// # Errors
///
/// A file that cannot be read at all, or a filter that has no meaning for a packet.
pub(super) fn followed(
    input: &Input,
    opened: Captures,
    filter: Option<Filter>,
    limits: Limits,
) -> Result<Scan, Failure> {
    follow_all(opened.batches()?, filter, limits).map_err(|error| input.refused(error))
}

/// Says that there was nothing to show, which nothing on standard output says; `what` is what there would be.
pub(super) fn tell_of_none(scan: &Scan, input: &Input, transports: &[Transport], what: &str) {
    let all: usize = transports.iter().map(|transport| scan.tracker.connections(*transport).count()).sum();
    say(&input.none_of(all as u64, what));
}

/// The conversation asked for; `None` where packets of it were seen, but it was forgotten since.
///
/// # Errors
///
/// A usage failure that says which there are, where none was asked for or no packet of it was seen.
pub(super) fn connection<'s>(
    scan: &'s Scan,
    one: &OneArgs,
    was_seen: bool,
    verb: &str,
) -> Result<Option<&'s Connection>, Failure> {
    let found = one.stream.and_then(|stream| scan.tracker.connection(stream.transport, stream.number));
    if found.is_some() || was_seen {
        return Ok(found);
    }
    tell_damage(&scan.damages, Exit::Usage);
    Err(streams::which(&scan.tracker, one, verb))
}

/// Says what was damaged or forgotten on the way, and how that ends.
pub(super) fn conclude(scan: Scan, exit: Exit) -> Exit {
    let evicted = scan.tracker.evicted();
    if evicted > 0 {
        say(&format!(
            "{evicted} conversations were forgotten to make room for others and are not shown; \
             --max-connections sets how many are remembered at once"
        ));
    }
    conclude_one(scan, exit)
}

/// The same where one conversation was shown, and those that were forgotten are others.
pub(super) fn conclude_one(scan: Scan, exit: Exit) -> Exit {
    let exit = tell_damage(&scan.damages, exit);
    // The process ends here, but for a fuzz target: taking a hundred thousand connections apart first would only make
    // people wait.
    if !cfg!(fuzzing) {
        std::mem::forget(scan);
    }
    exit
}

/// Puts rows about conversations in order; those of [`Scan::connections`] are in the order of their streams.
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

/// Says what was damaged; then a verb that is done ends as [`Exit::Damaged`].
pub(super) fn tell_damage(damages: &[SourceError], exit: Exit) -> Exit {
    damages.iter().for_each(|damage| say(&damage.to_string()));
    if damages.is_empty() { exit } else { exit.worst(Exit::Damaged) }
}

/// Whether programs are asked to read words: in their formats other columns tell as much.
///
/// # Errors
///
/// A usage failure that names the column.
pub(super) fn check_columns<T: Tabular>(columns: &[&str], format: TableFormat) -> Result<(), Failure> {
    let known = T::columns();
    let prose = columns.iter().filter_map(|key| find(&known, key)).find(|column| column.is_prose());
    match prose.filter(|_| format != TableFormat::Text) {
        None => Ok(()),
        Some(column) => {
            let refused = anyhow!("the column {} is words for people, which csv and json do not have", column.key());
            Err(Failure::new(Exit::Usage, refused)
                .advise("--help lists the columns that say as much by keys and numbers"))
        }
    }
}

/// Writes rows in the format asked for, in the usual columns where none are named.
///
/// # Errors
///
/// What writing gives.
pub(super) fn write_rows<T: Tabular>(
    rows: &[T],
    columns: &[&str],
    format: TableFormat,
    style: Style,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let written = match format {
        TableFormat::Text => write_table(rows, columns, style, out),
        TableFormat::Json => write_ndjson(rows, columns, out),
        TableFormat::Csv => write_csv(rows, columns, out),
    };
    Ok(written.context("writing to standard output")?)
}
