//! The last look for known vulnerabilities, and its age.

/// The age in days from which a look is too old.
pub const TOO_OLD: i64 = 31;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// The days since 1970-01-01.
    pub number: i64,
}

impl Day {
    /// Parses `2026-11-28`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let is_day = text.len() == 10 && (1..=12).contains(&month) && (1..=31).contains(&day);
        // Years begin in March here, so that the leap day is the last one.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        is_day.then_some(Self { number: year * 365 + leaps + (month * 153 + 2) / 5 + day - 719_469 })
    }
}

/// A look: its day, and the day of the database that was looked into, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The day of the look.
    pub looked: (String, Day),
    /// The day of the database.
    pub database: (String, Day),
}

impl Look {
    /// Parses lines `looked = <day>` and `database = <day>`; others are comments.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| {
            let value = text.lines().filter_map(|line| line.split_once(" = ")).find(|(key, _)| *key == name)?.1;
            Some((value.to_owned(), Day::parse(value)?))
        };
        let look = Self { looked: value("looked")?, database: value("database")? };
        (look.database.1 <= look.looked.1).then_some(look)
    }

    /// The age of the look in days; `None` if it is in the future.
    #[must_use]
    pub fn age(&self, today: Day) -> Option<i64> {
        Some(today.number - self.looked.1.number).filter(|age| *age >= 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i64 {
        Day::parse(text).map_or(i64::MIN, |day| day.number)
    }

    #[test]
    fn days_are_counted_from_1970_across_leap_years() {
        assert_eq!((day("1970-01-01"), day("1970-03-01"), day("2000-03-01")), (0, 59, 11_017));
        assert_eq!(day("2028-03-01") - day("2028-02-28"), 2);
        assert_eq!((day("2026-11-28"), day("2026-12-28") - day("2026-11-28")), (20_785, 30));
        for wrong in ["", "2026-13-01", "2026-1-1", "2026-00-10", "20261128", "tomorrow-x"] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_look_has_a_day_and_a_database_that_is_not_newer() {
        let look = Look::parse("# why\nlooked = 2026-11-28\ndatabase = 2025-02-24\n");
        let age = |today| look.as_ref().and_then(|look| look.age(Day::parse(today)?));
        assert_eq!([age("2026-11-28"), age("2026-12-28"), age("2026-11-27")], [Some(0), Some(30), None]);
        for wrong in ["", "looked = 2026-11-28\n", "looked = 2026-11-28\ndatabase = 2026-11-29\n"] {
            assert_eq!(Look::parse(wrong), None, "{wrong}");
        }
    }
}
