//! The measurements beside the scenarios: growth, logins, flood, memory, start.

mod compliance;
mod flood;
mod growing;
pub(crate) mod hashing;
mod logins;

use std::{thread, time::Duration};

use anyhow::Result;

pub(crate) use growing::growth;

use crate::{
    report::{
        self,
        results::{Measurement, Results},
    },
    report_progress,
    run::Bench,
    server::Server,
    stats::Figure,
};

/// The measurements under one heading.
struct Measurements<'a> {
    about: &'static str,
    results: &'a mut Results,
}

impl Measurements<'_> {
    /// Adds a figure without a bar.
    fn note(&mut self, name: impl Into<String>, figure: String) {
        self.add(name.into(), figure, None);
    }

    /// Adds a figure with its bar, and whether it is met.
    fn judge(&mut self, name: impl Into<String>, figure: String, bar: &str, is_met: bool) {
        self.add(name.into(), figure, Some((bar.to_owned(), is_met)));
    }

    fn add(&mut self, what: String, figure: String, bar: Option<(String, bool)>) {
        let is_met = bar.as_ref().map(|(_, is_met)| *is_met);
        let judged = match is_met {
            Some(true) => ", met",
            Some(false) => ", NOT met",
            None => "",
        };
        report_progress(&format!("{}: {what}: {figure}{judged}", self.about));
        let bar = bar.map(|(bar, _)| bar);
        self.results.findings.push(Measurement { about: self.about.to_owned(), what, figure, bar, is_met });
    }
}

/// The measurements of a server with a response cache.
pub(crate) fn run(bench: &mut Bench<'_>, results: &mut Results) -> Result<()> {
    let settings = bench.settings;
    if settings.selects("logins") {
        let outcome = logins::beside_reads(bench, results);
        results.note_failure("logins", outcome);
        report::write(settings, results)?;
    }
    if settings.selects("flood") {
        let outcome = flood::of_connections(bench, results);
        results.note_failure("flood", outcome);
        report::write(settings, results)?;
    }
    memory(bench, "with the response cache, logins and the flood", results)?;
    if settings.selects("start") {
        starting(bench, results)?;
    }
    if settings.selects("compliance") {
        compliance::of_rules(results)?;
    }
    Ok(())
}

/// Adds the peak memory of a server.
pub(crate) fn memory(bench: &Bench<'_>, over: &str, results: &mut Results) -> Result<()> {
    let peak = mebibytes(bench.server.memory()?.1);
    let mut measurements = Measurements { about: "Memory and start", results };
    measurements.judge(format!("peak resident memory, {over}"), format!("{peak:.0} MiB"), "≤ 100 MiB", peak <= 100.0);
    Ok(())
}

fn starting(bench: &Bench<'_>, results: &mut Results) -> Result<()> {
    let mut measurements = Measurements { about: "Memory and start", results };
    let idle = Server::start(bench.settings, &bench.name, &[])?;
    thread::sleep(Duration::from_secs(2));
    let idle = mebibytes(idle.memory()?.0);
    measurements.judge("resident memory of an idle server", format!("{idle:.0} MiB"), "≤ 40 MiB", idle <= 40.0);
    let mut times = Vec::new();
    for _ in 0..9 {
        times.push(Server::time_to_response(bench.settings, &bench.name)?.as_secs_f64() * 1e3);
    }
    let took = Figure::of(times);
    let figure = format!("{:.0} ms ({:.0}–{:.0})", took.median, took.least, took.most);
    measurements.judge("from the start of the program to the first job list", figure, "≤ 50 ms", took.median <= 50.0);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than a float holds exactly")]
fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}
