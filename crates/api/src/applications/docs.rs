//! What the document says of the routes.

use repower_domain::accounts::Permission;

use super::dto::{
    ApplicantView, ApplicationDetailsView, ApplicationView, ApplicationsQuery, AppliedJobView, ApplyBody,
    MoveApplicationBody,
};
use crate::{
    http::Code,
    openapi::{Operation, Tag},
};

const TAG: Tag = Tag::Applications;
const ELSEWHERE: &str = "The same as the route below `/api/jobs`.";

pub(super) fn apply() -> Operation {
    applying("applyForJob", "Apply for a job", "Once, also after having withdrawn.")
}

pub(super) fn apply_elsewhere() -> Operation {
    applying("applyForJobMounted", "Apply for a job (other path)", ELSEWHERE)
}

fn applying(id: &'static str, summary: &'static str, about: &'static str) -> Operation {
    Operation::new(TAG, id, summary, about)
        .by(Permission::Apply)
        .takes::<ApplyBody>()
        .repeatable()
        .answers::<ApplicationView>(201, "Applied.")
        .refuses(Code::AlreadyApplied, "the technician applied for this job before")
        .refuses(Code::JobNotOpen, "the job takes no applications")
}

pub(super) fn list_of_job() -> Operation {
    listing_applicants("listApplicants", "The applications for a job of the own company", "Newest first.")
}

pub(super) fn list_of_job_elsewhere() -> Operation {
    listing_applicants("listApplicantsMounted", "The applications for a job (other path)", ELSEWHERE)
}

fn listing_applicants(id: &'static str, summary: &'static str, about: &'static str) -> Operation {
    Operation::new(TAG, id, summary, about)
        .by(Permission::ViewCandidates)
        .reads::<ApplicationsQuery>()
        .lists::<ApplicantView>("Applications, each with its technician.")
}

pub(super) fn list_own() -> Operation {
    Operation::new(TAG, "listOwnApplications", "The own applications", "Newest first.")
        .by(Permission::SeeOwnApplications)
        .reads::<ApplicationsQuery>()
        .lists::<AppliedJobView>("Applications, each with its job.")
}

pub(super) fn find() -> Operation {
    Operation::new(TAG, "getApplication", "An application with its history", "For its technician and its company.")
        .by(Permission::SeeApplications)
        .answers::<ApplicationDetailsView>(200, "The application.")
}

pub(super) fn move_to() -> Operation {
    Operation::new(
        TAG,
        "moveApplication",
        "Change the status of an application",
        "The company: APPLIED to SHORTLISTED, REJECTED or OFFERED; SHORTLISTED to REJECTED or OFFERED; OFFERED to \
         ACCEPTED or REJECTED. The technician: APPLIED or SHORTLISTED to WITHDRAWN; OFFERED to ACCEPTED or WITHDRAWN. \
         `messageToTechnician` is the company's alone: absent it stays, null clears it.",
    )
    .by(Permission::MoveApplications)
    .takes::<MoveApplicationBody>()
    .answers::<ApplicationView>(200, "The application as it is now.")
    .refuses(Code::InvalidTransition, "this side cannot set that status from the present one")
    .refuses(Code::Conflict, "somebody else changed it at the same moment")
}
