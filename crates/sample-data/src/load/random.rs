//! Random numbers that are a function of the seed, a stream and a number.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::{Builder, Uuid};

/// A stream of random numbers. The order of the variants determines the numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Company,
    CompanyAdmin,
    CompanyMember,
    Technician,
    TechnicianUser,
    Skills,
    SuperAdmin,
    Certification,
    Job,
    JobPopularity,
    Applicants,
    Application,
    ApplicationSteps,
    ApplicationMessages,
    Evaluation,
    Thread,
    ThreadLength,
    Conversation,
    ReadPositions,
    Message,
    JobDays,
    JobRequirements,
    Periods,
}

/// A generator of random numbers for one item.
pub(super) struct Random(fastrand::Rng);

impl Random {
    /// Creates the generator for the item with this number in a stream.
    pub(super) fn new(seed: u64, stream: Stream, number: u64) -> Self {
        Self(fastrand::Rng::with_seed(mix(mix(mix(seed) ^ stream as u64) ^ number)))
    }

    /// Returns a number below `end`, or 0 if `end` is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0.u64(0..end.max(1))
    }

    /// Returns an index of a list of this length, or 0 if it is empty.
    pub(super) fn index(&mut self, length: usize) -> usize {
        self.0.usize(0..length.max(1))
    }

    /// Returns `true` with a probability in percent.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Returns a number below `end`. The distribution is quadratic: small numbers
    /// are far more frequent.
    pub(super) fn skewed(&mut self, end: u64) -> u64 {
        let part = self.below(1 << 16);
        // The square is below 2^32, and uniform between the squares of its neighbours.
        let square = u128::from(part * part + self.below(2 * part + 1));
        u64::try_from((square * u128::from(end)) >> 32).unwrap_or_default()
    }

    /// Chooses an item of a list, each with the same probability.
    pub(super) fn choose<T: Copy + Default>(&mut self, list: &[T]) -> T {
        self.0.choice(list).copied().unwrap_or_default()
    }

    /// Chooses an item of a list, the first ones far more frequently.
    pub(super) fn choose_skewed<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let index = self.skewed(list.len() as u64);
        usize::try_from(index).ok().and_then(|index| list.get(index)).copied().unwrap_or_default()
    }

    /// Chooses an item of a list in proportion to the weights.
    pub(super) fn choose_weighted<T: Copy + Default>(&mut self, list: &[(T, u64)]) -> T {
        let mut left = self.below(list.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in list {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        T::default()
    }

    /// Returns a time at or after `from` and before `to`.
    pub(super) fn time_between(&mut self, from: DateTime<Utc>, to: DateTime<Utc>) -> DateTime<Utc> {
        from + TimeDelta::microseconds(signed(self.below(microseconds(to - from))))
    }

    /// Returns a UUID of version 7, which sorts by its time.
    pub(super) fn id<T: From<Uuid>>(&mut self, at: DateTime<Utc>) -> T {
        let mut random = [0; 10];
        self.0.fill(&mut random);
        Builder::from_unix_timestamp_millis(at.timestamp_millis().unsigned_abs(), &random).into_uuid().into()
    }
}

/// The length of a span in microseconds; 0 if it is negative.
pub(super) fn microseconds(span: TimeDelta) -> u64 {
    span.num_microseconds().and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
}

/// Converts a number to `i64`.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The finaliser of `SplitMix64`: neighbouring numbers get unrelated results.
const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Distributes a number of items in proportion to weights, without a remainder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    items: u64,
    total_weight: u64,
    weight_so_far: u64,
}

impl Shares {
    /// Creates the distribution of `items` over weights with this sum.
    pub(super) const fn new(items: u64, total_weight: u64) -> Self {
        Self { items, total_weight, weight_so_far: 0 }
    }

    /// Returns the number of items for the next weight.
    pub(super) fn next(&mut self, weight: u64) -> u64 {
        let before = self.distributed();
        self.weight_so_far += weight;
        self.distributed() - before
    }

    fn distributed(&self) -> u64 {
        let product = u128::from(self.items) * u128::from(self.weight_so_far);
        let share = product.checked_div(u128::from(self.total_weight));
        share.and_then(|share| u64::try_from(share).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_depend_on_seed_stream_and_number_alone() {
        let draw = |seed, stream, number| Random::new(seed, stream, number).below(u64::MAX);
        assert_eq!(draw(1, Stream::Job, 7), draw(1, Stream::Job, 7));
        assert_ne!(draw(1, Stream::Job, 7), draw(2, Stream::Job, 7));
        assert_ne!(draw(1, Stream::Job, 7), draw(1, Stream::Thread, 7));
        assert_ne!(draw(1, Stream::Job, 7), draw(1, Stream::Job, 8));
    }

    #[test]
    fn a_skewed_number_is_mostly_small_and_reaches_the_end() {
        let mut random = Random::new(1, Stream::Job, 1);
        let mut seen = [0; 100];
        for _ in 0..100_000 {
            seen[usize::try_from(random.skewed(100)).unwrap()] += 1;
        }
        assert!(seen[0] > 9_000 && (300..700).contains(&seen[99]), "{seen:?}");
    }

    #[test]
    fn shares_add_up_for_any_weights() {
        for weights in [&[1, 1, 1][..], &[0, 7, 0, 3, 11], &[5]] {
            let mut shares = Shares::new(100, weights.iter().sum());
            assert_eq!(weights.iter().map(|weight| shares.next(*weight)).sum::<u64>(), 100);
        }
        assert_eq!(Shares::new(100, 0).next(0), 0);
    }

    #[test]
    fn an_id_sorts_by_its_time() {
        let at = |second| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(second);
        let id = |second| Random::new(1, Stream::Job, 7).id::<Uuid>(at(second));
        assert!(id(1_700_000_000) < id(1_700_000_001));
        assert_eq!(id(1_700_000_000).get_version_num(), 7);
    }
}
