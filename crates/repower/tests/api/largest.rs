//! The largest response of every route: data at all bounds, and pages of the greatest
//! limit. No body exceeds 1 MiB, and paging returns every row once.

mod fill;

use repower_http::{MAX_RESPONSE_BYTES, Route};
use serde_json::Value;

use self::fill::{
    MESSAGES, ROWS, administration, certifications, chats, companies, jobs, passport, people, sessions, timeline,
};
use crate::support::{App, Person, Reply, all_routes, each};

/// A marketplace with texts and counts at their bounds.
struct Scene {
    app: App,
    company: Person,
    technician: Person,
    /// A technician with the largest timeline.
    drawn: Person,
    root: Person,
    job: String,
    application: String,
    thread: String,
}

/// What a route returns.
enum Expected {
    /// A single resource, or a text of the program.
    One,
    /// A list with so many rows.
    List(usize),
    /// The messages of a thread.
    Messages,
    /// A file of the program, which no user can change.
    File,
}

impl Scene {
    fn new() -> Self {
        let app = App::start();
        let (company, technician, root) = (app.company("vestas"), app.technician("tanja"), app.super_admin());
        let drawn = app.technician("dorte");
        let fill = [
            companies(&company),
            people(&company),
            sessions(&company),
            passport(&technician),
            timeline(&drawn),
            jobs(&company, &technician),
        ];
        for statement in
            fill.iter().flatten().chain(&chats(&company, &technician)).chain(&administration(&root, &company))
        {
            app.database.run(statement);
        }
        let first = |query: &str| app.database.texts(query).remove(0);
        let job = first("SELECT id::text FROM jobs ORDER BY created_at LIMIT 1");
        let application = first("SELECT id::text FROM applications ORDER BY created_at LIMIT 1");
        let thread = first("SELECT id::text FROM threads ORDER BY last_seq DESC LIMIT 1");
        Self { app, company, technician, drawn, root, job, application, thread }
    }

    /// The caller of a route, and what it returns.
    fn expected(&self, path: &str) -> (Option<&Person>, Expected) {
        let (company, technician, root) = (Some(&self.company), Some(&self.technician), Some(&self.root));
        let of = |table: &str| Expected::List(usize::try_from(self.app.database.rows(table)).unwrap());
        match path {
            "/health/live" | "/health/ready" | "/metrics" | "/api/openapi.json" | "/api/certification-types" => {
                (None, Expected::One)
            }
            own if own.starts_with("/api/technicians/me") || own.ends_with("/compliance") => {
                (technician, Expected::One)
            }
            "/api/users/me"
            | "/api/users/me/sessions"
            | "/api/companies/me"
            | "/api/companies/{id}"
            | "/api/companies/me/dashboard"
            | "/api/chat/unread"
            | "/api/technicians/{id}/passport"
            | "/api/technicians/{id}/passport/timeline.svg"
            | "/api/jobs/{id}"
            | "/api/applications/{id}" => (company, Expected::One),
            "/api/technicians" | "/api/jobs/{id}/candidates" => (company, of("technicians")),
            "/api/companies/me/audit" => {
                (company, of(&format!("audit_events WHERE company_id = '{}'", self.company.id)))
            }
            "/api/companies/me/applications" => {
                (company, of(&format!("applications WHERE company_id = '{}'", self.company.id)))
            }
            "/api/companies/me/members" => (company, of("company_members")),
            "/api/companies/me/invitations" => (company, of("invitations")),
            "/api/companies/me/jobs" => (company, of("jobs")),
            "/api/jobs" => (None, of("jobs")),
            "/api/jobs/{id}/applications" | "/api/applications/jobs/{id}/applications" => {
                (company, of(&format!("applications WHERE job_id = '{}'", self.job)))
            }
            "/api/applications/me" => {
                (technician, of(&format!("applications WHERE technician_id = '{}'", self.technician.id)))
            }
            "/api/chat/threads" => (company, of("threads")),
            "/api/chat/threads/{id}/messages" => (company, Expected::Messages),
            "/api/admin/users" => (root, of("users")),
            "/api/admin/companies" => (root, of("companies")),
            "/api/admin/audit" => (root, of("audit_events")),
            "/api/admin/certifications" => (root, of("certifications")),
            "/api/admin/revocations" => (root, of("revocations")),
            file if file.starts_with("/docs") => (None, Expected::File),
            _ => panic!("GET {path} has no scene here: what is its largest response?"),
        }
    }

    /// The path of a route with the id of its resource, and the query of its largest response.
    fn path(&self, route: &Route) -> String {
        if route.path == "/api/technicians/{id}/passport/timeline.svg" {
            return format!("{}?jobId={}", route.path.replace("{id}", &self.drawn.id), self.job);
        }
        let id = match route.signature.path_id {
            None => "",
            Some("CompanyId") => &self.company.id,
            Some("JobId") => &self.job,
            Some("ApplicationId") => &self.application,
            Some("ThreadId") => &self.thread,
            Some("TechnicianId") => &self.technician.id,
            Some(other) => panic!("GET {} has no {other} here", route.path),
        };
        route.path.replace("{id}", id)
    }

