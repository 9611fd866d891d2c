//! What is asked beside the scenarios.

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
        results::{Finding, Results},
    },
    run::Bench,
    server::Server,
    stats::Figure,
    tell,
};

/// What one run finds, under its heading.
struct Findings<'a> {
    about: &'static str,
    results: &'a mut Results,
}

impl Findings<'_> {
    /// A figure that nothing is asked of.
    fn note(&mut self, what: impl Into<String>, figure: String) {
        self.add(what.into(), figure, None);
    }

    /// A figure, what is asked of it, and whether that is met.
    fn hold(&mut self, what: impl Into<String>, figure: String, bar: &str, is_met: bool) {
        self.add(what.into(), figure, Some((bar.to_owned(), is_met)));
    }

    fn add(&mut self, what: String, figure: String, bar: Option<(String, bool)>) {
        let is_met = bar.as_ref().map(|(_, is_met)| *is_met);
        let judged = match is_met {
            Some(true) => ", met",
            Some(false) => ", NOT met",
            None => "",
        };
        tell(&format!("{}: {what}: {figure}{judged}", self.about));
        let bar = bar.map(|(bar, _)| bar);
        self.results.findings.push(Finding { about: self.about.to_owned(), what, figure, bar, is_met });
    }
}

/// All that needs a server of production, whose pages are kept.
pub(crate) fn run(bench: &mut Bench<'_>, results: &mut Results) -> Result<()> {
    let settings = bench.settings;
    if settings.wants("logins") {
        let outcome = logins::beside_reads(bench, results);
        results.note_failure("logins", outcome);
        report::write(settings, results)?;
    }
    if settings.wants("flood") {
        let outcome = flood::of_connections(bench, results);
        results.note_failure("flood", outcome);
        report::write(settings, results)?;
    }
    memory(bench, "with kept pages, logins and the flood", results)?;
    if settings.wants("start") {
        starting(bench, results)?;
    }
    Ok(())
}

/// The peak of the memory of a server at the end of its life.
pub(crate) fn memory(bench: &Bench<'_>, over: &str, results: &mut Results) -> Result<()> {
    let peak = mebibytes(bench.server.memory()?.1);
    let mut findings = Findings { about: "Memory and start", results };
    findings.hold(
        format!("peak resident memory over everything {over}"),
        format!("{peak:.0} MiB"),
        "≤ 100 MiB",
        peak <= 100.0,
    );
    Ok(())
}

fn starting(bench: &Bench<'_>, results: &mut Results) -> Result<()> {
    let mut findings = Findings { about: "Memory and start", results };
    let idle = Server::start(bench.settings, &bench.name, &[])?;
    thread::sleep(Duration::from_secs(2));
    let idle = mebibytes(idle.memory()?.0);
    findings.hold("resident memory of a server that is idle", format!("{idle:.0} MiB"), "≤ 40 MiB", idle <= 40.0);
    let mut times = Vec::new();
    for _ in 0..9 {
        times.push(Server::time_to_answer(bench.settings, &bench.name)?.as_secs_f64() * 1e3);
    }
    let took = Figure::of(times);
    let figure = format!("{:.0} ms ({:.0}–{:.0})", took.median, took.least, took.most);
    findings.hold("from the start of the program to the first page of jobs", figure, "≤ 50 ms", took.median <= 50.0);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than a float holds exactly")]
fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}
