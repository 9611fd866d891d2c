//! The search for jobs of which a technician meets the requirements.

use chrono::NaiveDate;
use diesel::{
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Array, Bool, Date, Text},
};
use repower_domain::{
    compliance::Qualification,
    technicians::{Certification, TrustLevel},
};

/// The condition that the qualifications of a technician meet each mandatory requirement of a
/// job on all of its days.
#[derive(Debug)]
pub(super) struct Meets {
    types: Vec<&'static str>,
    levels: Vec<&'static str>,
    first_days: Vec<NaiveDate>,
    last_days: Vec<NaiveDate>,
}

impl Meets {
    pub(super) fn with(certifications: &[Certification]) -> Self {
        let all = Qualification::all_of(certifications);
        Self {
            types: all.iter().map(|one| one.type_code.as_str()).collect(),
            levels: all.iter().map(|one| one.min_trust.as_str()).collect(),
            first_days: all.iter().map(|one| one.first.day()).collect(),
            last_days: all.iter().map(|one| one.last.day()).collect(),
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
        out.push_sql(" AND (SELECT range_agg(daterange(first_day, last_day, '[]')) FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.types)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.levels)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Date>, _>(&self.first_days)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Date>, _>(&self.last_days)?;
        out.push_sql(") AS held (type_code, level, first_day, last_day) WHERE requirement -> 'anyOf' ? type_code ");
        out.push_sql("AND level = coalesce(requirement ->> 'minTrust', '");
        // Every certification that counts for anything has it.
        out.push_sql(TrustLevel::SelfDeclared.as_str());
        out.push_sql("')) @> daterange(jobs.start_date, coalesce(jobs.end_date, jobs.start_date), '[]'), false))");
        Ok(())
    }
}
