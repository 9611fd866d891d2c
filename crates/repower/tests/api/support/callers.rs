use repower_application::accounts::NewCredentials;
use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::{
    app::App,
    cast::Cast,
    people::{PASSWORD, Person},
};

/// The callers of the matrix, on a server of their own.
pub(crate) struct Callers {
    pub(crate) app: App,
    pub(crate) cast: Cast,
    deactivated_technician: Person,
    deactivated_admin: Person,
    removed_manager: Person,
}

impl Callers {
    pub(crate) fn register() -> Self {
        let app = App::start();
        let cast = Cast::of(&app);
        let deactivated_technician = app.technician("dora");
        let deactivated_admin = join(&app, &cast.admin, CompanyRole::Admin, "dan");
        for person in [&deactivated_technician, &deactivated_admin] {
            let path = format!("/api/admin/users/{}", person.user_id);
            app.patch(&path).bearer(&cast.super_admin.token).json(&json!({"active": false})).send().data(200);
        }
        let removed_manager = join(&app, &cast.admin, CompanyRole::Manager, "rudi");
        app.delete(&app.membership(&removed_manager)).bearer(&cast.admin.token).send().data(200);
        Self { app, cast, deactivated_technician, deactivated_admin, removed_manager }
    }

    /// The caller with this sign.
    pub(crate) fn by_sign(&self, sign: &str) -> Option<&Person> {
        let cast = &self.cast;
        Some(match sign {
            "-" => return None,
            "T" => &cast.technician,
            "T2" => &cast.another_technician,
            "A" => &cast.admin,
            "M" => &cast.manager,
            "R" => &cast.recruiter,
            "V" => &cast.viewer,
            "A2" => &cast.other_admin,
            "Toff" => &self.deactivated_technician,
            "Aoff" => &self.deactivated_admin,
            "Mout" => &self.removed_manager,
            "S" => &cast.super_admin,
            _ => panic!("no caller has the sign {sign}"),
        })
    }
}

/// Adds a member to a company; there may be several with one role.
pub(crate) fn join(app: &App, company: &Person, role: CompanyRole, name: &str) -> Person {
    let email = format!("{name}@members.example");
    let credentials = NewCredentials { email: email.parse().unwrap(), password: PASSWORD.parse().unwrap() };
    app.logged_in(app.services.accounts.register_member(credentials, company.id.parse().unwrap(), role).unwrap())
}
