//! Round-trip times in bounded memory: exact while they are few, then counted in steps of less than 1 %.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "places of a histogram, which come of the 64 bits of a number, and counts of samples"
)]

/// How many samples are kept as they are; more are counted by their size.
const KEPT: usize = 256;

/// How many samples below four seconds need no memory of their own: as many as a short connection has.
const FEW: usize = 3;

/// Into how many steps each doubling is divided, as a power of two: so a step is at most 1/64 of its least.
const STEPS: u32 = 6;

/// Round-trip samples of one direction, in nanoseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct RoundTrips {
    /// How many there are while they are few.
    count: u8,
    few: [u32; FEW],
    /// All of them, once they are more than a few.
    many: Option<Box<Samples>>,
}

impl RoundTrips {
    /// Takes in a measurement in nanoseconds.
    pub(super) fn add(&mut self, nanos: i64) {
        let short = u32::try_from(nanos).ok().filter(|_| self.many.is_none());
        if let (Some(short), Some(place)) = (short, self.few.get_mut(usize::from(self.count))) {
            *place = short;
            self.count += 1;
        } else {
            let few = &self.few[..usize::from(self.count)];
            self.many.get_or_insert_with(|| Box::new(Samples::of(few))).add(nanos);
        }
    }

    /// What the samples come to; `None` without any.
    pub(super) fn summary(&self) -> Option<RoundTrip> {
        match &self.many {
            Some(many) => many.summary(),
            None => {
                let mut sorted = self.few;
                let sorted = &mut sorted[..usize::from(self.count)];
                sorted.sort_unstable();
                RoundTrip::of(sorted)
            }
        }
    }
}

/// Any number of samples.
#[derive(Clone, Debug)]
struct Samples {
    seen: u64,
    min: i64,
    max: i64,
    /// All of them, while they are not too many.
    kept: Vec<i64>,
    counted: Histogram,
}

/// The round-trip times of the segments one side sent: from a segment to its acknowledgment, both as captured.
///
/// Near the sender that is the whole path; near the receiver it is only how fast the receiver acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundTrip {
    /// How many were measured.
    pub samples: u64,
    /// The shortest, in nanoseconds.
    pub min: i64,
    /// The middle one, in nanoseconds: exact of up to 256, within 1 % of more.
    pub median: i64,
    /// The one that 95 of 100 do not exceed (nearest rank), in nanoseconds, as exact as the median.
    pub p95: i64,
    /// The longest, in nanoseconds.
    pub max: i64,
}

impl RoundTrip {
    /// Of all samples in order; `None` where there are none.
    fn of<T: Copy + Into<i64>>(sorted: &[T]) -> Option<Self> {
        let of = |percent: u64| sorted.get(rank(sorted.len() as u64, percent) as usize).map(|nanos| (*nanos).into());
        let (min, max) = ((*sorted.first()?).into(), (*sorted.last()?).into());
        Some(Self { samples: sorted.len() as u64, min, median: of(50)?, p95: of(95)?, max })
    }
}

/// The place, from 0, of the sample that so many percent do not exceed.
const fn rank(samples: u64, percent: u64) -> u64 {
    (samples as u128 * percent as u128).div_ceil(100).saturating_sub(1) as u64
}

impl Samples {
    fn of(samples: &[u32]) -> Self {
        let mut all = Self { seen: 0, min: i64::MAX, max: i64::MIN, kept: Vec::new(), counted: Histogram::default() };
        samples.iter().for_each(|nanos| all.add((*nanos).into()));
        all
    }

    fn add(&mut self, nanos: i64) {
        self.seen += 1;
        self.min = self.min.min(nanos);
        self.max = self.max.max(nanos);
        if self.seen <= KEPT as u64 {
            return self.kept.push(nanos);
        }
        if !self.kept.is_empty() {
            self.count_kept();
        }
        self.counted.add(nanos);
    }

    /// There are too many to keep them all.
    #[cold]
    fn count_kept(&mut self) {
        std::mem::take(&mut self.kept).into_iter().for_each(|nanos| self.counted.add(nanos));
    }

    fn summary(&self) -> Option<RoundTrip> {
        if self.seen <= KEPT as u64 {
            let mut sorted = self.kept.clone();
            sorted.sort_unstable();
            return RoundTrip::of(&sorted);
        }
        let of = |percent| self.counted.at(rank(self.seen, percent)).clamp(self.min, self.max);
        Some(RoundTrip { samples: self.seen, min: self.min, median: of(50), p95: of(95), max: self.max })
    }
}

