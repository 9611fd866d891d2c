use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::named::named_enum;

named_enum! {
    /// The type of payment of a job.
    jobs::ContractType(non_exhaustive) {
        /// Paid by the day.
        DayRate = "DAY_RATE",
        /// Paid as a whole.
        FixedPrice = "FIXED_PRICE",
        /// Paid by the hour.
        Hourly = "HOURLY",
    }
}

named_enum! {
    /// The status of a job.
    jobs::JobStatus {
        /// Visible only to its company.
        Draft = "DRAFT",
        /// Visible to all; technicians may apply.
        Open = "OPEN",
        /// Closed to applications.
        Closed = "CLOSED",
    }
}

named_enum! {
    /// The status of a new job.
    jobs::InitialStatus {
        /// Not published yet.
        Draft = "DRAFT",
        /// Published immediately.
        Open = "OPEN",
    }
}

named_enum! {
    /// The order of the public list; `-` is descending.
    jobs::JobSort(non_exhaustive) {
        /// The latest publication first.
        PublishedAt = "-publishedAt",
        /// The earliest first day first.
        StartDate = "startDate",
        /// The highest day rate of one currency first; jobs without a rate are last.
        DayRate = "-dayRate",
    }
}

/// The status of a job with the time of its first publication.
///
/// ```
/// use repower_domain::{chrono::DateTime, jobs::{InitialStatus, JobState, JobStatus}};
///
/// let now = DateTime::UNIX_EPOCH;
/// assert_eq!(JobState::initial(InitialStatus::Draft, now), JobState::Draft);
/// let open = JobState::initial(InitialStatus::Open, now);
/// assert_eq!((open.status(), open.published_at()), (JobStatus::Open, Some(now)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the states of a job are the whole of a rule")]
pub enum JobState {
    /// Never published.
    Draft,
    /// Published.
    Open {
        /// The time of the first publication.
        published_at: DateTime<Utc>,
    },
    /// Closed, published before or not.
    Closed {
        /// The time of the first publication, if there was one.
        published_at: Option<DateTime<Utc>>,
    },
}

/// A job may not move from one status to the other.
///
/// ```
/// use repower_domain::jobs::{JobStatus, JobTransitionError};
///
/// let error = JobTransitionError { from: JobStatus::Closed, to: JobStatus::Draft };
/// assert_eq!(error.to_string(), "a job cannot go from CLOSED to DRAFT");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a job cannot go from {from} to {to}")]
#[expect(clippy::exhaustive_structs, reason = "a transition has two ends")]
pub struct JobTransitionError {
    /// The present status.
    pub from: JobStatus,
    /// The rejected status.
    pub to: JobStatus,
}

impl JobStatus {
    /// The other statuses that may follow this one, in the order of
    /// [`JobStatus::ALL`].
    pub fn next(self) -> impl Iterator<Item = Self> {
        let time = DateTime::UNIX_EPOCH;
        let state = match self {
            Self::Draft => JobState::Draft,
            Self::Open => JobState::Open { published_at: time },
            Self::Closed => JobState::Closed { published_at: None },
        };
        let may_become = move |next: &Self| *next != self && state.move_to(*next, time).is_ok();
        Self::ALL.iter().copied().filter(may_become)
    }
}

impl JobState {
    /// The state of a job that is created at `now`.
    pub const fn initial(status: InitialStatus, now: DateTime<Utc>) -> Self {
        match status {
            InitialStatus::Draft => Self::Draft,
            InitialStatus::Open => Self::Open { published_at: now },
        }
    }

    /// The status.
    pub const fn status(self) -> JobStatus {
        match self {
            Self::Draft => JobStatus::Draft,
            Self::Open { .. } => JobStatus::Open,
            Self::Closed { .. } => JobStatus::Closed,
        }
    }

