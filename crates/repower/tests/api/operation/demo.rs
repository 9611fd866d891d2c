use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Process, TestDatabase, claims_of, text};

/// The texts of a query of one column, sorted.
fn sorted(database: &TestDatabase, query: &str) -> Vec<String> {
    let mut texts = database.texts(query);
    texts.sort();
    texts
}

/// A database with the demo data, the emails and roles that were printed, and the
/// password.
fn a_demo() -> (TestDatabase, Vec<(String, String)>, String) {
    let database = TestDatabase::unmigrated();
    let finished = Process::on(&database, &["demo"]).finish();
    assert_eq!(finished.code, Some(0), "{}", finished.err);
    let words = finished.out.split_whitespace();
    let password = finished.out.split_once(" is ").unwrap().1.split([')', '\n']).next().unwrap().to_owned();
    let words: Vec<_> = words.collect();
    let logins = words.windows(2).filter(|pair| pair[0].contains('@'));
    let logins = logins.map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
    (database, logins, password)
}

#[test]
fn the_demo_has_all_kinds_of_rows() {
    let (database, logins, _) = a_demo();
    assert_eq!((database.rows("companies"), database.rows("technicians"), database.rows("jobs")), (3, 12, 20));
    let roles = "SELECT DISTINCT company_id::text || ' ' || role FROM company_members JOIN users ON users.id = user_id";
    assert_eq!(database.texts(roles).len(), 12);
    let statuses = |table: &str| sorted(&database, &format!("SELECT DISTINCT status FROM {table}"));
    assert_eq!(statuses("jobs"), ["CLOSED", "DRAFT", "OPEN"]);
    let all = ["ACCEPTED", "APPLIED", "OFFERED", "REJECTED", "SHORTLISTED", "WITHDRAWN"];
    assert_eq!(statuses("applications"), all);
    assert!(database.rows("threads") > 1 && database.rows("messages") > database.rows("threads"));
    assert!(database.rows("technicians WHERE primary_discipline = 'OTHER'") < 3);
    for condition in [
        "valid_until < current_date",
        "valid_from <= current_date AND valid_until - current_date BETWEEN 0 AND 60",
        "valid_from <= current_date AND valid_until - current_date > 60",
    ] {
        assert!(database.rows(&format!("certifications WHERE {condition}")) > 0, "{condition}");
    }
    let lines: Vec<_> = logins.into_iter().map(|(email, role)| format!("{email} {role}")).collect();
    let mut printed = lines;
    printed.sort();
    assert_eq!(printed, sorted(&database, "SELECT email || ' ' || role FROM users"));
}

#[test]
fn loading_the_demo_twice_changes_nothing() {
    let (database, ..) = a_demo();
    let counts = || {
        [
            "users",
            "companies",
            "company_members",
            "technicians",
            "skills",
            "certifications",
            "jobs",
            "applications",
            "application_events",
            "threads",
            "messages",
            "evaluations",
        ]
        .map(|table| (table, database.rows(table)))
    };
    let statuses =
        || ["jobs", "applications"].map(|table| sorted(&database, &format!("SELECT id::text || status FROM {table}")));
    let (counts_before, statuses_before) = (counts(), statuses());
    let again = Process::on(&database, &["demo"]).finish();
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert_eq!((counts(), statuses()), (counts_before, statuses_before));
    assert!(again.out.contains("COMPANY_ADMIN"), "{}", again.out);
    let parts = ["1/4: companies", "2/4: technicians", "3/4: jobs", "4/4: applications, chats and evaluations"];
    let expected = parts.map(|part| format!("loading demo data {part}"));
    assert_eq!(again.err.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn every_printed_login_works() {
    let (database, logins, password) = a_demo();
    let served = Process::on(&database, &["serve"]).serve();
    assert_eq!(logins.len(), 24);
    for (email, role) in logins {
        let data = served.post("/api/auth/login").json(&json!({"email": email, "password": password})).send().data(200);
        assert_eq!(claims_of(data["token"].as_str().unwrap())["role"], role);
    }
    let jobs = served.get("/api/jobs?limit=100").send().data(200);
    assert!(jobs.as_array().is_some_and(|jobs| jobs.iter().all(|job| job["publishedAt"] != Value::Null)));
}

#[test]
fn the_demo_has_candidates_of_every_status_and_availability() {
    let (database, logins, password) = a_demo();
    let served = Process::on(&database, &["serve"]).serve();
    let members = logins.iter().filter(|(_, role)| role == "COMPANY_ADMIN");
    let (mut statuses, mut availability) = (BTreeSet::new(), BTreeSet::new());
    for (email, _) in members {
        let login = served.post("/api/auth/login").json(&json!({"email": email, "password": password}));
        let token = text(&login.send().data(200)["token"]);
        let jobs = served.get("/api/companies/me/jobs?limit=100").bearer(&token).send().data(200);
        for job in jobs.as_array().unwrap() {
            let path = format!("/api/jobs/{}/candidates", text(&job["id"]));
            for one in served.get(&path).bearer(&token).send().data(200).as_array().unwrap() {
                statuses.insert(text(&one["compliance"]["overall"]));
                availability.insert(text(&one["availability"]));
            }
        }
    }
    let expected = ["COMPLIANT", "EXPIRED", "EXPIRES_DURING", "MISSING", "NOT_YET_VALID"].map(str::to_owned);
    assert_eq!(statuses, BTreeSet::from(expected));
    assert_eq!(availability, BTreeSet::from(["BOOKED", "BUSY", "FREE"].map(str::to_owned)));
}

#[test]
fn the_demo_is_rejected_in_production() {
    let database = TestDatabase::create();
    let before = database.contents();
    let finished = Process::on(&database, &["demo"]).set("APP_ENV", "production").set("BCRYPT_COST", "10").finish();
    assert_eq!(finished.code, Some(1), "{}", finished.err);
    assert_eq!(database.contents(), before);
}
