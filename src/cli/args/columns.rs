//! Columns as typed, by their names. An unknown one is answered with all there are, and the one that was probably meant.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::render::grid::{Column, Tabular, find};
use crate::render::{self, text};

/// How wide help is at most.
const WIDTH: usize = 100;

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum RowOrder {
    /// When their conversations began.
    Start,
    /// TCP before UDP, then the stream number.
    Stream,
    /// The column of a key.
    By(&'static str),
}

/// A word that rows can be sorted by, and the key of the column that it means.
pub(super) type Word = (&'static str, &'static str);

/// Takes a column of packets.
pub(super) fn of_packets() -> impl TypedValueParser<Value = render::Column> {
    let columns = render::Column::ALL;
    PossibleValuesParser::new(columns.iter().map(|column| column.name())).map(|name| {
        // The parser lets no other name through.
        columns.iter().copied().find(|column| column.name() == name).unwrap_or(render::Column::Number)
    })
}

/// Takes a column of rows of a kind, by its key or what it was called before, and gives its key.
pub(super) fn of_rows<T: Tabular>() -> impl TypedValueParser<Value = &'static str> {
    PossibleValuesParser::new(T::columns().iter().map(value)).map(|name| key::<T>(&name))
}

/// Takes what rows of a kind can be sorted by: `start`, `stream`, one of these words, any column.
pub(super) fn order<T: Tabular>(words: &'static [Word]) -> impl TypedValueParser<Value = RowOrder> {
    let beside = words.iter().map(|(word, _)| *word).chain(["start", "stream"]);
    let columns = T::columns();
    let others = columns.iter().filter(|column| !beside.clone().any(|word| word == column.key()));
    let values: Vec<PossibleValue> = beside.clone().map(PossibleValue::new).chain(others.map(value)).collect();
    PossibleValuesParser::new(values).map(|name| match &*name {
        "start" => RowOrder::Start,
        "stream" => RowOrder::Stream,
        name => {
            let word = words.iter().find(|(word, _)| *word == name).map(|(_, key)| *key);
            RowOrder::By(word.unwrap_or_else(|| key::<T>(name)))
        }
    })
}

fn value<T>(column: &Column<T>) -> PossibleValue {
    let value = PossibleValue::new(column.key()).help(column.doc());
    value.aliases(column.once_called().iter().copied())
}

fn key<T: Tabular>(name: &str) -> &'static str {
    // The parsers let no other name through.
    find(&T::columns(), name).map_or("", Column::key)
}

/// The columns of rows of a kind with what they say, for help; those of an object of JSON whose columns are like another's
/// are not listed again.
pub(super) fn listing<T: Tabular>([object, like]: [&str; 2]) -> String {
    let columns = T::columns();
    let is_listed = |column: &&Column<T>| !column.key().starts_with(like);
    let listed: Vec<&Column<T>> = columns.iter().filter(is_listed).collect();
    let widest = listed.iter().map(|column| column.key().len()).max().unwrap_or(0);
    let mut lines =
        format!("Columns, by the keys of JSON and csv; one in words is for people alone. As {object}, so {like}:\n");
    for column in listed {
        for (place, doc) in text::wrap(column.doc(), WIDTH - widest - 4).iter().enumerate() {
            let key = if place == 0 { column.key() } else { "" };
            lines.push_str(&format!("  {key:widest$}  {doc}\n"));
        }
    }
    lines
}
