//! The settings of a run, from the environment. `scripts/bench` sets the paths.

use std::{env, path::PathBuf, str::FromStr, time::Duration};

use anyhow::{Context as _, Result, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The settings of a run.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The scale of the data set; 1 is the full size.
    pub(crate) scale: f64,
    /// The seed of the data set.
    pub(crate) seed: u64,
    /// The duration of a round.
    pub(crate) round: Duration,
    /// The number of rounds of each scenario.
    pub(crate) rounds: usize,
    /// The names of the selected scenarios; empty for all.
    pub(crate) only: Vec<String>,
    /// The number of connections of wrk to the server.
    pub(crate) connections: u32,
    /// The number of connections of the server and of pgbench to the database.
    pub(crate) clients: u32,
    /// Whether the data set is loaded again.
    pub(crate) is_fresh: bool,
    /// The checksum of the schema and the loader of the data set.
    pub(crate) schema: String,
    /// The folder of the unix socket of the cluster, and the port in its name.
    pub(crate) socket: (String, u16),
    /// The log of the cluster, a JSON object a line.
    pub(crate) log: PathBuf,
    /// The path of the server program.
    pub(crate) server: PathBuf,
    /// The folder of the programs of PostgreSQL.
    pub(crate) postgres: PathBuf,
    /// The folder for files of the run.
    pub(crate) work: PathBuf,
    /// The folder of the results.
    pub(crate) results: PathBuf,
}

impl Settings {
    /// Reads the environment. An error names the missing or invalid variable.
    pub(crate) fn read() -> Result<Self> {
        Self {
            scale: number("BENCH_SCALE", 1.0)?,
            seed: number("BENCH_SEED", 1)?,
            round: Duration::from_secs(number("BENCH_SECONDS", 4)?),
            rounds: number("BENCH_ROUNDS", 3)?,
            only: variable("BENCH_ONLY")
                .map(|names| names.split(',').map(|name| name.trim().to_owned()).collect())
                .unwrap_or_default(),
            connections: number("BENCH_CONNECTIONS", 32)?,
            clients: number("BENCH_POOL", 10)?,
            is_fresh: variable("BENCH_FRESH").is_some(),
            schema: required("BENCH_SCHEMA")?,
            socket: (required("BENCH_SOCKET")?, required("BENCH_PORT")?.parse().context("BENCH_PORT")?),
            log: required("BENCH_LOG")?.into(),
            server: required("REPOWER_BIN")?.into(),
            postgres: required("PGBIN")?.into(),
            work: required("BENCH_WORK")?.into(),
            results: required("BENCH_RESULTS")?.into(),
        }
        .checked()
    }

    fn checked(self) -> Result<Self> {
        if self.rounds == 0 || self.round.is_zero() || self.scale <= 0.0 {
            bail!("BENCH_ROUNDS, BENCH_SECONDS and BENCH_SCALE must be above 0");
        }
        Ok(self)
    }

    /// Whether a scenario is selected.
    pub(crate) fn selects(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|selected| selected == name)
    }

    /// The URL of a database of the cluster, by its unix socket.
    pub(crate) fn url(&self, database: &str) -> String {
        let (folder, port) = &self.socket;
        format!("postgres://repower@{}:{port}/{database}", utf8_percent_encode(folder, NON_ALPHANUMERIC))
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn required(name: &str) -> Result<String> {
    variable(name).with_context(|| format!("{name} is not set: run scripts/bench"))
}

fn number<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(name: &str, default: T) -> Result<T> {
    variable(name).map_or(Ok(default), |value| value.parse().with_context(|| format!("{name}={value}")))
}
