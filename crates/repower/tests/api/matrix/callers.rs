use repower_application::accounts::NewCredentials;
use repower_domain::accounts::{CompanyRole, Role};
use serde_json::json;

use super::table::Needs;
use crate::support::{App, Cast, PASSWORD, Person};

/// Everybody who asks, on a server of their own.
pub(super) struct Callers {
    pub(super) app: App,
    pub(super) cast: Cast,
    deactivated_technician: Person,
    deactivated_admin: Person,
    removed_manager: Person,
}

impl Callers {
    pub(super) fn gather() -> Self {
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

    /// The one who has this sign in the table.
    pub(super) fn by_sign(&self, sign: &str) -> Option<&Person> {
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
            _ => panic!("nobody has the sign {sign}"),
        })
    }
}

/// What a route answers to a caller before it looks at what is asked, where it
/// does not let them in.
pub(super) fn refusal(needs: Needs, sign: &str) -> Option<u16> {
    match (needs, standing(sign)) {
        (Needs::Nothing, _)
        | (Needs::NoBadToken, Standing::Nobody)
        | (Needs::NoBadToken | Needs::Token, Standing::Acts(_)) => None,
        (Needs::Token | Needs::Permission(_), Standing::Nobody) | (_, Standing::ShutOut) => Some(401),
        (Needs::Permission(permission), Standing::Acts(role)) => (!role.permits(permission)).then_some(403),
    }
}

/// What the rules see in a caller.
enum Standing {
    /// There is no token.
    Nobody,
    /// The token is good no longer.
    ShutOut,
    /// Somebody with this role.
    Acts(Role),
}

fn standing(sign: &str) -> Standing {
    match sign {
        "-" => Standing::Nobody,
        "T" | "T2" => Standing::Acts(Role::Technician),
        "A" | "A2" => Standing::Acts(Role::CompanyAdmin),
        "M" => Standing::Acts(Role::CompanyManager),
        "R" => Standing::Acts(Role::CompanyRecruiter),
        "V" => Standing::Acts(Role::CompanyViewer),
        "S" => Standing::Acts(Role::SuperAdmin),
        _ => Standing::ShutOut,
    }
}

/// Makes a member of a company; there may be several with one role.
pub(super) fn join(app: &App, company: &Person, role: CompanyRole, name: &str) -> Person {
    let email = format!("{name}@members.example");
    let credentials = NewCredentials { email: email.parse().unwrap(), password: PASSWORD.parse().unwrap() };
    let joined = app.services.accounts.register_member(credentials, company.id.parse().unwrap(), role).unwrap();
    let user_id = joined.account.user.id.to_string();
    Person { token: joined.token.text, email, user_id, id: company.id.clone() }
}
