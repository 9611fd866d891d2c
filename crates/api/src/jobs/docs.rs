//! What the document says of the routes.

use repower_domain::accounts::Permission;

use super::dto::{CompanyJobView, CompanyJobsQuery, EditJobBody, JobView, MoveJobBody, PostJobBody, SearchJobsQuery};
use crate::{
    http::Code,
    openapi::{Operation, Tag},
};

const TAG: Tag = Tag::Jobs;

pub(super) fn post() -> Operation {
    Operation::new(
        TAG,
        "postJob",
        "Post a job",
        "`status` is DRAFT unless OPEN is said; `country` is the company's unless said. `dayRateFrom` ≤ `dayRateTo`, \
         `startDate` ≤ `endDate`.",
    )
    .by(Permission::ManageJobs)
    .takes::<PostJobBody>()
    .repeatable()
    .answers::<JobView>(201, "Posted.")
}

pub(super) fn search() -> Operation {
    Operation::new(
        TAG,
        "listJobs",
        "Open jobs",
        "Newest `publishedAt` first. All filters can be combined. A filter of rates keeps the jobs in that currency \
         whose range overlaps.",
    )
    .reads::<SearchJobsQuery>()
    .conditional()
    .lists::<JobView>("Open jobs.")
}

pub(super) fn find() -> Operation {
    Operation::new(
        TAG,
        "getJob",
        "A job",
        "Public where it is OPEN, or CLOSED after it was published; any other for members of its company. A token is \
         optional.",
    )
    .by_everybody_known_or_not()
    .conditional()
    .answers::<JobView>(200, "The job.")
}

pub(super) fn edit() -> Operation {
    Operation::new(
        TAG,
        "editJob",
        "Edit a job",
        "What is absent stays; null clears what may be null. Ranges must hold once merged.",
    )
    .by(Permission::ManageJobs)
    .takes::<EditJobBody>()
    .answers::<JobView>(200, "The job as it is now.")
    .refuses(Code::JobClosed, "a closed job is not edited")
    .refuses(Code::Conflict, "somebody else changed it at the same moment")
}

pub(super) fn move_to() -> Operation {
    Operation::new(
        TAG,
        "moveJob",
        "Publish, close or reopen a job",
        "DRAFT to OPEN or CLOSED, OPEN to CLOSED, CLOSED to OPEN. The same status again changes nothing.",
    )
    .by(Permission::ManageJobs)
    .takes::<MoveJobBody>()
    .answers::<JobView>(200, "The job as it is now.")
    .refuses(Code::InvalidTransition, "that status does not follow the present one")
    .refuses(Code::Conflict, "somebody else changed it at the same moment")
}

pub(super) fn list_own() -> Operation {
    Operation::new(TAG, "listOwnJobs", "The own company's jobs", "In every status, newest first.")
        .by(Permission::SeeCompany)
        .reads::<CompanyJobsQuery>()
        .lists::<CompanyJobView>("Jobs, each with the number of its applications.")
}
