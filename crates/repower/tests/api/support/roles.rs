use repower_domain::accounts::CompanyRole;

use super::{App, Person, Request};

/// All roles.
const ROLES: [&str; 6] = ["TECHNICIAN", "ADMIN", "MANAGER", "RECRUITER", "VIEWER", "SUPER_ADMIN"];

impl App {
    /// Somebody in each of the [`ROLES`]; those of a company are of the same.
    pub(crate) fn one_of_each_role(&self) -> [(&'static str, Person); 6] {
        let admin = self.company("everybody");
        let member = |role| self.member(&admin, role);
        let (manager, recruiter) = (member(CompanyRole::Manager), member(CompanyRole::Recruiter));
        let (viewer, technician) = (member(CompanyRole::Viewer), self.technician("anybody"));
        let people = [technician, admin, manager, recruiter, viewer, self.super_admin()];
        let mut roles = ROLES.into_iter();
        people.map(|person| (roles.next().unwrap(), person))
    }

    /// Asserts that a request succeeds in these roles, and that in all others,
    /// and without a token, it is refused and nothing is stored.
    #[track_caller]
    pub(crate) fn assert_open_to(&self, allowed: &[&str], request: impl Fn() -> Request) {
        let (welcome, others): (Vec<_>, Vec<_>) =
            self.one_of_each_role().into_iter().partition(|(role, _)| allowed.contains(role));
        let before = self.database.contents();
        let anonymous = request().send();
        assert_eq!(anonymous.code(401), "unauthenticated");
        assert_eq!(anonymous.header("WWW-Authenticate"), Some("Bearer"));
        for (role, person) in others {
            let refused = request().bearer(&person.token).send();
            assert_eq!((role, refused.code(403).as_str()), (role, "forbidden"));
        }
        assert_eq!(self.database.contents(), before);
        for (role, person) in welcome {
            let reply = request().bearer(&person.token).send();
            assert!(reply.status.is_success(), "{role}: {reply:?}");
        }
    }
}
