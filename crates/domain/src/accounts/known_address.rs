use core::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::ids::UserId;

/// A client address that a user signed in from. Failed logins from elsewhere do not
/// lock the user out there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
