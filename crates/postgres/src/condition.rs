//! Conditions that stand in a statement as they are written.

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::Bool,
};

/// A condition in the words of the program. Where its values stand in the
/// statement itself, PostgreSQL sees that a partial index holds all such rows.
///
/// diesel's `sql` does the same, but a statement with it is not kept prepared:
/// it is planned each time, which was nearly half of what a dashboard cost it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fixed(pub(crate) &'static str);

impl Expression for Fixed {
    type SqlType = Bool;
}

impl<Source> AppearsOnTable<Source> for Fixed {}

impl<Source> SelectableExpression<Source> for Fixed {}

impl<Grouping> ValidGrouping<Grouping> for Fixed {
    type IsAggregate = is_aggregate::Never;
}

impl QueryId for Fixed {
    type QueryId = ();

    // Its type does not tell it from others: the text of the statement does.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for Fixed {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}
