use serde_json::json;

use super::{App, PASSWORD, Person, Reply, text};

impl App {
    /// Invites an email into a company.
    pub(crate) fn invite(&self, admin: &Person, email: &str, role: &str) -> Reply {
        let body = json!({"email": email, "role": role});
        self.post("/api/companies/me/invitations").bearer(&admin.token).json(&body).send()
    }

    /// Creates an invitation; returns its token.
    pub(crate) fn invitation(&self, admin: &Person, email: &str, role: &str) -> String {
        text(&self.invite(admin, email, role).data(201)["token"])
    }

    /// Accepts an invitation with the password of all users.
    pub(crate) fn join(&self, invitation: &str) -> Reply {
        let body = json!({"token": invitation, "password": PASSWORD});
        self.post("/api/auth/accept-invitation").json(&body).send()
    }

    /// The path of the membership of a member, for the administrator.
    pub(crate) fn membership(&self, member: &Person) -> String {
        let query = format!("SELECT id::text FROM company_members WHERE user_id = '{}'", member.user_id);
        format!("/api/companies/me/members/{}", self.database.texts(&query).concat())
    }
}
