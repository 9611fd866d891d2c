//! SQL conditions and numbers with constant text.

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Integer, Text, Uuid as SqlUuid},
};

/// Defines SQL expressions with constant text.
///
/// `diesel::dsl::sql` does the same, but diesel never caches a prepared
/// statement that contains it. PostgreSQL plans such a statement at each
/// execution, which was nearly half the cost of a dashboard.
macro_rules! const_expressions {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $name(pub(crate) &'static str);

        impl Expression for $name {
            type SqlType = $type;
        }

        impl<Source> AppearsOnTable<Source> for $name {}

        impl<Source> SelectableExpression<Source> for $name {}

        impl<Grouping> ValidGrouping<Grouping> for $name {
            type IsAggregate = is_aggregate::Never;
        }

        impl QueryId for $name {
            type QueryId = ();

            // All of a type share it: diesel keys its cache by the statement's text.
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl QueryFragment<Pg> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                out.push_sql(self.0);
                Ok(())
            }
        }
    )+};
}

const_expressions! {
    /// A boolean SQL condition. The literals in it let PostgreSQL
    /// prove that a partial index covers all matching rows.
    ConstCondition: Bool;
    /// A whole number, for which PostgreSQL finds the index of the same expression.
    ConstInteger: Integer;
    /// As [`ConstInteger`], up to 64 bits.
    ConstBigInt: BigInt;
    /// A text, for which PostgreSQL finds the index of the same expression.
    ConstText: Text;
    /// An id of another relation of the statement.
    ConstUuid: SqlUuid;
}
