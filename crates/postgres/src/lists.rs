//! Keyset pagination, and guarded updates of one row.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::{
    PgConnection, QueryResult,
    connection::SimpleConnection,
    pg::{PgRowByRowLoadingMode, sql_types::Record},
    query_dsl::LoadQuery,
    sql_types::{Integer, Nullable, Timestamptz, Uuid as SqlUuid},
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

/// The sort key of a list that is sorted by a number.
pub(crate) type NumberedPosition = Record<(Integer, SqlUuid)>;

/// The position of a row of a list that is sorted by a number, of -1 or more: no cursor is
/// before 1970.
pub(crate) fn numbered(number: i32, id: Uuid) -> Position {
    Position { at: DateTime::from_timestamp(i64::from(number) + 1, 0).unwrap_or_default(), id }
}

/// The number and the id of such a position. Only a forged one has no number.
pub(crate) fn number_of(Position { at, id }: Position) -> (i32, Uuid) {
    (i32::try_from(at.timestamp() - 1).unwrap_or(i32::MAX), id)
}

/// The position before a page of a list that is sorted with the greatest number first.
pub(crate) fn greatest_first(page: PageRequest) -> (i32, Uuid) {
    page.after.map_or((i32::MAX, Uuid::max()), number_of)
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

/// How many rows are looked at by one statement of a search that no index serves.
pub(crate) const SLICE: i64 = 5_000;

/// Time in which a page of such a search looks at more slices: 30 milliseconds. The last one, of
/// some 10, ends after it; without other load most such pages take less than 50 milliseconds.
const SLICES_TIME: Duration = Duration::from_millis(30);

/// The rows of a slice that match, and the position of its last row; `None` if the list
/// ends in it.
pub(crate) type Slice<R> = (Vec<R>, Option<Position>);

/// Loads a page slice by slice, until it is full, the list ends, or time is up. `load`
/// loads the first rows of a slice. Only a page whose time is up may have a position after
/// which nothing matches.
pub(crate) fn load_slices<R>(
    connection: &mut PgConnection,
    page: PageRequest,
    mut load: impl FnMut(&mut PgConnection, PageRequest) -> QueryResult<Slice<R>>,
) -> QueryResult<Slice<R>> {
    // PostgreSQL knows little of the bounds of a slice, and would read all rows by an index in another order.
    connection.batch_execute("SET LOCAL enable_sort = off")?;
    fill(page, SLICES_TIME, |page| load(connection, page))
}

fn fill<R>(
    page: PageRequest,
    time: Duration,
    mut load: impl FnMut(PageRequest) -> QueryResult<Slice<R>>,
) -> QueryResult<Slice<R>> {
    let started = Instant::now();
    let (mut rows, mut end) = load(page)?;
    while let Some(last) = end
        && started.elapsed() < time
        && let Some(missing) = usize::from(page.limit).checked_sub(rows.len())
    {
        let limit = u16::try_from(missing).unwrap_or(page.limit);
        let (more, next) = load(PageRequest { limit, after: Some(last) })?;
        rows.extend(more);
        end = next;
    }
    Ok((rows, end))
}

/// Converts the rows of a slice to a page. Where fewer than requested were found, the next
/// page begins after the slice.
pub(crate) fn slice_page<R, T>(
    (rows, end): Slice<R>,
    request: PageRequest,
    position: impl Fn(&T) -> Position,
) -> Result<Page<T>, RepositoryError>
where
    T: TryFrom<R, Error = RepositoryError>,
{
    let mut found = page(rows, request, position)?;
    found.next = found.next.or(end);
    Ok(found)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of 40 numbers, of which every seventh matches, in slices of ten.
    fn slice(page: PageRequest) -> Slice<u128> {
        let first = page.after.map_or(0, |Position { id, .. }| id.as_u128() + 1);
        let last = first + 9;
        let matching = (first..=last).filter(|number| number % 7 == 3).take(usize::from(page.limit) + 1);
        let end = Position { at: DateTime::UNIX_EPOCH, id: Uuid::from_u128(last) };
        (matching.collect(), (last < 39).then_some(end))
    }

    fn filled(limit: u16, time: Duration) -> (Vec<u128>, Option<u128>) {
        let (rows, end) = fill(PageRequest { limit, after: None }, time, |page| Ok(slice(page))).unwrap();
        (rows, end.map(|Position { id, .. }| id.as_u128()))
    }

    #[test]
    fn a_page_is_filled_from_slices_until_it_shows_that_another_follows() {
        assert_eq!(filled(1, Duration::MAX), (vec![3, 10], Some(19)));
        assert_eq!(filled(2, Duration::MAX), (vec![3, 10, 17], Some(19)));
        assert_eq!(filled(4, Duration::MAX), (vec![3, 10, 17, 24, 31], None));
        assert_eq!(filled(9, Duration::MAX), (vec![3, 10, 17, 24, 31, 38], None));
    }

    #[test]
    fn a_page_whose_time_is_up_ends_with_its_slice() {
        assert_eq!(filled(9, Duration::ZERO), (vec![3], Some(9)));
    }
}
