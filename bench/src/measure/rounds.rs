//! Rounds: measures the server, pgbench and the bare route in turn, several times.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{
    bare::Bare,
    pgbench::Pgbench,
    wrk::{Driven, Wrk},
};
use crate::{
    database::Database,
    process,
    report::results::{Measured, Ours, Scale},
    server::Server,
    settings::Settings,
    stats::Figure,
};

const WARM_UP: Duration = Duration::from_secs(1);

/// The yardsticks that the server is compared with.
pub(crate) struct Yardsticks {
    pub(crate) pgbench: Option<Pgbench>,
    pub(crate) bare: Option<Bare>,
}

/// The participants of the rounds of a scenario.
pub(crate) struct Rounds<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) database: &'a mut Database,
    pub(crate) server: &'a Server,
    pub(crate) wrk: Wrk,
    pub(crate) yardsticks: Yardsticks,
    /// The number of requests of a round, if each is sent once; otherwise 0.
    pub(crate) portion: usize,
    /// Whether the scenario writes: then each round starts with a checkpoint.
    pub(crate) is_write: bool,
}

struct Round {
    driven: Driven,
    cpu: u64,
    database_cpu: u64,
    rss: u64,
}

impl Rounds<'_> {
    /// Runs a warm-up of each, then measures.
    pub(crate) fn measure(mut self) -> Result<Measured> {
        self.drive(WARM_UP, 0)?;
        self.repeat(WARM_UP, 0)?;
        self.compare(WARM_UP)?;
        let (mut ours, mut repeated, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        for number in 1..=self.settings.rounds {
            ours.push(self.drive(self.settings.round, number)?);
            repeated.extend(self.repeat(self.settings.round, number)?);
            bare.extend(self.compare(self.settings.round)?);
        }
        Ok(Measured {
            ours: summary(&ours),
            pgbench: scale(&repeated),
            bare: (!bare.is_empty()).then(|| Scale { rate: Figure::of(bare), database_cpu: None }),
        })
    }

    fn drive(&mut self, time: Duration, number: usize) -> Result<Round> {
        self.settle()?;
        let postmaster = self.postmaster()?;
        let (cpu, database_cpu) = (self.server.cpu()?, process::cpu_of_family(postmaster)?);
        let from = number * self.portion;
        let driven = self.wrk.run(&self.server.address, self.settings.connections, time, from)?;
        let cpu = self.server.cpu()? - cpu;
        let database_cpu = process::cpu_of_family(postmaster)? - database_cpu;
        ensure!(driven.requests > 0, "no response arrived");
        Ok(Round { driven, cpu, database_cpu, rss: self.server.memory()?.0 })
    }

    /// The rate of pgbench, and the CPU time of the database for each run of a script.
    fn repeat(&mut self, time: Duration, number: usize) -> Result<Option<(f64, f64)>> {
        let Some(pgbench) = &self.yardsticks.pgbench else { return Ok(None) };
        settle(self.database, self.is_write)?;
        let postmaster = postmaster(self.database)?;
        let now = self.database.text("SELECT extract(epoch FROM now())::bigint AS value")?;
        let more = [
            ("n", "0".to_owned()),
            ("base", format!("{now}000000000")),
            // The pairs after those of the server.
            ("from", ((self.settings.rounds + 1 + number) * self.portion).to_string()),
            ("share", (self.portion / usize::try_from(self.settings.clients)?).to_string()),
        ];
        let cpu = process::cpu_of_family(postmaster)?;
        let rate = pgbench.run(self.settings, self.settings.clients, time, &more)?;
        #[expect(clippy::cast_precision_loss, reason = "far fewer than a float holds exactly")]
        let spent = (process::cpu_of_family(postmaster)? - cpu) as f64;
        Ok(Some((rate, spent / (rate * time.as_secs_f64()))))
    }

    /// The rate of the bare route.
    fn compare(&self, time: Duration) -> Result<Option<f64>> {
        let Some(bare) = &self.yardsticks.bare else { return Ok(None) };
        Ok(Some(self.wrk.run(&bare.address, self.settings.connections, time, 0)?.rate()))
    }

    fn settle(&mut self) -> Result<()> {
        settle(self.database, self.is_write)
    }

    fn postmaster(&mut self) -> Result<u32> {
        postmaster(self.database)
    }
}

fn settle(database: &mut Database, is_write: bool) -> Result<()> {
    if is_write { database.execute("CHECKPOINT") } else { Ok(()) }
}

fn postmaster(database: &mut Database) -> Result<u32> {
    process::parent(database.text("SELECT pg_backend_pid() AS value")?.parse()?)
}

fn scale(rounds: &[(f64, f64)]) -> Option<Scale> {
    (!rounds.is_empty()).then(|| Scale {
        rate: Figure::of(rounds.iter().map(|(rate, _)| *rate)),
        database_cpu: Some(Figure::of(rounds.iter().map(|(_, cpu)| *cpu))),
    })
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than a float holds exactly")]
fn summary(rounds: &[Round]) -> Ours {
    let figure = |of: &dyn Fn(&Round) -> f64| Figure::of(rounds.iter().map(of));
    let a_request = |spent: u64, round: &Round| spent as f64 / round.driven.requests.max(1) as f64;
    Ours {
        rate: figure(&|round| round.driven.rate()),
        cpu: figure(&|round| a_request(round.cpu, round)),
        database_cpu: figure(&|round| a_request(round.database_cpu, round)),
        p50: figure(&|round| round.driven.p50 as f64 / 1e3),
        p99: figure(&|round| round.driven.p99 as f64 / 1e3),
        rss: figure(&|round| round.rss as f64 / 1024.0),
        errors: rounds.iter().map(|round| round.driven.rejected + round.driven.failed).sum(),
    }
}
