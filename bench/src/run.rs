//! A whole run, from the data to the results.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result};

use crate::{
    database::Database,
    load,
    measure::{
        bare::Bare,
        pgbench::{Pgbench, Turns},
        rounds::Rounds,
        script::{Changing, Writer},
        wrk::Wrk,
    },
    record::{Recorded, Recorder},
    report::{
        self,
        results::{Line, Results},
    },
    request::Request,
    scenarios::{self, Kind, Scenario},
    server::Server,
    settings::Settings,
    site::Site,
    special, tell,
};

/// How many applications a second a round is prepared for.
const APPLICATIONS: usize = 6_000;

/// Answers that take longer are slow: beside them a look-up does not count.
const SLOW: Duration = Duration::from_millis(5);

/// A database, its server, and what is known of them.
pub(crate) struct Bench<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) name: String,
    pub(crate) database: Database,
    pub(crate) server: Server,
}

/// What a scenario is measured with.
struct Prepared {
    requests: Vec<Request>,
    recorded: Vec<Recorded>,
    pgbench: Option<Pgbench>,
    portion: usize,
}

/// Measures all that is wanted, and writes it down after each scenario.
pub(crate) fn all(settings: &Settings) -> Result<()> {
    fs::create_dir_all(&settings.work)?;
    let large = load::ensure_loaded(settings, settings.scale)?;
    let mut bench = Bench::open(settings, &large, false)?;
    let mut results = Results { setting: report::setting(settings, &mut bench.database)?, ..Results::default() };
    bench.measure_all(&scenarios::all(), &mut results)?;
    drop(bench);
    let mut bench = Bench::open(settings, &large, true)?;
    bench.measure_all(&scenarios::kept(), &mut results)?;
    special::run(bench, &mut results)?;
    report::write(settings, &results)
}

impl<'a> Bench<'a> {
    /// A server on a database; `keeps_pages` as it is set in production.
    pub(crate) fn open(settings: &'a Settings, name: &str, keeps_pages: bool) -> Result<Self> {
        let mut database = Database::open(&settings.url(name))?;
        database.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")?;
        // Nobody is throttled: all logins come from one address.
        let mut more = vec![("RATE_LIMIT_ENABLED", "false")];
        if !keeps_pages {
            more.push(("PAGE_CACHE_BYTES", "0"));
        }
        let server = Server::start(settings, name, &more)?;
        Ok(Self { settings, name: name.to_owned(), database, server })
    }

    fn measure_all(&mut self, scenarios: &[Scenario], results: &mut Results) -> Result<()> {
        for scenario in scenarios.iter().filter(|scenario| self.settings.wants(scenario.name)) {
            let line = self.measure(scenario).with_context(|| scenario.name.to_owned())?;
            tell(&report::in_short(&line));
            results.lines.push(line);
            report::write(self.settings, results)?;
        }
        Ok(())
    }

    fn measure(&mut self, scenario: &Scenario) -> Result<Line> {
        let prepared = self.prepare(scenario)?;
        let first = prepared.recorded.first().context("nothing was asked")?;
        let (bytes, statements) = (first.reply.body.len(), first.statements.len());
        let bare = matches!(scenario.kind, Kind::Public).then(|| Bare::start(self.settings, &first.reply));
        let wrk = Wrk::prepare(self.settings, scenario.name, &prepared.requests, prepared.portion > 0)?;
        let measured = Rounds {
            settings: self.settings,
            database: &mut self.database,
            server: &self.server,
            wrk,
            pgbench: prepared.pgbench,
            bare: bare.transpose()?,
            portion: prepared.portion,
            is_write: matches!(scenario.kind, Kind::Write(_) | Kind::Apply),
        }
        .measure()?;
        Ok(Line {
            name: scenario.name.to_owned(),
            title: scenario.title.to_owned(),
            bytes,
            statements,
            bar: scenario.bar,
            measured,
        })
    }

    /// Asks each request once, which must be answered rightly, and makes scripts
    /// of what the database had to do for it.
    fn prepare(&mut self, scenario: &Scenario) -> Result<Prepared> {
        let mut site = Site::new(&mut self.database, &self.server)?;
        let requests = (scenario.requests)(&mut site)?;
        let (recorded, since) = self.record(&requests)?;
        let mut scripts = Vec::new();
        for recorded in recorded.iter().filter(|recorded| !recorded.statements.is_empty()) {
            let (first, changing) = self.changing(scenario.kind, recorded)?;
            scripts.push((Writer { since: &since, changing: &changing }.write(recorded, first), 1));
        }
        let took: Duration = recorded.iter().map(|recorded| recorded.took).sum();
        let is_slow = took / u32::try_from(recorded.len())? > SLOW;
        let turns = if is_slow { Turns::Long } else { Turns::Short };
        let pgbench = (!scripts.is_empty()).then(|| Pgbench::prepare(self, scenario.name, scripts, turns)).transpose()?;
        let (requests, portion) =
            if matches!(scenario.kind, Kind::Apply) { self.pairs()? } else { (requests, 0) };
        Ok(Prepared { requests, recorded, pgbench, portion })
    }

    /// What was done for each request, and the moment when that began.
    pub(crate) fn record(&mut self, requests: &[Request]) -> Result<(Vec<Recorded>, String)> {
        let since = self.database.text("SELECT now()::text AS value")?;
        let mut recorder = Recorder::start(&mut self.database, self.settings.log.clone())?;
        Ok((recorder.record(&self.server, requests)?, since))
    }

    fn changing(&mut self, kind: Kind, recorded: &Recorded) -> Result<(&'static str, Changing)> {
        match kind {
            Kind::Read | Kind::Public => Ok(("", Changing::new())),
            Kind::Write(changing) => Ok(("", changing(recorded))),
            Kind::Apply => Ok((scenarios::PAIRS, scenarios::values_of_pair(&mut self.database, recorded)?)),
        }
    }

    /// Pairs for all rounds of the server and of pgbench; answers the requests
    /// of the former and how many a round has.
    fn pairs(&mut self) -> Result<(Vec<Request>, usize)> {
        let seconds = usize::try_from(self.settings.round.as_secs())?;
        let portion = seconds * APPLICATIONS;
        let all = portion * (self.settings.rounds + 1);
        scenarios::make_pairs(&mut self.database, 2 * all)?;
        let mut site = Site::new(&mut self.database, &self.server)?;
        Ok((scenarios::pairs(&mut site, 0, all)?, portion))
    }
}
