//! A column: its key, what it says, and how its value is got at; and a kind of rows as the list of its columns.

use std::borrow::Cow;
use std::net::IpAddr;

use serde_json::Value;

use crate::model::{Endpoint, Timestamp};
use crate::render::style::Style;

/// A column of rows of a kind. Text, CSV, JSON and the published schema come out of it.
pub struct Column<T> {
    /// What it is called everywhere; a dot makes a nested object of JSON, a number behind it a place in an array.
    pub(super) key: &'static str,
    /// What it says, in a clause.
    pub(super) doc: &'static str,
    pub(super) get: Get<T>,
    /// What stands above it in a table.
    pub(super) heading: &'static str,
    /// What it was called before, which is understood where somebody names columns.
    pub(super) once: &'static [&'static str],
    /// How easily a table does without it: 0 is always shown. Columns of one rank are shown together or not at all.
    pub(super) rank: u8,
    pub(super) stand: Stand,
    /// How people read it, where that is not simply its value.
    pub(super) told: Option<fn(&T, Style) -> String>,
    /// What becomes of it in JSON where it is missing.
    pub(super) lack: Lack,
    /// Which kinds of rows have it, where rows are of several kinds and not all have it.
    pub(super) kinds: &'static [&'static str],
    /// Whether it only says what other columns say: JSON has it where it is asked for.
    pub(super) is_derived: bool,
    /// Whether it is in a language, for people alone.
    pub(super) is_prose: bool,
}

/// How a row's value is got at, by what kind of value it is; `None`, or nothing, where there is none.
pub enum Get<T> {
    /// An amount: the largest is the most remarkable.
    Count(fn(&T) -> Option<u64>),
    /// A number that names something, such as a frame: the smallest comes first.
    Number(fn(&T) -> Option<u64>),
    /// A moment.
    Time(fn(&T) -> Option<Timestamp>),
    /// Nanoseconds.
    Duration(fn(&T) -> Option<i64>),
    /// Seconds.
    Seconds(fn(&T) -> Option<f64>),
    /// Yes or no.
    Flag(fn(&T) -> Option<bool>),
    /// One of these words.
    Key(&'static [&'static str], fn(&T) -> Option<&'static str>),
    /// Any text.
    Text(for<'r> fn(&'r T) -> Option<Cow<'r, str>>),
    /// An object of whatever belongs to another column's key.
    Object(fn(&T) -> Option<Value>),
    /// A host.
    Address(fn(&T) -> Option<IpAddr>),
    /// One end of a conversation, and whether it is a guess which.
    End(fn(&T) -> (Endpoint, bool)),
    /// Numbers that name something.
    Numbers(fn(&T, &mut dyn FnMut(u64))),
    /// Several texts.
    Texts(EachText<T>),
    /// How often each of several things occurred, in the order of their keys.
    Counts(EachCount<T>),
    /// Words for people, which other columns have as values.
    Words(fn(&T, Style) -> String),
}

/// Tells texts one by one.
pub type EachText<T> = fn(&T, &mut dyn FnMut(&str));

/// Tells names with their counts one by one.
pub type EachCount<T> = fn(&T, &mut dyn FnMut(&str, u64));

/// How a column's cells stand in a table, and whether they may be cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    Word,
    /// At the right.
    Number,
    /// Cut at its end where it is longer than its room: at least so wide, and so wide before less important columns.
    Sentence(usize, usize),
    /// An address and a port; of a long one the middle is cut.
    Endpoint,
}

/// What becomes of a value that is missing in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// It is never missing where the object around it is there.
    Never,
    /// It is null.
    Null,
    /// Its key is left out.
    LeftOut,
}

/// An object of JSON around several columns, where there is something to say about it.
pub struct Group {
    /// What its columns' keys begin with.
    pub key: &'static str,
    /// What it is; empty where that is plain.
    pub doc: &'static str,
    /// What becomes of it in rows that have nothing in it.
    pub lack: Lack,
}

/// A kind of rows, with its columns.
pub trait Tabular: Sized + Sync {
    /// What a row is, in a sentence: the title of the schema.
    const TITLE: &'static str = "";

    /// The keys of the columns of the table where nobody chooses, from left to right; empty for all columns.
    const TABLE: &'static [&'static str] = &[];

    /// The keys of the columns of CSV where nobody chooses; empty for all columns.
    const CSV: &'static [&'static str] = &[];

    /// The kinds that there are, where not all rows are alike: a column `kind` tells a row's, as [`Tabular::kind`] does.
    const KINDS: &'static [&'static str] = &[];

    /// What the schema says of objects in a line of JSON.
    const GROUPS: &'static [Group] = &[];

    /// All columns, in the order of JSON.
    fn columns() -> Vec<Column<Self>>;

    /// Of which of [`Tabular::KINDS`] it is.
    fn kind(&self) -> Option<&'static str> {
        None
    }

    /// The time that people's times are counted from.
    fn origin(&self) -> Option<Timestamp> {
        None
    }
}

