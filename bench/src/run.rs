//! A run, from the data set to the results.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result, ensure};

use crate::{
    database::Database,
    load,
    measure::{
        bare::Bare,
        pgbench::{Pgbench, Turns},
        rounds::{Rounds, Yardsticks},
        script::{Changing, Script, Writer},
        wrk::Wrk,
    },
    record::{Recorded, Recorder},
    report::{
        self,
        results::{Line, Measured, Results},
    },
    report_progress,
    request::Request,
    scenarios::{self, Kind, Scenario},
    server::{Reply, Server},
    settings::Settings,
    site::Site,
    special,
};

/// The number of applications per second for which a round is prepared.
const APPLICATIONS: usize = 8_000;

/// The time from which a response is slow: beside it a lookup of values is negligible.
const SLOW: Duration = Duration::from_millis(5);

/// A database and its server, with the settings of the run.
pub(crate) struct Bench<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) name: String,
    pub(crate) database: Database,
    pub(crate) server: Server,
}

/// The requests and scripts of a scenario.
struct Prepared {
    requests: Vec<Request>,
    /// The first response, and the number of its statements.
    first: (Reply, usize),
    scripts: Vec<(Script, usize)>,
    turns: Turns,
}

/// The scale of the smallest data set.
const SMALLEST: f64 = 0.001;

/// The name of the mix of a working day.
const MIX: &str = "working-day";

/// Measures the selected scenarios, and writes the results after each of them.
pub(crate) fn all(settings: &Settings) -> Result<()> {
    fs::create_dir_all(&settings.work)?;
    let large = load::ensure_loaded(settings, settings.scale)?;
    let small = load::ensure_loaded(settings, (settings.scale / 100.0).max(SMALLEST))?;
    let mut results = Results::default();
    let mut bench = Bench::open(settings, &large, false)?;
    results.setting = report::setting(settings, &mut bench.database)?;
    let (reads, writes): (Vec<_>, Vec<_>) = scenarios::all().into_iter().partition(|scenario| scenario.kind.is_read());
    bench.measure_all(&reads, &mut results)?;
    // Measured before the writes: new rows come first in many lists.
    if settings.selects("growth") {
        let outcome = special::growth(&mut bench, &mut Bench::open(settings, &small, false)?, &mut results);
        results.note_failure("growth", outcome);
        report::write(settings, &results)?;
    }
    bench.measure_all(&writes, &mut results)?;
    let mix = if settings.selects(MIX) { Some(bench.prepare_mix()?) } else { None };
    special::memory(&bench, "all scenarios without the response cache", &mut results)?;
    drop(bench);
    let mut bench = Bench::open(settings, &large, true)?;
    bench.measure_all(&scenarios::cached(), &mut results)?;
    if let Some(mix) = mix {
        bench.measure_mix(mix, &mut results)?;
    }
    special::run(&mut bench, &mut results)?;
    report::write(settings, &results)?;
    report::quote(settings, &results)?;
    ensure!(results.missing.is_empty(), "not measured: {}", results.missing.join(", "));
    Ok(())
}

impl<'a> Bench<'a> {
    /// Starts a server on a database, with or without a response cache.
    pub(crate) fn open(settings: &'a Settings, name: &str, has_cache: bool) -> Result<Self> {
        let database = Database::open(&settings.url(name))?;
        // Without throttling: all logins have one client address. One company posts all jobs.
        let mut more = vec![
            ("RATE_LIMIT_ENABLED", "false"),
            ("MAX_OPEN_JOBS", "1000000"),
            ("MAX_OPEN_JOBS_UNVERIFIED", "1000000"),
        ];
        if !has_cache {
            more.push(("RESPONSE_CACHE_BYTES", "0"));
        }
        let server = Server::start(settings, name, &more)?;
        Ok(Self { settings, name: name.to_owned(), database, server })
    }

    fn measure_all(&mut self, scenarios: &[Scenario], results: &mut Results) -> Result<()> {
        for scenario in scenarios.iter().filter(|scenario| self.settings.selects(scenario.name)) {
            match self.measure(scenario) {
                Ok(line) => {
                    report_progress(&report::in_short(&line));
                    results.lines.push(line);
                }
                Err(error) => results.miss(scenario.name, &error),
            }
            report::write(self.settings, results)?;
        }
        Ok(())
    }

    fn measure(&mut self, scenario: &Scenario) -> Result<Line> {
        let Prepared { requests, first: (first, statements), scripts, turns } = self.prepare(scenario)?;
        let pgbench =
            (!scripts.is_empty()).then(|| Pgbench::prepare(self, scenario.name, scripts, turns)).transpose()?;
        let bare = matches!(scenario.kind, Kind::Public | Kind::Cached)
            .then(|| Bare::start(self.settings, &first))
            .transpose()?;
        let (requests, portion) = if matches!(scenario.kind, Kind::Apply) { self.pairs()? } else { (requests, 0) };
        let wrk = Wrk::prepare(self.settings, scenario.name, &requests, portion > 0)?;
        let is_write = matches!(scenario.kind, Kind::Write(_) | Kind::Apply);
        let measured = self.rounds(Yardsticks { pgbench, bare }, wrk, portion, is_write)?;
        Ok(Line {
            name: scenario.name.to_owned(),
            title: scenario.title.to_owned(),
            bytes: first.body.len(),
            statements,
            bar: scenario.bar,
            measured,
        })
    }

