use std::convert::Infallible;

use thiserror::Error;

/// Why an input is not a value of the wanted kind. The text is one for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Invalid {
    /// Nothing is left of it after trimming.
    #[error("must not be empty")]
    Empty,
    /// It is not written the way such a value is.
    #[error("{0}")]
    Format(&'static str),
    /// It is none of a fixed set of values.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// It has too few characters.
    #[error("must have at least {min} characters")]
    TooShort {
        /// The fewest characters that are taken.
        min: usize,
    },
    /// It has too many characters (bytes, items).
    #[error("must have at most {max} {unit}")]
    TooLong {
        /// The most that are taken.
        max: usize,
        /// What is counted: `characters`, `bytes` or `entries`.
        unit: &'static str,
    },
    /// It is a number outside its bounds.
    #[error("must be between {min} and {max}")]
    OutOfRange {
        /// The least that is taken.
        min: i64,
        /// The most that is taken.
        max: i64,
    },
}

impl From<Infallible> for Invalid {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// Two values that are right in themselves and contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Inconsistent {
    /// The upper bound of a day rate is below its lower bound.
    #[error("must not be below the lower day rate")]
    DayRates,
    /// The last day is before the first one.
    #[error("must not be before the first day")]
    Days,
}
