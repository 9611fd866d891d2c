//! Two thousand connections, many times what the server can serve.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use super::{Findings, mebibytes};
use crate::{
    measure::wrk::{Wrk, finished},
    report::results::Results,
    run::Bench,
    scenarios,
    site::Site,
};

const CONNECTIONS: u32 = 2_000;
const TIME: Duration = Duration::from_secs(10);
/// How long a request waits for its turn at most.
const DEADLINE: Duration = Duration::from_millis(1_500);
const GRACE: Duration = Duration::from_millis(50);

/// Floods it with reads of passports, which need the database.
pub(super) fn of_connections(bench: &mut Bench<'_>, results: &mut Results) -> Result<()> {
    let mut findings = Findings { about: "Flood: 2,000 connections without pause", results };
    let scenario = scenarios::named("passport").context("passport")?;
    let requests = (scenario.requests)(&mut Site::new(&mut bench.database, &bench.server)?)?;
    let reads = Wrk::prepare(bench.settings, "flood", &requests, false)?;
    let (address, connections) = (&bench.server.address, bench.settings.connections);
    let peak = reads.run(address, connections, TIME / 2, 0)?.good_rate();
    findings.note(format!("passports over {connections} connections, the peak"), format!("{peak:.0}/s"));
    let flood = reads.start(address, CONNECTIONS, TIME, 0)?;
    // Requests of one client more.
    let (mut refused, mut served) = (Vec::new(), Vec::new());
    let started = Instant::now();
    thread::sleep(Duration::from_secs(1));
    while started.elapsed() < TIME * 4 / 5 {
        let asked = Instant::now();
        let status = bench.server.ask(requests.first().context("no request")?)?.status;
        if status == 503 { &mut refused } else { &mut served }.push(asked.elapsed());
    }
    let flood = finished(flood)?;
    let asked = Instant::now();
    bench.server.ask_rightly(requests.first().context("no request")?)?;
    let first = asked.elapsed();
    let after = reads.run(address, connections, TIME / 5, 0)?.good_rate();
    let part = flood.good_rate() / peak;
    let figure = format!("{:.0}/s, {:.0} % of the peak", flood.good_rate(), part * 100.0);
    findings.hold("good answers under the flood", figure, "≥ 90 %", part >= 0.9);
    let offered = format!(
        "{} refused, {} without an answer, of {}; the slowest in {} ms",
        flood.refused,
        flood.failed,
        flood.requests,
        flood.max / 1_000
    );
    findings.note("the flood's answers", offered);
    let slowest = |times: &[Duration]| times.iter().max().copied().unwrap_or_default();
    let figure = format!(
        "{} of {}, the slowest in {:.0} ms",
        refused.len(),
        refused.len() + served.len(),
        millis(slowest(&refused))
    );
    let most = DEADLINE + GRACE;
    let bar = format!("≤ {:.0} ms", millis(most));
    findings.hold("503 to one client more", figure, &bar, slowest(&refused) <= most);
    findings.note("the slowest good answer to it", format!("{:.0} ms", millis(slowest(&served))));
    let figure = format!("first answer in {:.1} ms, then {:.0} % of the peak", millis(first), after / peak * 100.0);
    findings.hold("once it is over", figure, "≥ 90 %", after >= 0.9 * peak && first < GRACE);
    let (now, most) = bench.server.memory()?;
    findings.note(
        "resident memory after it, and its peak",
        format!("{:.0} MiB, {:.0} MiB", mebibytes(now), mebibytes(most)),
    );
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
