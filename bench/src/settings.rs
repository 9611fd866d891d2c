//! What is measured, how long, and where the programs are: all from the
//! environment, which `scripts/bench` fills in.

use std::{env, path::PathBuf, str::FromStr, time::Duration};

use anyhow::{Context as _, Result, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The settings of a run.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The size of the data set; 1 is the full one.
    pub(crate) scale: f64,
    /// The seed of the data set.
    pub(crate) seed: u64,
    /// How long a round takes.
    pub(crate) round: Duration,
    /// How many rounds of each there are, interleaved.
    pub(crate) rounds: usize,
    /// The scenarios that are wanted; all where it is empty.
    pub(crate) only: Vec<String>,
    /// How many connections drive the server.
    pub(crate) connections: u32,
    /// How many connections the server and pgbench have to the database.
    pub(crate) clients: u32,
    /// Whether the data set is loaded anew.
    pub(crate) is_fresh: bool,
    /// What the data set is made by; another schema or loader has another.
    pub(crate) schema: String,
    /// The folder of the cluster's unix socket, and the port in its name.
    pub(crate) socket: (String, u16),
    /// The cluster's log, a JSON object a line.
    pub(crate) log: PathBuf,
    /// The server.
    pub(crate) server: PathBuf,
    /// Where the programs of PostgreSQL are.
    pub(crate) postgres: PathBuf,
    /// Where files of the run may lie.
    pub(crate) work: PathBuf,
    /// Where the results go.
    pub(crate) results: PathBuf,
}

impl Settings {
    /// What the environment says. An error names what is missing or wrong.
    pub(crate) fn read() -> Result<Self> {
        Self {
            scale: number("BENCH_SCALE", 1.0)?,
            seed: number("BENCH_SEED", 1)?,
            round: Duration::from_secs(number("BENCH_SECONDS", 4)?),
            rounds: number("BENCH_ROUNDS", 3)?,
            only: given("BENCH_ONLY")
                .map(|names| names.split(',').map(|name| name.trim().to_owned()).collect())
                .unwrap_or_default(),
            connections: number("BENCH_CONNECTIONS", 32)?,
            clients: number("BENCH_POOL", 10)?,
            is_fresh: given("BENCH_FRESH").is_some(),
            schema: needed("BENCH_SCHEMA")?,
            socket: (needed("BENCH_SOCKET")?, needed("BENCH_PORT")?.parse().context("BENCH_PORT")?),
            log: needed("BENCH_LOG")?.into(),
            server: needed("REPOWER_BIN")?.into(),
            postgres: needed("PGBIN")?.into(),
            work: needed("BENCH_WORK")?.into(),
            results: needed("BENCH_RESULTS")?.into(),
        }
        .checked()
    }

    fn checked(self) -> Result<Self> {
        if self.rounds == 0 || self.round.is_zero() || self.scale <= 0.0 {
            bail!("BENCH_ROUNDS, BENCH_SECONDS and BENCH_SCALE must be above 0");
        }
        Ok(self)
    }

    /// Whether a scenario is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == name)
    }

    /// The address of a database of the cluster, by its unix socket.
    pub(crate) fn url(&self, database: &str) -> String {
        let (folder, port) = &self.socket;
        format!("postgres://repower@{}:{port}/{database}", utf8_percent_encode(folder, NON_ALPHANUMERIC))
    }
}

fn given(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn needed(name: &str) -> Result<String> {
    given(name).with_context(|| format!("{name} is not set: start this by scripts/bench"))
}

fn number<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(name: &str, default: T) -> Result<T> {
    given(name).map_or(Ok(default), |value| value.parse().with_context(|| format!("{name}={value}")))
}
