//! Availability: on which days a technician is free for work, and on which not.
//!
//! A technician says so by periods, and by the day from which they are available. An accepted
//! application books the days of its job.
//!
//! ```
//! use repower_domain::{
//!     availability::{Availability, AvailabilityKind, AvailabilityStatus, Period, Schedule},
//!     values::DateRange,
//! };
//!
//! let march = Period::new("2027-03-01".parse()?, "2027-03-31".parse()?, AvailabilityKind::Free)?;
//! let schedule = Schedule::builder().periods(Availability::new(vec![march])?).build();
//! let on = |first: &str, last: &str| {
//!     let days = DateRange::new(first.parse()?, Some(last.parse()?))?;
//!     Ok::<_, Box<dyn std::error::Error>>(schedule.status_on(days))
//! };
//! assert_eq!(on("2027-03-08", "2027-03-12")?, AvailabilityStatus::Free);
//! assert_eq!(on("2027-03-29", "2027-04-02")?, AvailabilityStatus::Unknown);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::cmp::Ordering;

use thiserror::Error;
use typed_builder::TypedBuilder;

use crate::{
    named::named_enum,
    values::{CalendarDate, DateRange, Inconsistent, Invalid},
};

named_enum! {
    /// What a technician says about the days of a period.
    availability::AvailabilityKind {
        /// Works elsewhere, or does not work.
        Busy = "BUSY",
        /// Is free for work.
        Free = "FREE",
    }
}

named_enum! {
    /// The availability of a technician on all days of a job, from best to worst.
    availability::AvailabilityStatus {
        /// The technician is free on every day.
        Free = "FREE",
        /// The technician said nothing about some day, and is not busy on any.
        Unknown = "UNKNOWN",
        /// The technician is busy on some day.
        Busy = "BUSY",
        /// Another accepted application has booked some day.
        Booked = "BOOKED",
    }
}

impl Ord for AvailabilityStatus {
    /// From the best to the worst.
    fn cmp(&self, other: &Self) -> Ordering {
        (*self as u8).cmp(&(*other as u8))
    }
}

impl PartialOrd for AvailabilityStatus {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Days in a row about which a technician says the same.
///
/// ```
/// use repower_domain::{availability::{AvailabilityKind, Period}, values::Inconsistent};
///
/// let reversed = Period::new("2027-03-02".parse()?, "2027-03-01".parse()?, AvailabilityKind::Busy);
/// assert_eq!(reversed, Err(Inconsistent::Days));
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    first: CalendarDate,
    last: CalendarDate,
    kind: AvailabilityKind,
}

impl Period {
    /// The days from the first to the last.
    ///
    /// # Errors
    ///
    /// [`Inconsistent::Days`] if the last day is before the first.
    pub fn new(first: CalendarDate, last: CalendarDate, kind: AvailabilityKind) -> Result<Self, Inconsistent> {
        if last < first { Err(Inconsistent::Days) } else { Ok(Self { first, last, kind }) }
    }

    /// The first day.
    pub const fn first(self) -> CalendarDate {
        self.first
    }

    /// The last day.
    pub const fn last(self) -> CalendarDate {
        self.last
    }

    /// What the technician says about them.
    pub const fn kind(self) -> AvailabilityKind {
        self.kind
    }
}

/// The periods of a technician in the order of their days: at most 100, of which no two share a
/// day.
///
/// ```
/// use repower_domain::availability::{Availability, AvailabilityKind, InvalidAvailability, Period};
///
/// let period = |first: &str, last: &str| {
///     let (first, last) = (first.parse()?, last.parse()?);
///     Ok::<_, Box<dyn std::error::Error>>(Period::new(first, last, AvailabilityKind::Busy)?)
/// };
/// let (early, late) = (period("2027-03-01", "2027-03-05")?, period("2027-03-06", "2027-03-09")?);
/// assert_eq!(Availability::new(vec![late, early])?.as_slice(), [early, late]);
/// let overlap = Availability::new(vec![late, early, period("2027-03-05", "2027-03-05")?]);
/// assert_eq!(overlap, Err(InvalidAvailability::Overlap(2)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Availability(Vec<Period>);

