//! Values that cannot be wrong: each is made by a parser that knows its rule.

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

pub use country::Country;
pub use currency::Currency;
pub use dates::{CalendarDate, DateRange, Validity};
pub use email::Email;
pub use invalid::{Inconsistent, Invalid};
pub use money::DayRateRange;
pub use password::{Password, PasswordAttempt, PasswordHash};
pub use ratings::{AverageRating, MinimumRating, RatingTotals};
pub use text::{
    ApplicationMessage, Bio, CertificationName, ChatText, ClientMessageId, Comment, CompanyDescription, CompanyName,
    FullName, JobDescription, Location, ProjectName, Provider, SearchText, SkillName, Title,
};
pub use web_url::WebUrl;
pub use whole::{Amount, Rating, YearsExperience};
