//! Round-trip times in bounded memory.

/// How many samples are kept; beyond that every second one is dropped, evenly over the connection's life.
const KEPT: usize = 256;

/// How many samples below four seconds need no memory of their own: as many as a short connection has.
const FEW: usize = 3;

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
                let (min, max) = (*sorted.first()?, *sorted.last()?);
                RoundTrip::of(sorted, self.count.into(), (min.into(), max.into()))
            }
        }
    }
}

/// Any number of samples.
#[derive(Clone, Debug)]
struct Samples {
    kept: Vec<i64>,
    /// Every `stride`-th sample is kept, a power of two.
    stride: u32,
    seen: u32,
    min: i64,
    max: i64,
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
    /// The middle one, in nanoseconds; of an even selection where there were many.
    pub median: i64,
    /// The one that 95 of 100 do not exceed (nearest rank), in nanoseconds; selected like the median.
    pub p95: i64,
    /// The longest, in nanoseconds.
    pub max: i64,
}

impl RoundTrip {
    /// Of `samples`, those that were kept and how long the shortest and the longest took; `None` where there are none.
    fn of<T: Copy + Into<i64>>(sorted: &[T], samples: u32, (min, max): (i64, i64)) -> Option<Self> {
        let rank = |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Some(Self { samples: samples.into(), min, median: rank(50)?.into(), p95: rank(95)?.into(), max })
    }
}

impl Samples {
    fn of(samples: &[u32]) -> Self {
        let mut all = Self { kept: Vec::new(), stride: 1, seen: 0, min: i64::MAX, max: i64::MIN };
        samples.iter().for_each(|nanos| all.add((*nanos).into()));
        all
    }

    fn add(&mut self, nanos: i64) {
        if self.seen & (self.stride - 1) == 0 {
            if self.kept.len() == KEPT {
                let mut index = 0;
                self.kept.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
                self.stride *= 2;
            }
            self.kept.push(nanos);
        }
        self.seen = self.seen.saturating_add(1);
        self.min = self.min.min(nanos);
        self.max = self.max.max(nanos);
    }

    fn summary(&self) -> Option<RoundTrip> {
        let mut sorted = self.kept.clone();
        sorted.sort_unstable();
        RoundTrip::of(&sorted, self.seen, (self.min, self.max))
    }
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
    fn many_samples_keep_their_extremes_and_an_even_selection() {
        let mut trips = RoundTrips::default();
        (1..=1_000_000).for_each(|nanos| trips.add(nanos));
        assert!(trips.many.as_ref().unwrap().kept.len() <= KEPT);
        let summary = trips.summary().unwrap();
        assert_eq!((summary.samples, summary.min, summary.max), (1_000_000, 1, 1_000_000));
        assert!((490_000..510_000).contains(&summary.median), "{summary:?}");
        assert!((940_000..960_000).contains(&summary.p95), "{summary:?}");
    }
}
