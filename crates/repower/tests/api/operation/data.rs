use serde_json::Value;

use crate::support::{Process, TestDatabase};

fn demo() -> TestDatabase {
    let database = TestDatabase::unmigrated();
    let loaded = Process::on(&database, &["demo"]).finish();
    assert_eq!(loaded.code, Some(0), "{}", loaded.err);
    database
}

#[test]
fn the_demo_data_violates_no_rule() {
    let database = demo();
    let before = database.contents();
    let checked = Process::on(&database, &["check-data"]).finish();
    assert_eq!((checked.code, checked.err.as_str()), (Some(0), ""), "{}", checked.out);
    let (rules, verdict) = checked.out.split_once("\n\n").unwrap();
    assert!(rules.lines().count() > 15 && rules.lines().all(|line| line.starts_with("ok ")), "{rules}");
    assert_eq!(verdict, format!("No rule of {} is violated.\n", rules.lines().count()));
    assert_eq!(database.contents(), before);
}

#[test]
fn a_violated_rule_is_printed_and_the_command_fails() {
    let database = demo();
    let changed = database.run("UPDATE threads SET company_unread = 0, technician_unread = last_seq");
    let checked = Process::on(&database, &["check-data"]).finish();
    assert_eq!((checked.code, checked.err.as_str()), (Some(1), ""), "{}", checked.out);
    assert!(checked.out.contains("VIOLATED  unread_counts_add_up "), "{}", checked.out);
    assert!(checked.out.contains(" rules are violated."), "{}", checked.out);
    let checked = Process::on(&database, &["check-data", "--json"]).finish();
    assert_eq!(checked.code, Some(1), "{}", checked.err);
    let findings: Value = serde_json::from_str(&checked.out).unwrap();
    let violated: Vec<_> = findings.as_array().unwrap().iter().filter(|finding| finding["violations"] != 0).collect();
    assert_eq!((violated.len(), &violated[0]["name"]), (1, &Value::from("unread_counts_add_up")), "{violated:?}");
    assert!(violated[0]["violations"].as_u64() <= u64::try_from(changed).ok(), "{violated:?}");
    let example = violated[0]["examples"][0].as_str().unwrap();
    assert_eq!(database.rows(&format!("threads WHERE id = '{example}'")), 1);
}

#[test]
fn an_empty_database_passes_and_one_that_is_not_migrated_is_not_checked() {
    let database = TestDatabase::unmigrated();
    let checked = Process::on(&database, &["check-data"]).finish();
    assert_eq!((checked.code, checked.out.as_str()), (Some(1), ""));
    assert!(checked.err.contains("migrations are pending"), "{}", checked.err);
    Process::on(&database, &["migrate"]).finish();
    assert_eq!(Process::on(&database, &["check-data"]).finish().code, Some(0));
}
