//! The search for the candidates of a job: first those that can be on the page, then their ranks.

use std::time::Instant;

use diesel::{
    QueryableByName,
    connection::SimpleConnection,
    dsl::sql,
    prelude::*,
    sql_query,
    sql_types::{Bool, Integer, Uuid as SqlUuid},
};
use repower_domain::{
    compliance::{CandidateRank, ComplianceStatus},
    values::{CalendarDate, RequirementCount},
};
use repower_ports::{
    PageRequest,
    compliance::{CandidateFilter, JobDemand},
    technicians::TechnicianFilter,
};
use uuid::Uuid;

use super::{
    ranking::least_failing,
    rows::{RankedRow, rank},
};
use crate::{
    cancel::{SEARCH_LIMIT, time_limit},
    lists,
    schema::technicians,
    technicians::matching,
};

/// The most technicians whose certifications are read by their ids. More are quicker to compare
/// all together.
const FEW: u16 = 2_000;

/// The pages that the first technicians should fill. A filter of the availability leaves out some.
const PAGES: usize = 4;

/// A technician, and the number of mandatory requirements that are not met on the first or on the last
/// day. Others may not be met on days between.
#[derive(QueryableByName)]
struct Failing {
    #[diesel(sql_type = SqlUuid)]
    technician_id: Uuid,
    #[diesel(sql_type = Integer)]
    failing: i32,
}

/// Technicians before all others in the ranking, or all that match.
struct Narrowed {
    ids: Vec<Uuid>,
    /// The most requirements that they fail and no others; `None` if no others match.
    failing: Option<i32>,
}

/// A page of the candidates of a job.
pub(super) struct CandidateSearch<'a> {
    pub(super) demand: &'a JobDemand,
    pub(super) filter: &'a CandidateFilter,
    pub(super) today: CalendarDate,
    pub(super) page: PageRequest,
}

impl CandidateSearch<'_> {
    /// The rows of the page and of the one after it, and the number of those on the page.
    ///
    /// A statement for few technicians is many times as fast as one for all. It takes one or two
    /// to find few, and the page may not be full with the first of them, or with any.
    pub(super) fn load(&self, connection: &mut PgConnection) -> QueryResult<(Vec<RankedRow>, u16)> {
        let started = Instant::now();
        // The certifications of 100,000 technicians are grouped in memory.
        connection.batch_execute("SET LOCAL work_mem = '32MB'")?;
        for narrowed in self.narrow(connection)? {
            let (rows, limit) = self.rank(connection, started, Some(&narrowed.ids))?;
            let is_found = |most: i32| {
                // Some may have changed since, and come after others now.
                let last = rows.last().map_or(i32::MAX, |(rank, _)| CandidateRank::failing_at(*rank));
                rows.len() > usize::from(limit) && last <= most
            };
            if narrowed.failing.is_none_or(is_found) {
                return Ok((rows, limit));
            }
        }
        self.rank(connection, started, None)
    }

    /// Technicians among whom the page may be, and then more of them; none if there are no few.
    fn narrow(&self, connection: &mut PgConnection) -> QueryResult<Vec<Narrowed>> {
        let few = usize::from(FEW);
        if self.filter.technicians != TechnicianFilter::default() {
            let found = matching(&self.filter.technicians, self.today)
                .select(technicians::id)
                // diesel does not prepare a statement with a literal text.
                .filter(sql::<Bool>("true"))
                .limit(i64::from(FEW) + 1);
            let ids: Vec<Uuid> = found.load(connection)?;
            if ids.len() <= few {
                return Ok(vec![Narrowed { ids, failing: None }]);
            }
        }
        let mandatory = i32::try_from(self.demand.requirements.mandatory().count()).unwrap_or(i32::MAX);
        // Technicians without a certification that could be found meet no requirement.
        let most_of_filter = self.most_failing().filter(|most| *most < mandatory);
        let (fewest, most) = (self.fewest_failing(), most_of_filter.unwrap_or(mandatory - 1));
        // Candidates with another status than COMPLIANT may be anywhere among the ranks.
        let is_anywhere = self.filter.overall.is_some_and(|status| status != ComplianceStatus::Compliant);
        if is_anywhere || fewest > most {
            return Ok(Vec::new());
        }
        let statement = least_failing(self.demand, fewest..=most, few + 1);
        let mut found: Vec<Failing> = sql_query(statement).load(connection)?;
        let are_all = found.len() <= few && most_of_filter.is_some();
        let mut known = most;
        if found.len() > few {
            // There may be more with the last number.
            let last = found.last().map_or(0, |one| one.failing);
            found.retain(|one| one.failing < last);
            known = last - 1;
        }
        let limit = usize::from(self.page.limit);
        if !are_all && found.len() <= limit {
            return Ok(Vec::new());
        }
        let narrowed = |number: usize, failing| {
            let ids = found.iter().take(number).map(|one| one.technician_id).collect();
            Narrowed { ids, failing }
        };
        let first = found.get(limit * PAGES).map(|one| one.failing);
        let first = first.map(|most| (found.partition_point(|one| one.failing <= most), Some(most)));
        let all = (found.len(), (!are_all).then_some(known));
        let steps = first.filter(|(number, _)| *number < found.len()).into_iter().chain([all]);
        Ok(steps.map(|(number, failing)| narrowed(number, failing)).collect())
    }

    /// The most requirements that a candidate fails by the filter.
    fn most_failing(&self) -> Option<i32> {
        let compliant = (self.filter.overall == Some(ComplianceStatus::Compliant)).then_some(0);
        let given = self.filter.max_failing.map(RequirementCount::get);
        compliant.into_iter().chain(given).min()
    }

    /// The fewest requirements that a candidate after the cursor fails.
    fn fewest_failing(&self) -> i32 {
        CandidateRank::failing_at(lists::greatest_first(self.page).0)
    }

    /// Ranks these or all within the rest of the time of a search.
    fn rank(
        &self,
        connection: &mut PgConnection,
        started: Instant,
        few: Option<&[Uuid]>,
    ) -> QueryResult<(Vec<RankedRow>, u16)> {
        connection.batch_execute(&time_limit(SEARCH_LIMIT.saturating_sub(started.elapsed())))?;
        rank(connection, self.demand, self.filter, self.today, self.page, few)
    }
}
