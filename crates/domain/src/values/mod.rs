//! Values: texts, dates, money, ratings, countries and passwords. Each is made by
//! a parser, so every value is valid.
//!
//! Texts are trimmed and bounded, and each kind of text has its own type.
//!
//! ```
//! use repower_domain::values::{Invalid, Title, WebUrl};
//!
//! let title: Title = "  Blade repair ".parse()?;
//! assert_eq!(title.as_str(), "Blade repair");
//! assert_eq!("".parse::<Title>(), Err(Invalid::Empty));
//! assert_eq!("x".repeat(121).parse::<Title>(), Err(Invalid::TooLong { max: Title::MAX, unit: "characters" }));
//! assert!("ftp://example.com".parse::<WebUrl>().is_err());
//! # Ok::<(), Invalid>(())
//! ```
//!
//! A [`CalendarDate`] has neither a time nor a time zone.
//!
//! ```
//! use repower_domain::values::{CalendarDate, DateRange, Inconsistent};
//!
//! let start: CalendarDate = "2027-03-01".parse()?;
//! let end: CalendarDate = "2027-03-03".parse()?;
//! assert_eq!(start.days_until(end), 2);
//! assert_eq!(DateRange::new(start, Some(end))?.days().count(), 3);
//! assert_eq!(DateRange::new(end, Some(start)), Err(Inconsistent::Days));
//! assert_eq!("2026-11-22T23:30:00-02:00".parse(), "2026-11-23".parse::<CalendarDate>());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Money is an [`Amount`] in whole units with a [`Currency`].
//!
//! ```
//! use repower_domain::values::{Amount, Currency, DayRateRange, Inconsistent};
//!
//! let (low, high) = (Amount::try_from(380)?, Amount::try_from(450)?);
//! let krone: Currency = "DKK".parse()?;
//! assert_eq!(DayRateRange::new(Some(low), Some(high), krone)?.upper(), Some(high));
//! assert_eq!(DayRateRange::new(Some(high), Some(low), krone), Err(Inconsistent::DayRates));
//! assert!(Amount::try_from(-1).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The debug text of a [`Password`] omits it. A [`PasswordAttempt`] may be any
//! text.
//!
//! ```
//! use repower_domain::values::{Invalid, Password, PasswordAttempt};
//!
//! let password: Password = "correct horse".parse()?;
//! assert_eq!(format!("{password:?}"), "Password(…)");
//! assert_eq!("short".parse::<Password>(), Err(Invalid::TooShort { min: 8 }));
//! let attempt: PasswordAttempt = "short".parse().unwrap_or_else(|never| match never {});
//! assert_eq!(attempt.plausible(), None);
//! # Ok::<(), Invalid>(())
//! ```

/// Declares the conversions into a text of values that are kept as text.
macro_rules! kept_as_text {
    ($name:ident) => {
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

mod card_numbers;
mod country;
mod currency;
mod dates;
mod email;
mod invalid;
mod money;
mod password;
mod ratings;
mod text;
mod web_url;
mod whole;
#[cfg(feature = "serde")]
mod wire;

pub use card_numbers::{IrataNumber, WindaId};
pub use country::Country;
pub use currency::Currency;
pub use dates::{CalendarDate, DateRange, Validity};
pub use email::Email;
pub use invalid::{Inconsistent, Invalid};
pub use money::DayRateRange;
pub use password::{Password, PasswordAttempt, PasswordHash};
pub use ratings::{AverageRating, MinimumRating, RatingSummary, RatingTotals};
pub use text::{
    Answer, AppealText, ApplicationMessage, Bio, CertificationName, ChatText, ClientMessageId, Comment,
    CompanyDescription, CompanyName, FullName, JobDescription, Location, ProjectName, Provider, SearchText,
    SearchWords, SkillName, Title, UserAgent, VerifierNote,
};
pub use web_url::WebUrl;
pub use whole::{Amount, Rating, RequirementCount, YearsExperience};
