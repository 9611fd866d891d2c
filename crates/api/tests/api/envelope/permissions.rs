//! The contract's table of permissions, asked of every route there is.

use super::{NOTHING, all_routes};
use crate::support::{App, ROLES};

const TECHNICIAN: &[&str] = &["TECHNICIAN"];
const MEMBERS: &[&str] = &["ADMIN", "MANAGER", "RECRUITER", "VIEWER"];
const HIRING: &[&str] = &["ADMIN", "MANAGER", "RECRUITER"];
const EDITING: &[&str] = &["ADMIN", "MANAGER"];
const BOTH_SIDES: &[&str] = &["TECHNICIAN", "ADMIN", "MANAGER", "RECRUITER"];

/// Who may call each route at all; `None` where no token is needed.
const TABLE: [(&str, &str, Option<&[&str]>); 27] = [
    ("POST", "/api/auth/register", None),
    ("POST", "/api/auth/login", None),
    ("GET", "/api/technicians/me", Some(TECHNICIAN)),
    ("PATCH", "/api/technicians/me", Some(TECHNICIAN)),
    ("GET", "/api/technicians/me/passport", Some(TECHNICIAN)),
    ("POST", "/api/technicians/me/certifications", Some(TECHNICIAN)),
    ("DELETE", "/api/technicians/me/certifications/:id", Some(TECHNICIAN)),
    ("PUT", "/api/technicians/me/skills", Some(TECHNICIAN)),
    ("GET", "/api/companies/me", Some(MEMBERS)),
    ("PATCH", "/api/companies/me", Some(EDITING)),
    ("GET", "/api/companies/me/members", Some(MEMBERS)),
    ("GET", "/api/companies/me/jobs", Some(MEMBERS)),
    ("POST", "/api/jobs", Some(HIRING)),
    ("GET", "/api/jobs", None),
    ("GET", "/api/jobs/:id", None),
    ("PATCH", "/api/jobs/:id", Some(HIRING)),
    ("PATCH", "/api/jobs/:id/status", Some(HIRING)),
    ("POST", "/api/jobs/:id/applications", Some(TECHNICIAN)),
    ("GET", "/api/jobs/:id/applications", Some(HIRING)),
    ("POST", "/api/applications/jobs/:id/applications", Some(TECHNICIAN)),
    ("GET", "/api/applications/jobs/:id/applications", Some(HIRING)),
    ("GET", "/api/applications/me", Some(TECHNICIAN)),
    ("PATCH", "/api/applications/:id/status", Some(BOTH_SIDES)),
    ("POST", "/api/chat/threads", Some(BOTH_SIDES)),
    ("GET", "/api/chat/threads", Some(BOTH_SIDES)),
    ("GET", "/api/chat/threads/:id/messages", Some(BOTH_SIDES)),
    ("POST", "/api/chat/threads/:id/messages", Some(BOTH_SIDES)),
];

/// Every route with who may call it.
fn routes() -> impl Iterator<Item = (&'static str, String, Option<&'static [&'static str]>)> {
    TABLE.into_iter().map(|(method, path, roles)| (method, path.replace(":id", NOTHING), roles))
}

#[test]
fn every_route_is_in_the_table() {
    let mut served: Vec<_> = all_routes();
    let mut known: Vec<_> = routes().map(|(method, path, _)| (method.to_owned(), path)).collect();
    served.sort();
    known.sort();
    assert_eq!(served, known);
    let roles = routes().filter_map(|(_, _, roles)| roles).flatten();
    assert!(roles.into_iter().all(|role| ROLES.contains(role)));
}

#[test]
fn a_route_asks_for_a_token_unless_it_is_public() {
    let app = App::start();
    for (method, path, roles) in routes() {
        let reply = app.request(method, &path).send();
        assert_eq!(reply.status == 401, roles.is_some(), "{method} {path}: {reply:?}");
        if roles.is_some() {
            assert_eq!(reply.code(401), "unauthenticated");
            assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"), "{method} {path}");
        }
    }
}

#[test]
fn a_role_that_may_not_is_refused_before_anything_else_is_looked_at() {
    let app = App::start();
    let people = app.one_of_each_role();
    let before = app.database.contents();
    for (method, path, roles) in routes() {
        for (role, person) in &people {
            // Neither the parameter nor the body nor the thing is right.
            let asked = app.request(method, &format!("{path}?zap=1")).bearer(&person.token);
            let reply = if method == "GET" { asked.send() } else { asked.raw("{").send() };
            let is_allowed = roles.is_none_or(|roles| roles.contains(role));
            assert_eq!(reply.status == 403, !is_allowed, "{role} {method} {path}: {reply:?}");
            let code = if is_allowed { reply.code(400) } else { reply.code(403) };
            let told = if is_allowed { ["malformed_json", "validation_failed"] } else { ["forbidden"; 2] };
            assert!(told.contains(&code.as_str()), "{role} {method} {path}: {code}");
        }
    }
    assert_eq!(app.database.contents(), before);
}
