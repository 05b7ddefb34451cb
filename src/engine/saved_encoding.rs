//! The encoding of what was said in a saved lesson: a remark of its file, by which whoever reads it reads the payload.

use std::sync::{Arc, OnceLock};

use crate::lab::Encoding;

/// What the line of the remark begins with.
const MARK: &str = "payload encoding: ";

/// The encoding that a capture names for its payload, once the capture has been read so far. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SavedEncoding(Arc<OnceLock<Encoding>>);

impl SavedEncoding {
    /// The encoding; `None` where none is named.
    pub(crate) fn get(&self) -> Option<Encoding> {
        self.0.get().copied()
    }

    /// Looks for it in what a capture says of itself.
    pub(super) fn learn(&self, remarks: &[String]) {
        if self.get().is_some() {
            return;
        }
        let lines = remarks.iter().flat_map(|remark| remark.lines());
        if let Some(encoding) = lines.filter_map(|line| line.strip_prefix(MARK)).find_map(|name| name.parse().ok()) {
            // The first that is named stays.
            let _ = self.0.set(encoding);
        }
    }
}

/// What a savefile says of itself, and of the encoding of its payload where that is not UTF-8, which is taken for granted.
pub(crate) fn remark(what: &str, encoding: Encoding) -> String {
    if encoding == Encoding::default() { what.to_owned() } else { format!("{what}\n{MARK}{}", encoding.name()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remarked_is_learned() {
        let gbk: Encoding = "gbk".parse().unwrap();
        for (remarks, expected) in [
            (vec![remark("A lesson.", gbk)], Some(gbk)),
            (vec!["Something else.".to_owned(), remark("", gbk)], Some(gbk)),
            (vec![remark("A lesson.", Encoding::default())], None),
            (vec!["payload encoding: klingon".to_owned()], None),
            (vec![], None),
        ] {
            let saved = SavedEncoding::default();
            saved.learn(&remarks);
            assert_eq!(saved.get(), expected, "{remarks:?}");
        }
    }
}
