//! Stored values on their way back into the domain. One that breaks its rule is
//! a defect or the work of a hand in the database, and is told with its place.

use std::{fmt::Display, str::FromStr};

use repower_domain::values::{Amount, Currency, DayRateRange, Invalid};
use repower_ports::RepositoryError;

/// The value at `place`, a table and a column, is corrupt.
pub(crate) fn corrupt(place: &str, why: impl Display) -> RepositoryError {
    RepositoryError::Corrupt(format!("{place}: {why}"))
}

/// A text as its value.
pub(crate) fn text<T: FromStr<Err = Invalid>>(place: &str, stored: &str) -> Result<T, RepositoryError> {
    stored.parse().map_err(|why| corrupt(place, why))
}

/// A text that may be missing, as its value.
pub(crate) fn maybe_text<T: FromStr<Err = Invalid>>(
    place: &str,
    stored: Option<&str>,
) -> Result<Option<T>, RepositoryError> {
    stored.map(|stored| text(place, stored)).transpose()
}

/// A number as its value.
pub(crate) fn number<T: TryFrom<i64, Error = Invalid>>(place: &str, stored: i32) -> Result<T, RepositoryError> {
    T::try_from(i64::from(stored)).map_err(|why| corrupt(place, why))
}

/// A count or a sum that is never negative.
pub(crate) fn count<T: TryFrom<i64>>(place: &str, stored: i64) -> Result<T, RepositoryError>
where
    T::Error: Display,
{
    T::try_from(stored).map_err(|why| corrupt(place, why))
}

/// The three columns of a day rate as its value; `table` holds them.
pub(crate) fn day_rate(
    table: &str,
    from: Option<i32>,
    to: Option<i32>,
    currency: &str,
) -> Result<DayRateRange, RepositoryError> {
    let wrong = |why: &dyn Display| corrupt(&format!("{table}'s day rate"), why);
    let amount = |stored: Option<i32>| {
        stored.map(|stored| Amount::try_from(i64::from(stored)).map_err(|why| wrong(&why))).transpose()
    };
    let currency: Currency = currency.parse().map_err(|why: Invalid| corrupt(&format!("{table}.currency"), why))?;
    DayRateRange::new(amount(from)?, amount(to)?, currency).map_err(|why| wrong(&why))
}
