//! One statement for the look-ups of several requests.

use diesel::{
    PgConnection, QueryResult, RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    query_dsl::LoadQuery,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
};
use repower_ports::prefetch::{self, Lookup, Rows};
use uuid::Uuid;

use crate::{
    condition::{ConstBigInt, ConstUuid},
    error::{Failure, NoConnection},
};

/// The columns of the look-ups in their statement.
pub(crate) const ID: ConstUuid = ConstUuid("asked.id");
pub(crate) const AFTER: ConstBigInt = ConstBigInt("asked.after");

/// What several look-ups ask for.
pub(crate) struct Asked<'l>(&'l [Lookup]);

/// The rows that were found for a look-up.
struct Prefetched<R> {
    lookup: Lookup,
    rows: Vec<R>,
}

/// The rows that were read for this look-up of the calling thread's work. An error where there
/// was no connection: the work does not wait for one once more.
pub(crate) fn take<R: 'static>(lookup: Lookup) -> Option<Result<Vec<R>, Failure>> {
    take_of(|prefetched: &Prefetched<R>| prefetched.lookup == lookup)
}

/// As [`take`], for a repository that recognizes its rows.
pub(crate) fn take_if<R: 'static>(is_asked: impl FnOnce(&[R]) -> bool) -> Option<Result<Vec<R>, Failure>> {
    take_of(|prefetched: &Prefetched<R>| is_asked(&prefetched.rows))
}

fn take_of<R: 'static>(is_asked: impl FnOnce(&Prefetched<R>) -> bool) -> Option<Result<Vec<R>, Failure>> {
    if let Some(error) = prefetch::take::<NoConnection>(|_| true) {
        return Some(Err(error.into()));
    }
    prefetch::take(is_asked).map(|prefetched| Ok(prefetched.rows))
}

impl<'l> Asked<'l> {
    pub(crate) const fn of(lookups: &'l [Lookup]) -> Self {
        Self(lookups)
    }

    /// Loads the rows of a query for each of the look-ups, whose columns it compares with
    /// [`ID`] and [`AFTER`]. `None` for one whose rows are not all that it asks for.
    pub(crate) fn load<'q, Q, R>(
        self,
        connection: &mut PgConnection,
        query: Q,
        are_all: impl Fn(Lookup, &[R]) -> bool,
    ) -> QueryResult<Vec<Option<Rows>>>
    where
        ForEach<Q>: LoadQuery<'q, PgConnection, (i64, R)>,
        R: Send + 'static,
    {
        let columns = self.0.iter().map(|lookup| match *lookup {
            Lookup::Job(id) => (id.uuid(), 0),
            Lookup::Messages { thread, after } => (thread.uuid(), after.max(0)),
            Lookup::OwnPassport(user) => (user.uuid(), 0),
        });
        let (ids, after) = columns.unzip();
        let mut found: Vec<_> = self.0.iter().map(|lookup| Prefetched { lookup: *lookup, rows: Vec::new() }).collect();
        for (place, row) in (ForEach { ids, after, query }).load::<(i64, R)>(connection)? {
            let place = usize::try_from(place - 1).ok().and_then(|place| found.get_mut(place));
            if let Some(prefetched) = place {
                prefetched.rows.push(row);
            }
        }
        let whole = |prefetched: Prefetched<R>| {
            are_all(prefetched.lookup, &prefetched.rows).then(|| Box::new(prefetched) as Rows)
        };
        Ok(found.into_iter().map(whole).collect())
    }
}

/// The rows of a query for each of several look-ups, with the place of the look-up.
#[derive(Debug)]
pub(crate) struct ForEach<Q> {
    ids: Vec<Uuid>,
    after: Vec<i64>,
    query: Q,
}

impl<Q> QueryId for ForEach<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for ForEach<Q> {
    type SqlType = (BigInt, Q::SqlType);
}

impl<Q> RunQueryDsl<PgConnection> for ForEach<Q> {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for ForEach<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // PostgreSQL does not see how many there are, and so has one plan for all numbers of them.
        out.push_sql("SELECT asked.place, found.* FROM unnest((SELECT ");
        out.push_bind_param::<Array<SqlUuid>, _>(&self.ids)?;
        out.push_sql("::uuid[]), (SELECT ");
        out.push_bind_param::<Array<BigInt>, _>(&self.after)?;
        out.push_sql("::bigint[])) WITH ORDINALITY AS asked (id, after, place) CROSS JOIN LATERAL (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(") AS found");
        Ok(())
    }
}
