//! How a protocol's fields mark an option whose length does not fit, and how that option is found among them.

use std::ops::Range;

use crate::model::Field;

/// What the option is called: neither it nor what follows is read.
pub(super) const MALFORMED: &str = "Malformed option";

/// The same, where the name says why.
pub(super) const MALFORMED_LENGTH: &str = "Malformed option: its length does not fit";

/// The bytes of the first such option.
pub(super) fn first_malformed(fields: &[Field]) -> Option<Range<usize>> {
    fields.iter().find(|field| field.label.starts_with(MALFORMED))?.range.clone()
}
