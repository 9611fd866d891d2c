use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::{Inconsistent, Invalid, text::bounded};

/// A day of the calendar, from year 1 to year 9999.
///
/// Read from `YYYY-MM-DD`, or from an RFC 3339 timestamp, of which the day in
/// UTC is kept; written as `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarDate(NaiveDate);

impl CalendarDate {
    /// The day of a moment, in UTC.
    pub fn of(moment: DateTime<Utc>) -> Self {
        Self(moment.date_naive())
    }

    /// The day as it was stored.
    pub const fn stored(day: NaiveDate) -> Self {
        Self(day)
    }

    /// The day.
    pub const fn day(self) -> NaiveDate {
        self.0
    }

    /// How many days later `other` is; negative when it is earlier.
    pub fn days_until(self, other: Self) -> i64 {
        other.0.signed_duration_since(self.0).num_days()
    }
}

impl FromStr for CalendarDate {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = bounded(text, usize::MAX)?;
        let day = if text.len() == "YYYY-MM-DD".len() {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text)
        } else {
            DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc().date_naive())
        };
        day.filter(|day| (1..=9999).contains(&day.year()))
            .map(Self)
            .ok_or(Invalid::Format("must be a date, YYYY-MM-DD"))
    }
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

/// The days of a job: a first one and, where it is known, a last one that is
/// not before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    start: CalendarDate,
    end: Option<CalendarDate>,
}

impl DateRange {
    /// The days; [`Inconsistent::Days`] when the last is before the first.
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

    /// The last day, where it is known.
    pub const fn end(self) -> Option<CalendarDate> {
        self.end
    }
}

/// The days on which a certification holds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    from: CalendarDate,
    until: CalendarDate,
}

impl Validity {
    /// The days; [`Inconsistent::Days`] when the last is before the first.
    pub fn new(from: CalendarDate, until: CalendarDate) -> Result<Self, Inconsistent> {
        if until < from { Err(Inconsistent::Days) } else { Ok(Self { from, until }) }
    }

    /// The first day.
    pub const fn from(self) -> CalendarDate {
        self.from
    }

    /// The last day.
    pub const fn until(self) -> CalendarDate {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> CalendarDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_timestamp_gives_its_day_in_utc() {
        assert_eq!(day("2026-11-22T23:30:00-02:00"), day("2026-11-23"));
        assert_eq!(day("2026-11-22T00:30:00.123+02:00"), day("2026-11-21"));
    }

    #[test]
    fn what_is_no_day_is_refused() {
        let wrong = [
            "2026-02-30",
            "2026-13-01",
            "22-11-2026",
            "2026-1-1",
            "0000-01-01",
            "+2026-1-01",
            "tomorrow",
            "2026-11-22T25:00:00Z",
        ];
        for text in wrong {
            assert!(matches!(text.parse::<CalendarDate>(), Err(Invalid::Format(_))), "{text}");
        }
    }

    #[test]
    fn a_job_of_one_day_starts_and_ends_on_it() {
        assert!(DateRange::new(day("2026-11-22"), Some(day("2026-11-22"))).is_ok());
    }

    #[test]
    fn nothing_ends_before_it_starts() {
        assert_eq!(DateRange::new(day("2026-11-22"), Some(day("2026-11-21"))), Err(Inconsistent::Days));
        assert_eq!(Validity::new(day("2026-11-22"), day("2026-11-21")), Err(Inconsistent::Days));
    }

    proptest! {
        #[test]
        fn a_day_reads_back(year in 1_i32..=9999, ordinal in 1_u32..=365) {
            let date = CalendarDate::stored(NaiveDate::from_yo_opt(year, ordinal).unwrap());
            prop_assert_eq!(date.to_string().parse::<CalendarDate>(), Ok(date));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}") {
            let _ = text.parse::<CalendarDate>();
        }
    }
}
