//! What a scenario is: what it is called, what it teaches and needs, and the script that plays it.

use super::place::Lab;
use crate::lab::LabError;
use crate::model::Measure;

/// One idea of sockets, as a script.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it shows, in a line.
    pub title: &'static str,
    /// What it teaches: sentences that the packets of a run prove.
    pub teaches: &'static [&'static str],
    /// What is worth measuring in a run.
    pub measures: &'static [Measure],
    /// About how many seconds it takes, where its nature needs more than one.
    pub seconds: Option<u8>,
    /// The options of `demo` that change it.
    pub options: &'static [&'static str],
    /// Whether it changes the loopback itself: then it needs a network of its own, and the right to change it.
    pub changes_network: bool,
    /// Whether headers and payload are worth comparing.
    pub compares_sizes: bool,
    /// Whether the payloads are worth comparing, byte by byte.
    pub compares_payloads: bool,
    pub(super) play: fn(&Lab) -> Result<(), LabError>,
}

impl Scenario {
    /// What most scenarios are like.
    pub(super) const PLAIN: Self = Self {
        name: "",
        title: "",
        teaches: &[],
        measures: &[],
        seconds: None,
        options: &[],
        changes_network: false,
        compares_sizes: false,
        compares_payloads: false,
        play: |_| Ok(()),
    };

    /// Plays it; the lab's recorder has every call, also of a play that fails.
    ///
    /// # Errors
    ///
    /// The first call that did not do what the script says.
    pub fn play(&self, lab: &Lab) -> Result<(), LabError> {
        (self.play)(lab)
    }
}
