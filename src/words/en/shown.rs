//! What there is to say of a scenario of the lab.

/// What there is to say of a scenario.
pub(in crate::words) struct Shown {
    /// What it shows, in a line.
    pub(in crate::words) title: &'static str,
    /// What it teaches.
    pub(in crate::words) teaches: &'static [&'static str],
}
