use std::convert::Infallible;

use thiserror::Error;

/// The reason why an input is invalid. The text is for people.
///
/// ```
/// use repower_domain::values::{Invalid, Title};
///
/// let error = "x".repeat(121).parse::<Title>().unwrap_err();
/// assert_eq!(error, Invalid::TooLong { max: Title::MAX, unit: "characters" });
/// assert_eq!(error.to_string(), "must have at most 120 characters");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Invalid {
    /// The text is empty after trimming.
    #[error("must not be empty")]
    Empty,
    /// The format is wrong.
    #[error("{0}")]
    Format(&'static str),
    /// The value is not one of a fixed set.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// The text has too few characters.
    #[error("must have at least {min} characters")]
    TooShort {
        /// The fewest characters.
        min: usize,
    },
    /// The value has too many characters, bytes or entries.
    #[error("must have at most {max} {unit}")]
    TooLong {
        /// The greatest count.
        max: usize,
        /// The unit of the count: `characters`, `bytes`, `words` or `entries`.
        unit: &'static str,
    },
    /// The number is out of its bounds.
    #[error("must be between {min} and {max}")]
    OutOfRange {
        /// The least number.
        min: i64,
        /// The greatest number.
        max: i64,
    },
}

impl From<Infallible> for Invalid {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A contradiction between two values that are each valid.
///
/// ```
/// use repower_domain::values::{DateRange, Inconsistent};
///
/// let error = DateRange::new("2027-03-02".parse()?, Some("2027-03-01".parse()?)).unwrap_err();
/// assert_eq!(error, Inconsistent::Days);
/// assert_eq!(error.to_string(), "must not be before the first day");
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[expect(clippy::exhaustive_enums, reason = "a caller answers each of them")]
pub enum Inconsistent {
    /// The upper bound of a day rate is below its lower bound.
    #[error("must not be below the lower day rate")]
    DayRates,
    /// The last day is before the first day.
    #[error("must not be before the first day")]
    Days,
}
