//! From a conversation's endpoints to its slot.
//!
//! The standard library's map would keep each key a second time beside the slot's own, 42 bytes of it, and be twice as
//! slow for it. Its keyed hash is kept: captures are hostile, and with a simpler one addresses and ports could be chosen
//! that all collide.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::IpAddr;

use crate::model::{Endpoint, FlowKey};

/// A bucket nobody has.
const FREE: Bucket = Bucket { hash: 0, slot: u32::MAX };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    hash: u32,
    slot: u32,
}

/// An open-addressing table of slots: linear probing, at most half full, and removal that leaves no marks behind.
#[derive(Debug, Default)]
pub(super) struct Index {
    hashes: RandomState,
    /// As many as a power of two, or none yet.
    buckets: Vec<Bucket>,
    used: usize,
}

impl Index {
    /// The hash that the other operations ask for; both directions have the same.
    pub(super) fn hash(&self, key: &FlowKey) -> u32 {
        let mut bytes = [0; 37];
        bytes[0] = key.transport as u8;
        write_endpoint(&mut bytes[1..19], key.low);
        write_endpoint(&mut bytes[19..], key.high);
        let mut hasher = self.hashes.build_hasher();
        hasher.write(&bytes);
        hasher.finish() as u32
    }

    /// The slot with this hash that `is_it`.
    pub(super) fn find(&self, hash: u32, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.position(hash, is_it).map(|at| self.buckets[at].slot)
    }

    /// Adds a slot.
    pub(super) fn insert(&mut self, hash: u32, slot: u32) {
        if (self.used + 1) * 2 > self.buckets.len() {
            let larger = (self.buckets.len() * 2).max(16);
            let buckets = std::mem::replace(&mut self.buckets, vec![FREE; larger]);
            buckets.into_iter().filter(|bucket| *bucket != FREE).for_each(|bucket| self.place(bucket));
        }
        self.place(Bucket { hash, slot });
        self.used += 1;
    }

    /// Takes a slot out, if it is there.
    pub(super) fn remove(&mut self, hash: u32, slot: u32) {
        let Some(mut hole) = self.position(hash, |found| found == slot) else { return };
        self.used -= 1;
        // Whatever was pushed on by the bucket that goes moves back, as far as its own place allows.
        let mask = self.buckets.len() - 1;
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let bucket = self.buckets[at];
            if bucket == FREE {
                break;
            }
            let home = bucket.hash as usize & mask;
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                self.buckets[hole] = bucket;
                hole = at;
            }
        }
        self.buckets[hole] = FREE;
    }

    fn position(&self, hash: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<usize> {
        let mask = self.buckets.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            match self.buckets[at] {
                FREE => return None,
                bucket if bucket.hash == hash && is_it(bucket.slot) => return Some(at),
                _ => at = (at + 1) & mask,
            }
        }
    }

    fn place(&mut self, bucket: Bucket) {
        let mask = self.buckets.len() - 1;
        let mut at = bucket.hash as usize & mask;
        while self.buckets[at] != FREE {
            at = (at + 1) & mask;
        }
        self.buckets[at] = bucket;
    }
}

/// 16 bytes of address, IPv4 in the last four, and two of port.
fn write_endpoint(bytes: &mut [u8], endpoint: Endpoint) {
    match endpoint.addr {
        IpAddr::V4(addr) => bytes[12..16].copy_from_slice(&addr.octets()),
        IpAddr::V6(addr) => bytes[..16].copy_from_slice(&addr.octets()),
    }
    bytes[16..18].copy_from_slice(&endpoint.port.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Few hashes and many slots, so that they collide, wrap around the end and push each other on.
        #[test]
        fn it_holds_what_was_put_in_and_not_taken_out(steps in prop::collection::vec((any::<bool>(), 0..12_u32), 0..200)) {
            let hash_of = |slot: u32| [0, 1, 14, 15, 15, 31][slot as usize % 6];
            let (mut index, mut model) = (Index::default(), HashSet::new());
            for (insert, slot) in steps {
                if !insert {
                    index.remove(hash_of(slot), slot);
                    model.remove(&slot);
                } else if model.insert(slot) {
                    index.insert(hash_of(slot), slot);
                }
                prop_assert_eq!(index.used, model.len());
                for slot in 0..12 {
                    let found = index.find(hash_of(slot), |found| found == slot);
                    prop_assert_eq!(found, model.contains(&slot).then_some(slot));
                }
            }
        }
    }
}
