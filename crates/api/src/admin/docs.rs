//! What the document says of the routes.

use repower_domain::accounts::Permission;

use super::dto::{AuditEventView, AuditQuery, CloseJobBody, CompaniesQuery, SetActiveBody, UserRecordView, UsersQuery};
use crate::{
    companies::dto::CompanyView,
    http::Code,
    jobs::dto::JobView,
    openapi::{Operation, Tag},
};

const TAG: Tag = Tag::Admin;

pub(super) fn users() -> Operation {
    Operation::new(TAG, "listUsers", "Users", "Newest first. `q` looks in emails.")
        .by(Permission::Administer)
        .reads::<UsersQuery>()
        .lists::<UserRecordView>("Users.")
}

pub(super) fn set_active() -> Operation {
    Operation::new(
        TAG,
        "setUserActive",
        "Shut a user out, or let them in again",
        "Who is shut out gets 401 everywhere from their next request on.",
    )
    .by(Permission::Administer)
    .takes::<SetActiveBody>()
    .answers::<UserRecordView>(200, "The user as it is now.")
    .refuses(Code::Conflict, "nobody does this to themselves")
}

pub(super) fn companies() -> Operation {
    Operation::new(TAG, "listCompanies", "Companies", "Newest first.")
        .by(Permission::Administer)
        .reads::<CompaniesQuery>()
        .lists::<CompanyView>("Companies.")
}

pub(super) fn close_job() -> Operation {
    Operation::new(TAG, "closeJob", "Close somebody's job", "CLOSED is the only status that can be set here.")
        .by(Permission::Administer)
        .takes::<CloseJobBody>()
        .answers::<JobView>(200, "The job as it is now.")
        .refuses(Code::InvalidTransition, "the job is not OPEN")
        .refuses(Code::Conflict, "somebody else changed it at the same moment")
}

pub(super) fn audit() -> Operation {
    Operation::new(TAG, "listAuditEvents", "What was done by those who run the marketplace", "Newest first.")
        .by(Permission::Administer)
        .reads::<AuditQuery>()
        .lists::<AuditEventView>("Acts.")
}
