use std::thread;

use crate::support::{Process, TestDatabase};

#[test]
fn migrating_twice_is_migrating_once() {
    let database = TestDatabase::unmigrated();
    assert_eq!(Process::on(&database, &["migrate"]).finish().code, Some(0));
    let before = database.contents();
    assert!(!before.is_empty());
    let again = Process::on(&database, &["migrate"]).finish();
    assert_eq!(again.code, Some(0), "{}", again.told);
    assert_eq!(database.contents(), before);
}

#[test]
fn eight_that_migrate_at_once_all_succeed() {
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
    let away = "postgres://repower:hunter2@127.0.0.1:1/nowhere";
    let finished = Process::on(&database, &["migrate"]).set("DATABASE_URL", away).finish();
    assert_eq!(finished.code, Some(1));
    assert!(!finished.told.is_empty() && !finished.told.contains("hunter2"), "{}", finished.told);
}

/// The first word of each line, and the second.
fn pairs(out: &str) -> Vec<(&str, &str)> {
    out.lines().filter_map(|line| line.split_once(' ')).map(|(word, rest)| (word, rest.trim())).collect()
}

#[test]
fn what_ran_is_printed_and_its_progress_told_in_plain_lines() {
    let database = TestDatabase::unmigrated();
    let finished = Process::on(&database, &["migrate"]).finish();
    let ran: Vec<_> = finished.out.lines().filter_map(|line| line.strip_prefix("ran ")).collect();
    assert!(ran.len() > 5 && ran[0] == "00000000000001_accounts", "{}", finished.out);
    assert!(finished.out.ends_with("The database is migrated.\n"), "{}", finished.out);
    let expected: Vec<_> =
        ran.iter().zip(1..).map(|(name, place)| format!("migrating {place}/{}: {name}", ran.len())).collect();
    assert_eq!(finished.told.lines().collect::<Vec<_>>(), expected);
    let again = Process::on(&database, &["migrate"]).finish();
    assert_eq!((again.out.as_str(), again.told.as_str()), ("The database is migrated.\n", ""));
}

#[test]
fn the_status_lists_what_is_applied_and_what_is_pending() {
    let database = TestDatabase::unmigrated();
    let status = |arguments: &[&str]| {
        let finished = Process::on(&database, &[&["migrate", "--status"], arguments].concat()).finish();
        (finished.code, finished.out, finished.told)
    };
    let (code, out, told) = status(&[]);
    assert_eq!((code, told.as_str()), (Some(0), ""));
    assert!(pairs(&out).iter().all(|(state, _)| *state == "pending") && out.lines().count() > 5, "{out}");
    assert_eq!(database.contents(), [""; 0], "asking makes nothing");
    assert_eq!(status(&["--check"]).0, Some(1));
    Process::on(&database, &["migrate"]).finish();
    let (code, migrated, told) = status(&["--check"]);
    assert_eq!((code, told.as_str()), (Some(0), ""));
    assert_eq!(migrated, out.replace("pending", "applied"));
}

#[test]
fn the_newest_migrations_are_taken_back_and_run_again() {
    let database = TestDatabase::unmigrated();
    let ran = Process::on(&database, &["migrate"]).finish().out;
    let names: Vec<_> = ran.lines().filter_map(|line| line.strip_prefix("ran ")).collect();
    let back = Process::on(&database, &["migrate", "--down", "2"]).finish();
    let newest: Vec<_> = names.iter().rev().take(2).collect();
    assert_eq!(back.code, Some(0), "{}", back.told);
    let printed: Vec<_> = newest.iter().map(|name| format!("reverted {name}")).collect();
    assert_eq!(back.out.lines().collect::<Vec<_>>(), printed);
    let told: Vec<_> = newest.iter().zip(1..).map(|(name, place)| format!("reverting {place}/2: {name}")).collect();
    assert_eq!(back.told.lines().collect::<Vec<_>>(), told);
    let status = Process::on(&database, &["migrate", "--status"]).finish().out;
    let pending: Vec<_> = pairs(&status).into_iter().filter(|(state, _)| *state == "pending").collect();
    assert_eq!(pending.len(), 2, "{status}");
    let again = Process::on(&database, &["migrate"]).finish().out;
    assert_eq!(again.lines().filter(|line| line.starts_with("ran ")).count(), 2, "{again}");
}

#[test]
fn more_than_have_run_are_not_taken_back() {
    let database = TestDatabase::create();
    let before = database.contents();
    let finished = Process::on(&database, &["migrate", "--down", "1000"]).finish();
    assert_eq!((finished.code, finished.out.as_str()), (Some(1), ""));
    assert!(finished.told.contains("1000") && finished.told.contains("have run"), "{}", finished.told);
    assert_eq!(database.contents(), before);
}