    /// The time of the first publication, which reopening does not change.
    pub const fn published_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Draft => None,
            Self::Open { published_at } => Some(published_at),
            Self::Closed { published_at } => published_at,
        }
    }

    /// The state after moving to `next`. Moving to the present status changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`JobTransitionError`] if `next` cannot follow the present status.
    pub fn move_to(self, next: JobStatus, now: DateTime<Utc>) -> Result<Self, JobTransitionError> {
        use JobStatus::{Closed, Draft, Open};
        match (self, next) {
            (Self::Draft, Draft) | (Self::Open { .. }, Open) | (Self::Closed { .. }, Closed) => Ok(self),
            (Self::Draft, Open) => Ok(Self::Open { published_at: now }),
            (Self::Draft, Closed) => Ok(Self::Closed { published_at: None }),
            (Self::Open { published_at }, Closed) => Ok(Self::Closed { published_at: Some(published_at) }),
            (Self::Closed { published_at }, Open) => Ok(Self::Open { published_at: published_at.unwrap_or(now) }),
            (Self::Open { .. } | Self::Closed { .. }, Draft) => {
                Err(JobTransitionError { from: self.status(), to: next })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EARLY: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const LATE: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

    #[test]
    fn the_transitions_are_those_of_the_contract() {
        let states = [JobState::Draft, JobState::Open { published_at: EARLY }, JobState::Closed { published_at: None }];
        let allowed =
            ["DRAFT>DRAFT", "DRAFT>OPEN", "DRAFT>CLOSED", "OPEN>OPEN", "OPEN>CLOSED", "CLOSED>CLOSED", "CLOSED>OPEN"];
        for state in states {
            for next in JobStatus::ALL {
                let name = format!("{}>{next}", state.status());
                assert_eq!(state.move_to(*next, LATE).is_ok(), allowed.contains(&name.as_str()), "{name}");
            }
        }
    }

    #[test]
    fn reopening_does_not_change_the_time_of_publication() {
        let closed = JobState::Open { published_at: EARLY }.move_to(JobStatus::Closed, LATE).unwrap();
        assert_eq!(closed.move_to(JobStatus::Open, LATE).unwrap().published_at(), Some(EARLY));
    }

    #[test]
    fn a_draft_that_was_closed_is_published_when_it_opens() {
        let closed = JobState::Draft.move_to(JobStatus::Closed, EARLY).unwrap();
        assert_eq!(closed.published_at(), None);
        assert_eq!(closed.move_to(JobStatus::Open, LATE).unwrap().published_at(), Some(LATE));
    }

    #[test]
    fn the_next_statuses_are_those_of_the_contract() {
        use JobStatus::{Closed, Draft, Open};
        for (status, expected) in [(Draft, vec![Open, Closed]), (Open, vec![Closed]), (Closed, vec![Open])] {
            assert_eq!(status.next().collect::<Vec<_>>(), expected, "{status}");
        }
    }

    #[test]
    fn a_new_job_has_the_given_status() {
        for status in InitialStatus::ALL {
            let state = JobState::initial(*status, EARLY);
            assert_eq!(state.status().as_str(), status.as_str());
            assert_eq!(state.published_at(), (*status == InitialStatus::Open).then_some(EARLY));
        }
    }

    proptest! {
        #[test]
        fn the_time_of_the_first_publication_never_changes(
            status in prop::sample::select(InitialStatus::ALL),
            moves in prop::collection::vec(prop::sample::select(JobStatus::ALL), 0..12),
        ) {
            let mut state = JobState::initial(status, EARLY);
            for (second, next) in (1..).zip(moves) {
                let now = EARLY + chrono::TimeDelta::seconds(second);
                let from = state.status();
                let moved = state.move_to(next, now);
                prop_assert_eq!(moved.is_ok(), next == from || from.next().any(|open| open == next));
                let Ok(moved) = moved else {
                    prop_assert_eq!(moved, Err(JobTransitionError { from, to: next }));
                    continue;
                };
                prop_assert_eq!(moved.status(), next);
                prop_assert!(next != from || moved == state);
                let published = state.published_at().or((next == JobStatus::Open).then_some(now));
                prop_assert_eq!(moved.published_at(), published);
                prop_assert!(next != JobStatus::Draft || from == JobStatus::Draft);
                state = moved;
            }
        }
    }
}
