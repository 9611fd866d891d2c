//! What is sent and answered.

use repower_domain::{
    accounts::Side,
    applications::{Application, ApplicationEvent, ApplicationMove, ApplicationStatus},
    values::ApplicationMessage,
};
use repower_ports::applications::{Applicant, ApplicationDetails, AppliedJob};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::{
    described,
    http::{
        ApiError, CursorText, PageLimit, Timestamp,
        input::{Clearable, Defaulted, NotTaken, Optional, Required},
    },
    jobs::dto::JobView,
    openapi::{Flat, Shown},
    technicians::dto::RatedTechnicianView,
};

described! {
    "Application",
    /// An application.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct ApplicationView {
        id: Uuid,
        job_id: Uuid,
        technician_id: Uuid,
        status: Shown<ApplicationStatus>,
        message_to_company: Option<Shown<ApplicationMessage>>,
        message_to_technician: Option<Shown<ApplicationMessage>>,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

impl From<Application> for ApplicationView {
    fn from(application: Application) -> Self {
        Self {
            id: application.id.uuid(),
            job_id: application.job_id.uuid(),
            technician_id: application.technician_id.uuid(),
            status: Shown(application.status),
            message_to_company: application.message_to_company.map(Shown),
            message_to_technician: application.message_to_technician.map(Shown),
            created_at: application.created_at.into(),
            updated_at: application.updated_at.into(),
        }
    }
}

described! {
    "Applicant",
    /// An application as the company sees it in the list of a job.
    #[derive(Debug, Serialize)]
    pub struct ApplicantView {
        #[serde(flatten)]
        application: Flat<ApplicationView>,
        technician: RatedTechnicianView,
    }
}

impl From<Applicant> for ApplicantView {
    fn from(Applicant { application, technician }: Applicant) -> Self {
        Self { application: Flat(application.into()), technician: technician.into() }
    }
}

described! {
    "AppliedJob",
    /// An application as the technician sees it in their list.
    #[derive(Debug, Serialize)]
    pub struct AppliedJobView {
        #[serde(flatten)]
        application: Flat<ApplicationView>,
        job: JobView,
    }
}

impl From<AppliedJob> for AppliedJobView {
    fn from(AppliedJob { application, job }: AppliedJob) -> Self {
        Self { application: Flat(application.into()), job: job.into() }
    }
}

described! {
    "ApplicationDetails",
    /// An application with all that its two sides may see.
    #[derive(Debug, Serialize)]
    pub struct ApplicationDetailsView {
        #[serde(flatten)]
        application: Flat<ApplicationView>,
        job: JobView,
        technician: RatedTechnicianView,
        history: Vec<StepView>,
    }
}

described! {
    "Step",
    /// One step in the history of an application.
    #[derive(Debug, Serialize)]
    struct StepView {
        from: Option<Shown<ApplicationStatus>>,
        to: Shown<ApplicationStatus>,
        by: Shown<Side>,
        at: Timestamp,
    }
}

impl From<ApplicationDetails> for ApplicationDetailsView {
    fn from(details: ApplicationDetails) -> Self {
        Self {
            application: Flat(details.application.into()),
            job: details.job.into(),
            technician: details.technician.into(),
            history: details.history.into_iter().map(StepView::from).collect(),
        }
    }
}

impl From<ApplicationEvent> for StepView {
    fn from(step: ApplicationEvent) -> Self {
        let from = step.from.map(Shown);
        Self { from, to: Shown(step.to), by: Shown(step.by), at: step.at.into() }
    }
}

described! {
    "ApplyBody",
    /// `POST /api/jobs/{jobId}/applications`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct ApplyBody {
        /// What the technician tells the company.
        pub message_to_company: Optional<ApplicationMessage>,
    }
}

described! {
    "MoveApplicationBody",
    /// `PATCH /api/applications/{id}/status` for the company.
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct MoveApplicationBody {
        status: Required<ApplicationStatus>,
        message_to_technician: Clearable<ApplicationMessage>,
    }
}

impl TryFrom<MoveApplicationBody> for ApplicationMove {
    type Error = ApiError;

    fn try_from(body: MoveApplicationBody) -> Result<Self, ApiError> {
        Ok(Self { next: body.status.get()?, message_to_technician: body.message_to_technician.get()? })
    }
}

described! {
    "MoveOwnApplicationBody",
    /// `PATCH /api/applications/{id}/status` by the technician.
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct MoveOwnApplicationBody {
        status: Required<ApplicationStatus>,
        message_to_technician: NotTaken,
    }
}

impl TryFrom<MoveOwnApplicationBody> for ApplicationMove {
    type Error = ApiError;

    fn try_from(body: MoveOwnApplicationBody) -> Result<Self, ApiError> {
        Ok(Self { next: body.status.get()?, message_to_technician: None })
    }
}

described! {
    "ApplicationsQuery",
    /// `GET /api/jobs/{jobId}/applications` and `GET /api/applications/me`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct ApplicationsQuery {
        /// Only applications in this status.
        pub status: Defaulted<ApplicationStatus>,
        /// How many rows.
        pub limit: Defaulted<PageLimit>,
        /// Where to go on.
        pub cursor: Defaulted<CursorText>,
    }
}
