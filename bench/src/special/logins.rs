//! Sixty-four clients that log in without pause, and those who read meanwhile.

use std::{
    env,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::Findings;
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

/// A hash takes a quarter of a second: it needs time to count them.
const TIME: Duration = Duration::from_secs(12);

/// How many clients more see how fast logins are refused.
const MORE: usize = 8;

/// What everybody's password is in the data set.
const PASSWORD: &str = "load-data-1";

/// That of the threads on which the server hashes.
const NICENESS: i32 = 5;

/// The server's default.
const COST: u32 = 12;

/// Measures both.
pub(super) fn beside_reads(bench: &mut Bench<'_>, results: &mut Results) -> Result<()> {
    let mut findings = Findings { about: "Logins: 64 clients without pause", results };
    let logins = logins(bench)?;
    let threads = thread::available_parallelism().map_or(1, usize::from).saturating_sub(1).max(1);
    let alone = hashing(threads, 0)?.rate()?;
    findings.note(format!("bcrypt alone, cost {COST}, on {threads} of the cores"), format!("{alone:.2}/s"));
    let quiet = logins.run(&bench.server.address, CLIENTS, TIME, 0)?.good_rate();
    until_nobody_waits(&bench.server)?;
    held_logins(&mut findings, "logins, nothing else going on", quiet, alone, "bcrypt alone");
    for name in ["jobs", "passport"] {
        let scenario = scenarios::named(name).context(name)?;
        let requests = (scenario.requests)(&mut Site::new(&mut bench.database, &bench.server)?)?;
        let reads = Wrk::prepare(bench.settings, &format!("beside-{name}"), &requests, false)?;
        beside(bench, &mut findings, (&logins, threads), scenario.title, &reads)?;
    }
    Ok(())
}

fn logins(bench: &mut Bench<'_>) -> Result<Wrk> {
    let emails = bench
        .database
        .texts("SELECT email AS value FROM users WHERE role = 'TECHNICIAN' AND active ORDER BY md5(email) LIMIT 64")?;
    let login = |email| Request { right: crate::request::Right { status: 200, items: 0 }, ..login(email) };
    let requests: Vec<_> = emails.iter().map(login).collect();
    bench.server.ask_rightly(requests.first().context("nobody can log in")?)?;
    Wrk::prepare(bench.settings, "logins", &requests, false)
}

fn login(email: &String) -> Request {
    Request::post("/api/auth/login", json!({"email": email, "password": PASSWORD}))
}

/// A process that hashes.
struct Hashing(Child);

/// Hashes on so many threads of this niceness.
fn hashing(threads: usize, niceness: i32) -> Result<Hashing> {
    let arguments = ["hash".to_owned(), threads.to_string(), COST.to_string(), TIME.as_secs().to_string()];
    let mut command = Command::new("nice");
    command.arg("-n").arg(niceness.to_string()).arg(env::current_exe()?).args(arguments);
    Ok(Hashing(command.stdout(Stdio::piped()).spawn()?))
}

impl Hashing {
    /// How many there were in a second, once it is done.
    fn rate(self) -> Result<f64> {
        let output = self.0.wait_with_output()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().context("bcrypt alone tells no rate")
    }
}

/// How many have logged in since the server began.
fn logged_in(server: &Server) -> Result<f64> {
    const COUNT: &str = r#"http_request_duration_seconds_count{method="POST",route="/api/auth/login",status="2xx"} "#;
    let metrics = server.ask(&Request::get("/metrics"))?.body;
    let metrics = String::from_utf8_lossy(&metrics);
    let count = metrics.lines().find_map(|line| line.strip_prefix(COUNT)).context("logins are not counted")?;
    Ok(count.parse()?)
}

/// Those whose client has gone are hashed all the same.
fn until_nobody_waits(server: &Server) -> Result<()> {
    let request = login(&"technician1@load.example".to_owned());
    loop {
        let asked = Instant::now();
        if server.ask(&request)?.status == 200 && asked.elapsed() < Duration::from_millis(900) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(200));
    }
}

