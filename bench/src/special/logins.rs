//! Sixty-four clients that log in without pause, alone and beside reads.

use std::{
    env,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::Measurements;
use crate::{
    measure::wrk::{Wrk, finished},
    report::results::Results,
    request::Request,
    run::Bench,
    scenarios,
    server::Server,
    site::Site,
};

const CLIENTS: u32 = 64;

/// The duration of a measurement. A hash takes a quarter of a second.
const TIME: Duration = Duration::from_secs(12);

/// The number of further clients, which measure the time of rejections.
const FURTHER_CLIENTS: usize = 8;

/// The password of all users of the data set.
const PASSWORD: &str = "load-data-1";

/// The niceness of the threads on which the server computes hashes.
const NICENESS: i32 = 5;

/// The default bcrypt cost of the server.
const COST: u32 = 12;

/// Measures logins alone, and beside reads.
pub(super) fn beside_reads(bench: &mut Bench<'_>, results: &mut Results) -> Result<()> {
    let mut measurements = Measurements { about: "Logins: 64 clients without pause", results };
    let logins = logins(bench)?;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let alone = hashing(threads, 0)?.rate()?;
    measurements.note(format!("bcrypt alone, cost {COST}, on {threads} of the cores"), format!("{alone:.2}/s"));
    let quiet = logins.run(&bench.server.address, CLIENTS, TIME, 0)?.good_rate();
    until_queue_is_empty(&bench.server)?;
    judge_logins(&mut measurements, "logins without other load", quiet, alone, "bcrypt alone");
    for name in ["jobs", "passport"] {
        let scenario = scenarios::named(name).context(name)?;
        let requests = (scenario.requests)(&mut Site::new(&mut bench.database, &bench.server)?)?;
        let reads = Wrk::prepare(bench.settings, &format!("beside-{name}"), &requests, false)?;
        beside(bench, &mut measurements, (&logins, threads), scenario.title, &reads)?;
    }
    Ok(())
}

fn logins(bench: &mut Bench<'_>) -> Result<Wrk> {
    let emails = bench
        .database
        .texts("SELECT email AS value FROM users WHERE role = 'TECHNICIAN' AND active ORDER BY md5(email) LIMIT 64")?;
    let login = |email| Request { expected: crate::request::Expected { status: 200, items: 0 }, ..login(email) };
    let requests: Vec<_> = emails.iter().map(login).collect();
    bench.server.expect(requests.first().context("no user can log in")?)?;
    Wrk::prepare(bench.settings, "logins", &requests, false)
}

fn login(email: &String) -> Request {
    Request::post("/api/auth/login", json!({"email": email, "password": PASSWORD}))
}

/// A process that computes hashes.
struct Hashing(Child);

/// Starts a process that computes hashes on a number of threads of this niceness.
fn hashing(threads: usize, niceness: i32) -> Result<Hashing> {
    let arguments = ["hash".to_owned(), threads.to_string(), COST.to_string(), TIME.as_secs().to_string()];
    let mut command = Command::new("nice");
    command.arg("-n").arg(niceness.to_string()).arg(env::current_exe()?).args(arguments);
    Ok(Hashing(command.stdout(Stdio::piped()).spawn()?))
}

impl Hashing {
    /// Waits for the end; returns the rate per second.
    fn rate(self) -> Result<f64> {
        let output = self.0.wait_with_output()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().context("bcrypt alone printed no rate")
    }
}

/// The number of successful logins since the start of the server.
fn logged_in(server: &Server) -> Result<f64> {
    const COUNT: &str = r#"http_request_duration_seconds_count{method="POST",route="/api/auth/login",status="2xx"} "#;
    let metrics = server.send(&Request::get("/metrics"))?.body;
    let metrics = String::from_utf8_lossy(&metrics);
    let count = metrics.lines().find_map(|line| line.strip_prefix(COUNT)).context("logins are not counted")?;
    Ok(count.parse()?)
}

/// Waits until a login is fast again. Queued logins are hashed also after their client
/// has disconnected.
fn until_queue_is_empty(server: &Server) -> Result<()> {
    let request = login(&"technician1@load.example".to_owned());
    loop {
        let sent_at = Instant::now();
        if server.send(&request)?.status == 200 && sent_at.elapsed() < Duration::from_millis(900) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(200));
    }
}

