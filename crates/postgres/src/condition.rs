//! SQL conditions with constant text.

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::Bool,
};

/// A boolean SQL condition with constant text. The literals in it let PostgreSQL
/// prove that a partial index covers all matching rows.
///
/// `diesel::dsl::sql` does the same, but diesel never caches a prepared
/// statement that contains it. PostgreSQL plans such a statement at each
/// execution, which was nearly half the cost of a dashboard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConstCondition(pub(crate) &'static str);

impl Expression for ConstCondition {
    type SqlType = Bool;
}

impl<Source> AppearsOnTable<Source> for ConstCondition {}

impl<Source> SelectableExpression<Source> for ConstCondition {}

impl<Grouping> ValidGrouping<Grouping> for ConstCondition {
    type IsAggregate = is_aggregate::Never;
}

impl QueryId for ConstCondition {
    type QueryId = ();

    // All conditions share this type: diesel keys its cache by the statement's text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for ConstCondition {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}
