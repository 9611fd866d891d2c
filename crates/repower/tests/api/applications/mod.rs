//! Applications: applying, the lists of both sides, transitions and history.

mod applying;
mod company_list;
mod company_wide_list;
mod details;
mod moving;
mod own_list;
mod transitions;

use serde_json::{Value, json};

use crate::support::{App, Person, Reply};

/// The two paths of the applications of a job; the second is that of the first version
/// of the API.
fn paths(job: &str) -> [String; 2] {
    [format!("/api/jobs/{job}/applications"), format!("/api/applications/jobs/{job}/applications")]
}

fn apply(app: &App, technician: &Person, job: &str, body: &Value) -> Reply {
    app.post(&format!("/api/jobs/{job}/applications")).bearer(&technician.token).json(body).send()
}

fn move_with(app: &App, person: &Person, application: &str, body: &Value) -> Reply {
    app.patch(&format!("/api/applications/{application}/status")).bearer(&person.token).json(body).send()
}

fn move_job(app: &App, company: &Person, job: &str, status: &str) {
    app.patch(&format!("/api/jobs/{job}/status"))
        .bearer(&company.token)
        .json(&json!({"status": status}))
        .send()
        .data(200);
}

/// An application as the technician's list shows it, without the job.
fn stored(app: &App, technician: &Person) -> Value {
    let mut application = app.get("/api/applications/me").bearer(&technician.token).send().data(200)[0].clone();
    application.as_object_mut().unwrap().remove("job");
    application
}