    /// A response, which is not too large.
    #[track_caller]
    fn get(&self, caller: Option<&Person>, path: &str) -> Reply {
        let reply = self.app.get(path).by(caller).send();
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        assert!(reply.text.len() <= MAX_RESPONSE_BYTES, "{path} has {} bytes", reply.text.len());
        reply
    }

    /// The ids of all rows of a list, and the number of rows of each page.
    fn rows(&self, caller: Option<&Person>, path: &str) -> (Vec<String>, Vec<usize>) {
        let (mut ids, mut pages, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let body = self.get(caller, &format!("{path}?limit=100&cursor={cursor}")).body();
            let page = each(&body["data"], "id");
            assert!(!page.is_empty(), "{path} has an empty page");
            pages.push(page.len());
            ids.extend(page);
            let Some(next) = body["meta"]["nextCursor"].as_str() else { return (ids, pages) };
            next.clone_into(&mut cursor);
        }
    }

    /// The numbers of all messages in the order of the pages, from the boundary of the
    /// first page on. `on` is the query of the next page.
    fn messages(&self, caller: Option<&Person>, first: &str, on: impl Fn(&[i64]) -> String) -> Vec<Vec<i64>> {
        let path = format!("/api/chat/threads/{}/messages?limit=200", self.thread);
        let (mut pages, mut query) = (Vec::new(), first.to_owned());
        loop {
            let body = self.get(caller, &format!("{path}{query}")).body();
            let page: Vec<_> =
                body["data"].as_array().unwrap().iter().map(|row| row["seq"].as_i64().unwrap()).collect();
            assert!(!page.is_empty() && page.len() < 200, "{} messages", page.len());
            assert_eq!(body["meta"]["lastSeq"], MESSAGES);
            query = on(&page);
            pages.push(page);
            if body["meta"]["hasMore"] == Value::Bool(false) {
                return pages;
            }
        }
    }
}

#[test]
fn no_response_exceeds_a_mebibyte_and_paging_returns_every_row_once() {
    let scene = Scene::new();
    let mut shortened = Vec::new();
    for route in all_routes().iter().filter(|route| route.method == "GET") {
        let (caller, expected) = scene.expected(route.path);
        let path = scene.path(route);
        assert_eq!(route.reply.is_page, matches!(expected, Expected::List(_)), "{path}");
        match expected {
            Expected::One => drop(scene.get(caller, &path)),
            Expected::File => assert_eq!(scene.app.get(&path).send().status, 200, "{path}"),
            Expected::List(count) => {
                let (mut ids, pages) = scene.rows(caller, &path);
                ids.sort_unstable();
                ids.dedup();
                assert_eq!((ids.len(), pages.iter().sum::<usize>()), (count, count), "{path}");
                if pages[0] < count.min(100) {
                    shortened.push(route.path);
                }
            }
            Expected::Messages => {
                let all: Vec<_> = (1..=i64::try_from(MESSAGES).unwrap()).collect();
                let forward = scene.messages(caller, "&after=0", |page| format!("&after={}", page.last().unwrap()));
                assert_eq!(forward.concat(), all);
                let back = scene.messages(caller, "", |page| format!("&before={}", page[0]));
                assert_eq!(back.into_iter().rev().flatten().collect::<Vec<_>>(), all);
            }
        }
    }
    shortened.sort_unstable();
    // The others have short rows: their pages are full.
    assert_eq!(
        shortened,
        [
            "/api/admin/certifications",
            "/api/admin/companies",
            "/api/applications/jobs/{id}/applications",
            "/api/applications/me",
            "/api/chat/threads",
            "/api/companies/me/applications",
            "/api/companies/me/jobs",
            "/api/jobs",
            "/api/jobs/{id}/applications",
            "/api/jobs/{id}/candidates",
            "/api/technicians",
        ]
    );
}

#[test]
fn a_passport_has_all_certifications_of_the_quota_and_the_newest_evaluations_that_fit() {
    let scene = Scene::new();
    let shown = || {
        let passport = scene.get(Some(&scene.technician), "/api/technicians/me/passport").body()["data"].take();
        let count = |list: &str| passport[list].as_array().unwrap().len();
        let counts = ["skills", "certifications", "evaluations"].map(count);
        (counts, each(&passport["certifications"], "validUntil"), passport["summary"].clone())
    };
    let (counts, days, summary) = shown();
    assert!(counts[..2] == [50, 100] && (20..50).contains(&counts[2]), "{counts:?}");
    assert_eq!((&*days[0], &summary["evaluationCount"]), ("2030-04-11", &(ROWS / 2).into()));
    // A quota that was lowered removes nothing.
    scene.app.database.run(&certifications(&scene.technician.id, 500, "'GWO'"));
    let ([skills, certifications, evaluations], days, summary) = shown();
    assert!(skills == 50 && (150..300).contains(&certifications) && (15..50).contains(&evaluations));
    assert_eq!((&*days[0], &summary["certifications"]["valid"]), ("2031-05-16", &600.into()));
    assert!(days.is_sorted_by(|one, next| one >= next));
}
