//! The languages that facts are spelt in.

/// A language; one that is added does not compile until it spells every fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
}
