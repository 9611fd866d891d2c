//! The search for jobs of which a technician meets the requirements.

use std::{collections::BTreeMap, fmt::Write};

use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Array, Bool, Text},
};
use repower_domain::{
    compliance::Qualification,
    technicians::{Certification, TrustLevel},
};

/// The condition that the qualifications of a technician meet each mandatory requirement of a
/// job on all of its days.
#[derive(Debug)]
pub(super) struct Meets {
    /// The types and least trusts, each pair once.
    types: Vec<&'static str>,
    levels: Vec<&'static str>,
    /// The days of each pair, as a multirange.
    days: Vec<String>,
}

impl Meets {
    pub(super) fn with(certifications: &[Certification]) -> Self {
        let mut days: BTreeMap<_, String> = BTreeMap::new();
        for one in Qualification::all_of(certifications) {
            let ranges = days.entry((one.type_code, one.min_trust)).or_default();
            let separator = if ranges.is_empty() { "" } else { "," };
            // Writing to a text does not fail.
            let _ = write!(ranges, "{separator}[{},{}]", one.first, one.last);
        }
        Self {
            types: days.keys().map(|(type_code, _)| type_code.as_str()).collect(),
            levels: days.keys().map(|(_, level)| level.as_str()).collect(),
            days: days.into_values().map(|ranges| format!("{{{ranges}}}")).collect(),
        }
    }
}

impl Expression for Meets {
    type SqlType = Bool;
}

impl<Source> AppearsOnTable<Source> for Meets {}

impl<Source> SelectableExpression<Source> for Meets {}

impl<Grouping> ValidGrouping<Grouping> for Meets {
    type IsAggregate = is_aggregate::Never;
}

impl QueryId for Meets {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for Meets {
    /// Most requirements that are not met name none of the types: that is looked at first.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "NOT EXISTS (SELECT FROM jsonb_array_elements(jobs.requirements) AS one (requirement) \
             WHERE (requirement -> 'mandatory')::boolean AND NOT coalesce(requirement -> 'anyOf' ?| ",
        );
        out.push_bind_param::<Array<Text>, _>(&self.types)?;
        out.push_sql(" AND (SELECT range_agg(days::datemultirange) FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.types)?;
        out.push_sql("::text[], ");
        out.push_bind_param::<Array<Text>, _>(&self.levels)?;
        out.push_sql("::text[], ");
        out.push_bind_param::<Array<Text>, _>(&self.days)?;
        out.push_sql("::text[]) AS held (type_code, level, days) WHERE requirement -> 'anyOf' ? type_code ");
        out.push_sql("AND level = coalesce(requirement ->> 'minTrust', '");
        // Every certification that counts for anything has it.
        out.push_sql(TrustLevel::SelfDeclared.as_str());
        out.push_sql("')) @> daterange(jobs.start_date, coalesce(jobs.end_date, jobs.start_date), '[]'), false))");
        Ok(())
    }
}
