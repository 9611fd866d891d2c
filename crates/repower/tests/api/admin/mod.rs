//! `/api/admin`: users, companies, jobs and the audit log.

mod activating;
mod audit;
mod closing;
mod companies;
mod hiding;
mod members;
mod sessions;
mod users;
mod verifying;

use serde_json::{Value, json};

use crate::support::{App, Person, Reply};

const USERS: &str = "/api/admin/users";
const AUDIT: &str = "/api/admin/audit";
fn get(app: &App, root: &Person, path: &str) -> Reply {
    app.get(path).bearer(&root.token).send()
}

pub(crate) fn set_active(app: &App, root: &Person, user: &str, active: bool) -> Reply {
    app.patch(&format!("{USERS}/{user}")).bearer(&root.token).json(&json!({ "active": active })).send()
}

fn close(app: &App, root: &Person, job: &str) -> Reply {
    app.patch(&format!("/api/admin/jobs/{job}/status")).bearer(&root.token).json(&json!({"status": "CLOSED"})).send()
}

/// The audit log, newest first.
fn log(app: &App, root: &Person) -> Value {
    get(app, root, &format!("{AUDIT}?limit=100")).data(200)
}

/// The stored rows but those of the audit log.
fn contents(app: &App) -> Vec<String> {
    app.database.contents().into_iter().filter(|row| !row.starts_with("audit_events")).collect()
}

/// The entries `USER_READ` of the audit log.
fn readings(app: &App, root: &Person) -> Vec<Value> {
    let fields = ["actorId", "action", "subjectType", "subjectId", "before", "after"];
    let entries = get(app, root, &format!("{AUDIT}?action=USER_READ")).data(200);
    entries.as_array().unwrap().iter().map(|entry| json!(fields.map(|field| &entry[field]))).collect()
}

/// One field of each row of a list, in pages of two rows; `between` runs after each
/// page but the last.
fn pages(app: &App, root: &Person, path: &str, field: &str, mut between: impl FnMut()) -> Vec<Vec<String>> {
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    loop {
        let body = get(app, root, &format!("{path}?limit=2&cursor={cursor}")).body();
        pages.push(crate::support::each(&body["data"], field));
        let Some(next) = body["meta"]["nextCursor"].as_str() else { return pages };
        cursor = crate::support::encoded(next);
        between();
    }
}
