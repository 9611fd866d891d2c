//! Conversion of stored values to domain values. An invalid one is a defect or a
//! manual change of the database; the error names its column.

use std::{fmt::Display, str::FromStr};

use chrono::NaiveDate;
use repower_domain::values::{Amount, CalendarDate, Currency, DayRateRange, Invalid};
use repower_ports::RepositoryError;

/// The error for an invalid value in `column`, written as `table.column`.
pub(crate) fn corrupt(column: &str, why: impl Display) -> RepositoryError {
    RepositoryError::Corrupt(format!("{column}: {why}"))
}

/// Parses a text.
pub(crate) fn text<T: FromStr<Err = Invalid>>(column: &str, stored: &str) -> Result<T, RepositoryError> {
    stored.parse().map_err(|why| corrupt(column, why))
}

/// Parses a nullable text.
pub(crate) fn optional_text<T: FromStr<Err = Invalid>>(
    column: &str,
    stored: Option<&str>,
) -> Result<Option<T>, RepositoryError> {
    stored.map(|stored| text(column, stored)).transpose()
}

/// Converts a date.
pub(crate) fn date(column: &str, stored: NaiveDate) -> Result<CalendarDate, RepositoryError> {
    stored.try_into().map_err(|why: Invalid| corrupt(column, why))
}

/// Converts a nullable date.
pub(crate) fn optional_date(column: &str, stored: Option<NaiveDate>) -> Result<Option<CalendarDate>, RepositoryError> {
    stored.map(|stored| date(column, stored)).transpose()
}

/// Converts a number.
pub(crate) fn number<T: TryFrom<i64, Error = Invalid>>(column: &str, stored: i32) -> Result<T, RepositoryError> {
    T::try_from(i64::from(stored)).map_err(|why| corrupt(column, why))
}

/// Converts a count or a sum, which is never negative.
pub(crate) fn count<T: TryFrom<i64>>(column: &str, stored: i64) -> Result<T, RepositoryError>
where
    T::Error: Display,
{
    T::try_from(stored).map_err(|why| corrupt(column, why))
}

/// Converts the three columns of a day rate in `table`.
pub(crate) fn day_rate(
    table: &str,
    from: Option<i32>,
    to: Option<i32>,
    currency: &str,
) -> Result<DayRateRange, RepositoryError> {
    let invalid = |why: &dyn Display| corrupt(&format!("{table}'s day rate"), why);
    let amount = |stored: Option<i32>| {
        stored.map(|stored| Amount::try_from(i64::from(stored)).map_err(|why| invalid(&why))).transpose()
    };
    let currency: Currency = currency.parse().map_err(|why: Invalid| corrupt(&format!("{table}.currency"), why))?;
    DayRateRange::new(amount(from)?, amount(to)?, currency).map_err(|why| invalid(&why))
}