    fn rounds(&mut self, yardsticks: Yardsticks, wrk: Wrk, portion: usize, is_write: bool) -> Result<Measured> {
        let (settings, database, server) = (self.settings, &mut self.database, &self.server);
        Rounds { settings, database, server, wrk, yardsticks, portion, is_write }.measure()
    }

    /// Sends each request once, checks the response, and creates scripts of its
    /// statements.
    fn prepare(&mut self, scenario: &Scenario) -> Result<Prepared> {
        let mut site = Site::new(&mut self.database, &self.server)?;
        let requests = (scenario.requests)(&mut site)?;
        let (recorded, since) = self.record(&requests)?;
        let mut scripts = Vec::new();
        let is_cached = matches!(scenario.kind, Kind::Cached);
        for recorded in recorded.iter().filter(|recorded| !recorded.statements.is_empty() && !is_cached) {
            let (first, changing) = self.changing(scenario.kind, recorded)?;
            scripts.push((Writer { since: &since, changing: &changing }.write(recorded, first), 1));
        }
        let took: Duration = recorded.iter().map(|recorded| recorded.took).sum();
        let is_slow = took / u32::try_from(recorded.len().max(1))? > SLOW;
        let is_write = matches!(scenario.kind, Kind::Write(_) | Kind::Apply);
        let turns = if is_slow && !is_write { Turns::Long } else { Turns::Short };
        let first = recorded.into_iter().next().context("the scenario has no request")?;
        Ok(Prepared { requests, first: (first.reply, first.statements.len()), scripts, turns })
    }

    /// pgbench with the statements of the requests of a scenario.
    pub(crate) fn pgbench_of(&mut self, scenario: &Scenario) -> Result<Pgbench> {
        let Prepared { scripts, turns, .. } = self.prepare(scenario)?;
        Pgbench::prepare(self, &format!("alone-{}", scenario.name), scripts, turns)
    }

    /// The requests of a working day, and pgbench with their statements without a
    /// response cache.
    fn prepare_mix(&mut self) -> Result<(Vec<Request>, Pgbench)> {
        let (mut of_each, mut weighted) = (Vec::new(), Vec::new());
        for (name, share) in scenarios::WORKING_DAY {
            let Prepared { requests, scripts, .. } = self.prepare(&scenarios::named(name).context(*name)?)?;
            let weight = share * 1_000 / scripts.len().max(1);
            weighted.extend(scripts.into_iter().map(|(script, _)| (script, weight)));
            of_each.push(requests);
        }
        Ok((scenarios::mixed(&of_each), Pgbench::prepare(self, MIX, weighted, Turns::Short)?))
    }

    fn measure_mix(&mut self, (requests, pgbench): (Vec<Request>, Pgbench), results: &mut Results) -> Result<()> {
        let wrk = Wrk::prepare(self.settings, MIX, &requests, false)?;
        let measured = self.rounds(Yardsticks { pgbench: Some(pgbench), bare: None }, wrk, 0, true)?;
        let (name, title) = (MIX.to_owned(), "the mix of a working day, with the response cache".to_owned());
        let line = Line { name, title, bytes: 0, statements: 0, bar: None, measured };
        report_progress(&report::in_short(&line));
        results.lines.push(line);
        report::write(self.settings, results)
    }

    /// Records the statements of each request; returns the start time as well.
    pub(crate) fn record(&mut self, requests: &[Request]) -> Result<(Vec<Recorded>, String)> {
        let since = self.database.text("SELECT to_char(now(), 'YYYY-MM-DD HH24:MI:SS') AS value")?;
        let mut recorder = Recorder::start(&mut self.database, self.settings.log.clone())?;
        Ok((recorder.record(&self.server, requests)?, since))
    }

    fn changing(&mut self, kind: Kind, recorded: &Recorded) -> Result<(&'static str, Changing)> {
        match kind {
            Kind::Read | Kind::Public | Kind::Cached => Ok(("", Changing::new())),
            Kind::Write(changing) => Ok(("", changing(recorded))),
            Kind::Apply => Ok((scenarios::PAIRS, scenarios::values_of_pair(&mut self.database, recorded)?)),
        }
    }

    /// Creates the pairs for all rounds of the server and of pgbench; returns the requests
    /// of the server, and their number per round.
    fn pairs(&mut self) -> Result<(Vec<Request>, usize)> {
        let seconds = usize::try_from(self.settings.round.as_secs())?;
        let portion = seconds * APPLICATIONS;
        let all = portion * (self.settings.rounds + 1);
        scenarios::make_pairs(&mut self.database, 2 * all)?;
        let mut site = Site::new(&mut self.database, &self.server)?;
        Ok((scenarios::pairs(&mut site, 0, all)?, portion))
    }
}
