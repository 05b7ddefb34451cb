//! How facts are spelt: each kind of fact asks the language chosen for its words.

use std::fmt;

use super::en;
use super::language::Language;
use crate::analyse::{Explanation, Mark, Marks};

/// What the words shall be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// Whose words they are.
    pub language: Language,
    /// Whether they shall be spelt with ASCII alone: `12.3 us`, `2x`.
    pub ascii: bool,
}

/// Words that are spelt where they are written: nothing is allocated for them.
struct Spelt<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Spelt<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

impl Spelling {
    /// What programs are told today, whatever people read.
    pub const MACHINE: Self = Self { language: Language::En, ascii: false };

    /// What a packet does, in plain sentences with the arithmetic.
    #[must_use]
    pub fn explanation(self, explanation: &Explanation) -> String {
        match self.language {
            Language::En => en::explanation(explanation),
        }
    }

    /// `fast retransmission`.
    #[must_use]
    pub const fn mark(self, mark: Mark) -> &'static str {
        match self.language {
            Language::En => en::mark(mark),
        }
    }

    /// `2× retransmission`.
    #[must_use]
    pub fn counted(self, times: u64, mark: Mark) -> String {
        match self.language {
            Language::En => en::counted(times, mark, self.ascii),
        }
    }

    /// `fast retransmission, window full`; what another mark implies is left out. Empty without marks.
    #[must_use]
    pub fn marks(self, marks: Marks) -> impl fmt::Display {
        Spelt(move |f: &mut fmt::Formatter<'_>| {
            let mut separator = "";
            for mark in marks.told().iter() {
                write!(f, "{separator}{}", self.mark(mark))?;
                separator = match self.language {
                    Language::En => en::SEPARATOR,
                };
            }
            Ok(())
        })
    }
}