/// The reason why periods are rejected.
///
/// See the example of [`Availability`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[expect(clippy::exhaustive_enums, reason = "a caller answers each of them")]
pub enum InvalidAvailability {
    /// There are more than [`Availability::MAX`].
    #[error(transparent)]
    TooMany(Invalid),
    /// The period with this index, counted from 0, shares a day with another one.
    #[error("must not share a day with another period")]
    Overlap(usize),
}

impl Availability {
    /// The most periods.
    pub const MAX: usize = 100;

    /// The periods in the order of their days.
    ///
    /// # Errors
    ///
    /// [`InvalidAvailability`] for too many, or of two that share a day for the one that
    /// begins later; of two that begin on one day for the later of the list.
    pub fn new(periods: Vec<Period>) -> Result<Self, InvalidAvailability> {
        if periods.len() > Self::MAX {
            return Err(InvalidAvailability::TooMany(Invalid::TooLong { max: Self::MAX, unit: "entries" }));
        }
        let mut numbered: Vec<_> = periods.into_iter().enumerate().collect();
        numbered.sort_by_key(|(_, period)| period.first);
        let neighbours = numbered.iter().zip(numbered.iter().skip(1));
        let overlap = neighbours.into_iter().find(|((_, before), (_, after))| after.first <= before.last);
        match overlap {
            Some((_, (index, _))) => Err(InvalidAvailability::Overlap(*index)),
            None => Ok(Self(numbered.into_iter().map(|(_, period)| period).collect())),
        }
    }

    /// The periods in the order of their days.
    pub fn as_slice(&self) -> &[Period] {
        &self.0
    }
}

/// All that is known of the time of a technician.
#[derive(Debug, Clone, PartialEq, Eq, Default, TypedBuilder)]
#[builder(field_defaults(default))]
#[non_exhaustive]
pub struct Schedule {
    /// The periods.
    pub periods: Availability,
    /// The day from which the technician is available: free from it on, and busy before, on
    /// days without a period.
    pub available_from: Option<CalendarDate>,
    /// The days of the jobs that accepted applications have booked.
    pub bookings: Vec<DateRange>,
}

impl Schedule {
    /// The availability on all days of a job; one without a last day has its first day only.
    pub fn status_on(&self, days: DateRange) -> AvailabilityStatus {
        let (start, end) = (days.start(), days.last());
        if self.bookings.iter().any(|booked| booked.start() <= end && start <= booked.last()) {
            return AvailabilityStatus::Booked;
        }
        let mut worst = AvailabilityStatus::Free;
        let mut next = Some(start);
        for period in self.periods.as_slice().iter().filter(|period| period.last >= start && period.first <= end) {
            if let Some(gap) = next.filter(|day| *day < period.first) {
                worst = worst.max(self.without_period(gap));
            }
            worst = worst.max(match period.kind {
                AvailabilityKind::Busy => AvailabilityStatus::Busy,
                AvailabilityKind::Free => AvailabilityStatus::Free,
            });
            next = period.last.next_day();
        }
        match next.filter(|day| *day <= end) {
            Some(gap) => worst.max(self.without_period(gap)),
            None => worst,
        }
    }

