use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use repower_domain::values::PasswordHash;

use super::draws::{Draws, Kind, signed};

/// How many rows of what are loaded. What belongs to them (users, skills, the
/// histories of applications, evaluations) comes with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Volume {
    /// Companies, with two members each.
    pub companies: u64,
    /// Technicians.
    pub technicians: u64,
    /// Certifications of all technicians together.
    pub certifications: u64,
    /// Jobs, in any status.
    pub jobs: u64,
    /// Applications, in any status.
    pub applications: u64,
    /// Threads.
    pub threads: u64,
    /// Messages of all threads together.
    pub messages: u64,
}

/// What is to be loaded. The same plan is always the same rows.
#[derive(Debug, Clone)]
pub struct LoadPlan {
    /// How much.
    pub volume: Volume,
    /// What all chance follows from.
    pub seed: u64,
    /// The day that everything lies before.
    pub today: NaiveDate,
    /// Of the password of every user.
    pub password_hash: PasswordHash,
}

impl LoadPlan {
    pub(super) fn draws(&self, kind: Kind, number: u64) -> Draws {
        Draws::of(self.seed, kind, number)
    }

    /// The end of the time in which everything happened.
    pub(super) fn end(&self) -> DateTime<Utc> {
        self.today.and_time(NaiveTime::MIN).and_utc()
    }

    /// A moment for the `number`th of so many things that happen evenly from one
    /// day to another, both counted back from the end.
    pub(super) fn moment(&self, number: u64, total: u64, days: (u64, u64), draws: &mut Draws) -> DateTime<Utc> {
        const DAY: u64 = 24 * 60 * 60;
        let passed = (days.0 - days.1) * DAY * number / total.max(1);
        let ago = days.0 * DAY - passed;
        self.end() - TimeDelta::seconds(signed(ago)) + TimeDelta::microseconds(signed(draws.below(1_000_000)))
    }

    /// A day so many days after the end; before it where negative.
    pub(super) fn day(&self, days: i64) -> NaiveDate {
        self.today + TimeDelta::days(days)
    }
}
