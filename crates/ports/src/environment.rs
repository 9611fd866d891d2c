use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What time it is.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The present moment, in whole microseconds: what the database can keep.
    fn now(&self) -> DateTime<Utc>;
}

/// Where identities come from.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait IdGenerator: Send + Sync {
    /// A UUID of version 7 that nobody had before.
    fn generate(&self) -> Uuid;
}
