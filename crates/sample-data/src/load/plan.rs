use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use repower_domain::values::{CalendarDate, PasswordHash};

use super::random::{Random, Stream, signed};

/// Numbers of rows to load. The generator adds the rows that belong to them: users,
/// skills, histories of applications, evaluations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Volume {
    /// Companies, with two members each.
    pub companies: u64,
    /// Technicians.
    pub technicians: u64,
    /// Certifications of all technicians together.
    pub certifications: u64,
    /// Jobs in any status. The newest tenth are drafts.
    pub jobs: u64,
    /// Applications in any status.
    pub applications: u64,
    /// Threads; at most one for an application.
    pub threads: u64,
    /// Messages of all threads together.
    pub messages: u64,
}

/// Determines the rows of a load: equal plans produce equal rows.
#[derive(Debug, Clone)]
pub struct LoadPlan {
    /// The numbers of rows.
    pub volume: Volume,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The day whose start ends the generated period. Certifications and
    /// availability may reach beyond it.
    pub today: CalendarDate,
    /// The hash of every user's password.
    pub password_hash: PasswordHash,
}

/// A period, as the days from its start and from its end to the start of today.
pub(super) type DaysAgo = (u64, u64);

/// The period in which companies and technicians register, before the first job.
pub(super) const REGISTRATION: DaysAgo = (1_100, 740);

/// One company's job gets one in this number of all applications, and one thread
/// one in this number of all messages, besides their shares.
pub(super) const LARGEST_SHARE: u64 = 500;

impl LoadPlan {
    /// The random numbers for the item with this number in a stream.
    pub(super) fn random(&self, stream: Stream, number: u64) -> Random {
        Random::new(self.seed, stream, number)
    }

    /// The end of the generated period.
    pub(super) fn end(&self) -> DateTime<Utc> {
        self.today.day().and_time(NaiveTime::MIN).and_utc()
    }

    /// The time of the item with this number, of `total` items spread evenly over a
    /// period.
    pub(super) fn spread(&self, number: u64, total: u64, days: DaysAgo, random: &mut Random) -> DateTime<Utc> {
        const DAY: u64 = 24 * 60 * 60;
        let passed = (days.0 - days.1) * DAY * number / total.max(1);
        let ago = days.0 * DAY - passed;
        self.end() - TimeDelta::seconds(signed(ago)) + TimeDelta::microseconds(signed(random.below(1_000_000)))
    }

    /// The day this number of days after today; before it if negative.
    pub(super) fn day(&self, days: i64) -> CalendarDate {
        CalendarDate::of(self.end() + TimeDelta::days(days))
    }
}
