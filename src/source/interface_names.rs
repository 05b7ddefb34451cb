//! What interfaces are called, for one thread to learn and others to look up while packets come.

use std::sync::{Arc, Mutex, PoisonError};

/// The names of the interfaces that packets have come from, by their numbers.
///
/// A clone knows what any of its like have learned; looking up costs no lock but for an interface that is new to it.
#[derive(Clone, Debug, Default)]
pub struct InterfaceNames {
    learned: Arc<Mutex<Vec<Option<Arc<str>>>>>,
    /// Those that this one has heard of.
    heard: Vec<Option<Arc<str>>>,
}

impl InterfaceNames {
    /// Learns of the next interface, counted from 0, and what it is called where that is known.
    pub fn learn(&self, name: Option<&str>) {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner).push(name.map(Arc::from));
    }

    /// What the interface with this number is called, where that is known.
    #[inline]
    pub fn of(&mut self, number: u32) -> Option<&str> {
        if number as usize >= self.heard.len() {
            self.hear();
        }
        self.heard.get(number as usize)?.as_deref()
    }

    #[cold]
    fn hear(&mut self) {
        let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        self.heard.extend_from_slice(&learned[self.heard.len()..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_wherever_it_was_learned() {
        let names = InterfaceNames::default();
        let mut other = names.clone();
        assert_eq!(other.of(0), None);
        names.learn(Some("lo"));
        names.learn(None);
        other.learn(Some("eth0"));
        let known = |names: &mut InterfaceNames| [0, 1, 2, 3].map(|number| names.of(number).map(str::to_owned));
        let expected = [Some("lo".to_owned()), None, Some("eth0".to_owned()), None];
        assert_eq!(known(&mut other), expected);
        assert_eq!(known(&mut names.clone()), expected);
    }
}
