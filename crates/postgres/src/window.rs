//! Queries of the first rows of a list.

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Nullable},
};

/// How many rows are in a window that comes before a plan for the values of a filter. PostgreSQL
/// reads them in some 0.3 ms, which is less than that takes.
pub(crate) const ROWS: i64 = 500;

/// A query in which a table has the first rows of `window` only, which selects from the same
/// table in the order of an index.
///
/// PostgreSQL stops as soon as the page is full. As it reads no more than the window in any case,
/// a generic plan is good for all values, and the statement can be prepared.
pub(crate) struct InWindow<W, Q> {
    /// The name of the table.
    pub(crate) table: &'static str,
    pub(crate) window: W,
    /// How many rows are in the window.
    pub(crate) rows: i64,
    pub(crate) query: Q,
}

impl<W, Q: Query> Query for InWindow<W, Q> {
    type SqlType = Q::SqlType;
}

impl<W, Q> RunQueryDsl<PgConnection> for InWindow<W, Q> {}

impl<W, Q> QueryId for InWindow<W, Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<W: QueryFragment<Pg>, Q: QueryFragment<Pg>> QueryFragment<Pg> for InWindow<W, Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH ");
        out.push_identifier(self.table)?;
        out.push_sql(" AS (");
        self.window.walk_ast(out.reborrow())?;
        // For a parameter PostgreSQL plans as if it were a tenth of the rows, and so takes the index in
        // the order of the list even where it expects fewer rows than the window has.
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.rows)?;
        out.push_sql(") ");
        self.query.walk_ast(out.reborrow())
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// The first truth value that is known.
    #[sql_name = "coalesce"]
    fn known(first: Nullable<Bool>, second: Bool) -> Bool;
}

/// The condition that a column has a text, if one is given. The statement is the same if none is.
macro_rules! equals {
    ($column:expr, $text:expr) => {
        $crate::window::known(
            $column.nullable().eq($text.into_sql::<diesel::sql_types::Nullable<diesel::sql_types::Text>>()),
            $crate::condition::ConstCondition("true"),
        )
    };
}

pub(crate) use equals;
