use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use diesel::connection::SimpleConnection;
use serde_json::json;

use super::{exposition::Exposition, in_time, story::Story};
use crate::support::{App, TcpProxy, until};

const REQUESTS: &str = "http_request_duration_seconds_count";
const ROUTE_OF_JOBS: &str = "/api/jobs/{id}";

fn metrics(app: &App) -> Exposition {
    Exposition::of(&in_time(app.get("/metrics")))
}

#[test]
fn requests_are_counted_by_method_route_and_status_class() {
    let app = App::start();
    Story::play(&app.address().to_string());
    let exposition = metrics(&app);
    for (method, route, status, times) in [
        ("POST", "/api/auth/register", "2xx", 2.0),
        ("POST", "/api/auth/register", "4xx", 1.0),
        ("GET", ROUTE_OF_JOBS, "4xx", 1.0),
        ("POST", "/api/chat/threads/{id}/messages", "2xx", 2.0),
        ("GET", "unmatched", "4xx", 1.0),
        ("OTHER", "/api/technicians/me", "4xx", 1.0),
    ] {
        let labels = [("method", method), ("route", route), ("status", status)];
        assert_eq!(exposition.number(REQUESTS, &labels), Some(times), "{labels:?}");
    }
}

#[test]
fn every_counter_counts() {
    let app = App::start();
    Story::play(&app.address().to_string());
    let exposition = metrics(&app);
    for (name, labels, number) in [
        ("repower_logins_total", &[("outcome", "succeeded")][..], 1.0),
        ("repower_logins_total", &[("outcome", "rejected")], 2.0),
        ("repower_logins_total", &[("outcome", "throttled")], 0.0),
        ("repower_registrations_total", &[("outcome", "succeeded")], 3.0),
        ("repower_registrations_total", &[("outcome", "rejected")], 2.0),
        ("repower_sessions_begun_total", &[], 5.0),
        ("repower_sessions_ended_total", &[("reason", "password")], 2.0),
        ("repower_errors_total", &[("code", "email_taken")], 1.0),
        ("repower_errors_total", &[("code", "unsupported_media_type")], 1.0),
        ("repower_errors_total", &[("code", "internal")], 0.0),
        ("repower_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0),
        ("repower_executor_concurrency", &[("executor", "database")], 3.0),
        ("repower_executor_rejected_total", &[("reason", "full")], 0.0),
        ("repower_executor_rejected_total", &[("reason", "share")], 0.0),
        ("repower_executor_rejected_total", &[("reason", "queue_timeout")], 0.0),
        ("repower_idempotent_replays_total", &[], 4.0),
        ("http_requests_in_flight", &[], 1.0),
        ("repower_pool_max_connections", &[], 4.0),
        ("repower_actor_cache_live", &[], 0.0),
        ("repower_actor_cache_requests_total", &[("result", "hit")], 0.0),
        ("repower_replica_reads_total", &[("server", "replica")], 0.0),
        ("repower_replica_reads_total", &[("server", "primary")], 0.0),
        ("repower_replica_usable", &[], 0.0),
        ("repower_replica_lag_seconds", &[], 0.0),
    ] {
        assert_eq!(exposition.number(name, labels), Some(number), "{name} {labels:?}");
    }
    let connections = exposition.number("repower_pool_connections", &[]).unwrap();
    assert!((1.0..=4.0).contains(&connections), "{connections}");
}

#[test]
fn names_have_the_prefix_and_the_unit() {
    let app = App::start();
    for (name, kind) in metrics(&app).types() {
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name} {kind}");
        let is_gauge_of_time = ["process_start_time_seconds", "repower_replica_lag_seconds"].contains(&name);
        assert_eq!(name.ends_with("_seconds"), kind == "histogram" || is_gauge_of_time, "{name}");
        let origin = ["repower_", "http_", "process_"].iter().find(|prefix| name.starts_with(**prefix));
        assert!(origin.is_some(), "{name}");
    }
}

#[test]
fn input_of_clients_creates_no_series() {
    let app = App::start();
    let send_unknown = |word: &str| {
        app.get(&format!("/{word}/{word}?{word}={word}")).send();
        app.request(&word.to_ascii_uppercase(), &format!("/api/jobs/{word}")).send();
        app.get(&format!("/api/jobs/{word}")).bearer(word).header("X-Request-Id", word).send();
        app.post("/api/auth/login").json(&json!({"email": word, "password": word})).send();
    };
    let series = || {
        let mut series: Vec<_> =
            metrics(&app).series.iter().map(|one| format!("{} {:?}", one.name, one.labels)).collect();
        series.sort();
        series
    };
    metrics(&app);
    send_unknown("first");
    let before = series();
    ["second", "third", "fourth"].into_iter().for_each(send_unknown);
    assert_eq!(series(), before);
    let routes = metrics(&app).values(REQUESTS, "route");
    assert_eq!(Vec::from_iter(&routes), ["/api/auth/login", ROUTE_OF_JOBS, "/metrics", "unmatched"]);
}

