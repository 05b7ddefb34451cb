//! Rows of any kind, from one list of columns a kind: as a table for people, as CSV, as NDJSON, in any order; and what
//! shape that JSON has.

mod cell;
mod column;
mod csv;
mod ndjson;
mod order;
mod schema;
mod table;
mod tree;

pub use column::{Column, EachCount, EachText, Get, Group, Lack, Tabular, find};
pub(super) use csv::Records;
pub use csv::write_csv;
pub(super) use ndjson::Lines;
pub use ndjson::write_ndjson;
pub use order::sort_rows;
pub use schema::schema;
pub use table::write_table;
pub(super) use table::write_usual;
