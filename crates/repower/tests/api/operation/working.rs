//! The background jobs, in `serve` or in `work`.

use crate::support::{Process, TestDatabase};

const EXPIRED: &str = "\
    INSERT INTO throttle_windows (scope, subject, tries, window_ends_at) \
    VALUES ('LOGIN_ADDRESS', sha256('x'), 1, now() - interval '1 second')";

fn with_an_expired_row() -> TestDatabase {
    let database = TestDatabase::create();
    database.run(EXPIRED);
    database
}

#[test]
fn a_worker_removes_expired_rows_and_serves_health_and_metrics_alone() {
    let database = with_an_expired_row();
    let mut worker = Process::on(&database, &["work"]).serve();
    worker.wait_for_line("expired rows were removed");
    assert_eq!(database.rows("throttle_windows"), 0);
    worker.wait_for("/health/ready", 200);
    assert_eq!(worker.get("/metrics").send().status, 200);
    // These three are all: the health of the process and of its database, and the metrics.
    assert!(worker.wait_for_line("listening").contains("routes=3"));
    assert_eq!(worker.get("/docs").send().code(404), "route_not_found");
    worker.signal("TERM");
    assert_eq!(worker.ended().code(), Some(0));
}

#[test]
fn a_worker_waits_for_the_migrations_and_runs_none() {
    let database = TestDatabase::unmigrated();
    let worker = Process::on(&database, &["work"]).serve();
    worker.get("/health/live").send().data(200);
    assert_eq!(worker.get("/health/ready").send().body()["details"]["migrations"], "pending");
    assert_eq!(Process::on(&database, &["migrate"]).finish().code, Some(0));
    worker.wait_for("/health/ready", 200);
}

#[test]
fn a_server_removes_expired_rows_unless_the_jobs_are_left_to_others() {
    let database = with_an_expired_row();
    let mut without = Process::on(&database, &["serve"]).set("RUN_BACKGROUND_JOBS", "false").serve();
    without.wait_for_line("the background jobs are left to other processes");
    without.wait_for("/health/ready", 200);
    let mut with = Process::on(&database, &["serve"]).serve();
    with.wait_for_line("expired rows were removed");
    assert_eq!(database.rows("throttle_windows"), 0);
    assert!(!without.into_log().iter().any(|line| line.contains("expired rows")));
}
