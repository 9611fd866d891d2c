//! A flood: two thousand connections, far more than the server can serve.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use super::{Measurements, mebibytes};
use crate::{
    measure::wrk::{Wrk, finished},
    report::results::Results,
    run::Bench,
    scenarios,
    site::Site,
};

const CONNECTIONS: u32 = 2_000;
const TIME: Duration = Duration::from_secs(10);
/// The maximum time of a request in the queue.
const DEADLINE: Duration = Duration::from_millis(1_500);
const GRACE: Duration = Duration::from_millis(50);

/// Floods the server with reads of passports, which need the database.
pub(super) fn of_connections(bench: &mut Bench<'_>, results: &mut Results) -> Result<()> {
    let mut measurements = Measurements { about: "Flood: 2,000 connections without pause", results };
    let scenario = scenarios::named("passport").context("passport")?;
    let requests = (scenario.requests)(&mut Site::new(&mut bench.database, &bench.server)?)?;
    let reads = Wrk::prepare(bench.settings, "flood", &requests, false)?;
    let (address, connections) = (&bench.server.address, bench.settings.connections);
    let peak = reads.run(address, connections, TIME / 2, 0)?.good_rate();
    measurements.note(format!("peak rate of passports over {connections} connections"), format!("{peak:.0}/s"));
    let flood = reads.start(address, CONNECTIONS, TIME, 0)?;
    // Requests of another client.
    let (mut rejected, mut served) = (Vec::new(), Vec::new());
    let started = Instant::now();
    thread::sleep(Duration::from_secs(1));
    while started.elapsed() < TIME * 4 / 5 {
        let sent_at = Instant::now();
        let status = bench.server.send(requests.first().context("no request")?)?.status;
        if status == 503 { &mut rejected } else { &mut served }.push(sent_at.elapsed());
    }
    let flood = finished(flood)?;
    let sent_at = Instant::now();
    bench.server.expect(requests.first().context("no request")?)?;
    let first = sent_at.elapsed();
    let after = reads.run(address, connections, TIME / 5, 0)?.good_rate();
    let part = flood.good_rate() / peak;
    let figure = format!("{:.0}/s, {:.0} % of the peak", flood.good_rate(), part * 100.0);
    measurements.judge("successful responses during the flood", figure, "≥ 90 %", part >= 0.9);
    let responses = format!(
        "{} rejected, {} without a response, of {}; the slowest in {} ms",
        flood.rejected,
        flood.failed,
        flood.requests,
        flood.max / 1_000
    );
    measurements.note("responses to the flood", responses);
    let slowest = |times: &[Duration]| times.iter().max().copied().unwrap_or_default();
    let figure = format!(
        "{} of {}, the slowest in {:.0} ms",
        rejected.len(),
        rejected.len() + served.len(),
        millis(slowest(&rejected))
    );
    let most = DEADLINE + GRACE;
    let bar = format!("≤ {:.0} ms", millis(most));
    measurements.judge("503 to another client", figure, &bar, slowest(&rejected) <= most);
    measurements.note("slowest successful response to another client", format!("{:.0} ms", millis(slowest(&served))));
    let figure = format!("first response in {:.1} ms, then {:.0} % of the peak", millis(first), after / peak * 100.0);
    measurements.judge("after the flood", figure, "≥ 90 %", after >= 0.9 * peak && first < GRACE);
    let (now, most) = bench.server.memory()?;
    measurements.note(
        "resident memory after the flood, and its peak",
        format!("{:.0} MiB, {:.0} MiB", mebibytes(now), mebibytes(most)),
    );
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