fn judge_logins(measurements: &mut Measurements<'_>, name: &str, logins: f64, alone: f64, than: &str) {
    let part = logins / alone;
    let figure = format!("{logins:.2}/s, {:.0} % of {than}", part * 100.0);
    measurements.judge(name, figure, "≥ 90 %", part >= 0.9);
}

/// Measures reads alone, then beside hashes of the same niceness, then beside logins.
#[expect(clippy::cast_precision_loss, reason = "microseconds, far fewer than a float holds exactly")]
fn beside(
    bench: &Bench<'_>,
    measurements: &mut Measurements<'_>,
    (logins, threads): (&Wrk, usize),
    title: &str,
    reads: &Wrk,
) -> Result<()> {
    let (address, connections) = (&bench.server.address, bench.settings.connections);
    let quiet = reads.run(address, connections, TIME, 0)?;
    let (hashing, read) = (hashing(threads, NICENESS)?, reads.start(address, connections, TIME, 0)?);
    let (alone, beside_hashes) = (hashing.rate()?, finished(read)?);
    let figure = format!("{alone:.2}/s, reads {:.0} %", beside_hashes.good_rate() / quiet.good_rate() * 100.0);
    measurements.note(format!("bcrypt beside reads ({title}), without logins"), figure);
    let (before, began) = (logged_in(&bench.server)?, Instant::now());
    let (login, read) = (logins.start(address, CLIENTS, TIME, 0)?, reads.start(address, connections, TIME, 0)?);
    let slowest = rejections(&bench.server)?;
    finished(login)?;
    let read = finished(read)?;
    // The counter of the server includes the logins of the further clients.
    let login = (logged_in(&bench.server)? - before) / began.elapsed().as_secs_f64();
    let (part, tail) = (read.good_rate() / quiet.good_rate(), read.p99 as f64 / quiet.p99 as f64);
    let figure = format!("{:.0}/s → {:.0}/s, {:.0} %", quiet.good_rate(), read.good_rate(), part * 100.0);
    measurements.judge(format!("{title}: rate without and with logins"), figure, "≥ 75 %", part >= 0.75);
    let figure = format!("{:.2} ms → {:.2} ms, {tail:.1} ×", quiet.p99 as f64 / 1e3, read.p99 as f64 / 1e3);
    measurements.judge(format!("{title}: p99 without and with logins"), figure, "≤ 3 ×", tail <= 3.0);
    judge_logins(measurements, &format!("logins beside reads ({title})"), login, alone, "bcrypt beside reads");
    until_queue_is_empty(&bench.server)?;
    let figure = slowest.map_or("none was rejected".to_owned(), |(number, slowest)| {
        format!("{number} rejected, the slowest in {:.0} ms", slowest.as_secs_f64() * 1e3)
    });
    let is_met = slowest.is_none_or(|(_, slowest)| slowest <= Duration::from_millis(100));
    measurements.judge("excess logins: time to 429 or 503", figure, "≤ 100 ms", is_met);
    Ok(())
}

/// Logs in by [`FURTHER_CLIENTS`] for two thirds of the time. Returns the number of
/// rejected logins and the time of the slowest rejection. A single client would spend
/// its time in the queue.
fn rejections(server: &Server) -> Result<Option<(usize, Duration)>> {
    let of_each: Result<Vec<Vec<Duration>>> = thread::scope(|scope| {
        let clients: Vec<_> = (0..FURTHER_CLIENTS).map(|_| scope.spawn(|| rejections_of_client(server))).collect();
        clients.into_iter().map(|client| client.join().unwrap_or_else(|_panic| bail!("it panicked"))).collect()
    });
    let rejected: Vec<Duration> = of_each?.into_iter().flatten().collect();
    Ok(rejected.iter().max().map(|slowest| (rejected.len(), *slowest)))
}

fn rejections_of_client(server: &Server) -> Result<Vec<Duration>> {
    let request = login(&"technician1@load.example".to_owned());
    let (started, mut rejected) = (Instant::now(), Vec::new());
    while started.elapsed() < TIME * 2 / 3 {
        let sent_at = Instant::now();
        if matches!(server.send(&request)?.status, 429 | 503) {
            rejected.push(sent_at.elapsed());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(rejected)
}
