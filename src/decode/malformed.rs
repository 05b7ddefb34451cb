//! Options in the order of their bytes, and those that do not fit.

use std::ops::Range;

use super::spec;
use crate::model::{Field, Value};

/// What it is called where its meaning says why.
pub(super) const MALFORMED: &str = "Malformed option";

/// Why.
pub(super) const MALFORMED_MEANING: &str = "its length does not fit; the rest is not read";

/// Such an option at these bytes, of which nothing is read.
pub(super) fn malformed(key: &'static str, range: Range<usize>) -> Field {
    Field::new(key, "Malformed option: its length does not fit", range, Value::Group).malformed()
}

/// The options of a header from byte `at`, each a group: how long one is and its name, `None` where its length does not fit,
/// and the fields in it.
pub(super) fn walk_options(
    key: &'static str,
    (header, start): (&[u8], usize),
    mut at: usize,
    measured: impl Fn(&[u8]) -> Option<(usize, &'static str)>,
    children: fn(&[u8], usize) -> Vec<Field>,
) -> Vec<Field> {
    let mut fields = Vec::new();
    while let Some(rest) = header.get(at..).filter(|rest| !rest.is_empty()) {
        let Some((len, name)) = measured(rest) else {
            fields.push(malformed(key, spec::placed(start, spec::stretch(at, rest.len()))));
            break;
        };
        let range = spec::placed(start, spec::stretch(at, len));
        let children = children(&rest[..len], range.start);
        fields.push(Field::new(key, name, range, Value::Group).with(children));
        at = at.saturating_add(len);
    }
    fields
}

/// The bytes of the first such option.
pub(super) fn first_malformed(fields: &[Field]) -> Option<Range<usize>> {
    fields.iter().find(|field| field.malformed)?.range.clone()
}
