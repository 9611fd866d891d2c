use repower_domain::accounts::CompanyRole;

use super::{App, Person, Reply, Request};

/// One of each kind of caller.
pub(crate) struct Cast {
    pub(crate) technician: Person,
    pub(crate) another_technician: Person,
    /// The administrator of the company that the tests look at.
    pub(crate) admin: Person,
    pub(crate) manager: Person,
    pub(crate) recruiter: Person,
    pub(crate) viewer: Person,
    /// The administrator of another company.
    pub(crate) other_admin: Person,
    pub(crate) super_admin: Person,
}

impl Cast {
    /// Registers them all.
    pub(crate) fn of(app: &App) -> Self {
        let admin = app.company("vestas");
        Self {
            technician: app.technician("tanja"),
            another_technician: app.technician("anders"),
            manager: app.member(&admin, CompanyRole::Manager),
            recruiter: app.member(&admin, CompanyRole::Recruiter),
            viewer: app.member(&admin, CompanyRole::Viewer),
            other_admin: app.company("siemens"),
            super_admin: app.super_admin(),
            admin,
        }
    }

    /// What the same request comes to for each: the statuses in the order
    /// anonymous, technician, another technician, ADMIN, MANAGER, RECRUITER,
    /// VIEWER, ADMIN of another company, `SUPER_ADMIN`. Each 401, 403 and 404
    /// is found to have its own code.
    pub(crate) fn statuses(&self, mut request: impl FnMut() -> Request) -> String {
        let everybody = [
            None,
            Some(&self.technician),
            Some(&self.another_technician),
            Some(&self.admin),
            Some(&self.manager),
            Some(&self.recruiter),
            Some(&self.viewer),
            Some(&self.other_admin),
            Some(&self.super_admin),
        ];
        everybody.map(|who| told_by_its_code(&request().by(who).send())).join(" ")
    }
}

impl Request {
    /// As sent by somebody, or by nobody in particular.
    pub(crate) fn by(self, who: Option<&Person>) -> Self {
        match who {
            Some(person) => self.bearer(&person.token),
            None => self,
        }
    }
}

fn told_by_its_code(reply: &Reply) -> String {
    let status = reply.status.as_u16();
    let code = match status {
        401 => Some("unauthenticated"),
        403 => Some("forbidden"),
        404 => Some("not_found"),
        _ => None,
    };
    if let Some(code) = code {
        assert_eq!(reply.code(status), code);
    }
    status.to_string()
}
