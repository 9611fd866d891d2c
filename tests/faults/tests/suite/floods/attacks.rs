use std::{
    cell::OnceCell,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use serde_json::json;

use super::{
    default_settings, flood, no_data,
    queries::{insert_jobs, jobs_of},
};
use crate::support::{Client, Cluster, RawConnection, Response, Server, ServerConfig, TransportError, wait_for};

/// The duration of an attack, in seconds.
const DURATION: Duration = Duration::from_secs(8);

/// Repeats a request from many connections of one client address, without a pause.
/// Asserts that each response is a success or one of the rejections.
fn attack(
    server: &Server,
    connections: usize,
    send: impl Fn(&Client, usize) -> Result<Response, TransportError> + Sync,
    rejections: &[u16],
) {
    let (started, succeeded, rejected) = (Instant::now(), AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for connection in 0..connections {
            let (client, send, succeeded, rejected) = (server.client(), &send, &succeeded, &rejected);
            scope.spawn(move || {
                for number in 0.. {
                    if started.elapsed() > DURATION {
                        return;
                    }
                    let response = send(&client, connection + number * connections).unwrap();
                    let count = if response.is_success() { succeeded } else { rejected };
                    count.fetch_add(1, Ordering::Relaxed);
                    assert!(response.is_success() || rejections.contains(&response.status), "{response:?}");
                    assert!(!response.text.contains("database_unavailable"), "{response:?}");
                }
            });
        }
    });
    eprintln!("{succeeded:?} succeeded, {rejected:?} were rejected");
}

#[test]
fn searches_of_one_client_delay_no_other() {
    flood("searches of one client", default_settings, insert_jobs, |server| {
        let letters = ["an", "er", "in", "th", "of", "at", "to", "bl", "re", "te"];
        let send = |client: &Client, number: usize| {
            let words: Vec<_> = (0..10).map(|word| letters[(number + word * 3) % letters.len()]).collect();
            let words = if number.is_multiple_of(2) { words.join("+") } else { words[0].to_owned() };
            client.get(&format!("/api/jobs?q={words}&dayRateMin={}", number % 900)).send()
        };
        attack(server, 30, send, &[503]);
    });
}

#[test]
fn logins_of_one_client_keep_nobody_else_from_logging_in() {
    let costly = |config: ServerConfig| config.set("BCRYPT_COST", "10");
    flood("logins of one client", costly, no_data, |server| {
        let email = server.client().technician("attacker").email;
        let send = move |client: &Client, number: usize| match number % 3 {
            0 => Ok(client.log_in(&email)),
            1 => Ok(client.log_in(&format!("{number}@nowhere.example"))),
            _ => {
                let body = json!({"token": format!("invented {number}"), "password": "correct horse"});
                client.post("/api/auth/accept-invitation").json(&body).send()
            }
        };
        attack(server, 40, send, &[401, 404, 503]);
    });
}

/// The number of jobs of the company that is renamed.
const JOBS_OF_A_COMPANY: usize = 18_000;

#[test]
fn renaming_a_large_company_delays_no_other_client() {
    let database = OnceCell::new();
    let keep_address = |cluster: &Cluster| database.set(cluster.url()).unwrap();
    flood("renaming", default_settings, keep_address, |server| {
        let company = server.client().company("attacker");
        let mut connection = PgConnection::establish(database.get().unwrap()).unwrap();
        connection.batch_execute(&jobs_of(&company.id, JOBS_OF_A_COMPANY)).unwrap();
        let send = |client: &Client, number: usize| {
            let body = json!({"name": format!("Attacker {number}")});
            client.patch("/api/companies/me").bearer(&company.token).json(&body).send()
        };
        attack(server, 30, send, &[409, 503]);
    });
}

/// The statements that give a technician the fullest passport, and a company drafts with
/// the longest texts. Each letter has four bytes.
pub(super) fn longest_texts(technician: &str, company: &str) -> String {
    let drafts = jobs_of(company, 100).replace("'OPEN', now() - n * interval '1 second'", "'DRAFT', NULL");
    let drafts =
        drafts.replace("'The work is for a team of two and in the air, on and off that tower'", "repeat('𝔸', 10000)");
    format!(
        "{drafts}; \
         UPDATE technicians SET bio = repeat('𝔸', 4000) WHERE id = '{technician}'; \
         INSERT INTO certifications (id, technician_id, name, provider, valid_from, valid_until, document_url) \
         SELECT gen_random_uuid(), '{technician}', repeat('𝔸', 120), repeat('𝔸', 120), '2026-01-01', '2036-01-01', \
             'https://attacker.example/' || repeat('a', 2000) FROM generate_series(1, 100); \
         INSERT INTO evaluations (id, technician_id, company_id, job_id, rating, comment, answer, created_at) \
         SELECT gen_random_uuid(), '{technician}', '{company}', id, 1, repeat('𝔸', 2000), repeat('𝔸', 2000), now() \
         FROM jobs WHERE company_id = '{company}'"
    )
}

#[test]
fn readers_of_the_largest_responses_delay_no_other_client() {
    let database = OnceCell::new();
    let keep_address = |cluster: &Cluster| database.set(cluster.url()).unwrap();
    flood("the largest responses", default_settings, keep_address, |server| {
        let (technician, company) = (server.client().technician("attacker"), server.client().company("attacker"));
        let mut connection = PgConnection::establish(database.get().unwrap()).unwrap();
        connection.batch_execute(&longest_texts(&technician.id, &company.id)).unwrap();
        let send = |client: &Client, number: usize| match number % 2 {
            0 => client.get("/api/technicians/me/passport").bearer(&technician.token).send(),
            _ => client.get("/api/companies/me/jobs?limit=100").bearer(&company.token).send(),
        };
        attack(server, 40, send, &[503]);
    });
}

/// Some bytes of a body of 16 KiB, of which the rest does not come.
#[test]
fn unfinished_bodies_of_one_client_leave_memory_to_others() {
    const CONNECTIONS: usize = 10_000;
    flood("unfinished bodies", default_settings, no_data, |server| {
        let head = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 16384\r\n\r\n";
        let mut connections: Vec<_> = (0..CONNECTIONS).map(|_| RawConnection::open(&server.address)).collect();
        for connection in &mut connections {
            connection.send_all(head);
            connection.send_all(vec![b'['; 16_383]);
        }
        // At the limit of connections some are closed without a response.
        let statuses = wait_for("all requests have responses", || {
            let ended = |connection: &mut RawConnection| match connection.status() {
                Some(status) => Some(status),
                None => connection.is_closed().then_some(0),
            };
            connections.iter_mut().map(ended).collect::<Option<Vec<_>>>()
        });
        let rejected = statuses.iter().filter(|status| **status == 503).count();
        eprintln!("unfinished bodies: {rejected} of {CONNECTIONS} were rejected");
        assert!(rejected > CONNECTIONS / 4 && statuses.iter().all(|status| [503, 400, 0].contains(status)));
    });
}
