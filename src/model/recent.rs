//! What was found out, for as long as it is asked for and there is room.

use std::collections::HashMap;
use std::hash::Hash;

/// A map of a fixed size. When it is full, what was neither put in nor asked for lately is forgotten, all at once.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    lately: HashMap<K, V>,
    before: HashMap<K, V>,
    /// How many are counted as lately.
    room: usize,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    /// Room for so many, and for as many that are on their way out.
    pub(crate) fn new(room: usize) -> Self {
        Self { lately: HashMap::new(), before: HashMap::new(), room }
    }

    /// What is remembered, which is a reason to remember it longer.
    pub(crate) fn get(&mut self, key: &K) -> Option<&mut V> {
        if !self.lately.contains_key(key)
            && let Some((key, value)) = self.before.remove_entry(key)
        {
            self.put(key, value);
        }
        self.lately.get_mut(key)
    }

    /// Remembers it.
    pub(crate) fn put(&mut self, key: K, value: V) {
        if self.lately.len() >= self.room {
            self.before = std::mem::take(&mut self.lately);
        }
        self.lately.insert(key, value);
    }

    /// Forgets it.
    pub(crate) fn forget(&mut self, key: &K) {
        self.lately.remove(key);
        self.before.remove(key);
    }

    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.lately.is_empty() && self.before.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut recent = Recent::new(10);
        recent.put(0, "asked for");
        for number in 1..1000 {
            recent.put(number, "");
            assert_eq!(recent.get(&0), Some(&mut "asked for"), "{number}");
            assert!(recent.lately.len() + recent.before.len() <= 20);
        }
        assert_eq!(recent.get(&1), None);
        recent.forget(&0);
        assert_eq!(recent.get(&0), None);
    }
}
