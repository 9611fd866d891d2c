use repower_domain::{
    Edit,
    accounts::Side,
    applications::{Application, ApplicationEvent, ApplicationMove, ApplicationStatus},
    ids::{ApplicationId, JobId, TechnicianId},
    values::{ApplicationMessage, Title},
};
use repower_http::{
    CursorText, PageLimit, Timestamp,
    input::{Clearable, Defaulted, NotAllowed, Optional, Required},
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::applications::{
    Applicant, ApplicationDetails, AppliedJob, CompanyApplication, CompanyApplicationFilter,
};
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::{
    compliance::snapshot::ComplianceSnapshotView,
    error::Error,
    jobs::dto::{JobView, ListedJobView},
    technicians::dto::RatedTechnicianView,
};

/// An application.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplicationView {
    id: ApplicationId,
    job_id: JobId,
    technician_id: TechnicianId,
    status: ApplicationStatus,
    /// As it was at the time of the application; null for one from before it was kept.
    compliance: Option<ComplianceSnapshotView>,
    message_to_company: Option<ApplicationMessage>,
    message_to_technician: Option<ApplicationMessage>,
    /// When the technician accepted, or confirmed an acceptance that the company recorded.
    confirmed_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Application> for ApplicationView {
    fn from(application: Application) -> Self {
        Self {
            id: application.id,
            job_id: application.job_id,
            technician_id: application.technician_id,
            status: application.status,
            compliance: application.compliance.map(ComplianceSnapshotView::from),
            message_to_company: application.message_to_company,
            message_to_technician: application.message_to_technician,
            confirmed_at: application.confirmed_at.map(Timestamp::from),
            created_at: application.created_at.into(),
            updated_at: application.updated_at.into(),
        }
    }
}

/// An application with its technician.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct ApplicantView {
    #[serde(flatten)]
    application: ApplicationView,
    technician: RatedTechnicianView,
}

impl From<Applicant> for ApplicantView {
    fn from(Applicant { application, technician }: Applicant) -> Self {
        Self { application: application.into(), technician: technician.into() }
    }
}

/// An application to a company, with its technician and its job.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct CompanyApplicationView {
    #[serde(flatten)]
    applicant: ApplicantView,
    job: ApplicationJobView,
}

/// The job of an application.
#[derive(Debug, Serialize, ResponseSchema)]
struct ApplicationJobView {
    id: JobId,
    title: Title,
}

impl From<CompanyApplication> for CompanyApplicationView {
    fn from(CompanyApplication { applicant, job_title }: CompanyApplication) -> Self {
        let job = ApplicationJobView { id: applicant.application.job_id, title: job_title };
        Self { applicant: applicant.into(), job }
    }
}

/// An application with its job.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct AppliedJobView {
    #[serde(flatten)]
    application: ApplicationView,
    job: ListedJobView,
}

impl From<AppliedJob> for AppliedJobView {
    fn from(AppliedJob { application, job }: AppliedJob) -> Self {
        Self { application: application.into(), job: job.into() }
    }
}

/// An application with its job, technician and history.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct ApplicationDetailsView {
    #[serde(flatten)]
    application: ApplicationView,
    job: JobView,
    technician: RatedTechnicianView,
    history: Vec<ApplicationEventView>,
    snapshots: SnapshotsView,
}

/// The compliance at the steps of an application; null for a step that was not made, or from before it was kept.
#[derive(Debug, Serialize, ResponseSchema)]
#[schema(name = "ComplianceSnapshots")]
struct SnapshotsView {
    applied: Option<ComplianceSnapshotView>,
    offered: Option<ComplianceSnapshotView>,
    accepted: Option<ComplianceSnapshotView>,
}

/// A change of the status of an application.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
struct ApplicationEventView {
    from: Option<ApplicationStatus>,
    to: ApplicationStatus,
    by: Side,
    at: Timestamp,
    /// True where the company accepted that mandatory requirements were not met; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    accept_non_compliant: Option<bool>,
}

impl From<ApplicationDetails> for ApplicationDetailsView {
    fn from(details: ApplicationDetails) -> Self {
        let at_step = |status| {
            let step = details.history.iter().rev().find(|step| step.to == status);
            step.and_then(|step| step.compliance.clone()).map(ComplianceSnapshotView::from)
        };
        Self {
            snapshots: SnapshotsView {
                applied: details.application.compliance.clone().map(ComplianceSnapshotView::from),
                offered: at_step(ApplicationStatus::Offered),
                accepted: at_step(ApplicationStatus::Accepted),
            },
            application: details.application.into(),
            job: details.job.into(),
            technician: details.technician.into(),
            history: details.history.into_iter().map(ApplicationEventView::from).collect(),
        }
    }
}

impl From<ApplicationEvent> for ApplicationEventView {
    fn from(ApplicationEvent { from, to, by, at, accepts_non_compliance, .. }: ApplicationEvent) -> Self {
        let accept_non_compliant = accepts_non_compliance.then_some(true);
        Self { from, to, by, at: at.into(), accept_non_compliant }
    }
}

/// `POST /api/jobs/{id}/applications`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct ApplyBody {
    /// A message to the company.
    pub(crate) message_to_company: Optional<ApplicationMessage>,
}

/// `PATCH /api/applications/{id}/status` by the company.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct MoveApplicationBody {
    status: Required<ApplicationStatus>,
    message_to_technician: Clearable<ApplicationMessage>,
    /// Offers or records an acceptance although mandatory requirements are not met; false by default.
    accept_non_compliant: Defaulted<bool>,
}

impl TryFrom<MoveApplicationBody> for ApplicationMove {
    type Error = Error;

    fn try_from(body: MoveApplicationBody) -> Result<Self, Error> {
        Ok(Self::builder()
            .next(body.status.get()?)
            .message_to_technician(body.message_to_technician.get()?)
            .accepts_non_compliance(body.accept_non_compliant.get()?.unwrap_or(false))
            .build())
    }
}

/// `PATCH /api/applications/{id}/status` by the technician.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct MoveOwnApplicationBody {
    status: Required<ApplicationStatus>,
    message_to_technician: NotAllowed,
    accept_non_compliant: NotAllowed,
}

impl TryFrom<MoveOwnApplicationBody> for ApplicationMove {
    type Error = Error;

    fn try_from(body: MoveOwnApplicationBody) -> Result<Self, Error> {
        Ok(Self::builder().next(body.status.get()?).message_to_technician(Edit::Leave).build())
    }
}

/// `GET /api/jobs/{id}/applications` and `GET /api/applications/me`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct ApplicationsQuery {
    /// Only applications in this status.
    pub(crate) status: Defaulted<ApplicationStatus>,
    /// The maximum number of rows.
    pub(crate) limit: Defaulted<PageLimit>,
    /// The page to return.
    pub(crate) cursor: Defaulted<CursorText>,
}

/// `GET /api/companies/me/applications`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct CompanyApplicationsQuery {
    /// Only applications in this status.
    status: Defaulted<ApplicationStatus>,
    /// Only applications for this job.
    job_id: Defaulted<JobId>,
    /// The maximum number of rows.
    limit: Defaulted<PageLimit>,
    /// The page to return.
    cursor: Defaulted<CursorText>,
}

impl CompanyApplicationsQuery {
    /// The filter, and the page.
    pub(crate) fn filter(
        self,
    ) -> Result<(CompanyApplicationFilter, Defaulted<PageLimit>, Defaulted<CursorText>), Error> {
        let filter = CompanyApplicationFilter { status: self.status.get()?, job_id: self.job_id.get()? };
        Ok((filter, self.limit, self.cursor))
    }
}
