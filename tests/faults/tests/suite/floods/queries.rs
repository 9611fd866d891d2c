use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{default_settings, flood};
use crate::support::{Client, Cluster};

/// The number of jobs in the database.
const JOBS: usize = 50_000;

/// The number of concurrent clients, each without a pause between its requests.
const CLIENTS: usize = 16;

/// The duration of the flood, in seconds.
const DURATION: Duration = Duration::from_secs(8);

/// Inserts open jobs of one company, whose texts share many words.
pub(super) fn insert_jobs(cluster: &Cluster) {
    let company = "00000000-0000-7000-8000-000000000001";
    cluster.execute(&format!(
        "INSERT INTO companies (id, name, country, created_at, updated_at) \
         VALUES ('{company}', 'Nordwind', 'DK', now(), now()); {}; ANALYZE",
        jobs_of(company, JOBS)
    ));
}

/// The statement that inserts open jobs of a company.
pub(super) fn jobs_of(company: &str, count: usize) -> String {
    format!(
        "INSERT INTO jobs (id, company_id, title, description, location, country, discipline, \
             contract_type, day_rate_from, day_rate_to, currency, start_date, status, published_at, created_at, updated_at, \
             search_text, search_location) \
         SELECT gen_random_uuid(), '{company}', 'Blade repair ' || n, \
             'The work is for a team of two and in the air, on and off that tower', 'Port ' || n % 1000, 'DK', \
             'BLADE_REPAIR', 'DAY_RATE', 300 + n % 500, 400 + n % 500, 'EUR', DATE '2027-01-01' + n % 300, 'OPEN', \
             now() - n * interval '1 second', now(), now(), 'blade repair ' || n || E'\\n' || \
             'the work is for a team of two and in the air, on and off that tower', 'port ' || n % 1000 \
         FROM generate_series(1, {count}) AS numbers (n)"
    )
}

/// The paths of expensive and invalid queries, each with its expected status.
fn queries() -> Vec<(String, u16)> {
    let stop_words = ["the", "and", "of", "to", "a", "in", "for", "is", "on", "that"];
    let many = stop_words.iter().cycle().take(60).copied().collect::<Vec<_>>().join("+");
    vec![
        (format!("/api/jobs?q={}", stop_words[..3].join("+")), 200),
        ("/api/jobs?q=a+e+i+o".to_owned(), 200),
        ("/api/jobs?q=zzzz+yyyy".to_owned(), 200),
        (format!("/api/jobs?q={many}"), 400),
        (format!("/api/jobs?q={}", "x".repeat(10_000)), 400),
        (format!("/api/jobs?q={}", stop_words.join("+")), 200),
        (format!("/api/jobs?q={}", "%25".repeat(60)), 200),
        ("/api/jobs?location=_%25_&dayRateMin=999999&currency=DKK".to_owned(), 200),
        ("/api/jobs?dayRateMin=1&dayRateMax=1&startDateFrom=2999-12-31&limit=100".to_owned(), 200),
        (format!("/api/jobs?cursor={}", "A".repeat(5_000)), 400),
        ("/api/jobs?limit=999999999999999999999".to_owned(), 400),
    ]
}

#[test]
fn expensive_queries_delay_no_other_client() {
    flood("expensive queries", default_settings, insert_jobs, |server| {
        let (sent, rejected) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for offset in 0..CLIENTS {
                let (client, sent, rejected) = (server.client(), &sent, &rejected);
                scope.spawn(move || send_queries(&client, offset, sent, rejected));
            }
        });
        eprintln!("expensive queries: {sent:?} were sent, {rejected:?} rejected with 503");
    });
}

/// Sends the queries in turn, starting at the one with index `offset`.
fn send_queries(client: &Client, offset: usize, sent: &AtomicUsize, rejected: &AtomicUsize) {
    let started = Instant::now();
    for (path, status) in queries().iter().cycle().skip(offset) {
        if started.elapsed() > DURATION {
            return;
        }
        let response = client.get(path).send().unwrap();
        sent.fetch_add(1, Ordering::Relaxed);
        if response.status == 503 {
            rejected.fetch_add(1, Ordering::Relaxed);
        } else {
            assert_eq!(response.status, *status, "{path:.100}: {response:.300?}");
        }
    }
}
