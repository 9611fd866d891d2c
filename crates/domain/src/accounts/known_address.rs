use core::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use typed_builder::TypedBuilder;

use crate::ids::UserId;

/// A client address that a user signed in from. Failed logins from elsewhere do not
/// lock the user out there.
///
/// ```
/// use repower_domain::{accounts::KnownAddress, chrono::DateTime, uuid::Uuid};
///
/// let known = KnownAddress::builder()
///     .user_id(Uuid::from_u128(1).into())
///     .address("203.0.113.7".parse()?)
///     .used_at(DateTime::UNIX_EPOCH)
///     .build();
/// let forgotten_at = known.used_at + KnownAddress::LIFETIME;
/// assert_eq!(forgotten_at.timestamp(), 30 * 24 * 60 * 60);
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct KnownAddress {
    /// The user.
    pub user_id: UserId,
    /// The client address.
    pub address: IpAddr,
    /// The time of the login or the registration.
    pub used_at: DateTime<Utc>,
}

impl KnownAddress {
    /// The most addresses that are known for one user: those used last.
    pub const MOST: u32 = 20;
    /// How long an address is known after its last use: 30 days.
    pub const LIFETIME: TimeDelta = TimeDelta::days(30);
    /// How long a use stands for later ones: an hour. So not each login is a write.
    pub const PRECISION: TimeDelta = TimeDelta::hours(1);
}
