use serde_json::json;

use crate::support::{Finished, Process, TestDatabase, claims_of};

/// The rows to load by table.
const COUNTS: [(&str, i64); 7] = [
    ("companies", 5),
    ("technicians", 60),
    ("certifications", 200),
    ("jobs", 300),
    ("applications", 800),
    ("threads", 90),
    ("messages", 1_000),
];

fn load(database: &TestDatabase, more: &[&str]) -> Finished {
    let mut arguments = vec!["load-data"];
    let numbers = COUNTS.map(|(name, count)| [format!("--{name}"), count.to_string()]);
    let numbers: Vec<_> = numbers.into_iter().filter(|[name, _]| !more.contains(&name.as_str())).flatten().collect();
    arguments.extend(numbers.iter().map(String::as_str));
    arguments.extend(more);
    Process::on(database, &arguments).finish()
}

fn loaded(more: &[&str]) -> (TestDatabase, Finished) {
    let database = TestDatabase::unmigrated();
    let finished = load(&database, more);
    assert_eq!(finished.code, Some(0), "{}", finished.err);
    (database, finished)
}

#[test]
fn the_requested_numbers_are_loaded_and_violate_no_rule() {
    let (database, finished) = loaded(&[]);
    for (table, count) in COUNTS {
        assert_eq!(database.rows(table), count, "{table}");
        let lines = finished.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        assert!(lines.into_iter().any(|words| words == [table, &count.to_string()]), "{}", finished.out);
    }
    assert!(finished.err.contains("loading 8/15: jobs\n"), "{}", finished.err);
    let checked = Process::on(&database, &["check-data"]).finish();
    assert_eq!(checked.code, Some(0), "{}", checked.out);
}

#[test]
fn all_kinds_of_rows_are_loaded() {
    let (database, _) = loaded(&["--seed", "3"]);
    let kinds = |table: &str| database.texts(&format!("SELECT DISTINCT status FROM {table}")).len();
    assert_eq!((kinds("jobs"), kinds("applications")), (3, 6));
    assert!(database.rows("evaluations") > 0 && database.rows("skills") > 0);
    assert!(database.rows("threads WHERE company_unread > 0") > 0 && database.rows("threads WHERE job_id IS NULL") > 0);
    assert_eq!(database.rows("(SELECT FROM jobs ORDER BY created_at DESC LIMIT 30) AS newest"), 30);
    let newest = "(SELECT status FROM jobs ORDER BY created_at DESC LIMIT 30) AS newest WHERE status = 'DRAFT'";
    assert_eq!(database.rows(newest), 30);
}

#[test]
fn every_kind_of_loaded_user_logs_in() {
    let (database, finished) = loaded(&[]);
    let served = Process::on(&database, &["serve"]).serve();
    assert!(finished.out.contains("the password of all is load-data-1"), "{}", finished.out);
    for (email, role) in [
        ("admin@load.example", "SUPER_ADMIN"),
        ("company1@load.example", "COMPANY_ADMIN"),
        ("company5@load.example", "COMPANY_ADMIN"),
        ("technician1@load.example", "TECHNICIAN"),
        ("technician60@load.example", "TECHNICIAN"),
    ] {
        let credentials = json!({"email": email, "password": "load-data-1"});
        let data = served.post("/api/auth/login").json(&credentials).send().data(200);
        assert_eq!(claims_of(data["token"].as_str().unwrap())["role"], role);
    }
}

#[test]
fn equal_seeds_load_equal_rows() {
    // Each password hash has a random salt.
    let rows = |seed| {
        let (database, _) = loaded(&["--seed", seed]);
        let own = |row: &String| !row.starts_with("users: ") && !row.starts_with("__diesel");
        database.contents().into_iter().filter(own).collect::<Vec<_>>()
    };
    let one = rows("7");
    assert_eq!(one, rows("7"));
    assert_ne!(one, rows("8"));
}

#[test]
fn indexes_and_constraints_are_restored_after_loading() {
    let definitions = |database: &TestDatabase| {
        let mut all = database.texts(
            "SELECT replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE schemaname = current_schema() \
             UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE connamespace = current_schema()::regnamespace",
        );
        all.sort();
        all
    };
    assert_eq!(definitions(&loaded(&[]).0), definitions(&TestDatabase::create()));
}

#[test]
fn a_database_with_users_is_rejected_and_unchanged() {
    let (database, _) = loaded(&[]);
    let before = database.contents();
    let again = load(&database, &["--seed", "2"]);
    assert_eq!((again.code, again.out.as_str()), (Some(1), ""));
    assert!(again.err.contains("has users already"), "{}", again.err);
    assert_eq!(database.contents(), before);
}

#[test]
fn impossible_numbers_are_rejected_and_nothing_is_loaded() {
    for (more, why) in [
        (&["--threads", "900"][..], "fewer threads"),
        (&["--technicians", "3"], "more technicians"),
        (&["--companies", "0"], "need a company"),
        (&["--threads", "0"], "more threads"),
    ] {
        let database = TestDatabase::create();
        let finished = load(&database, more);
        assert_eq!((finished.code, finished.out.as_str()), (Some(1), ""), "{more:?}");
        assert!(finished.err.contains(why), "{}", finished.err);
        assert_eq!(database.rows("users"), 0);
    }
}

#[test]
fn loading_is_rejected_in_production() {
    let database = TestDatabase::create();
    let before = database.contents();
    let finished =
        Process::on(&database, &["load-data"]).set("APP_ENV", "production").set("BCRYPT_COST", "10").finish();
    assert_eq!(finished.code, Some(1), "{}", finished.err);
    assert!(finished.err.contains("production"), "{}", finished.err);
    assert_eq!(database.contents(), before);
}
