//! Jobs: posting, searching, editing, publishing and closing.

mod caching;
mod editing;
mod filtering;
mod listing;
mod moving;
mod own_list;
mod paging;
mod posting;
mod rates;
mod requirements;
mod showing;
mod sorting;
mod words;

use serde_json::Value;

use crate::support::{App, Person, Reply, each};

/// The titles of the jobs that a search finds, in its order.
#[track_caller]
fn found(app: &App, query: &str) -> Vec<String> {
    each(&app.get(&format!("/api/jobs?{query}")).send().data(200), "title")
}

fn post(app: &App, company: &Person, body: &Value) -> Reply {
    app.post("/api/jobs").bearer(&company.token).json(body).send()
}

fn edit(app: &App, company: &Person, job: &str, body: &Value) -> Reply {
    app.patch(&format!("/api/jobs/{job}")).bearer(&company.token).json(body).send()
}

fn move_to(app: &App, company: &Person, job: &str, status: &str) -> Reply {
    let path = format!("/api/jobs/{job}/status");
    app.patch(&path).bearer(&company.token).json(&serde_json::json!({ "status": status })).send()
}

fn id(job: &Value) -> &str {
    job["id"].as_str().unwrap()
}
