//! The orders of the public list, each by its own index.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::{
    pg::sql_types::Record,
    sql_types::{Date, Uuid as SqlUuid},
};
use repower_domain::{jobs::JobSort, values::CalendarDate};
use repower_ports::{PageRequest, Position, jobs::ListedJob};
use uuid::Uuid;

use crate::{condition::ConstInteger, lists};

/// The rate by which a job is sorted; -1 for a job without one, which is below all.
pub(super) const RATE: ConstInteger = ConstInteger("coalesce(jobs.day_rate_to, jobs.day_rate_from, -1)");

/// The sort key of the list by first day.
pub(super) type DayKey = Record<(Date, SqlUuid)>;

/// The first day before a page, and the id.
pub(super) fn day_before(page: PageRequest) -> (NaiveDate, Uuid) {
    page.after.map_or((CalendarDate::MIN.day(), Uuid::nil()), day_of)
}

/// The first day of a position, and the id.
pub(super) fn day_of(position: Position) -> (NaiveDate, Uuid) {
    let (days, id) = lists::number_of(position);
    let (day, last) = (NaiveDate::from_num_days_from_ce_opt(days), CalendarDate::MAX.day());
    // Only a forged position is of no day.
    (day.map_or(last, |day| day.min(last)), id)
}

/// [`RATE`] as a column of the first rows of a list, in whose order PostgreSQL knows them to be.
pub(super) const RATE_COLUMN: ConstInteger =
    ConstInteger("coalesce(jobs.day_rate_to, jobs.day_rate_from, -1) AS sort_key");

/// The column [`RATE_COLUMN`].
pub(super) const SORT_KEY: ConstInteger = ConstInteger("jobs.sort_key");

/// Adds the order of a list to a query of jobs, which is boxed. `rate` is [`RATE`].
macro_rules! sorted {
    ($query:expr, $sort:expr, $rate:expr) => {{
        let query = $query;
        match $sort {
            Some(JobSort::StartDate) => query.order((jobs::start_date, jobs::id)),
            Some(JobSort::DayRate) => query.order(($rate.desc(), jobs::id.desc())),
            Some(_) | None => query.order((jobs::published_at.desc(), jobs::id.desc())),
        }
    }};
}

/// Adds the condition to a query of jobs, which is boxed, that they are not before a page.
macro_rules! following {
    ($query:expr, $sort:expr, $page:expr) => {{
        let (query, page) = ($query, $page);
        match $sort {
            Some(JobSort::StartDate) => {
                query.filter((jobs::start_date, jobs::id).into_sql::<DayKey>().gt(order::day_before(page)))
            }
            Some(JobSort::DayRate) => {
                query.filter((RATE, jobs::id).into_sql::<NumberedPosition>().lt(lists::greatest_first(page)))
            }
            Some(_) | None => query.filter(
                (jobs::published_at, jobs::id).into_sql::<NullableKeysetPosition>().lt(lists::newest_first(page)),
            ),
        }
    }};
}

/// Adds the condition to a query of jobs, which is boxed, that they are not after a position.
macro_rules! until {
    ($query:expr, $sort:expr, $last:expr) => {{
        let (query, last) = ($query, $last);
        match $sort {
            Some(JobSort::StartDate) => {
                query.filter((jobs::start_date, jobs::id).into_sql::<DayKey>().le(order::day_of(last)))
            }
            Some(JobSort::DayRate) => {
                query.filter((RATE, jobs::id).into_sql::<NumberedPosition>().ge(lists::number_of(last)))
            }
            Some(_) | None => {
                let end = (last.at, last.id);
                query.filter((jobs::published_at, jobs::id).into_sql::<NullableKeysetPosition>().ge(end))
            }
        }
    }};
}

pub(super) use {following, sorted, until};

/// Whether a list is in the order of its default.
pub(super) const fn is_newest_first(sort: Option<JobSort>) -> bool {
    !matches!(sort, Some(JobSort::StartDate | JobSort::DayRate))
}

/// The values of a job by one of which it is sorted.
pub(super) struct Keys {
    pub(super) published_at: DateTime<Utc>,
    pub(super) start_date: NaiveDate,
    /// As [`RATE`] has it.
    pub(super) rate: i32,
    pub(super) id: Uuid,
}

impl Keys {
    /// The values of a job that the search has found.
    pub(super) fn of(ListedJob { job, .. }: &ListedJob) -> Self {
        let rate = job.details.day_rate;
        Self {
            // The search returns open jobs only, and those have been published.
            published_at: job.state.published_at().unwrap_or(job.created_at),
            start_date: job.details.days.start().day(),
            rate: rate.upper().or(rate.lower()).map_or(-1, repower_domain::values::Amount::get),
            id: job.id.uuid(),
        }
    }

    /// The position of the job in a list of this order.
    pub(super) fn position(&self, sort: Option<JobSort>) -> Position {
        match sort {
            Some(JobSort::StartDate) => lists::numbered(self.start_date.num_days_from_ce(), self.id),
            Some(JobSort::DayRate) => lists::numbered(self.rate, self.id),
            Some(_) | None => Position { at: self.published_at, id: self.id },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_back_as_the_day_or_the_rate() {
        let id = Uuid::from_u128(7);
        for (start_date, rate) in
            [(CalendarDate::MIN, -1), (CalendarDate::of(DateTime::UNIX_EPOCH), 0), (CalendarDate::MAX, 10_000_000)]
        {
            let keys = Keys { published_at: DateTime::UNIX_EPOCH, start_date: start_date.day(), rate, id };
            let [by_day, by_rate] = [JobSort::StartDate, JobSort::DayRate].map(|sort| keys.position(Some(sort)));
            // No cursor is before 1970.
            assert!(by_day.at >= DateTime::UNIX_EPOCH && by_rate.at >= DateTime::UNIX_EPOCH);
            assert_eq!((day_of(by_day), lists::number_of(by_rate)), ((start_date.day(), id), (rate, id)));
            assert_eq!(keys.position(None).at, DateTime::UNIX_EPOCH);
        }
    }

    #[test]
    fn a_position_of_no_day_and_no_rate_is_at_the_end() {
        let forged = Position { at: DateTime::<Utc>::MAX_UTC, id: Uuid::nil() };
        assert_eq!((day_of(forged).0, lists::number_of(forged).0), (CalendarDate::MAX.day(), i32::MAX));
    }
}
