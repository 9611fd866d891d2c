use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};

use super::{Inconsistent, Invalid, text::bounded};
use crate::wire::{Form, text_on_the_wire};

const NO_DATE: Invalid = Invalid::Format("must be a date, YYYY-MM-DD");

/// A date from year 1 to year 9999.
///
/// It is read from `YYYY-MM-DD`, or from the day in UTC of an RFC 3339
/// date-time. It is written as `YYYY-MM-DD`.
///
/// ```
/// use repower_domain::{chrono::NaiveDate, values::CalendarDate};
///
/// let day: CalendarDate = "2026-11-22T23:30:00-02:00".parse()?;
/// assert_eq!(day.to_string(), "2026-11-23");
/// assert_eq!(day.next_day().map(|next| day.days_until(next)), Some(1));
/// assert!(CalendarDate::try_from(NaiveDate::MAX).is_err());
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CalendarDate(NaiveDate);

impl CalendarDate {
    /// The first date: 0001-01-01.
    pub const MIN: Self = Self::bound(1, 1, 1);
    /// The last date: 9999-12-31.
    pub const MAX: Self = Self::bound(9999, 12, 31);

    const fn bound(year: i32, month: u32, day: u32) -> Self {
        match NaiveDate::from_ymd_opt(year, month, day) {
            Some(day) => Self(day),
            None => Self(NaiveDate::MIN),
        }
    }

    /// The date of a time, in UTC; of a time before year 1 or after year 9999 the nearest.
    pub fn of(time: DateTime<Utc>) -> Self {
        Self(time.date_naive()).clamp(Self::MIN, Self::MAX)
    }

    /// The date as chrono represents it.
    pub const fn day(self) -> NaiveDate {
        self.0
    }

    /// The next date; `None` after [`CalendarDate::MAX`].
    pub fn next_day(self) -> Option<Self> {
        self.0.succ_opt().and_then(|day| Self::try_from(day).ok())
    }

    /// The date before; `None` before [`CalendarDate::MIN`].
    pub fn previous_day(self) -> Option<Self> {
        self.0.pred_opt().and_then(|day| Self::try_from(day).ok())
    }

    /// The date this many days earlier; at the earliest [`CalendarDate::MIN`].
    #[must_use]
    pub fn minus_days(self, days: u32) -> Self {
        self.0.checked_sub_days(Days::new(days.into())).map_or(Self::MIN, |day| Self(day).max(Self::MIN))
    }

    /// The date this many calendar months later: the same day of the month, or its last day
    /// where the month is shorter; at the latest [`CalendarDate::MAX`].
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        self.0.checked_add_months(Months::new(months)).map_or(Self::MAX, |day| Self(day).min(Self::MAX))
    }

    /// The date this many calendar months earlier: the same day of the month, or its last
    /// day where the month is shorter; at the earliest [`CalendarDate::MIN`].
    #[must_use]
    pub fn minus_months(self, months: u32) -> Self {
        self.0.checked_sub_months(Months::new(months)).map_or(Self::MIN, |day| Self(day).max(Self::MIN))
    }

    /// The last date of the month.
    #[must_use]
    pub fn end_of_month(self) -> Self {
        let last = u32::from(self.0.num_days_in_month());
        self.0.with_day(last).map_or(self, Self)
    }

    /// The number of days from this date to `other`; negative if `other` is earlier.
    pub fn days_until(self, other: Self) -> i64 {
        other.0.signed_duration_since(self.0).num_days()
    }
}

impl FromStr for CalendarDate {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = &*bounded(text, usize::MAX)?;
        let day = if text.len() == "YYYY-MM-DD".len() {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text)
        } else {
            DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc().date_naive())
        };
        day.ok_or(NO_DATE).and_then(Self::try_from)
    }
}

impl TryFrom<NaiveDate> for CalendarDate {
    type Error = Invalid;

    /// # Errors
    ///
    /// [`Invalid::Format`] before year 1 and after year 9999.
    fn try_from(day: NaiveDate) -> Result<Self, Invalid> {
        if (Self::MIN.0..=Self::MAX.0).contains(&day) { Ok(Self(day)) } else { Err(NO_DATE) }
    }
}

impl From<CalendarDate> for NaiveDate {
    fn from(date: CalendarDate) -> Self {
        date.0
    }
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // chrono writes YYYY-MM-DD by itself, faster than by a pattern.
        fmt::Display::fmt(&self.0, f)
    }
}

text_on_the_wire!(
    CalendarDate,
    Form::Date.about(""),
    Form::DateOrMoment.about("`YYYY-MM-DD`. An RFC 3339 date-time is taken too, and its day in UTC stored.")
);