// `T` need not be `Copy`: there is no `T` in a column.
impl<T> Clone for Get<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Get<T> {}

impl<T> Clone for Column<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Column<T> {}

impl<T> Column<T> {
    /// A column that is in the JSON of every row; words are where they are asked for.
    pub const fn new(key: &'static str, doc: &'static str, get: Get<T>) -> Self {
        let stand = match get {
            Get::Count(_) | Get::Number(_) | Get::Time(_) | Get::Duration(_) | Get::Seconds(_) => Stand::Number,
            Get::End(_) => Stand::Endpoint,
            _ => Stand::Word,
        };
        let is_derived = matches!(get, Get::Words(_));
        Self {
            key,
            doc,
            get,
            heading: key,
            once: &[],
            rank: 0,
            stand,
            told: None,
            lack: Lack::Never,
            kinds: &[],
            is_derived,
            is_prose: false,
        }
    }

    /// The same with a heading of its own for people, and a rank: how easily it is done without.
    pub const fn headed(self, heading: &'static str, rank: u8) -> Self {
        Self { heading, rank, ..self }
    }

    /// The same, which was called otherwise before.
    pub const fn once(self, once: &'static [&'static str]) -> Self {
        Self { once, ..self }
    }

    /// The same, whose words are in a language: other columns tell programs as much, and neither CSV nor JSON has it.
    pub const fn prose(self) -> Self {
        Self { is_prose: true, ..self }
    }

    /// The same, null where it is missing.
    pub const fn or_null(self) -> Self {
        Self { lack: Lack::Null, ..self }
    }

    /// The same, left out of JSON where it is missing.
    pub const fn or_left_out(self) -> Self {
        Self { lack: Lack::LeftOut, ..self }
    }

    /// The same, in rows of these kinds alone; it is left out of the JSON of others.
    pub const fn of(self, kinds: &'static [&'static str]) -> Self {
        Self { kinds, ..self }
    }

    /// The same, in JSON only where it is asked for: it says what other columns say.
    pub const fn derived(self) -> Self {
        Self { is_derived: true, ..self }
    }

    /// The same as people read it.
    pub const fn told(self, told: fn(&T, Style) -> String) -> Self {
        Self { told: Some(told), ..self }
    }

    /// The same at the right.
    pub const fn at_the_right(self) -> Self {
        Self { stand: Stand::Number, ..self }
    }

    /// The same as a sentence, `least` wide at least and `enough` wide before columns of a higher rank are shown.
    pub const fn sentence(self, least: usize, enough: usize) -> Self {
        Self { stand: Stand::Sentence(least, enough), ..self }
    }

    /// The same as a host with a port, by name or address; of a long one the middle is cut.
    pub const fn host(self) -> Self {
        Self { stand: Stand::Endpoint, ..self }
    }

    /// What it is called.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// What stands above it in a table.
    #[must_use]
    pub const fn heading(&self) -> &'static str {
        self.heading
    }

    /// What it was called before, by which it goes too.
    #[must_use]
    pub const fn once_called(&self) -> &'static [&'static str] {
        self.once
    }

    /// Whether it is words for people, which no format for programs has.
    #[must_use]
    pub const fn is_prose(&self) -> bool {
        self.is_prose
    }

    /// The kinds of rows that have it; empty where all have it.
    #[must_use]
    pub const fn kinds(&self) -> &'static [&'static str] {
        self.kinds
    }

    /// Whether rows of a kind have it.
    pub(in crate::render) fn is_of(&self, kind: Option<&str>) -> bool {
        self.kinds.is_empty() || kind.is_some_and(|kind| self.kinds.contains(&kind))
    }

    /// What it says, in a clause.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }
}

/// The column that goes by a name: its key, else what it was called before.
#[must_use]
pub fn find<'c, T>(columns: &'c [Column<T>], name: &str) -> Option<&'c Column<T>> {
    let by_key = columns.iter().find(|column| column.key == name);
    by_key.or_else(|| columns.iter().find(|column| column.once.contains(&name)))
}

/// The columns that were chosen; where nobody chose, the usual ones, which are all where none are named.
pub(super) fn choose<T: Tabular>(chosen: &[&str], usual: &[&str]) -> Vec<Column<T>> {
    let columns = T::columns();
    let names = if chosen.is_empty() { usual } else { chosen };
    if names.is_empty() {
        return columns;
    }
    names.iter().filter_map(|name| find(&columns, name).copied()).collect()
}
