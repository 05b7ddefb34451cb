//! Rows of any kind, from one list of columns a kind: as a table for people, as CSV, as NDJSON, in any order; and what
//! shape that JSON has.

mod cell;
mod column;
mod csv;
mod format;
mod ndjson;
mod order;
mod schema;
mod table;
mod tree;

pub use column::{Column, EachCount, EachText, Get, Group, Lack, Tabular, find};
pub use csv::write_csv;
pub(super) use format::RowLines;
pub use format::{GridFormat, LineFormat, write_rows};
pub use ndjson::write_ndjson;
pub use order::sort_rows;
pub use schema::schema;
pub use table::write_table;
pub(super) use table::write_usual;
