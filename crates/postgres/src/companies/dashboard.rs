use diesel::{dsl::sum, prelude::*};
use repower_domain::{applications::ApplicationStatus, ids::CompanyId, jobs::JobStatus};
use repower_ports::{
    RepositoryError,
    companies::{ApplicationCounts, Dashboard, JobCounts},
};

use crate::{
    condition::ConstCondition,
    schema::{applications, company_members, jobs, threads},
    stored::count,
};

/// A count or a sum; a sum of no rows is `None`.
type Count = Option<i64>;

/// The counts of a company's dashboard.
#[derive(Queryable)]
pub(super) struct DashboardRow {
    jobs: (Count, Count, Count),
    applications: (Count, Count, Count, Count, Count, Count),
    unread_messages: Count,
    members: Count,
}

/// Loads all counts in one snapshot, each from its own index.
pub(super) fn load(connection: &mut PgConnection, company: CompanyId) -> QueryResult<DashboardRow> {
    let id = company.uuid();
    let jobs_in = |status: JobStatus| {
        let of_company = jobs::table.filter(jobs::company_id.eq(id));
        of_company.filter(jobs::status.eq(status.as_str())).count().single_value()
    };
    let applications_in = |status: ApplicationStatus| {
        let of_company = applications::table.filter(applications::company_id.eq(id));
        of_company.filter(applications::status.eq(status.as_str())).count().single_value()
    };
    let has_unread = ConstCondition("threads.company_unread > 0");
    diesel::select((
        (jobs_in(JobStatus::Draft), jobs_in(JobStatus::Open), jobs_in(JobStatus::Closed)),
        (
            applications_in(ApplicationStatus::Applied),
            applications_in(ApplicationStatus::Shortlisted),
            applications_in(ApplicationStatus::Rejected),
            applications_in(ApplicationStatus::Offered),
            applications_in(ApplicationStatus::Accepted),
            applications_in(ApplicationStatus::Withdrawn),
        ),
        threads::table
            .filter(threads::company_id.eq(id))
            .filter(has_unread)
            .select(sum(threads::company_unread))
            .single_value(),
        company_members::table.filter(company_members::company_id.eq(id)).count().single_value(),
    ))
    .get_result(connection)
}

impl TryFrom<DashboardRow> for Dashboard {
    type Error = RepositoryError;

    fn try_from(row: DashboardRow) -> Result<Self, RepositoryError> {
        let (draft, open, closed) = row.jobs;
        let (applied, shortlisted, rejected, offered, accepted, withdrawn) = row.applications;
        let job = |number: Count| count("jobs", number.unwrap_or(0));
        let application = |number: Count| count("applications", number.unwrap_or(0));
        Ok(Self {
            jobs: JobCounts { draft: job(draft)?, open: job(open)?, closed: job(closed)? },
            applications: ApplicationCounts {
                applied: application(applied)?,
                shortlisted: application(shortlisted)?,
                rejected: application(rejected)?,
                offered: application(offered)?,
                accepted: application(accepted)?,
                withdrawn: application(withdrawn)?,
            },
            unread_messages: count("threads.company_unread", row.unread_messages.unwrap_or(0))?,
            members: count("company_members", row.members.unwrap_or(0))?,
        })
    }
}
