use repower_domain::accounts::CompanyRole;

use super::{App, Person, Request};

/// One of each kind of caller.
pub(crate) struct Cast {
    pub(crate) technician: Person,
    pub(crate) another_technician: Person,
    /// The administrator of the company under test.
    pub(crate) admin: Person,
    pub(crate) manager: Person,
    pub(crate) recruiter: Person,
    pub(crate) viewer: Person,
    /// The administrator of another company.
    pub(crate) other_admin: Person,
    pub(crate) super_admin: Person,
}

impl Cast {
    /// Registers all of them. The companies are verified: the tests post many jobs.
    pub(crate) fn of(app: &App) -> Self {
        let admin = app.verified_company("vestas");
        Self {
            technician: app.technician("tanja"),
            another_technician: app.technician("anders"),
            manager: app.member(&admin, CompanyRole::Manager),
            recruiter: app.member(&admin, CompanyRole::Recruiter),
            viewer: app.member(&admin, CompanyRole::Viewer),
            other_admin: app.verified_company("siemens"),
            super_admin: app.super_admin(),
            admin,
        }
    }
}

impl Request {
    /// Adds the token of the caller, if there is a caller.
    pub(crate) fn by(self, caller: Option<&Person>) -> Self {
        match caller {
            Some(person) => self.bearer(&person.token),
            None => self,
        }
    }
}
