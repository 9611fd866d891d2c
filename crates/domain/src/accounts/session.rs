use core::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

use chrono::{DateTime, SubsecRound, TimeDelta, Timelike, Utc};
use typed_builder::TypedBuilder;

use super::throttle::ipv6_network;
use crate::{
    ids::{SessionId, UserId},
    values::UserAgent,
};

/// A session of a user, which begins with a login. Its tokens are valid while it is live.
///
/// See the example of [`SessionLimits`].
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Session {
    /// The id, which its tokens name.
    pub id: SessionId,
    /// The user.
    pub user_id: UserId,
    /// The program of the client that it began with.
    pub user_agent: Option<UserAgent>,
    /// The prefix of the client address that it began with.
    pub address: AddressPrefix,
    /// The time of the login.
    pub created_at: DateTime<Utc>,
    /// The time of the login, or the minute of a later use.
    pub last_used_at: DateTime<Utc>,
    /// The time from which it and its tokens are expired.
    pub expires_at: DateTime<Utc>,
}

impl Session {
    /// The most live sessions of a user. The next login ends the oldest one.
    pub const MOST: usize = 50;
    /// How exactly the last use is known: to the minute.
    pub const PRECISION: TimeDelta = TimeDelta::minutes(1);
    /// The time within which a use is stored, on the busiest instance too: one minute.
    pub const STORED_WITHIN: TimeDelta = TimeDelta::minutes(1);

    /// The minute of a use.
    pub fn minute_of(use_at: DateTime<Utc>) -> DateTime<Utc> {
        use_at.trunc_subsecs(0) - TimeDelta::seconds(use_at.second().into())
    }

    /// The session after a use.
    #[must_use]
    pub fn used(mut self, at: DateTime<Utc>) -> Self {
        self.last_used_at = self.last_used_at.max(Self::minute_of(at));
        self
    }
}

/// The client that a session begins with.
///
/// See the example of [`SessionLimits`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "an address and a program are all that is known of a client")]
pub struct SessionClient {
    /// The client address.
    pub address: IpAddr,
    /// The program.
    pub user_agent: Option<UserAgent>,
}

/// The prefix of a client address: the /24 of an IPv4 address, the /48 of an IPv6 address.
/// It shows where a session began, and not at which client.
///
/// ```
/// use repower_domain::accounts::AddressPrefix;
///
/// let prefix = AddressPrefix::of("203.0.113.7".parse()?);
/// assert_eq!(prefix.as_str(), "203.0.113.0/24");
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressPrefix(String);

impl AddressPrefix {
    /// The prefix of an address.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => format!("{}/24", Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << 8))),
            IpAddr::V6(address) => ipv6_network(address),
        })
    }

    /// A prefix from the storage.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The prefix with its length.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AddressPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How long sessions are live.
///
/// ```
/// use repower_domain::{
///     accounts::{SessionClient, SessionLimits},
///     chrono::{DateTime, TimeDelta},
///     uuid::Uuid,
///     values::UserAgent,
/// };
///
/// let limits = SessionLimits { lifetime: TimeDelta::days(7), idle: None };
/// let client = SessionClient { address: "2001:db8:7:9::".parse()?, user_agent: UserAgent::of_header("curl/8.5") };
/// let (id, user, now) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), DateTime::UNIX_EPOCH);
/// let session = limits.begin(id, user, client, now);
/// assert_eq!(session.address.as_str(), "2001:db8:7::/48");
/// assert!(limits.live_at(now + TimeDelta::days(6)).include(&session));
/// assert!(!limits.live_at(now + TimeDelta::days(7)).include(&session));
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a lifetime and an idle time are all of the limits")]
pub struct SessionLimits {
    /// The time from the login, and of a token.
    pub lifetime: TimeDelta,
    /// The time without a use after which a session ends; `None` for any. It ends up to two
    /// minutes later: a stored use is that of its minute, and the last one may not be stored
    /// yet.
    pub idle: Option<TimeDelta>,
}

