use chrono::{Days, NaiveDate};
use repower_application::accounts::NewCredentials;
use repower_domain::{
    accounts::{Account, Attachment, CompanyRole},
    ids::CompanyId,
};
use serde_json::{Value, json};

use super::App;

/// The password of all users.
pub(crate) const PASSWORD: &str = "correct horse";

/// A user with a token.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) email: String,
    pub(crate) user_id: String,
    /// The id of the technician or the company.
    pub(crate) id: String,
}

impl App {
    /// Registers a technician through the API.
    pub(crate) fn technician(&self, name: &str) -> Person {
        let data = self.register(&json!({
            "email": format!("{name}@technicians.example"), "password": PASSWORD, "role": "TECHNICIAN",
            "fullName": name, "country": "DK",
        }));
        person(&data, &data["profile"]["id"])
    }

    /// Registers a company with its first administrator through the API.
    pub(crate) fn company(&self, name: &str) -> Person {
        let data = self.register(&json!({
            "email": format!("admin@{name}.example"), "password": PASSWORD, "role": "COMPANY_ADMIN",
            "companyName": name, "country": "DK",
        }));
        person(&data, &data["company"]["id"])
    }

    /// Registers a company, which the operator of the server verifies.
    pub(crate) fn verified_company(&self, name: &str) -> Person {
        let company = self.company(name);
        self.services.admin.vouch_for(company.id.parse().unwrap()).unwrap();
        company
    }

    /// Adds a member to a company.
    pub(crate) fn member(&self, company: &Person, role: CompanyRole) -> Person {
        let id: CompanyId = company.id.parse().unwrap();
        let (_, domain) = company.email.split_once('@').unwrap();
        let credentials = credentials(&format!("{role}@members.{domain}"));
        self.logged_in(self.services.accounts.register_member(credentials, id, role).unwrap())
    }

    /// Creates a super admin.
    pub(crate) fn super_admin(&self) -> Person {
        self.super_admin_named("root")
    }

    /// Registers another super admin.
    pub(crate) fn super_admin_named(&self, name: &str) -> Person {
        let credentials = credentials(&format!("{name}@repower.example"));
        self.logged_in(self.services.accounts.register_super_admin(credentials).unwrap())
    }

    /// Logs in a user that a command of the server registered.
    pub(crate) fn logged_in(&self, account: Account) -> Person {
        let email = account.user.email.to_string();
        let login = json!({"email": email, "password": PASSWORD});
        let token = text(&self.post("/api/auth/login").json(&login).send().data(200)["token"]);
        let id = match account.attachment {
            Attachment::Technician(technician) => technician.id.to_string(),
            Attachment::Member { company, .. } => company.id.to_string(),
            Attachment::Nothing => account.user.id.to_string(),
        };
        Person { token, email, user_id: account.user.id.to_string(), id }
    }

    fn register(&self, body: &Value) -> Value {
        self.post("/api/auth/register").json(body).send().data(201)
    }

    /// Posts a job and returns it; `changes` replace fields of [`a_job`].
    pub(crate) fn post_job(&self, company: &Person, changes: &Value) -> Value {
        let mut job = a_job();
        for (field, value) in changes.as_object().unwrap() {
            job[field] = value.clone();
        }
        self.post("/api/jobs").bearer(&company.token).json(&job).send().data(201)
    }

    /// Posts an open job on a day of its own, so that a technician may accept several; returns its id.
    pub(crate) fn open_job(&self, company: &Person) -> String {
        let first: NaiveDate = "2027-03-01".parse().unwrap();
        let number = u64::try_from(self.database.rows("jobs")).unwrap();
        let day = first + Days::new(1 + number % 300);
        text(&self.post_job(company, &json!({"status": "OPEN", "startDate": day.to_string()}))["id"])
    }

    /// Applies for a job; returns the id of the application.
    pub(crate) fn apply(&self, technician: &Person, job: &str) -> String {
        let path = format!("/api/jobs/{job}/applications");
        text(&self.post(&path).bearer(&technician.token).json(&json!({})).send().data(201)["id"])
    }

    /// Moves an application to another status.
    pub(crate) fn move_application(&self, person: &Person, application: &str, status: &str) -> super::Reply {
        let path = format!("/api/applications/{application}/status");
        self.patch(&path).bearer(&person.token).json(&json!({"status": status})).send()
    }
}

/// The fields of a new job.
pub(crate) fn a_job() -> Value {
    json!({
        "title": "Blade repair", "description": "Leading edges of 20 turbines", "location": "Esbjerg",
        "discipline": "BLADE_REPAIR", "contractType": "DAY_RATE", "startDate": "2027-03-01",
    })
}

fn credentials(email: &str) -> NewCredentials {
    NewCredentials { email: email.parse().unwrap(), password: PASSWORD.parse().unwrap() }
}

fn person(data: &Value, id: &Value) -> Person {
    Person {
        token: text(&data["token"]),
        email: text(&data["user"]["email"]),
        user_id: text(&data["user"]["id"]),
        id: text(id),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