fn held_logins(findings: &mut Findings<'_>, what: &str, logins: f64, alone: f64, than: &str) {
    let part = logins / alone;
    let figure = format!("{logins:.2}/s, {:.0} % of {than}", part * 100.0);
    findings.hold(what, figure, "≥ 90 %", part >= 0.9);
}

/// Reads without logins, then beside hashes of the same niceness, then with
/// logins.
#[expect(clippy::cast_precision_loss, reason = "microseconds, far fewer than a float holds exactly")]
fn beside(
    bench: &Bench<'_>,
    findings: &mut Findings<'_>,
    (logins, threads): (&Wrk, usize),
    title: &str,
    reads: &Wrk,
) -> Result<()> {
    let (address, connections) = (&bench.server.address, bench.settings.connections);
    let quiet = reads.run(address, connections, TIME, 0)?;
    let (hashing, read) = (hashing(threads, NICENESS)?, reads.start(address, connections, TIME, 0)?);
    let (alone, beside_hashes) = (hashing.rate()?, finished(read)?);
    let figure = format!("{alone:.2}/s, reads {:.0} %", beside_hashes.good_rate() / quiet.good_rate() * 100.0);
    findings.note(format!("bcrypt beside it ({title}), no logins"), figure);
    let (before, began) = (logged_in(&bench.server)?, Instant::now());
    let (login, read) = (logins.start(address, CLIENTS, TIME, 0)?, reads.start(address, connections, TIME, 0)?);
    let slowest = refusals(&bench.server)?;
    finished(login)?;
    let read = finished(read)?;
    // Its own count: those of the clients more are among them.
    let login = (logged_in(&bench.server)? - before) / began.elapsed().as_secs_f64();
    let (part, tail) = (read.good_rate() / quiet.good_rate(), read.p99 as f64 / quiet.p99 as f64);
    let figure = format!("{:.0}/s → {:.0}/s, {:.0} %", quiet.good_rate(), read.good_rate(), part * 100.0);
    findings.hold(format!("{title}, its rate without and with logins"), figure, "≥ 75 %", part >= 0.75);
    let figure = format!("{:.2} ms → {:.2} ms, {tail:.1} ×", quiet.p99 as f64 / 1e3, read.p99 as f64 / 1e3);
    findings.hold(format!("{title}, its p99 without and with logins"), figure, "≤ 3 ×", tail <= 3.0);
    held_logins(findings, &format!("logins beside it ({title})"), login, alone, "bcrypt beside it");
    until_nobody_waits(&bench.server)?;
    let figure = slowest.map_or("none was refused".to_owned(), |(number, slowest)| {
        format!("{number} asked and refused, the slowest in {:.0} ms", slowest.as_secs_f64() * 1e3)
    });
    let is_met = slowest.is_none_or(|(_, slowest)| slowest <= Duration::from_millis(100));
    findings.hold("logins past what it can do: 429 or 503", figure, "≤ 100 ms", is_met);
    Ok(())
}

/// Logs in by a few clients more, for most of the time that the others do;
/// answers how many of their logins were refused and how long the slowest of
/// these took. One client alone would spend its time in the queue.
fn refusals(server: &Server) -> Result<Option<(usize, Duration)>> {
    let of_each: Result<Vec<Vec<Duration>>> = thread::scope(|scope| {
        let asking: Vec<_> = (0..MORE).map(|_| scope.spawn(|| refusals_of_one(server))).collect();
        asking.into_iter().map(|asking| asking.join().unwrap_or_else(|_panic| bail!("it panicked"))).collect()
    });
    let refused: Vec<Duration> = of_each?.into_iter().flatten().collect();
    Ok(refused.iter().max().map(|slowest| (refused.len(), *slowest)))
}

fn refusals_of_one(server: &Server) -> Result<Vec<Duration>> {
    let request = login(&"technician1@load.example".to_owned());
    let (started, mut refused) = (Instant::now(), Vec::new());
    while started.elapsed() < TIME * 2 / 3 {
        let asked = Instant::now();
        if matches!(server.ask(&request)?.status, 429 | 503) {
            refused.push(asked.elapsed());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(refused)
}
