use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_domain::{
    Revision,
    applications::{Application, ApplicationEvent},
    ids::{ApplicationId, CompanyId, JobId, TechnicianId, UserId},
};
use repower_ports::{
    RepositoryError,
    applications::{Applicant, ApplicationDetails, AppliedJob, CompanyApplication},
};
use serde_json::Value;
use uuid::Uuid;

use super::snapshot_rows;
use crate::{
    jobs::{JobRecordRow, ListedJobRow},
    schema::{application_events, applications},
    stored::{optional_text, text},
    technicians::RatedTechnicianRow,
};

#[derive(Insertable)]
#[diesel(table_name = applications, treat_none_as_default_value = false)]
pub(crate) struct NewApplicationRow<'a> {
    id: Uuid,
    job_id: Uuid,
    company_id: Uuid,
    technician_id: Uuid,
    status: &'a str,
    compliance: Option<Value>,
    message_to_company: Option<&'a str>,
    message_to_technician: Option<&'a str>,
    confirmed_at: Option<DateTime<Utc>>,
    revision: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl<'a> NewApplicationRow<'a> {
    pub(crate) fn new(application: &'a Application) -> Self {
        Self {
            id: application.id.uuid(),
            job_id: application.job_id.uuid(),
            company_id: application.company_id.uuid(),
            technician_id: application.technician_id.uuid(),
            status: application.status.as_str(),
            compliance: application.compliance.as_ref().map(snapshot_rows::column),
            message_to_company: application
                .message_to_company
                .as_ref()
                .map(repower_domain::values::ApplicationMessage::as_str),
            message_to_technician: application
                .message_to_technician
                .as_ref()
                .map(repower_domain::values::ApplicationMessage::as_str),
            confirmed_at: application.confirmed_at,
            revision: application.revision.number(),
            created_at: application.created_at,
            updated_at: application.updated_at,
        }
    }
}

/// A new event of an application. Its position is the revision that it produces.
#[derive(Insertable)]
#[diesel(table_name = application_events, treat_none_as_default_value = false)]
pub(crate) struct NewEventRow<'a> {
    application_id: Uuid,
    position: i32,
    from_status: Option<&'a str>,
    to_status: &'a str,
    side: &'a str,
    actor_user_id: Uuid,
    at: DateTime<Utc>,
    compliance: Option<Value>,
    accepts_non_compliance: bool,
}

impl NewEventRow<'_> {
    pub(crate) fn new(application: ApplicationId, position: i32, event: &ApplicationEvent) -> Self {
        Self {
            application_id: application.uuid(),
            position,
            from_status: event.from.map(repower_domain::applications::ApplicationStatus::as_str),
            to_status: event.to.as_str(),
            side: event.by.as_str(),
            actor_user_id: event.actor_id.uuid(),
            at: event.at,
            compliance: event.compliance.as_ref().map(snapshot_rows::column),
            accepts_non_compliance: event.accepts_non_compliance,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = applications, check_for_backend(Pg))]
pub(super) struct ApplicationRow {
    id: Uuid,
    job_id: Uuid,
    company_id: Uuid,
    technician_id: Uuid,
    status: String,
    compliance: Option<Value>,
    message_to_company: Option<String>,
    message_to_technician: Option<String>,
    confirmed_at: Option<DateTime<Utc>>,
    revision: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<ApplicationRow> for Application {
    type Error = RepositoryError;

    fn try_from(row: ApplicationRow) -> Result<Self, RepositoryError> {
        Ok(Self::builder()
            .id(ApplicationId::from(row.id))
            .job_id(JobId::from(row.job_id))
            .company_id(CompanyId::from(row.company_id))
            .technician_id(TechnicianId::from(row.technician_id))
            .status(text("applications.status", &row.status)?)
            .compliance(snapshot_rows::snapshot("applications.compliance", row.compliance, row.created_at)?)
            .message_to_company(optional_text("applications.message_to_company", row.message_to_company.as_deref())?)
            .message_to_technician(optional_text(
                "applications.message_to_technician",
                row.message_to_technician.as_deref(),
            )?)
            .confirmed_at(row.confirmed_at)
            .revision(Revision::stored(row.revision))
            .created_at(row.created_at)
            .updated_at(row.updated_at)
            .build())
    }
}

/// An application with its technician.
#[derive(Queryable)]
pub(super) struct ApplicantRow {
    application: ApplicationRow,
    technician: RatedTechnicianRow,
}

impl TryFrom<ApplicantRow> for Applicant {
    type Error = RepositoryError;

    fn try_from(row: ApplicantRow) -> Result<Self, RepositoryError> {
        Ok(Self { application: row.application.try_into()?, technician: row.technician.try_into()? })
    }
}

/// An application with its technician and the title of its job.
#[derive(Queryable)]
pub(super) struct CompanyApplicationRow {
    application: ApplicationRow,
    technician: RatedTechnicianRow,
    job_title: String,
}

impl TryFrom<CompanyApplicationRow> for CompanyApplication {
    type Error = RepositoryError;

    fn try_from(row: CompanyApplicationRow) -> Result<Self, RepositoryError> {
        let CompanyApplicationRow { application, technician, job_title } = row;
        let applicant = ApplicantRow { application, technician }.try_into()?;
        Ok(Self { applicant, job_title: text("jobs.title", &job_title)? })
    }
}

/// An application with its job.
#[derive(Queryable)]
pub(super) struct AppliedJobRow {
    application: ApplicationRow,
    job: ListedJobRow,
}

impl TryFrom<AppliedJobRow> for AppliedJob {
    type Error = RepositoryError;

    fn try_from(row: AppliedJobRow) -> Result<Self, RepositoryError> {
        Ok(Self { application: row.application.try_into()?, job: row.job.try_into()? })
    }
}

/// An event: from, to, side, actor, time, compliance and whether the company accepts that
/// requirements are not met.
pub(super) type EventRow = (Option<String>, String, String, Uuid, DateTime<Utc>, Option<Value>, bool);

fn event((from, to, side, actor, at, compliance, accepts): EventRow) -> Result<ApplicationEvent, RepositoryError> {
    Ok(ApplicationEvent::builder()
        .from(optional_text("application_events.from_status", from.as_deref())?)
        .to(text("application_events.to_status", &to)?)
        .by(text("application_events.side", &side)?)
        .actor_id(UserId::from(actor))
        .at(at)
        .compliance(snapshot_rows::snapshot("application_events.compliance", compliance, at)?)
        .accepts_non_compliance(accepts)
        .build())
}

/// An application with its job, company, technician and history.
pub(super) type DetailsRow = (ApplicationRow, JobRecordRow, RatedTechnicianRow, Vec<EventRow>);

pub(super) fn details(
    (application, job, technician, history): DetailsRow,
) -> Result<ApplicationDetails, RepositoryError> {
    Ok(ApplicationDetails {
        application: application.try_into()?,
        job: job.try_into()?,
        technician: technician.try_into()?,
        history: history.into_iter().map(event).collect::<Result<_, _>>()?,
    })
}
