//! The certifications and the time of technicians, which the rules of compliance compare; a technician in each row.

use repower_domain::{
    ids::{JobId, TechnicianId},
    values::{CalendarDate, DateRange},
};
use repower_ports::{
    Page, PageRequest, RepositoryError,
    compliance::{Candidate, CandidateFilter, ComplianceRepository, JobDemand, RankedCandidate},
    technicians::RatedTechnician,
};

use self::{
    candidate_search::CandidateSearch,
    rows::{RankedRow, candidate, load},
};
use crate::{Database, lists};

mod candidate_search;
mod ranking;
mod rows;

/// [`ComplianceRepository`] on PostgreSQL.
pub struct PgComplianceRepository {
    database: Database,
}

impl PgComplianceRepository {
    /// Creates the repository of this database's candidates.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

impl ComplianceRepository for PgComplianceRepository {
    fn candidate(
        &self,
        technician: TechnicianId,
        job: JobId,
        days: DateRange,
    ) -> Result<Option<Candidate>, RepositoryError> {
        let row = self.database.read(|connection| load(connection, technician, job, days))?;
        row.map(|row| candidate(technician, row)).transpose()
    }

    fn candidates(
        &self,
        demand: &JobDemand,
        filter: &CandidateFilter,
        today: CalendarDate,
        page: PageRequest,
    ) -> Result<Page<RankedCandidate>, RepositoryError> {
        let search = CandidateSearch { demand, filter, today, page };
        let (rows, limit) = self.database.search(|connection| search.load(connection))?;
        let position = |(rank, (technician, _)): &RankedRow| lists::numbered(*rank, technician.id());
        Page::cut(rows, limit, position).try_map(|(rank, (technician, row))| {
            let technician = RatedTechnician::try_from(technician)?;
            let candidate = candidate(technician.technician.id, row)?;
            Ok(RankedCandidate { technician, candidate, rank })
        })
    }
}
