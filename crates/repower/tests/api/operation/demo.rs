use serde_json::{Value, json};

use crate::support::{Process, TestDatabase, claims_of};

/// The texts of a query, one a row, sorted.
fn sorted(database: &TestDatabase, query: &str) -> Vec<String> {
    let mut texts = database.texts(query);
    texts.sort();
    texts
}

/// A database with the demo data, and the logins that were printed: address,
/// password, role.
fn a_demo() -> (TestDatabase, Vec<(String, String)>, String) {
    let database = TestDatabase::unmigrated();
    let finished = Process::on(&database, &["demo"]).finish();
    assert_eq!(finished.code, Some(0), "{}", finished.told);
    let words = finished.out.split_whitespace();
    let password = finished.out.split_once(" is ").unwrap().1.split([')', '\n']).next().unwrap().to_owned();
    let words: Vec<_> = words.collect();
    let logins = words.windows(2).filter(|pair| pair[0].contains('@'));
    let logins = logins.map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
    (database, logins, password)
}

#[test]
fn the_demo_has_of_everything() {
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
    for standing in [
        "valid_until < current_date",
        "valid_from <= current_date AND valid_until - current_date BETWEEN 0 AND 60",
        "valid_from <= current_date AND valid_until - current_date > 60",
    ] {
        assert!(database.rows(&format!("certifications WHERE {standing}")) > 0, "{standing}");
    }
    let addresses: Vec<_> = logins.into_iter().map(|(email, role)| format!("{email} {role}")).collect();
    let mut printed = addresses;
    printed.sort();
    assert_eq!(printed, sorted(&database, "SELECT email || ' ' || role FROM users"));
}

#[test]
fn the_demo_is_loaded_twice_without_harm() {
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
    let (counted, standing) = (counts(), statuses());
    let again = Process::on(&database, &["demo"]).finish();
    assert_eq!(again.code, Some(0), "{}", again.told);
    assert_eq!((counts(), statuses()), (counted, standing));
    assert!(again.out.contains("COMPANY_ADMIN"), "{}", again.out);
    let parts = ["1/4: companies", "2/4: technicians", "3/4: jobs", "4/4: applications, chats and evaluations"];
    let told = parts.map(|part| format!("loading demo data {part}"));
    assert_eq!(again.told.lines().collect::<Vec<_>>(), told);
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
fn the_demo_is_not_for_production() {
    let database = TestDatabase::create();
    let before = database.contents();
    let finished = Process::on(&database, &["demo"]).set("APP_ENV", "production").set("BCRYPT_COST", "10").finish();
    assert_eq!(finished.code, Some(1), "{}", finished.told);
    assert_eq!(database.contents(), before);
}
