//! Keyset pagination, and guarded updates of one row.

use chrono::{DateTime, Utc};
use diesel::{
    PgConnection, QueryResult,
    pg::{PgRowByRowLoadingMode, sql_types::Record},
    query_dsl::LoadQuery,
    sql_types::{Nullable, Timestamptz, Uuid as SqlUuid},
};
use repower_ports::{Page, PageRequest, Position, RepositoryError};
use uuid::Uuid;

use crate::error::Failure;

/// The sort key of a row: its time, then its id. PostgreSQL compares the pair as
/// a whole, so that the id orders rows of the same time.
pub(crate) type KeysetPosition = Record<(Timestamptz, SqlUuid)>;

/// A [`KeysetPosition`] with a nullable time.
pub(crate) type NullableKeysetPosition = Record<(Nullable<Timestamptz>, SqlUuid)>;

/// The position before a page of a list that is sorted newest first. The first
/// page follows the greatest position, so that all pages use one statement.
pub(crate) fn newest_first(page: PageRequest) -> (DateTime<Utc>, Uuid) {
    page.after.map_or((DateTime::<Utc>::MAX_UTC, Uuid::max()), |Position { at, id }| (at, id))
}

/// The position before a page of a list that is sorted oldest first.
pub(crate) fn oldest_first(page: PageRequest) -> (DateTime<Utc>, Uuid) {
    page.after.map_or((DateTime::<Utc>::UNIX_EPOCH, Uuid::nil()), |Position { at, id }| (at, id))
}

/// The LIMIT for a page: one row more than its size shows whether another page
/// follows.
pub(crate) fn row_limit(page: PageRequest) -> i64 {
    i64::from(page.limit) + 1
}

/// The bytes of texts after which the rest of a page is not loaded: no response has more.
const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// Loads the rows of a page one by one, of which one more than `limit` are selected, until
/// their texts fill a response. Returns them with the most rows of the page: the last row
/// shows that another page follows.
pub(crate) fn load_bounded<'q, R>(
    connection: &mut PgConnection,
    query: impl LoadQuery<'q, PgConnection, R, PgRowByRowLoadingMode>,
    limit: u16,
    text_bytes: impl Fn(&R) -> usize,
) -> QueryResult<(Vec<R>, u16)> {
    let (mut rows, mut bytes, mut before) = (Vec::new(), 0, 0);
    for row in query.load_iter::<R, PgRowByRowLoadingMode>(connection)? {
        let row = row?;
        bytes += text_bytes(&row);
        rows.push(row);
        if bytes > MAX_TEXT_BYTES && before > 0 {
            return Ok((rows, before.min(limit)));
        }
        before += 1;
    }
    Ok((rows, limit))
}

/// Converts rows to a page of domain values.
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

/// Returns `Stale` if a guarded update changed no row.
pub(crate) const fn require_updated(updated: usize) -> Result<(), RepositoryError> {
    if updated == 0 { Err(RepositoryError::Stale) } else { Ok(()) }
}

/// Returns `LimitReached` if a count left no room for another row.
pub(crate) const fn require_room(has_room: bool, limit: u32) -> Result<(), RepositoryError> {
    if has_room { Ok(()) } else { Err(RepositoryError::LimitReached { limit }) }
}

/// Returns `Deactivated` if the technician of a change was not active.
pub(crate) const fn require_active(is_active: bool) -> Result<(), RepositoryError> {
    if is_active { Ok(()) } else { Err(RepositoryError::Deactivated) }
}

/// Converts a failed change. Returns `Stale` if its guard matched no row.
pub(crate) fn not_found_as_stale<T>(outcome: Result<T, Failure>) -> Result<T, RepositoryError> {
    outcome.map_err(|failure| if failure.is_not_found() { RepositoryError::Stale } else { failure.into() })
}
