//! The time of a failed login does not depend on its cause, and so does not disclose
//! which emails have an account.

use std::time::Duration;

use serde_json::json;

use crate::support::{Client, Cluster, Server};

/// The number of measured logins of each kind; the kinds are interleaved.
const ROUNDS: usize = 40;

/// The maximum ratio of the longest median to the shortest. Without its
/// verification by bcrypt, a login takes less than a hundredth of the time.
const MAX_RATIO: f64 = 1.3;

/// The maximum ratio of the medians of the CPU time, which other programs affect
/// less.
const MAX_CPU_RATIO: f64 = 1.1;

const CORRECT: &str = "correct horse";

/// The kinds of logins: name, email, password, and status of the response. The
/// last kind succeeds; its time is the cost of a verification.
const KINDS: [(&str, &str, &str, u16); 5] = [
    ("wrong password", "known@technicians.example", "wrong horse", 401),
    ("unknown email", "unknown@technicians.example", "wrong horse", 401),
    ("deactivated", "off@technicians.example", "wrong horse", 401),
    ("deactivated, correct password", "off@technicians.example", CORRECT, 401),
    ("correct password", "known@technicians.example", CORRECT, 200),
];

/// Starts a server and creates an active and a deactivated user. Throttling is on,
/// with limits that the test does not reach.
fn prepare(cluster: &Cluster) -> Server {
    let mut config = Server::config(&cluster.url()).set("BCRYPT_COST", "10").set("RATE_LIMIT_ENABLED", "true");
    for limit in ["RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "RATE_LIMIT_LOGIN_ADDRESS", "RATE_LIMIT_LOGIN_ACCOUNT"] {
        config = config.set(limit, "1000000");
    }
    let server = config.start_ready();
    let client = server.client();
    client.technician("known");
    client.technician("off");
    let arguments = ["create-admin", "--email", "root@timing.example", "--password-stdin"];
    let (code, output) = config.run_with_input(&arguments, &format!("{CORRECT}\n"));
    assert_eq!(code, Some(0), "{output}");
    let root = client.log_in("root@timing.example").data(200);
    let off = client.log_in("off@technicians.example").data(200);
    let path = format!("/api/admin/users/{}", off["user"]["id"].as_str().unwrap());
    let deactivate = client.patch(&path).bearer(root["token"].as_str().unwrap()).json(&json!({"active": false}));
    deactivate.send().unwrap().data(200);
    server
}

/// Logs in; returns the time to the response, and the CPU time of the server.
fn measure(
    server: &Server,
    client: &Client,
    (name, email, password, status): (&str, &str, &str, u16),
) -> [Duration; 2] {
    let before = server.cpu_time();
    let response = client.post("/api/auth/login").json(&json!({"email": email, "password": password})).send().unwrap();
    assert_eq!(response.status, status, "{name}: {response:?}");
    [response.took, server.cpu_time().saturating_sub(before)]
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The ratio of the longest time to the shortest.
fn max_ratio(medians: &[Duration]) -> f64 {
    medians.iter().max().unwrap().as_secs_f64() / medians.iter().min().unwrap().as_secs_f64()
}

#[test]
fn a_failed_login_takes_the_same_time_for_each_cause() {
    let cluster = Cluster::start();
    let server = prepare(&cluster);
    let client = server.client();
    let mut times = KINDS.map(|_| [Vec::new(), Vec::new()]);
    for round in 0..ROUNDS {
        // Each round starts with another kind.
        for offset in 0..KINDS.len() {
            let kind = (round + offset) % KINDS.len();
            let [took, cpu] = measure(&server, &client, KINDS[kind]);
            times[kind][0].push(took);
            times[kind][1].push(cpu);
        }
    }
    let medians = times.map(|both| both.map(median));
    for ((name, ..), [took, cpu]) in KINDS.iter().zip(&medians) {
        eprintln!("login: {name}: {took:?}, CPU time {cpu:?}");
    }
    let [took, cpu] = [0, 1].map(|which| medians.map(|both| both[which]));
    assert!(max_ratio(&took) <= MAX_RATIO, "{took:?}");
    assert!(max_ratio(&cpu) <= MAX_CPU_RATIO, "{cpu:?}");
}
