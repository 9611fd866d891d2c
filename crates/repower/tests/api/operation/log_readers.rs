//! A log that cannot be written, or that nobody reads.

use std::{
    fs::File,
    io::{self, Read},
    process::Stdio,
    thread,
};

use serde_json::Value;

use super::{exposition::Exposition, in_time};
use crate::support::{Process, Served, TestDatabase, until};

/// More lines than a pipe of 64 KiB has room for.
const MANY_REQUESTS: usize = 800;

fn dropped(served: &Served) -> f64 {
    let exposition = Exposition::of(&served.get("/metrics").send());
    exposition.number("repower_log_lines_dropped_total", &[]).unwrap()
}

/// Asserts that a server answers as ever, and that a signal ends it.
fn assert_serves_and_ends(served: Served) {
    for _ in 0..MANY_REQUESTS {
        assert_eq!(served.get("/nowhere").send().status, 404);
    }
    in_time(served.get("/health/live")).data(200);
    in_time(served.get("/api/jobs")).data(200);
    served.signal("TERM");
    assert_eq!(served.ended().code(), Some(0));
}

#[test]
fn a_server_goes_on_when_the_reader_of_its_log_goes_away() {
    let database = TestDatabase::create();
    let (reader, writer) = io::pipe().unwrap();
    let served = Process::on(&database, &["serve"]).serve_with_log(writer);
    drop(reader);
    until(|| {
        served.get("/nowhere").send();
        dropped(&served) > 0.0
    });
    assert_serves_and_ends(served);
}

#[test]
fn a_server_starts_and_goes_on_where_its_log_is_on_a_full_disk() {
    let database = TestDatabase::create();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let served = Process::on(&database, &["serve"]).serve_with_log(full);
    until(|| dropped(&served) > 0.0);
    assert_serves_and_ends(served);
}

#[test]
fn a_server_goes_on_when_nobody_empties_the_pipe_of_its_log() {
    let database = TestDatabase::create();
    let (_reader, writer) = io::pipe().unwrap();
    assert_serves_and_ends(Process::on(&database, &["serve"]).serve_with_log(writer));
}

#[test]
fn a_server_goes_on_without_a_standard_error() {
    let database = TestDatabase::create();
    let process = Process::on(&database, &["serve"]).without_stderr();
    assert_serves_and_ends(process.serve_with_log(Stdio::null()));
}

#[test]
fn a_command_that_fails_without_a_reader_ends_with_its_exit_code() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    assert_eq!(Process::new(&["migrate"]).status_with_log(writer), Some(2));
    let full = File::options().write(true).open("/dev/full").unwrap();
    assert_eq!(Process::new(&["migrate"]).status_with_log(full), Some(2));
}

#[test]
fn in_production_the_errors_of_commands_and_what_libraries_write_are_json() {
    let database = TestDatabase::unmigrated();
    let production = |command| Process::on(&database, &[command]).set("APP_ENV", "production").set("BCRYPT_COST", "10");
    let missing = production("migrate").set("JWT_SECRET", "short").finish();
    let refused = production("migrate").set("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/x").finish();
    let migrated = production("migrate").finish();
    // libpq complains that this is no plain file.
    let warned = production("migrate").set("PGPASSFILE", "/dev").finish();
    assert_eq!([&missing, &refused, &migrated, &warned].map(|one| one.code), [Some(2), Some(1), Some(0), Some(0)]);
    for (finished, text) in
        [(&missing, "JWT_SECRET"), (&refused, "does not respond"), (&migrated, "migrating"), (&warned, "plain file")]
    {
        for line in finished.err.lines() {
            let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            assert!(line["message"].is_string() && line["level"].is_string(), "{line}");
        }
        assert!(finished.err.contains(text), "{text} in {}", finished.err);
    }
}

#[test]
fn the_log_is_whole_where_it_is_read_late() {
    let database = TestDatabase::create();
    let (mut reader, writer) = io::pipe().unwrap();
    let served = Process::on(&database, &["serve"]).serve_with_log(writer);
    for _ in 0..MANY_REQUESTS {
        assert_eq!(served.get("/nowhere").send().status, 404);
    }
    let reading = thread::spawn(move || {
        let mut log = String::new();
        reader.read_to_string(&mut log).unwrap();
        log
    });
    served.signal("TERM");
    assert_eq!(served.ended().code(), Some(0));
    let log = reading.join().unwrap();
    assert_eq!(log.lines().filter(|line| line.contains("unmatched")).count(), MANY_REQUESTS);
    assert!(log.contains("stopped"), "{log}");
}