/// The days of a job: a first day and an optional last day, which is not before
/// the first.
///
/// ```
/// use repower_domain::values::DateRange;
///
/// let days = DateRange::new("2027-02-27".parse()?, Some("2027-03-01".parse()?))?;
/// assert_eq!(days.days().count(), 3);
/// assert_eq!(DateRange::new(days.start(), None)?.last(), days.start());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::wire::Days", into = "super::wire::Days")
)]
pub struct DateRange {
    start: CalendarDate,
    end: Option<CalendarDate>,
}

impl DateRange {
    /// A range of days.
    ///
    /// # Errors
    ///
    /// [`Inconsistent::Days`] if the last day is before the first.
    pub fn new(start: CalendarDate, end: Option<CalendarDate>) -> Result<Self, Inconsistent> {
        match end {
            Some(end) if end < start => Err(Inconsistent::Days),
            end => Ok(Self { start, end }),
        }
    }

    /// The first day.
    pub const fn start(self) -> CalendarDate {
        self.start
    }

    /// The last day, if it is known.
    pub const fn end(self) -> Option<CalendarDate> {
        self.end
    }

    /// The last certain day: the last day, or the first if the last is unknown.
    pub fn last(self) -> CalendarDate {
        self.end.unwrap_or(self.start)
    }

    /// Every day from the first to the last certain day, in order.
    pub fn days(self) -> impl Iterator<Item = CalendarDate> {
        let last = self.last();
        self.start.0.iter_days().map(CalendarDate).take_while(move |day| *day <= last)
    }
}

/// The days on which a certification is valid: from a first day to a last day, or for ever.
///
/// ```
/// use repower_domain::values::Validity;
///
/// let validity = Validity::new("2024-03-11".parse()?, "2026-03-10".parse().ok())?;
/// assert_eq!((validity.first(), validity.last()), ("2024-03-11".parse()?, "2026-03-10".parse().ok()));
/// assert_eq!(Validity::new("2024-03-11".parse()?, None)?.last(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::wire::ValidDays", into = "super::wire::ValidDays")
)]
pub struct Validity {
    first: CalendarDate,
    last: Option<CalendarDate>,
}

impl Validity {
    /// A range of days, without a last one if it never ends.
    ///
    /// # Errors
    ///
    /// [`Inconsistent::Days`] if the last day is before the first.
    pub fn new(first: CalendarDate, last: Option<CalendarDate>) -> Result<Self, Inconsistent> {
        match last {
            Some(last) if last < first => Err(Inconsistent::Days),
            last => Ok(Self { first, last }),
        }
    }

    /// The first day.
    pub const fn first(self) -> CalendarDate {
        self.first
    }

