//! What all lists share: where a page begins, and how many rows are asked for.

use chrono::{DateTime, Utc};
use diesel::{
    pg::sql_types::Record,
    sql_types::{Nullable, Timestamptz, Uuid as SqlUuid},
};
use repower_ports::{Page, PageRequest, Position, RepositoryError};
use uuid::Uuid;

use crate::error::Failure;

/// A place in a list, compared as a whole so that rows of one moment are kept
/// apart by their identity.
pub(crate) type Place = Record<(Timestamptz, SqlUuid)>;

/// The same, sorted by a moment that may be missing.
pub(crate) type MaybePlace = Record<(Nullable<Timestamptz>, SqlUuid)>;

/// What a page follows in a list that is sorted newest first. Before the first
/// page stands a place that all rows follow, so that all pages are one statement.
pub(crate) fn newest_first(page: PageRequest) -> (DateTime<Utc>, Uuid) {
    page.after.map_or((DateTime::<Utc>::MAX_UTC, Uuid::max()), |Position { at, id }| (at, id))
}

/// What a page follows in a list that is sorted oldest first.
pub(crate) fn oldest_first(page: PageRequest) -> (DateTime<Utc>, Uuid) {
    page.after.map_or((DateTime::<Utc>::UNIX_EPOCH, Uuid::nil()), |Position { at, id }| (at, id))
}

/// How many rows to ask for: one more than the page has tells whether another
/// follows.
pub(crate) fn one_more(page: PageRequest) -> i64 {
    i64::from(page.limit) + 1
}

/// The page of things that the rows are.
pub(crate) fn page<R, T>(
    rows: Vec<R>,
    page: PageRequest,
    position: impl Fn(&T) -> Position,
) -> Result<Page<T>, RepositoryError>
where
    T: TryFrom<R, Error = RepositoryError>,
{
    let items = rows.into_iter().map(T::try_from).collect::<Result<_, _>>()?;
    Ok(Page::cut(items, page.limit, position))
}

/// What became of a guarded update of one row.
pub(crate) const fn unless_stale(updated: usize) -> Result<(), RepositoryError> {
    if updated == 0 { Err(RepositoryError::Stale) } else { Ok(()) }
}

/// What became of a change that had to find what it was decided for.
pub(crate) fn or_stale(outcome: Result<(), Failure>) -> Result<(), RepositoryError> {
    outcome.map_err(|failure| if failure.is_nothing_found() { RepositoryError::Stale } else { failure.into() })
}
