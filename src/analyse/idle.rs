//! Which conversation has been idle longest.
//!
//! A list that every packet rearranges would cost each of them several cache misses, and most captures never need it. So
//! the order is made when somebody has to give way, and kept until it is used up.

/// Slots in the order of their last use, as it was when they were last sorted.
#[derive(Debug, Default)]
pub(super) struct Idle {
    /// The time of a slot's last use and the slot, the oldest at the end.
    order: Vec<(u64, u32)>,
}

impl Idle {
    /// The slot of the first `slots` that has not been used for the longest time, `last_use` being when each was, no two
    /// at the same time; whoever asks uses it next. `None` where there are no slots.
    ///
    /// What has been used since the sorting is newer than all that was sorted with it, and has to wait for the next. As
    /// every use takes one slot out of an order at most, sorting adds the logarithm of their number to each.
    pub(super) fn oldest(&mut self, slots: u32, last_use: impl Fn(u32) -> u64) -> Option<u32> {
        loop {
            while let Some((used, slot)) = self.order.pop() {
                if last_use(slot) == used {
                    return Some(slot);
                }
            }
            if slots == 0 {
                return None;
            }
            self.order.extend((0..slots).map(|slot| (last_use(slot), slot)));
            self.order.sort_unstable_by(|a, b| b.cmp(a));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against the plain definition, with uses between.
        #[test]
        fn it_is_the_slot_used_first(slots in 1..8_u32, steps in prop::collection::vec(prop::option::of(0..8_u32), 0..80)) {
            let mut used: Vec<u64> = (0..u64::from(slots)).collect();
            let mut idle = Idle::default();
            for (now, step) in (u64::from(slots)..).zip(steps) {
                let slot = step.map(|slot| slot % slots).unwrap_or_else(|| {
                    idle.oldest(slots, |slot| used[slot as usize]).unwrap()
                });
                if step.is_none() {
                    prop_assert_eq!(used[slot as usize], *used.iter().min().unwrap());
                }
                used[slot as usize] = now;
            }
        }
    }

    #[test]
    fn where_there_is_nothing_nothing_is_oldest() {
        assert_eq!(Idle::default().oldest(0, |_| 0), None);
    }
}
