use repower_domain::accounts::CompanyRole;

use super::{App, Person};

/// All roles.
const ROLES: [&str; 6] = ["TECHNICIAN", "ADMIN", "MANAGER", "RECRUITER", "VIEWER", "SUPER_ADMIN"];

impl App {
    /// A user in each of the [`ROLES`]; the members are of one company.
    pub(crate) fn one_of_each_role(&self) -> [(&'static str, Person); 6] {
        let admin = self.company("everybody");
        let member = |role| self.member(&admin, role);
        let (manager, recruiter) = (member(CompanyRole::Manager), member(CompanyRole::Recruiter));
        let (viewer, technician) = (member(CompanyRole::Viewer), self.technician("anybody"));
        let people = [technician, admin, manager, recruiter, viewer, self.super_admin()];
        let mut roles = ROLES.into_iter();
        people.map(|person| (roles.next().unwrap(), person))
    }
}
