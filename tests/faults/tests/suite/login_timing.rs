//! A failed login takes the same time for each cause, so that its time does not
//! show which emails have an account.

use std::time::Duration;

use serde_json::json;

use crate::support::{Client, Cluster, Server};

/// The number of measured logins of each kind; the kinds take turns.
const ROUNDS: usize = 40;

/// The largest ratio of the longest median to the shortest. Without its
/// verification by bcrypt, a login takes less than a hundredth of the time.
const MOST: f64 = 1.3;

/// The same ratio of the time on the processors, which other programs disturb
/// less.
const MOST_PROCESSOR: f64 = 1.1;

const RIGHT: &str = "correct horse";

/// The kinds of logins: name, email, password, and status of the answer. The
/// last kind succeeds, and so shows the cost of a verification.
const KINDS: [(&str, &str, &str, u16); 5] = [
    ("wrong password", "known@technicians.example", "wrong horse", 401),
    ("unknown email", "unknown@technicians.example", "wrong horse", 401),
    ("deactivated", "off@technicians.example", "wrong horse", 401),
    ("deactivated, right password", "off@technicians.example", RIGHT, 401),
    ("right password", "known@technicians.example", RIGHT, 200),
];

/// Starts a server and makes an active and a deactivated user. Throttling is on,
/// with limits that the test does not reach.
fn prepare(cluster: &Cluster) -> Server {
    let mut setup = Server::on(&cluster.url()).set("BCRYPT_COST", "10").set("RATE_LIMIT_ENABLED", "true");
    for limit in ["RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "RATE_LIMIT_LOGIN_ADDRESS", "RATE_LIMIT_LOGIN_ACCOUNT"] {
        setup = setup.set(limit, "1000000");
    }
    let server = setup.serve();
    let client = server.client();
    client.technician("known");
    client.technician("off");
    let arguments = ["create-admin", "--email", "root@timing.example", "--password-stdin"];
    let (code, told) = setup.run_with(&arguments, &format!("{RIGHT}\n"));
    assert_eq!(code, Some(0), "{told}");
    let root = client.log_in("root@timing.example").data(200);
    let off = client.log_in("off@technicians.example").data(200);
    let path = format!("/api/admin/users/{}", off["user"]["id"].as_str().unwrap());
    let deactivate = client.patch(&path).bearer(root["token"].as_str().unwrap()).json(&json!({"active": false}));
    deactivate.send().unwrap().data(200);
    server
}

/// Logs in; returns the time to the answer, and the server's time on the
/// processors meanwhile.
fn measure(
    server: &Server,
    client: &Client,
    (what, email, password, status): (&str, &str, &str, u16),
) -> [Duration; 2] {
    let before = server.processor_time();
    let reply = client.post("/api/auth/login").json(&json!({"email": email, "password": password})).send().unwrap();
    assert_eq!(reply.status, status, "{what}: {reply:?}");
    [reply.took, server.processor_time().saturating_sub(before)]
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The ratio of the longest time to the shortest.
fn spread(medians: &[Duration]) -> f64 {
    medians.iter().max().unwrap().as_secs_f64() / medians.iter().min().unwrap().as_secs_f64()
}

#[test]
fn a_failed_login_takes_the_same_time_for_each_cause() {
    let cluster = Cluster::start();
    let server = prepare(&cluster);
    let client = server.client();
    let mut times = KINDS.map(|_| [Vec::new(), Vec::new()]);
    for round in 0..ROUNDS {
        // Each round begins with another kind.
        for place in 0..KINDS.len() {
            let kind = (round + place) % KINDS.len();
            let [took, processor] = measure(&server, &client, KINDS[kind]);
            times[kind][0].push(took);
            times[kind][1].push(processor);
        }
    }
    let medians = times.map(|both| both.map(median));
    for ((what, ..), [took, processor]) in KINDS.iter().zip(&medians) {
        eprintln!("login: {what}: {took:?}, {processor:?} of it on the processors");
    }
    let [took, processor] = [0, 1].map(|which| medians.map(|both| both[which]));
    assert!(spread(&took) <= MOST, "{took:?}");
    assert!(spread(&processor) <= MOST_PROCESSOR, "{processor:?}");
}
