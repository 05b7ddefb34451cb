//! Which conversation has been idle longest: a list in order of use, over slot numbers.

/// The end of the list.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Link {
    older: u32,
    newer: u32,
}

/// Slots in the order they were last used. Every operation takes the same time however long the list is.
///
/// The links lie in an array of their own, 8 bytes a slot, because a packet changes those of its neighbours too.
#[derive(Debug)]
pub(super) struct IdleList {
    links: Vec<Link>,
    oldest: u32,
    newest: u32,
}

impl Default for IdleList {
    fn default() -> Self {
        Self { links: Vec::new(), oldest: NONE, newest: NONE }
    }
}

impl IdleList {
    /// The slot that has not been used for the longest time.
    pub(super) fn oldest(&self) -> Option<u32> {
        (self.oldest != NONE).then_some(self.oldest)
    }

    /// Adds the next slot, just used; slots are numbered in the order they are added.
    pub(super) fn push(&mut self) {
        let slot = self.links.len() as u32;
        self.links.push(Link { older: NONE, newer: NONE });
        self.append(slot);
    }

    /// Notes that a slot was used.
    pub(super) fn touch(&mut self, slot: u32) {
        if slot == self.newest {
            return;
        }
        let Link { older, newer } = self.links[slot as usize];
        match older {
            NONE => self.oldest = newer,
            older => self.links[older as usize].newer = newer,
        }
        // Only the newest has no newer one, and that has been answered above.
        self.links[newer as usize].older = older;
        self.append(slot);
    }

    fn append(&mut self, slot: u32) {
        self.links[slot as usize] = Link { older: self.newest, newer: NONE };
        match self.newest {
            NONE => self.oldest = slot,
            newest => self.links[newest as usize].newer = slot,
        }
        self.newest = slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(list: &IdleList) -> Vec<u32> {
        let step = |slot: &u32| Some(list.links[*slot as usize].newer).filter(|next| *next != NONE);
        std::iter::successors(list.oldest(), step).collect()
    }

    #[test]
    fn what_is_used_becomes_the_newest() {
        let mut list = IdleList::default();
        assert_eq!(list.oldest(), None);
        (0..4).for_each(|_| list.push());
        for (slot, expected) in [(3, [0, 1, 2, 3]), (0, [1, 2, 3, 0]), (2, [1, 3, 0, 2]), (1, [3, 0, 2, 1])] {
            list.touch(slot);
            assert_eq!(in_order(&list), expected, "after {slot}");
        }
    }
}