#[test]
fn a_throttled_login_is_counted_as_throttled() {
    let app = App::start_with(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "1")]);
    let credentials = json!({"email": "tanja@technicians.example", "password": "wrong horse"});
    let log_in = || app.post("/api/auth/login").json(&credentials).send().status.as_u16();
    assert_eq!([log_in(), log_in(), log_in()], [401, 429, 429]);
    let exposition = metrics(&app);
    let logins = |outcome| exposition.number("repower_logins_total", &[("outcome", outcome)]);
    assert_eq!(["succeeded", "rejected", "throttled"].map(logins), [Some(0.0), Some(1.0), Some(2.0)]);
}

#[test]
fn a_request_without_the_token_is_rejected() {
    let app = App::start_with(&[("METRICS_TOKEN", "only for Prometheus")]);
    for wrong in ["", "only for prometheus", "only for Prometheus.", "only"] {
        let reply = app.get("/metrics").bearer(wrong).send();
        assert_eq!(reply.code(401), "unauthenticated", "{wrong}");
        assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"));
    }
    assert_eq!(app.get("/metrics").send().code(401), "unauthenticated");
    assert_eq!(app.get("/metrics?token=only").send().code(401), "unauthenticated");
}

#[test]
fn a_request_with_the_token_reads_the_metrics() {
    let app = App::start_with(&[("METRICS_TOKEN", "for-Prometheus")]);
    Exposition::of(&app.get("/metrics").bearer("for-Prometheus").send());
    assert_eq!(app.request("HEAD", "/metrics").bearer("for-Prometheus").send().status, 200);
    assert_eq!(app.get("/metrics?format=json").bearer("for-Prometheus").send().fields(), ["format: unknown_field"]);
}

#[test]
fn without_the_setting_any_client_reads_the_metrics() {
    let app = App::start();
    Exposition::of(&app.get("/metrics").send());
    Exposition::of(&app.get("/metrics").bearer("whatever").send());
    assert_eq!(app.post("/metrics").send().code(405), "method_not_allowed");
}

#[test]
fn in_production_without_the_setting_only_this_machine_reads_the_metrics() {
    let app = App::start_with(&[("APP_ENV", "production"), ("BCRYPT_COST", "10"), ("TRUSTED_PROXIES", "127.0.0.1")]);
    Exposition::of(&app.get("/metrics").send());
    for hop in ["198.51.100.7", "127.0.0.1"] {
        assert_eq!(app.get("/metrics").header("X-Forwarded-For", hop).send().code(401), "unauthenticated");
    }
}

#[test]
fn the_metrics_show_an_outage_of_the_database() {
    let proxy = TcpProxy::closed();
    proxy.open();
    let app = App::start_behind(&proxy);
    until(|| app.get("/health/ready").send().status == 200);
    assert!(metrics(&app).number("repower_pool_connections", &[]) >= Some(1.0));
    proxy.close();
    assert_eq!(app.get("/api/jobs").send().code(503), "database_unavailable");
    until(|| metrics(&app).number("repower_pool_connections", &[]) == Some(0.0));
    assert_eq!(app.get("/health/ready").send().code(503), "database_unavailable");
    let exposition = metrics(&app);
    assert!(exposition.number("repower_pool_timeouts_total", &[]) >= Some(1.0));
    assert_eq!(exposition.number("repower_errors_total", &[("code", "database_unavailable")]), Some(2.0));
    assert_eq!(exposition.number(REQUESTS, &[("route", "/health/ready"), ("status", "5xx")]), Some(1.0));
}

#[test]
fn the_metrics_respond_while_the_executor_is_full() {
    let app = App::start();
    let technician = app.technician("tanja");
    let edit = || app.patch("/api/technicians/me").bearer(&technician.token).json(&json!({"bio": "Ropes."})).send();
    let mut connection = app.database.connect();
    connection.batch_execute("BEGIN; LOCK TABLE technicians IN ACCESS EXCLUSIVE MODE").unwrap();
    let is_seen = AtomicBool::new(false);
    // An edit that fails because of the lock is repeated.
    let edit_until_seen = || (0..40).any(|_| is_seen.load(Ordering::Relaxed) || edit().status != 503);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(edit_until_seen);
        }
        until(|| {
            let exposition = metrics(&app);
            let executor = |name: &str| exposition.number(name, &[("executor", "database")]);
            // One client leaves a thread to others.
            executor("repower_executor_running") == Some(2.0)
                && executor("repower_executor_queued") == Some(4.0)
                && exposition.number("repower_pool_connections", &[("state", "in_use")]) == Some(2.0)
                && exposition.number("http_requests_in_flight", &[]) == Some(7.0)
        });
        is_seen.store(true, Ordering::Relaxed);
        connection.batch_execute("ROLLBACK").unwrap();
    });
    assert_eq!(metrics(&app).number("repower_executor_running", &[("executor", "database")]), Some(0.0));
}

#[test]
fn two_servers_in_one_process_count_separately() {
    let app = App::start();
    let other = app.beside(&[]);
    app.get("/api/jobs").send().data(200);
    let jobs = |app: &App| metrics(app).number(REQUESTS, &[("route", "/api/jobs")]);
    assert_eq!([jobs(&app), jobs(&other)], [Some(1.0), None]);
}
