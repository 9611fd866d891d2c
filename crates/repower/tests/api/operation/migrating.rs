use std::thread;

use crate::support::{Process, TestDatabase};

#[test]
fn a_second_migration_changes_nothing() {
    let database = TestDatabase::unmigrated();
    assert_eq!(Process::on(&database, &["migrate"]).finish().code, Some(0));
    let before = database.contents();
    assert!(!before.is_empty());
    let again = Process::on(&database, &["migrate"]).finish();
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert_eq!(database.contents(), before);
}

#[test]
fn eight_concurrent_migrations_all_succeed() {
    let database = TestDatabase::unmigrated();
    let codes: Vec<_> = thread::scope(|scope| {
        let migrate = || Process::on(&database, &["migrate"]).finish().code;
        let running: Vec<_> = (0..8).map(|_| scope.spawn(migrate)).collect();
        running.into_iter().map(|process| process.join().unwrap()).collect()
    });
    assert_eq!(codes, [Some(0); 8]);
    assert_eq!(database.rows("users"), 0);
}

#[test]
fn migrating_without_a_database_fails() {
    let database = TestDatabase::unmigrated();
    let unreachable = "postgres://repower:hunter2@127.0.0.1:1/nowhere";
    let finished = Process::on(&database, &["migrate"]).set("DATABASE_URL", unreachable).finish();
    assert_eq!(finished.code, Some(1));
    assert!(!finished.err.is_empty() && !finished.err.contains("hunter2"), "{}", finished.err);
}

/// The state and the name of each line.
fn pairs(out: &str) -> Vec<(&str, &str)> {
    out.lines().filter_map(|line| line.split_once(' ')).map(|(word, rest)| (word, rest.trim())).collect()
}

#[test]
fn each_migration_is_printed_with_its_progress() {
    let database = TestDatabase::unmigrated();
    let finished = Process::on(&database, &["migrate"]).finish();
    let ran: Vec<_> = finished.out.lines().filter_map(|line| line.strip_prefix("ran ")).collect();
    assert!(ran.len() > 5 && ran[0] == "00000000000001_accounts", "{}", finished.out);
    assert!(finished.out.ends_with("The database is migrated.\n"), "{}", finished.out);
    let expected: Vec<_> =
        ran.iter().zip(1..).map(|(name, place)| format!("migrating {place}/{}: {name}", ran.len())).collect();
    assert_eq!(finished.err.lines().collect::<Vec<_>>(), expected);
    let again = Process::on(&database, &["migrate"]).finish();
    assert_eq!((again.out.as_str(), again.err.as_str()), ("The database is migrated.\n", ""));
}

#[test]
fn the_status_lists_applied_and_pending_migrations() {
    let database = TestDatabase::unmigrated();
    let status = |arguments: &[&str]| {
        let finished = Process::on(&database, &[&["migrate", "--status"], arguments].concat()).finish();
        (finished.code, finished.out, finished.err)
    };
    let (code, out, err) = status(&[]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(pairs(&out).iter().all(|(state, _)| *state == "pending") && out.lines().count() > 5, "{out}");
    assert_eq!(database.contents(), [""; 0], "the status creates nothing");
    assert_eq!(status(&["--check"]).0, Some(1));
    Process::on(&database, &["migrate"]).finish();
    let (code, migrated, err) = status(&["--check"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(migrated, out.replace("pending", "applied"));
}

#[test]
fn the_newest_migrations_are_reverted_and_run_again() {
    let database = TestDatabase::unmigrated();
    let ran = Process::on(&database, &["migrate"]).finish().out;
    let names: Vec<_> = ran.lines().filter_map(|line| line.strip_prefix("ran ")).collect();
    let back = Process::on(&database, &["migrate", "--down", "2"]).finish();
    let newest: Vec<_> = names.iter().rev().take(2).collect();
    assert_eq!(back.code, Some(0), "{}", back.err);
    let printed: Vec<_> = newest.iter().map(|name| format!("reverted {name}")).collect();
    assert_eq!(back.out.lines().collect::<Vec<_>>(), printed);
    let err: Vec<_> = newest.iter().zip(1..).map(|(name, place)| format!("reverting {place}/2: {name}")).collect();
    assert_eq!(back.err.lines().collect::<Vec<_>>(), err);
    let status = Process::on(&database, &["migrate", "--status"]).finish().out;
    let pending: Vec<_> = pairs(&status).into_iter().filter(|(state, _)| *state == "pending").collect();
    assert_eq!(pending.len(), 2, "{status}");
    let again = Process::on(&database, &["migrate"]).finish().out;
    assert_eq!(again.lines().filter(|line| line.starts_with("ran ")).count(), 2, "{again}");
}

#[test]
fn more_migrations_than_have_run_are_not_reverted() {
    let database = TestDatabase::create();
    let before = database.contents();
    let finished = Process::on(&database, &["migrate", "--down", "1000"]).finish();
    assert_eq!((finished.code, finished.out.as_str()), (Some(1), ""));
    assert!(finished.err.contains("1000") && finished.err.contains("have run"), "{}", finished.err);
    assert_eq!(database.contents(), before);
}
