//! How sure a cause is.

/// How sure a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Nothing speaks against it, and nothing for it alone.
    Possible,
    /// Packets speak for it.
    Likely,
    /// Packets leave no other cause.
    Proven,
}

impl Confidence {
    /// What programs may call it.
    pub const KEYS: [&str; 3] = ["possible", "likely", "proven"];

    /// What programs call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Proven => "proven",
        }
    }
}