    /// The availability on days without a period, of which the first one decides.
    fn without_period(&self, first: CalendarDate) -> AvailabilityStatus {
        match self.available_from {
            None => AvailabilityStatus::Unknown,
            Some(from) if first < from => AvailabilityStatus::Busy,
            Some(_) => AvailabilityStatus::Free,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn day(number: u64) -> CalendarDate {
        let first: CalendarDate = "2027-01-01".parse().unwrap();
        (first.day() + Days::new(number)).try_into().unwrap()
    }

    fn period(first: u64, last: u64, kind: AvailabilityKind) -> Period {
        Period::new(day(first), day(last), kind).unwrap()
    }

    fn days(first: u64, last: u64) -> DateRange {
        DateRange::new(day(first), Some(day(last))).unwrap()
    }

    #[test]
    fn a_technician_has_a_hundred_periods_at_most() {
        let periods = |count| (0..count).map(|number| period(number, number, AvailabilityKind::Free)).collect();
        assert_eq!(Availability::new(periods(100)).unwrap().as_slice().len(), 100);
        assert!(matches!(Availability::new(periods(101)), Err(InvalidAvailability::TooMany(_))));
    }

    #[test]
    fn an_acceptance_counts_more_than_what_the_technician_says() {
        let free = Availability::new(vec![period(0, 100, AvailabilityKind::Free)]).unwrap();
        let schedule = Schedule { periods: free, available_from: None, bookings: vec![days(10, 12)] };
        assert_eq!(schedule.status_on(days(5, 10)), AvailabilityStatus::Booked);
        assert_eq!(schedule.status_on(days(12, 20)), AvailabilityStatus::Booked);
        assert_eq!(schedule.status_on(days(11, 11)), AvailabilityStatus::Booked);
        assert_eq!(schedule.status_on(days(13, 20)), AvailabilityStatus::Free);
        assert_eq!(schedule.status_on(days(5, 9)), AvailabilityStatus::Free);
    }

    #[test]
    fn a_job_without_a_last_day_needs_its_first_day_only() {
        let free = Availability::new(vec![period(3, 3, AvailabilityKind::Free)]).unwrap();
        let schedule = Schedule { periods: free, ..Schedule::default() };
        assert_eq!(schedule.status_on(DateRange::new(day(3), None).unwrap()), AvailabilityStatus::Free);
        assert_eq!(schedule.status_on(days(3, 4)), AvailabilityStatus::Unknown);
    }

    #[test]
    fn the_day_from_which_one_is_available_speaks_of_the_days_without_a_period() {
        let periods = vec![period(0, 4, AvailabilityKind::Free), period(12, 13, AvailabilityKind::Busy)];
        let schedule = Schedule {
            periods: Availability::new(periods).unwrap(),
            available_from: Some(day(10)),
            bookings: Vec::new(),
        };
        assert_eq!(schedule.status_on(days(0, 4)), AvailabilityStatus::Free);
        assert_eq!(schedule.status_on(days(0, 5)), AvailabilityStatus::Busy);
        assert_eq!(schedule.status_on(days(10, 11)), AvailabilityStatus::Free);
        assert_eq!(schedule.status_on(days(10, 12)), AvailabilityStatus::Busy);
        assert_eq!(schedule.status_on(days(14, 90)), AvailabilityStatus::Free);
    }

    fn any_periods() -> impl Strategy<Value = Vec<(u64, u64, AvailabilityKind)>> {
        prop::collection::vec((0_u64..30, 0_u64..6, prop::sample::select(AvailabilityKind::ALL)), 0..6)
    }

    proptest! {
        #[test]
        fn the_availability_is_that_of_a_look_at_each_day(
            periods in any_periods(),
            from in prop::option::of(0_u64..30),
            booking in prop::option::weighted(0.3, (0_u64..30, 0_u64..6)),
            (start, length) in (0_u64..30, 0_u64..8),
        ) {
            let all: Vec<_> = periods.iter().map(|(first, length, kind)| period(*first, first + length, *kind)).collect();
            let is_in = |day: u64| periods.iter().filter(move |(first, length, _)| (*first..=first + length).contains(&day));
            let shares_a_day = (0..40).any(|day| is_in(day).count() > 1);
            let availability = Availability::new(all);
            prop_assert_eq!(availability.is_err(), shares_a_day);
            let Ok(availability) = availability else { return Ok(()) };
            let schedule = Schedule {
                periods: availability,
                available_from: from.map(day),
                bookings: booking.map(|(first, length)| days(first, first + length)).into_iter().collect(),
            };
            let on = |number: u64| {
                use AvailabilityStatus::{Booked, Busy, Free, Unknown};
                let is_booked = booking.is_some_and(|(first, length)| (first..=first + length).contains(&number));
                match (is_booked, is_in(number).next(), from) {
                    (true, ..) => Booked,
                    (_, Some((_, _, AvailabilityKind::Busy)), _) => Busy,
                    (_, Some((_, _, AvailabilityKind::Free)), _) => Free,
                    (_, None, Some(from)) => if number < from { Busy } else { Free },
                    (_, None, None) => Unknown,
                }
            };
            let worst = (start..=start + length).map(on).max().unwrap();
            prop_assert_eq!(schedule.status_on(days(start, start + length)), worst);
        }
    }
}
