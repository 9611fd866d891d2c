//! The largest response of every route: data at all bounds, and pages of the greatest
//! limit. No body exceeds 1 MiB, and paging returns every row once.

use repower_http::{MAX_RESPONSE_BYTES, Route};
use serde_json::Value;

use crate::support::{App, Person, Reply, all_routes, each};

/// The rows of each list without a quota: more than a page.
const ROWS: usize = 120;

/// The messages of a thread: more than a page.
const MESSAGES: usize = 250;

/// A text of so many characters, which have six bytes each in JSON.
fn escaped(characters: usize) -> String {
    format!("repeat(E'\\x01', {characters})")
}

/// A name of so many characters, which have four bytes each and are not escaped: names
/// have no control characters.
fn wide(characters: usize) -> String {
    format!("repeat('🔧', {characters})")
}

/// An email of 254 characters.
fn email(kind: char) -> String {
    format!("lpad('{kind}' || n, 63, 'x') || '@' || repeat(repeat('d', 60) || '.', 3) || 'example'")
}

/// A URL of 2,048 characters.
const URL: &str = "rpad('https://documents.example/', 2048, 'u')";

/// A marketplace with texts and counts at their bounds.
struct Scene {
    app: App,
    company: Person,
    technician: Person,
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
        let fill = [companies(&company), people(&company), passport(&technician), jobs(&company, &technician)];
        for statement in
            fill.iter().flatten().chain(&chats(&company, &technician)).chain(&administration(&root, &company))
        {
            app.database.run(statement);
        }
        let first = |query: &str| app.database.texts(query).remove(0);
        let job = first("SELECT id::text FROM jobs ORDER BY created_at LIMIT 1");
        let application = first("SELECT id::text FROM applications ORDER BY created_at LIMIT 1");
        let thread = first("SELECT id::text FROM threads ORDER BY last_seq DESC LIMIT 1");
        Self { app, company, technician, root, job, application, thread }
    }

    /// The caller of a route, and what it returns.
    fn expected(&self, path: &str) -> (Option<&Person>, Expected) {
        let (company, technician, root) = (Some(&self.company), Some(&self.technician), Some(&self.root));
        let of = |table: &str| Expected::List(usize::try_from(self.app.database.rows(table)).unwrap());
        match path {
            "/health/live" | "/health/ready" | "/metrics" | "/api/openapi.json" | "/api/certification-types" => {
                (None, Expected::One)
            }
            "/api/technicians/me" | "/api/technicians/me/passport" => (technician, Expected::One),
            "/api/users/me"
            | "/api/companies/me"
            | "/api/companies/{id}"
            | "/api/companies/me/dashboard"
            | "/api/chat/unread"
            | "/api/technicians/{id}/passport"
            | "/api/jobs/{id}"
            | "/api/applications/{id}" => (company, Expected::One),
            "/api/technicians" => (company, of("technicians")),
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
            file if file.starts_with("/docs") => (None, Expected::File),
            _ => panic!("GET {path} has no scene here: what is its largest response?"),
        }
    }

    /// The path of a route with the id of its resource.
    fn path(&self, route: &Route) -> String {
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

/// Companies, and the own one with a profile of the same length.
fn companies(company: &Person) -> Vec<String> {
    let (name, text, id) = (wide(120), escaped(10_000), &company.id);
    vec![
        format!("UPDATE companies SET name = {name}, website = {URL}, description = {text} WHERE id = '{id}'"),
        format!(
            "INSERT INTO companies (id, name, country, website, description, created_at, updated_at) \
             SELECT gen_random_uuid(), {name}, 'DK', {URL}, {text}, now() - n * interval '1 s', now() \
             FROM generate_series(1, {ROWS}) AS numbers (n)"
        ),
    ]
}

/// Technicians, members of the own company, and as many invitations as it may have.
fn people(company: &Person) -> Vec<String> {
    let users = |kind: char, role: &str| {
        format!(
            "INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at) \
             SELECT gen_random_uuid(), {}, 'hash', '{role}', now(), now() - n * interval '1 s', now() \
             FROM generate_series(1, {ROWS}) AS numbers (n)",
            email(kind)
        )
    };
    vec![
        users('t', "TECHNICIAN"),
        users('v', "COMPANY_VIEWER"),
        format!(
            "INSERT INTO technicians (id, user_id, full_name, country, primary_discipline, years_experience, bio, \
                 mobility, currency, created_at, updated_at) \
             SELECT gen_random_uuid(), id, {}, 'DK', 'OTHER', 70, {}, 'REGIONAL', 'EUR', created_at, updated_at \
             FROM users WHERE email LIKE 'x%' AND role = 'TECHNICIAN'",
            wide(120),
            escaped(4_000)
        ),
        format!(
            "INSERT INTO company_members (id, user_id, company_id, created_at) \
             SELECT gen_random_uuid(), id, '{}', created_at FROM users WHERE role = 'COMPANY_VIEWER'",
            company.id
        ),
        format!(
            "INSERT INTO invitations (id, company_id, email, role, secret_digest, invited_by, expires_at, created_at) \
             SELECT gen_random_uuid(), '{}', {}, 'RECRUITER', sha256(n::text::bytea), '{}', \
                 now() + interval '7 days', now() - n * interval '1 s' \
             FROM generate_series(1, 100) AS numbers (n)",
            company.id,
            email('i'),
            company.user_id
        ),
    ]
}

/// The profile, skills and certifications of a technician.
fn passport(technician: &Person) -> Vec<String> {
    let (id, name) = (&technician.id, wide(117));
    vec![
        format!("UPDATE technicians SET full_name = {}, bio = {} WHERE id = '{id}'", wide(120), escaped(4_000)),
        format!(
            "INSERT INTO skills (technician_id, folded_name, name, level) \
             SELECT '{id}', name, name, 'INTERMEDIATE' \
             FROM generate_series(1, 50) AS numbers (n), LATERAL (SELECT {} || lpad(n::text, 3, '0')) AS names (name)",
            wide(57)
        ),
        certifications(id, 100, &format!("{name} || lpad(n::text, 3, '0')")),
    ]
}

fn certifications(technician: &str, count: usize, name: &str) -> String {
    format!(
        "INSERT INTO certifications (id, technician_id, name, provider, valid_from, valid_until, document_url) \
         SELECT gen_random_uuid(), '{technician}', {name}, {}, DATE '2020-01-01', DATE '2030-01-01' + n, {URL} \
         FROM generate_series(1, {count}) AS numbers (n)",
        wide(120)
    )
}

/// Open jobs. The technician has applied for all of them and is evaluated for half;
/// all technicians have applied for the oldest.
fn jobs(company: &Person, technician: &Person) -> Vec<String> {
    let (name, message, id) = (wide(120), escaped(2_000), &company.id);
    vec![
        format!(
            "INSERT INTO jobs (id, company_id, title, description, location, country, project_name, \
                 discipline, contract_type, day_rate_from, day_rate_to, currency, start_date, end_date, status, \
                 published_at, created_at, updated_at) \
             SELECT gen_random_uuid(), '{id}', {name}, {}, {name}, 'DK', {name}, 'BLADE_REPAIR', 'FIXED_PRICE', \
                 10000000, 10000000, 'EUR', '2027-03-01', '2027-05-31', 'OPEN', at, at, at \
             FROM generate_series(1, {ROWS}) AS numbers (n), LATERAL (SELECT now() - n * interval '1 s') AS times (at)",
            escaped(10_000)
        ),
        format!(
            "INSERT INTO applications (id, job_id, company_id, technician_id, status, message_to_company, \
                 message_to_technician, created_at, updated_at) \
             SELECT gen_random_uuid(), jobs.id, company_id, technicians.id, 'APPLIED', {message}, {message}, \
                 jobs.created_at, now() \
             FROM jobs, technicians \
             WHERE technicians.id = '{}' OR jobs.created_at = (SELECT min(created_at) FROM jobs)",
            technician.id
        ),
        "INSERT INTO application_events (application_id, position, to_status, side, actor_user_id, at) \
         SELECT applications.id, 1, 'APPLIED', 'TECHNICIAN', user_id, applications.created_at \
         FROM applications JOIN technicians ON technicians.id = technician_id"
            .to_owned(),
        format!(
            "INSERT INTO evaluations (id, technician_id, company_id, job_id, rating, comment, answer, created_at) \
             SELECT gen_random_uuid(), '{}', company_id, id, 5, {message}, {message}, created_at \
             FROM jobs ORDER BY created_at LIMIT {}",
            technician.id,
            ROWS / 2
        ),
        format!(
            "UPDATE technicians SET rating_count = {}, rating_average = 500 WHERE id = '{}'",
            ROWS / 2,
            technician.id
        ),
    ]
}

/// A thread of the company with each technician, and a long one with the technician.
fn chats(company: &Person, technician: &Person) -> Vec<String> {
    vec![
        format!(
            "INSERT INTO threads (id, company_id, technician_id, job_id, last_seq, last_activity_at, created_at) \
             SELECT gen_random_uuid(), '{}', technicians.id, (SELECT id FROM jobs LIMIT 1), \
                 CASE WHEN technicians.id = '{}' THEN {MESSAGES} ELSE 1 END, created_at, created_at FROM technicians",
            company.id, technician.id
        ),
        format!(
            "INSERT INTO messages (id, thread_id, seq, sender_type, sender_user_id, text, client_message_id, created_at) \
             SELECT gen_random_uuid(), id, seq, 'COMPANY', '{}', {}, {} || lpad(seq::text, 3, '0'), created_at \
             FROM threads, generate_series(1, last_seq) AS numbers (seq)",
            company.user_id,
            escaped(4_000),
            escaped(61)
        ),
    ]
}

/// The audit log.
fn administration(root: &Person, company: &Person) -> Vec<String> {
    let acts = format!(
        "INSERT INTO audit_events (id, actor_id, action, subject_type, subject_id, before, after, request_id, \
             created_at) \
         SELECT gen_random_uuid(), '{id}', 'USER_DEACTIVATED', 'USER', '{id}', '{{\"active\": true}}', \
             '{{\"active\": false}}', repeat('r', 128), now() - n * interval '1 s' \
         FROM generate_series(1, {ROWS}) AS numbers (n)",
        id = root.user_id
    );
    let edits = format!(
        "INSERT INTO audit_events (id, company_id, actor_id, action, subject_type, subject_id, before, after, \
             request_id, created_at) \
         SELECT gen_random_uuid(), '{id}', '{}', 'COMPANY_EDITED', 'COMPANY', '{id}', text, text, 'r', \
             now() - n * interval '1 s' \
         FROM generate_series(1, {ROWS}) AS numbers (n), \
             jsonb_build_object('description', repeat('𝔸', 300)) AS description (text)",
        company.user_id,
        id = company.id
    );
    vec![acts, edits]
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
            "/api/admin/companies",
            "/api/applications/jobs/{id}/applications",
            "/api/applications/me",
            "/api/chat/threads",
            "/api/companies/me/applications",
            "/api/companies/me/jobs",
            "/api/jobs/{id}/applications",
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
