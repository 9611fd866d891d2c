use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{flood, unchanged};
use crate::support::{Client, Cluster};

/// How many jobs there are to look through.
const JOBS: usize = 50_000;

/// How many ask at once, each as fast as it can.
const CLIENTS: usize = 16;

/// For how long.
const LONG: Duration = Duration::from_secs(8);

/// Open jobs of one company, whose texts share many words.
fn many_jobs(cluster: &Cluster) {
    cluster.execute(&format!(
        "INSERT INTO companies (id, name, country, created_at, updated_at) \
         VALUES ('00000000-0000-7000-8000-000000000001', 'Nordwind', 'DK', now(), now()); \
         INSERT INTO jobs (id, company_id, company_name, title, description, location, country, discipline, \
             contract_type, day_rate_from, day_rate_to, currency, start_date, status, published_at, created_at, updated_at) \
         SELECT gen_random_uuid(), '00000000-0000-7000-8000-000000000001', 'Nordwind', 'Blade repair ' || n, \
             'The work is for a team of two and in the air, on and off that tower', 'Port ' || n % 1000, 'DK', \
             'BLADE_REPAIR', 'DAY_RATE', 300 + n % 500, 400 + n % 500, 'EUR', DATE '2027-01-01' + n % 300, 'OPEN', \
             now() - n * interval '1 second', now(), now() \
         FROM generate_series(1, {JOBS}) AS numbers (n); \
         ANALYZE"
    ));
}

fn queries() -> Vec<(String, u16)> {
    let stop_words = ["the", "and", "of", "to", "a", "in", "for", "is", "on", "that"];
    let many = stop_words.iter().cycle().take(60).copied().collect::<Vec<_>>().join("+");
    vec![
        (format!("/api/jobs?q={}", stop_words[..3].join("+")), 200),
        ("/api/jobs?q=a+e+i+o".to_owned(), 200),
        ("/api/jobs?q=zzzz+yyyy".to_owned(), 200),
        (format!("/api/jobs?q={many}"), 400),
        (format!("/api/jobs?q={}", "x".repeat(10_000)), 400),
        (format!("/api/jobs?q={}", "%25".repeat(60)), 200),
        ("/api/jobs?location=_%25_&dayRateMin=999999&currency=DKK".to_owned(), 200),
        ("/api/jobs?dayRateMin=1&dayRateMax=1&startDateFrom=2999-12-31&limit=100".to_owned(), 200),
        (format!("/api/jobs?cursor={}", "A".repeat(5_000)), 400),
        ("/api/jobs?limit=999999999999999999999".to_owned(), 400),
    ]
}

#[test]
fn questions_that_are_dear_leave_room_for_others() {
    flood("dear questions", unchanged, many_jobs, |server| {
        let (asked, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for place in 0..CLIENTS {
                let (client, asked, refused) = (server.client(), &asked, &refused);
                scope.spawn(move || ask(&client, place, asked, refused));
            }
        });
        eprintln!("dear questions: {asked:?} were asked, {refused:?} refused as too many");
    });
}

fn ask(client: &Client, place: usize, asked: &AtomicUsize, refused: &AtomicUsize) {
    let began = Instant::now();
    for (path, status) in queries().iter().cycle().skip(place) {
        if began.elapsed() > LONG {
            return;
        }
        let reply = client.get(path).send().unwrap();
        asked.fetch_add(1, Ordering::Relaxed);
        if reply.status == 503 {
            refused.fetch_add(1, Ordering::Relaxed);
        } else {
            assert_eq!(reply.status, *status, "{path:.100}: {reply:.300?}");
        }
    }
}
