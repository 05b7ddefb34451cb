//! A DNS message as it lies in the payload, and whether it is one.

use super::header::{COUNTS, Dialect, HEADER_LEN, OPCODE, QUESTIONS};
use super::name::Names;

/// A message and the names in it.
pub(super) struct Dns<'a> {
    pub(super) bytes: &'a [u8],
    /// The message's first byte in the frame.
    pub(super) start: usize,
    pub(super) dialect: Dialect,
    pub(super) names: Names<'a>,
}

impl<'a> Dns<'a> {
    pub(super) const fn of(bytes: &'a [u8], start: usize, dialect: Dialect) -> Self {
        Self { bytes, start, dialect, names: Names::of(bytes) }
    }

    /// Whether `len` bytes could hold what the header counts: a question takes 5 bytes at least, a record 11. `None` where
    /// the header is not all there.
    pub(super) fn is_plausible(&self, len: usize) -> Option<bool> {
        let [questions, records @ ..] = COUNTS.map(|count| count.read(self.bytes));
        let mut needed = questions?.saturating_mul(5).saturating_add(HEADER_LEN as u64);
        for count in records {
            needed = count?.saturating_mul(11).saturating_add(needed);
        }
        Some(needed <= len.max(self.bytes.len()) as u64)
    }

    /// Whether it asks one question that makes sense on any port: a class people use, and a name of letters.
    pub(super) fn asks_one_question(&self) -> bool {
        let alone = OPCODE.read(self.bytes) == Some(0) && QUESTIONS.read(self.bytes) == Some(1);
        let question = || self.names.entry(HEADER_LEN);
        alone
            && question().is_some_and(|question| {
                let plain = question.name.bytes().all(|byte| byte.is_ascii_graphic());
                plain && matches!(question.class & 0x7fff, 1 | 255) && question.kind != 0
            })
    }
}
