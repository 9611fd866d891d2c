use serde_json::{Value, json};

use super::{Client, Response};

/// The password of all users.
const PASSWORD: &str = "correct horse";

/// A user with a token.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) email: String,
    /// The id of the technician or the company.
    pub(crate) id: String,
}

/// Requests that prepare data on a server without faults.
impl Client {
    /// Registers a technician.
    pub(crate) fn technician(&self, name: &str) -> Person {
        let data = self.create("/api/auth/register", None, &technician_registration(name));
        person(&data, &data["profile"]["id"])
    }

    /// Registers a company with its first administrator.
    pub(crate) fn company(&self, name: &str) -> Person {
        let data = self.create("/api/auth/register", None, &company_registration(name));
        person(&data, &data["company"]["id"])
    }

    /// Posts an open job; returns its id.
    pub(crate) fn open_job(&self, company: &Person) -> String {
        id_of(&self.create("/api/jobs", Some(company), &a_job()))
    }

    /// Opens a chat thread about a job; returns its id.
    pub(crate) fn open_thread(&self, technician: &Person, company: &Person, job: &str) -> String {
        let body = json!({"companyId": company.id, "jobId": job, "text": "Is lodging included?"});
        id_of(&self.create("/api/chat/threads", Some(technician), &body))
    }

    /// Logs in.
    pub(crate) fn log_in(&self, email: &str) -> Response {
        self.post("/api/auth/login").json(&credentials(email)).send().unwrap()
    }

    fn create(&self, path: &str, person: Option<&Person>, body: &Value) -> Value {
        let mut request = self.post(path).json(body);
        if let Some(person) = person {
            request = request.bearer(&person.token);
        }
        let response = request.send().unwrap();
        assert!(response.is_success(), "{path}: {response:?}");
        response.data(response.status)
    }
}

/// The body of a login.
pub(crate) fn credentials(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD})
}

/// The body of the registration of a technician.
pub(crate) fn technician_registration(name: &str) -> Value {
    json!({
        "email": format!("{name}@technicians.example"), "password": PASSWORD, "role": "TECHNICIAN",
        "fullName": name, "country": "DK",
    })
}

/// The body of the registration of a company.
fn company_registration(name: &str) -> Value {
    json!({
        "email": format!("admin@{name}.example"), "password": PASSWORD, "role": "COMPANY_ADMIN",
        "companyName": name, "country": "DK",
    })
}

/// The body of a request that posts an open job.
pub(crate) fn a_job() -> Value {
    json!({
        "title": "Blade repair", "description": "Leading edges of 20 turbines", "location": "Esbjerg",
        "discipline": "BLADE_REPAIR", "contractType": "DAY_RATE", "startDate": "2027-03-01", "status": "OPEN",
    })
}

fn person(data: &Value, id: &Value) -> Person {
    Person { token: text(&data["token"]), email: text(&data["user"]["email"]), id: text(id) }
}

fn id_of(data: &Value) -> String {
    text(&data["id"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}
