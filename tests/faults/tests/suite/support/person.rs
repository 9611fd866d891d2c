use serde_json::{Value, json};

use super::{Client, Reply};

/// Everybody's password.
const PASSWORD: &str = "correct horse";

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) email: String,
    /// The technician's or the company's.
    pub(crate) id: String,
}

/// The story of the marketplace, told to a server that is well.
impl Client {
    /// Registers a technician.
    pub(crate) fn technician(&self, name: &str) -> Person {
        let data = self.send_new("/api/auth/register", None, &technician(name));
        person(&data, &data["profile"]["id"])
    }

    /// Registers a company with its first administrator.
    pub(crate) fn company(&self, name: &str) -> Person {
        let data = self.send_new("/api/auth/register", None, &company(name));
        person(&data, &data["company"]["id"])
    }

    /// Posts a job that is open; answers its id.
    pub(crate) fn open_job(&self, company: &Person) -> String {
        id_of(&self.send_new("/api/jobs", Some(company), &a_job()))
    }

    /// Opens a chat about a job; answers its id.
    pub(crate) fn open_thread(&self, technician: &Person, company: &Person, job: &str) -> String {
        let body = json!({"companyId": company.id, "jobId": job, "text": "Is lodging included?"});
        id_of(&self.send_new("/api/chat/threads", Some(technician), &body))
    }

    /// Signs in.
    pub(crate) fn log_in(&self, email: &str) -> Reply {
        let body = json!({"email": email, "password": PASSWORD});
        self.post("/api/auth/login").json(&body).send().unwrap()
    }

    fn send_new(&self, path: &str, person: Option<&Person>, body: &Value) -> Value {
        let mut request = self.post(path).json(body);
        if let Some(person) = person {
            request = request.bearer(&person.token);
        }
        let reply = request.send().unwrap();
        assert!(reply.is_good(), "{path}: {reply:?}");
        reply.data(reply.status)
    }
}

/// What a technician registers with.
pub(crate) fn technician(name: &str) -> Value {
    json!({
        "email": format!("{name}@technicians.example"), "password": PASSWORD, "role": "TECHNICIAN",
        "fullName": name, "country": "DK",
    })
}

/// What a company registers with.
fn company(name: &str) -> Value {
    json!({
        "email": format!("admin@{name}.example"), "password": PASSWORD, "role": "COMPANY_ADMIN",
        "companyName": name, "country": "DK",
    })
}

/// A job as a company posts it.
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
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
