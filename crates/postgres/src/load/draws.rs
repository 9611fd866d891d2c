//! Chance that always falls the same way: what is drawn follows from the seed,
//! the kind of thing and its number alone, so that any row can be made again
//! from its number wherever another refers to it.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::{Builder, Uuid};

/// What things are drawn for; each has its own sequence.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Company,
    CompanyAdmin,
    CompanyMember,
    Technician,
    TechnicianUser,
    Skills,
    SuperAdmin,
    Certification,
    Job,
    Popularity,
    Applicants,
    Application,
    Steps,
    Letter,
    Evaluation,
    Thread,
    Length,
    Talk,
    Marks,
    Message,
}

/// A sequence of draws.
pub(super) struct Draws(fastrand::Rng);

impl Draws {
    /// Those of the thing of this kind with this number.
    pub(super) fn of(seed: u64, kind: Kind, number: u64) -> Self {
        Self(fastrand::Rng::with_seed(mixed(mixed(mixed(seed) ^ kind as u64) ^ number)))
    }

    /// A number below `end`; 0 where there is none.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0.u64(0..end.max(1))
    }

    /// Whether something happens that does so many times in a hundred.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A number below `end`, the small ones far more often.
    pub(super) fn skewed(&mut self, end: u64) -> u64 {
        let part = self.below(1 << 16);
        // A square is below 2^32, and lies evenly between its neighbours.
        let square = u128::from(part * part + self.below(2 * part + 1));
        u64::try_from((square * u128::from(end)) >> 32).unwrap_or_default()
    }

    /// One of a list.
    pub(super) fn one<T: Copy + Default>(&mut self, list: &[T]) -> T {
        self.0.choice(list).copied().unwrap_or_default()
    }

    /// One of a list, the first ones far more often.
    pub(super) fn early<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let place = self.skewed(list.len() as u64);
        usize::try_from(place).ok().and_then(|place| list.get(place)).copied().unwrap_or_default()
    }

    /// One of a list, as often as its weight says.
    pub(super) fn weighted<T: Copy + Default>(&mut self, list: &[(T, u64)]) -> T {
        let mut left = self.below(list.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in list {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        T::default()
    }

    /// A moment from one on to before another.
    pub(super) fn between(&mut self, from: DateTime<Utc>, to: DateTime<Utc>) -> DateTime<Utc> {
        from + TimeDelta::microseconds(signed(self.below(micros(to - from))))
    }

    /// An identity that sorts by its moment, as those of the application do.
    pub(super) fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut random = [0; 10];
        self.0.fill(&mut random);
        Builder::from_unix_timestamp_millis(at.timestamp_millis().unsigned_abs(), &random).into_uuid()
    }
}

/// So many microseconds; none where the time runs backwards.
pub(super) fn micros(span: TimeDelta) -> u64 {
    span.num_microseconds().and_then(|micros| u64::try_from(micros).ok()).unwrap_or_default()
}

/// A count in the type of the database's numbers.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that looks nothing like its neighbours (the finaliser of
/// `SplitMix64`).
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Hands out a number of things by weights, without a remainder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    things: u64,
    weights: u64,
    weighed: u64,
}

impl Shares {
    /// So many things, for those whose weights add up to this.
    pub(super) const fn new(things: u64, weights: u64) -> Self {
        Self { things, weights, weighed: 0 }
    }

    /// How many the next one with this weight gets.
    pub(super) fn next(&mut self, weight: u64) -> u64 {
        let before = self.handed_out();
        self.weighed += weight;
        self.handed_out() - before
    }

    fn handed_out(&self) -> u64 {
        let product = u128::from(self.things) * u128::from(self.weighed);
        product.checked_div(u128::from(self.weights)).and_then(|share| u64::try_from(share).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_is_always_drawn_the_same() {
        let draw = |seed, kind, number| Draws::of(seed, kind, number).below(u64::MAX);
        assert_eq!(draw(1, Kind::Job, 7), draw(1, Kind::Job, 7));
        assert_ne!(draw(1, Kind::Job, 7), draw(2, Kind::Job, 7));
        assert_ne!(draw(1, Kind::Job, 7), draw(1, Kind::Thread, 7));
        assert_ne!(draw(1, Kind::Job, 7), draw(1, Kind::Job, 8));
    }

    #[test]
    fn a_skewed_draw_favours_the_first_and_reaches_the_last() {
        let mut draws = Draws::of(1, Kind::Job, 1);
        let mut seen = [0; 100];
        for _ in 0..100_000 {
            seen[usize::try_from(draws.skewed(100)).unwrap()] += 1;
        }
        assert!(seen[0] > 9_000 && (300..700).contains(&seen[99]), "{seen:?}");
    }

    #[test]
    fn shares_add_up_whatever_the_weights() {
        for weights in [&[1, 1, 1][..], &[0, 7, 0, 3, 11], &[5]] {
            let mut shares = Shares::new(100, weights.iter().sum());
            assert_eq!(weights.iter().map(|weight| shares.next(*weight)).sum::<u64>(), 100);
        }
        assert_eq!(Shares::new(100, 0).next(0), 0);
    }

    #[test]
    fn an_identity_sorts_by_its_moment() {
        let at = |second| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(second);
        let id = |second| Draws::of(1, Kind::Job, 7).id(at(second));
        assert!(id(1_700_000_000) < id(1_700_000_001));
        assert_eq!(id(1_700_000_000).get_version_num(), 7);
    }
}