impl SessionLimits {
    /// A session that begins now. It expires with its first token, whose times are whole
    /// seconds.
    pub fn begin(&self, id: SessionId, user_id: UserId, client: SessionClient, now: DateTime<Utc>) -> Session {
        let SessionClient { address, user_agent } = client;
        let expires_at = now.trunc_subsecs(0) + self.lifetime;
        let address = AddressPrefix::of(address);
        Session { id, user_id, user_agent, address, created_at: now, last_used_at: now, expires_at }
    }

    /// The sessions that are live at a time.
    pub fn live_at(&self, now: DateTime<Utc>) -> LiveSessions {
        let used_after = |idle| now - idle - Session::PRECISION - Session::STORED_WITHIN;
        LiveSessions { at: now, used_after: self.idle.map(used_after) }
    }
}

/// The sessions that are live at a time, among those that were not ended.
///
/// See the example of [`SessionLimits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveSessions {
    /// They expire after this time.
    pub at: DateTime<Utc>,
    /// They were used after this time; `None` for any.
    pub used_after: Option<DateTime<Utc>>,
}

impl LiveSessions {
    /// Whether a session is one of them.
    pub fn include(&self, session: &Session) -> bool {
        session.expires_at > self.at && self.used_after.is_none_or(|time| session.last_used_at > time)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-22T{text}Z").parse().unwrap()
    }

    fn session(limits: SessionLimits) -> Session {
        let client = SessionClient { address: [198, 51, 100, 7].into(), user_agent: None };
        limits.begin(Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), client, at("06:43:20.7"))
    }

    fn limits(idle: Option<TimeDelta>) -> SessionLimits {
        SessionLimits { lifetime: TimeDelta::days(7), idle }
    }

    #[test]
    fn a_session_expires_with_its_first_token() {
        let limits = SessionLimits { lifetime: TimeDelta::seconds(10), idle: None };
        let session = session(limits);
        assert_eq!((session.created_at, session.expires_at), (at("06:43:20.7"), at("06:43:30")));
        for (time, is_live) in [("06:43:29.9", true), ("06:43:30", false), ("06:43:31", false)] {
            assert_eq!(limits.live_at(at(time)).include(&session), is_live, "{time}");
        }
    }

    #[test]
    fn the_last_use_is_known_to_the_minute_and_never_before_the_login() {
        let session = session(limits(None));
        for (time, last) in [
            ("06:43:59", "06:43:20.7"),
            ("06:44:00", "06:44:00"),
            ("06:44:59.999", "06:44:00"),
            ("07:00:01.5", "07:00:00"),
            ("05:00:00", "06:43:20.7"),
        ] {
            assert_eq!(session.clone().used(at(time)).last_used_at, at(last), "{time}");
        }
    }

    #[test]
    fn a_session_without_a_use_ends_not_before_the_idle_time_and_within_two_minutes_after_it() {
        let limits = limits(Some(TimeDelta::minutes(30)));
        let used = session(limits).used(at("07:00:59"));
        for (time, is_live) in [("07:30:59", true), ("07:31:59", true), ("07:32:00", false), ("09:00:00", false)] {
            assert_eq!(limits.live_at(at(time)).include(&used), is_live, "{time}");
        }
    }

    #[test]
    fn a_session_is_live_while_its_last_use_is_not_stored() {
        let limits = limits(Some(TimeDelta::minutes(30)));
        let stored = session(limits).used(at("07:00:59"));
        // The next use comes just in time, and one beside it is on an instance that reads the stored one.
        let is_live = |time| limits.live_at(at(time)).include(&stored);
        assert!(is_live("07:30:59") && is_live("07:31:01"));
    }

    #[test]
    fn without_an_idle_time_an_unused_session_is_live_until_it_expires() {
        let limits = limits(None);
        assert!(limits.live_at(at("06:43:00") + TimeDelta::days(7)).include(&session(limits)));
    }

    #[test]
    fn the_prefix_of_an_address_names_no_client() {
        for (address, prefix) in [
            ("198.51.100.7", "198.51.100.0/24"),
            ("255.255.255.255", "255.255.255.0/24"),
            ("::ffff:198.51.100.7", "198.51.100.0/24"),
            ("2001:db8:7:9:1:2:3:4", "2001:db8:7::/48"),
            ("::1", "::/48"),
        ] {
            assert_eq!(AddressPrefix::of(address.parse().unwrap()).to_string(), prefix, "{address}");
        }
    }
}
