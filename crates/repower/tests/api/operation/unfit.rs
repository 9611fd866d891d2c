//! Databases that a server cannot use: who runs it learns which kind, and what mends it.

use serde_json::json;

use crate::support::{JWT_SECRET, Process, TestDatabase};

fn command(url: &str, arguments: &[&str]) -> Process {
    let process = Process::new(arguments).set("DATABASE_URL", url).set("JWT_SECRET", JWT_SECRET);
    process.set("BCRYPT_COST", "4").set("HOST", "127.0.0.1").set("PORT", "0")
}

/// What `migrate` says, in one line, with exit code 1.
fn refusal(url: &str) -> String {
    let finished = command(url, &["migrate"]).finish();
    assert_eq!((finished.code, finished.err.lines().count()), (Some(1), 1), "{}", finished.err);
    finished.err
}

#[test]
fn a_database_that_is_not_utf8_is_told_by_migrate_at_the_start_and_by_readiness() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let created = TestDatabase::with(&format!("TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"));
        let told = format!("the encoding of the database is {encoding} and must be UTF8: ");
        assert!(refusal(&created.url()).starts_with(&format!("repower: {told}")));
        for migrates in ["true", "false"] {
            let mut served = command(&created.url(), &["serve"]).set("RUN_MIGRATIONS", migrates).serve();
            served.wait_for_line(&told);
            let ready = served.get("/health/ready").send();
            assert_eq!(ready.code(503), "database_unavailable");
            let details = json!({"database": "up", "migrations": "unknown", "reason": "encoding"});
            assert_eq!(ready.body()["details"], details);
        }
    }
}

#[test]
fn a_login_that_is_refused_and_a_database_that_is_missing_are_told_apart() {
    let given = std::env::var("TEST_DATABASE_URL").unwrap();
    let (_, place) = given.rsplit_once('@').unwrap();
    let (host, name) = place.rsplit_once('/').unwrap();
    let (cluster, _) = given.rsplit_once('/').unwrap();
    for (url, reason, told) in [
        (format!("postgres://stranger:hunter2@{host}/{name}"), "login_refused", "refuses the login"),
        (format!("{cluster}/nowhere"), "no_database", "does not exist"),
    ] {
        let refused = refusal(&url);
        assert!(refused.contains(told) && !refused.contains("hunter2"), "{refused}");
        let mut served = command(&url, &["serve"]).serve();
        let line = served.wait_for_line("not migrated yet; retrying");
        assert!(line.contains(told) && !line.contains("hunter2"), "{line}");
        let ready = served.get("/health/ready").send();
        assert_eq!(ready.code(503), "database_unavailable");
        let details = json!({"database": "down", "migrations": "unknown", "reason": reason});
        assert_eq!(ready.body()["details"], details);
        assert!(!ready.text.contains("stranger") && !ready.text.contains("hunter2"), "{}", ready.text);
    }
}
