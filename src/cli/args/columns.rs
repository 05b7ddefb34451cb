//! Columns as typed, by their names. An unknown one is answered with all there are, and the one that was probably meant.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::engine::likeness::nearest;
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

/// Takes a column of packets: one of theirs, or a field by its Wireshark key.
#[derive(Clone)]
pub(super) struct PacketColumns;

impl PacketColumns {
    /// Those that have short names.
    fn named() -> impl Iterator<Item = render::Column> {
        render::Column::ALL.iter().copied().filter(|column| !column.name().contains('.'))
    }
}

impl TypedValueParser for PacketColumns {
    type Value = render::Column;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<render::Column, clap::Error> {
        let name = value.to_string_lossy();
        let field = || render::field_keys().find(|key| *key == name).map(render::Column::Field);
        render::Column::named(&name).or_else(field).ok_or_else(|| {
            let names = render::Column::ALL.iter().map(|column| column.name()).chain(render::field_keys());
            let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(cmd);
            let mut tell = |kind, value| error.insert(kind, value);
            tell(ContextKind::InvalidArg, ContextValue::String(arg.map_or_else(String::new, ToString::to_string)));
            tell(ContextKind::InvalidValue, ContextValue::String(name.clone().into_owned()));
            let valid = Self::named().map(|column| column.name().to_owned()).collect();
            tell(ContextKind::ValidValue, ContextValue::Strings(valid));
            if let Some(near) = nearest(&name, names) {
                tell(ContextKind::SuggestedValue, ContextValue::String(near.to_owned()));
            }
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Self::named().map(|column| PossibleValue::new(column.name()))))
    }
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
pub(super) fn listing<T: Tabular>(alike: Option<[&str; 2]>) -> String {
    let columns = T::columns();
    let is_listed = |column: &&Column<T>| alike.is_none_or(|[_, like]| !column.key().starts_with(like));
    let listed: Vec<&Column<T>> = columns.iter().filter(is_listed).collect();
    let widest = listed.iter().map(|column| column.key().len()).max().unwrap_or(0);
    let alike = alike.map_or_else(String::new, |[object, like]| format!(" As {object}, so {like}:"));
    let mut lines = format!("Columns, by the keys of JSON and csv; one in words is for people alone.{alike}\n");
    for column in listed {
        let of = if column.kinds().is_empty() { String::new() } else { format!(" ({})", column.kinds().join(", ")) };
        for (place, doc) in text::wrap(&(column.doc().to_owned() + &of), WIDTH - widest - 4).iter().enumerate() {
            let key = if place == 0 { column.key() } else { "" };
            lines.push_str(&format!("  {key:widest$}  {doc}\n"));
        }
    }
    lines
}
