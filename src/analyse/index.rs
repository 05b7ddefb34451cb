//! From a conversation's endpoints to its slot.
//!
//! The standard library's map would keep each key a second time beside the slot's own, 42 bytes of it, and be twice as
//! slow for it. The hash is keyed at random: captures are hostile, and with a hash that everybody can reckon addresses
//! and ports could be chosen that all collide. It is the multilinear one (Dietzfelbinger 1996; Thorup, "High Speed
//! Hashing for Integers and Strings", 2015, §3.3): strongly universal, so that any two conversations collide with the
//! chance of one in 2^32 whoever chose them, for a multiplication a word.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "as many buckets as a vector can have, and places are taken modulo their number"
)]

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use crate::model::{Endpoint, Transport};

/// How many 32-bit words a key has at most: two IPv6 addresses and two ports.
const WORDS: usize = 9;

/// A bucket nobody has.
const FREE: Bucket = Bucket { hash: 0, slot: u32::MAX };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    hash: u32,
    slot: u32,
}

/// What the words of a key are multiplied with; for each transport and IP version what the sum starts from.
#[derive(Debug)]
struct Secrets {
    factors: [u64; WORDS],
    starts: [[u64; 2]; 2],
}

impl Default for Secrets {
    fn default() -> Self {
        let random = RandomState::new();
        let secret = |at: usize| random.hash_one(at);
        let starts = [[WORDS, WORDS + 1], [WORDS + 2, WORDS + 3]];
        Self { factors: std::array::from_fn(secret), starts: starts.map(|pair| pair.map(secret)) }
    }
}

/// An open-addressing table of slots: linear probing, at most half full, and removal that leaves no marks behind.
#[derive(Debug, Default)]
pub(super) struct Index {
    secrets: Secrets,
    /// As many as a power of two, or none yet.
    buckets: Vec<Bucket>,
    used: usize,
}

impl Index {
    /// The hash that the other operations ask for; both directions have the same.
    #[inline]
    pub(super) fn hash(&self, transport: Transport, a: Endpoint, b: Endpoint) -> u32 {
        let Secrets { factors, starts } = &self.secrets;
        let starts = starts[transport as usize];
        let add = |sum: u64, (word, factor): (u32, &u64)| sum.wrapping_add(factor.wrapping_mul(word.into()));
        let sum = if let (IpAddr::V4(addr_a), IpAddr::V4(addr_b)) = (a.addr, b.addr) {
            let (a, b) = ((addr_a.to_bits(), a.port), (addr_b.to_bits(), b.port));
            let (low, high) = if a <= b { (a, b) } else { (b, a) };
            [ports(low.1, high.1), low.0, high.0].into_iter().zip(factors).fold(starts[0], add)
        } else {
            let (low, high) = if a <= b { (a, b) } else { (b, a) };
            let addresses = [words(low.addr), words(high.addr)].into_iter().flatten();
            std::iter::once(ports(low.port, high.port)).chain(addresses).zip(factors).fold(starts[1], add)
        };
        (sum >> 32) as u32
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

fn ports(low: u16, high: u16) -> u32 {
    u32::from(low) << 16 | u32::from(high)
}

/// An IPv6 address in four words; an IPv4 address is spelt as one.
fn words(addr: IpAddr) -> [u32; 4] {
    let bits = match addr {
        IpAddr::V4(addr) => addr.to_ipv6_mapped().to_bits(),
        IpAddr::V6(addr) => addr.to_bits(),
    };
    [96, 64, 32, 0].map(|shift| (bits >> shift) as u32)
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
