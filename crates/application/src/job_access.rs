use repower_domain::{
    accounts::{Actor, Forbidden},
    ids::{CompanyId, JobId},
};
use repower_ports::jobs::{JobRecord, JobRepository};

use crate::AccessError;

/// A job that is visible to an actor, as it is now.
///
/// # Errors
///
/// [`AccessError::NotFound`]; the storage failed.
pub(crate) fn visible_job(jobs: &dyn JobRepository, actor: &Actor, id: JobId) -> Result<JobRecord, AccessError> {
    let record = jobs.find(id)?.filter(|record| record.job.is_visible_to(Some(actor)));
    record.ok_or(AccessError::NotFound)
}

/// A job of the company of an actor.
///
/// # Errors
///
/// [`AccessError::Forbidden`] for an actor without a company, before the job is loaded, and for
/// a visible job of another one; those of [`visible_job`].
pub(crate) fn own_job(jobs: &dyn JobRepository, actor: &Actor, id: JobId) -> Result<JobRecord, AccessError> {
    let company = actor.company()?;
    let record = visible_job(jobs, actor, id)?;
    if record.job.company_id == company { Ok(record) } else { Err(Forbidden.into()) }
}

/// A job of a company that is named beside the resource of a request: any other job is not found.
///
/// # Errors
///
/// [`AccessError::NotFound`]; the storage failed.
pub(crate) fn job_of_company(
    jobs: &dyn JobRepository,
    company: CompanyId,
    id: JobId,
) -> Result<JobRecord, AccessError> {
    let record = jobs.find(id)?.filter(|record| record.job.company_id == company);
    record.ok_or(AccessError::NotFound)
}