    /// The last day; `None` if it never ends.
    pub const fn last(self) -> Option<CalendarDate> {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use chrono::Datelike;
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> CalendarDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_date_time_is_read_as_its_day_in_utc() {
        assert_eq!(day("2026-11-22T23:30:00-02:00"), day("2026-11-23"));
        assert_eq!(day("2026-11-22T00:30:00.123+02:00"), day("2026-11-21"));
    }

    #[test]
    fn a_text_that_is_no_date_is_rejected() {
        let invalid = [
            "2026-02-30",
            "2026-13-01",
            "22-11-2026",
            "2026-1-1",
            "0000-01-01",
            "+2026-1-01",
            "tomorrow",
            "2026-11-22T25:00:00Z",
        ];
        for text in invalid {
            assert!(matches!(text.parse::<CalendarDate>(), Err(Invalid::Format(_))), "{text}");
        }
    }

    #[test]
    fn no_date_is_outside_the_years_1_to_9999() {
        for (year, nearest) in [(0, CalendarDate::MIN), (-1, CalendarDate::MIN), (10_000, CalendarDate::MAX)] {
            let outside = NaiveDate::from_ymd_opt(year, 6, 1).unwrap();
            assert!(matches!(CalendarDate::try_from(outside), Err(Invalid::Format(_))), "{year}");
            assert_eq!(CalendarDate::of(outside.and_hms_opt(0, 0, 0).unwrap().and_utc()), nearest);
        }
        assert_eq!((CalendarDate::MIN, CalendarDate::MAX), (day("0001-01-01"), day("9999-12-31")));
        assert_eq!(day("2026-12-31").next_day(), Some(day("2027-01-01")));
        assert_eq!(CalendarDate::MAX.next_day(), None);
    }

    #[test]
    fn months_are_calendar_months_and_end_with_a_shorter_month() {
        let examples = [
            ("2026-01-15", 24, "2028-01-15"),
            ("2026-08-31", 6, "2027-02-28"),
            ("2027-08-31", 6, "2028-02-29"),
            ("2024-02-29", 24, "2026-02-28"),
            ("2024-02-29", 48, "2028-02-29"),
            ("2026-12-31", 2, "2027-02-28"),
            ("2026-03-31", 1, "2026-04-30"),
            ("9999-01-01", 24, "9999-12-31"),
        ];
        for (from, months, until) in examples {
            assert_eq!(day(from).plus_months(months), day(until), "{from} + {months}");
        }
        let earlier =
            [("2026-04-30", 2, "2026-02-28"), ("2026-03-31", 1, "2026-02-28"), ("0001-01-31", 24, "0001-01-01")];
        for (from, months, until) in earlier {
            assert_eq!(day(from).minus_months(months), day(until), "{from} - {months}");
        }
        assert_eq!(day("0001-01-02").minus_days(u32::MAX), CalendarDate::MIN);
        assert_eq!(day("2026-06-30").minus_days(180), day("2026-01-01"));
        assert_eq!(
            (CalendarDate::MIN.previous_day(), day("2026-01-01").previous_day()),
            (None, Some(day("2025-12-31")))
        );
        assert_eq!(day("2028-02-01").end_of_month(), day("2028-02-29"));
        assert_eq!(day("2026-12-31").end_of_month(), day("2026-12-31"));
    }

    #[test]
    fn a_range_of_one_day_is_accepted() {
        assert!(DateRange::new(day("2026-11-22"), Some(day("2026-11-22"))).is_ok());
    }

    #[test]
    fn a_range_that_ends_before_it_starts_is_rejected() {
        assert_eq!(DateRange::new(day("2026-11-22"), Some(day("2026-11-21"))), Err(Inconsistent::Days));
        assert_eq!(Validity::new(day("2026-11-22"), Some(day("2026-11-21"))), Err(Inconsistent::Days));
    }

    #[test]
    fn a_range_without_a_last_day_has_its_first_day_only() {
        let open = DateRange::new(day("2026-11-22"), None).unwrap();
        assert_eq!(open.days().collect::<Vec<_>>(), [day("2026-11-22")]);
        let three = DateRange::new(day("2026-12-31"), Some(day("2027-01-02"))).unwrap();
        assert_eq!(three.days().collect::<Vec<_>>(), [day("2026-12-31"), day("2027-01-01"), day("2027-01-02")]);
    }

    prop_compose! {
        fn any_day()(year in 1_i32..=9999, ordinal in 1_u32..=365) -> CalendarDate {
            NaiveDate::from_yo_opt(year, ordinal).unwrap().try_into().unwrap()
        }
    }

    proptest! {
        #[test]
        fn a_date_is_read_back(date in any_day()) {
            prop_assert_eq!(date.to_string().parse::<CalendarDate>(), Ok(date));
        }

        #[test]
        fn no_text_panics_and_every_date_is_read_back(
            text in prop_oneof!["\\PC{0,30}", "[0-9]{4}-[0-9]{2}-[0-9]{2}", "2[0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:00:00Z"],
        ) {
            if let Ok(date) = text.parse::<CalendarDate>() {
                prop_assert!((1..=9999).contains(&date.day().year()));
                prop_assert!(crate::letters::trim(&text).starts_with(&date.to_string()) || text.contains(':'));
                prop_assert_eq!(date.to_string().parse::<CalendarDate>(), Ok(date));
            }
        }

        #[test]
        fn a_time_has_the_date_of_its_day_in_utc(date in any_day(), second in 0_u32..86_400, east in -12_i32..=14) {
            let time = date.day().and_hms_opt(0, 0, 0).unwrap().and_utc() + chrono::TimeDelta::seconds(second.into());
            let zone = chrono::FixedOffset::east_opt(east * 3_600).unwrap();
            prop_assert_eq!(CalendarDate::of(time), date);
            let local = time.with_timezone(&zone);
            if (1..=9999).contains(&local.year()) {
                prop_assert_eq!(local.to_rfc3339().parse::<CalendarDate>(), Ok(date));
            }
        }

        #[test]
        fn two_days_are_a_range_exactly_in_their_order(from in any_day(), until in any_day()) {
            let expected = if until < from { Err(Inconsistent::Days) } else { Ok((from, until)) };
            let days = DateRange::new(from, Some(until));
            prop_assert_eq!(days.map(|days| (days.start(), days.last())), expected);
            let valid = Validity::new(from, Some(until)).map(|days| (days.first(), days.last()));
            prop_assert_eq!(valid, expected.map(|(first, last)| (first, Some(last))));
            prop_assert_eq!(from.days_until(until), -until.days_until(from));
            prop_assert_eq!(from.days_until(until) < 0, expected.is_err());
        }

        #[test]
        fn a_range_has_each_of_its_days_once(start in any_day(), length in 0_u64..100) {
            let last = CalendarDate::try_from(start.day() + chrono::Days::new(length)).unwrap_or(CalendarDate::MAX);
            let length = start.days_until(last);
            let days: Vec<_> = DateRange::new(start, Some(last)).unwrap().days().collect();
            prop_assert_eq!((days.first(), days.last()), (Some(&start), Some(&last)));
            prop_assert!(days.windows(2).all(|pair| pair[0].days_until(pair[1]) == 1));
            prop_assert_eq!(i64::try_from(days.len()).unwrap(), length + 1);
        }
    }
}