/// How many samples there are of each size; a size is less than 1/64 larger than the one before it. At most 15 kB, of
/// which only the range between the smallest and the largest is there.
#[derive(Clone, Debug, Default)]
struct Histogram {
    /// The place of the first size that is counted.
    first: usize,
    counts: Vec<u32>,
}

impl Histogram {
    fn add(&mut self, nanos: i64) {
        let place = place(nanos.max(0).unsigned_abs());
        if self.counts.is_empty() {
            self.first = place;
        } else if place < self.first {
            self.counts.splice(..0, std::iter::repeat_n(0, self.first - place));
            self.first = place;
        }
        let index = place - self.first;
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] = self.counts[index].saturating_add(1);
    }

    /// The middle of the size that the sample of this rank has.
    fn at(&self, rank: u64) -> i64 {
        let mut before = 0;
        let holds = |count: &u32| {
            before += u64::from(*count);
            before > rank
        };
        let index = self.counts.iter().position(holds).unwrap_or(self.counts.len().saturating_sub(1));
        let (least, next) = (least(self.first + index), least(self.first + index + 1));
        i64::try_from(least + (next - least) / 2).unwrap_or(i64::MAX)
    }
}

/// Where a length of time is counted: one by one below 128, then in 64 steps a doubling.
const fn place(nanos: u64) -> usize {
    let shift = (u64::BITS - nanos.leading_zeros()).saturating_sub(STEPS + 1);
    ((shift as usize) << STEPS) + (nanos >> shift) as usize
}

/// The least length of time that is counted at a place.
const fn least(place: usize) -> u64 {
    let shift = (place >> STEPS).saturating_sub(1);
    ((place - (shift << STEPS)) as u64) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_samples_are_summed_up_exactly() {
        let mut trips = RoundTrips::default();
        assert_eq!(trips.summary(), None);
        (1..=100).rev().for_each(|nanos| trips.add(nanos));
        assert_eq!(trips.summary(), Some(RoundTrip { samples: 100, min: 1, median: 50, p95: 95, max: 100 }));
    }

    #[test]
    fn a_sample_of_any_length_may_come_first_or_between_others() {
        for samples in [vec![5_000_000_000], vec![1, 5_000_000_000, 2], vec![3, 1, 2], vec![1, 2, 3, 5_000_000_000]] {
            let mut trips = RoundTrips::default();
            samples.iter().for_each(|nanos| trips.add(*nanos));
            let (min, max) = (*samples.iter().min().unwrap(), *samples.iter().max().unwrap());
            let median = if samples.len() == 1 { max } else { 2 };
            let expected = RoundTrip { samples: samples.len() as u64, min, median, p95: max, max };
            assert_eq!(trips.summary(), Some(expected), "{samples:?}");
        }
    }

    #[test]
    fn many_samples_are_all_counted_to_within_one_percent() {
        let near = |is: i64, exact: i64| is.abs_diff(exact) * 100 <= exact.unsigned_abs();
        for scale in [1, 1_000, 1_000_000_000_000] {
            let mut trips = RoundTrips::default();
            (1..=100_000).for_each(|nanos| trips.add(nanos * scale));
            let summary = trips.summary().unwrap();
            assert_eq!((summary.samples, summary.min, summary.max), (100_000, scale, 100_000 * scale));
            assert!(near(summary.median, 50_000 * scale) && near(summary.p95, 95_000 * scale), "{summary:?}");
        }
    }

    #[test]
    fn a_few_late_samples_are_not_overlooked() {
        let mut trips = RoundTrips::default();
        (0..1_000).for_each(|index| trips.add(if index % 10 == 9 { 900_000_000 } else { 1_000_000 }));
        let summary = trips.summary().unwrap();
        assert_eq!((summary.p95, summary.max), (900_000_000, 900_000_000), "one of ten is as long");
        assert!(summary.median.abs_diff(1_000_000) < 10_000, "{summary:?}");
    }

    #[test]
    fn every_length_of_time_has_a_place_of_its_size_and_memory_is_bounded() {
        for nanos in (0..64).flat_map(|bit| [0, 1, 2, 3].map(|more| (1_u64 << bit).saturating_sub(more) | more << 5)) {
            let place = place(nanos);
            assert!(least(place) <= nanos, "{nanos}");
            assert!(place + 1 >= 3_776 || nanos < least(place + 1), "{nanos}");
        }
        let mut trips = RoundTrips::default();
        (0..300).for_each(|_| [i64::MAX, 0, 5, 1 << 40].into_iter().for_each(|nanos| trips.add(nanos)));
        assert!(trips.many.as_ref().unwrap().counted.counts.len() <= 3_776);
        assert_eq!(trips.summary().unwrap().max, i64::MAX);
    }
}
