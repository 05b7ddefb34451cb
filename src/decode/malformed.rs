//! What an option is called whose length does not fit, and how it is found among a protocol's fields.

use std::ops::Range;

use crate::model::{Field, Value};

/// What it is called where its meaning says why.
pub(super) const MALFORMED: &str = "Malformed option";

/// Why.
pub(super) const MALFORMED_MEANING: &str = "its length does not fit; the rest is not read";

/// Such an option at these bytes, of which nothing is read.
pub(super) fn malformed(key: &'static str, range: Range<usize>) -> Field {
    Field::new(key, "Malformed option: its length does not fit", range, Value::Group).malformed()
}

/// The bytes of the first such option.
pub(super) fn first_malformed(fields: &[Field]) -> Option<Range<usize>> {
    fields.iter().find(|field| field.malformed)?.range.clone()
}
