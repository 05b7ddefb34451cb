//! Rows in the order of a column: amounts from the largest, whatever names or dates something from the smallest.

use std::cmp::Reverse;
use std::net::IpAddr;

use super::cell::PLAIN;
use super::column::{Column, Get, Tabular, find};

/// What a row is sorted by, and after; what is missing comes last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Largest(Reverse<i128>),
    Earliest(i128),
    End(IpAddr, u16),
    Word(String),
    Missing,
}

/// Sorts rows by the column that goes by a name; rows that do not differ in it stay in their order.
pub fn sort_rows<T: Tabular>(rows: &mut [T], name: &str) {
    if let Some(column) = find(&T::columns(), name) {
        rows.sort_by_cached_key(|row| column.sort_key(row));
    }
}

impl<T: Tabular> Column<T> {
    fn sort_key(&self, row: &T) -> Key {
        let key = match self.get {
            Get::Count(count) => count(row).map(largest),
            Get::Duration(nanos) => nanos(row).map(largest),
            Get::Flag(flag) => flag(row).map(largest),
            Get::Number(number) => number(row).map(|number| Key::Earliest(number.into())),
            Get::Time(time) => time(row).map(|time| Key::Earliest(time.nanos().into())),
            Get::Seconds(seconds) => seconds(row).map(|seconds| Key::Earliest((seconds * 1e9) as i128)),
            Get::Address(address) => address(row).map(|address| Key::End(address, 0)),
            Get::End(end) => {
                let end = end(row).0;
                Some(Key::End(end.addr, end.port))
            }
            Get::Key(_, key) => key(row).map(|key| Key::Word(key.to_owned())),
            Get::Text(words) => words(row).map(|words| Key::Word(words.into_owned())),
            Get::Object(object) => object(row).map(|object| Key::Word(object.to_string())),
            Get::Words(words) => Some(words(row, PLAIN)).filter(|words| !words.is_empty()).map(Key::Word),
            Get::Numbers(_) | Get::Texts(_) | Get::Counts(_) => Some(largest(self.total(row))),
        };
        key.unwrap_or(Key::Missing)
    }

    /// How many items a list has, or what its counts come to.
    fn total(&self, row: &T) -> u64 {
        let mut total: u64 = 0;
        match self.get {
            Get::Numbers(numbers) => numbers(row, &mut |_| total = total.saturating_add(1)),
            Get::Texts(texts) => texts(row, &mut |_| total = total.saturating_add(1)),
            Get::Counts(counts) => counts(row, &mut |_, count| total = total.saturating_add(count)),
            _ => {}
        }
        total
    }
}

fn largest(number: impl Into<i128>) -> Key {
    Key::Largest(Reverse(number.into()))
}
