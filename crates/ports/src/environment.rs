use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The clock.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The current time in whole microseconds, the precision of the database.
    fn now(&self) -> DateTime<Utc>;
}

/// Generates ids.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait IdGenerator: Send + Sync {
    /// A new UUID of version 7.
    fn generate(&self) -> Uuid;
}
