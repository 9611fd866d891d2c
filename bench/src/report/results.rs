//! The results of a run, as they are stored in `results.json`.

use serde::{Deserialize, Serialize};

use crate::stats::Figure;

/// The server over the rounds of a scenario.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ours {
    /// Responses per second.
    pub(crate) rate: Figure,
    /// CPU time of the server per request, in microseconds.
    pub(crate) cpu: Figure,
    /// CPU time of the database per request, in microseconds.
    pub(crate) database_cpu: Figure,
    /// The median latency in milliseconds.
    pub(crate) p50: Figure,
    /// The 99th percentile of the latency in milliseconds.
    pub(crate) p99: Figure,
    /// Resident memory of the server, in MiB.
    pub(crate) rss: Figure,
    /// The number of missing responses, and of those with a status of 400 and above.
    pub(crate) errors: u64,
}

/// The result of a yardstick.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scale {
    /// Runs or responses per second.
    pub(crate) rate: Figure,
    /// CPU time of the database for each, in microseconds.
    pub(crate) database_cpu: Option<Figure>,
}

/// The figures of one scenario.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measured {
    pub(crate) ours: Ours,
    pub(crate) pgbench: Option<Scale>,
    pub(crate) bare: Option<Scale>,
}

/// The yardstick of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Against {
    Pgbench,
    Bare,
}

/// The required rate of a scenario, as a part of the yardstick.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bar {
    pub(crate) against: Against,
    pub(crate) least: f64,
}

/// A line of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    /// The short name, for `BENCH_ONLY`.
    pub(crate) name: String,
    /// The title.
    pub(crate) title: String,
    /// The size of the body of a response, in bytes.
    pub(crate) bytes: usize,
    /// The number of statements for one request.
    pub(crate) statements: usize,
    pub(crate) bar: Option<Bar>,
    #[serde(flatten)]
    pub(crate) measured: Measured,
}

impl Line {
    /// The rate of the server as a part of pgbench's.
    pub(crate) fn of_pgbench(&self) -> Option<f64> {
        self.part(self.measured.pgbench.as_ref())
    }

    /// The rate of the server as a part of the bare route's.
    pub(crate) fn of_bare(&self) -> Option<f64> {
        self.part(self.measured.bare.as_ref())
    }

    /// The part that its bar limits.
    pub(crate) fn ratio(&self) -> Option<f64> {
        match self.bar?.against {
            Against::Pgbench => self.of_pgbench(),
            Against::Bare => self.of_bare(),
        }
    }

    /// Whether its bar is met; `None` without a bar. A line with errors does not meet it.
    pub(crate) fn is_met(&self) -> Option<bool> {
        let bar = self.bar?;
        Some(self.ratio()? >= bar.least && self.measured.ours.errors == 0)
    }

    fn part(&self, scale: Option<&Scale>) -> Option<f64> {
        Some(self.measured.ours.rate.median / scale?.rate.median)
    }
}

/// A measurement outside the table of scenarios.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measurement {
    /// The heading of its run.
    pub(crate) about: String,
    /// The name of the measurement.
    pub(crate) what: String,
    /// The figure with its unit.
    pub(crate) figure: String,
    /// The bar, in words; `None` without one.
    pub(crate) bar: Option<String>,
    /// Whether the bar is met.
    pub(crate) is_met: Option<bool>,
}

/// The results of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Results {
    /// The machine and the settings, each with its value.
    pub(crate) setting: Vec<(String, String)>,
    pub(crate) lines: Vec<Line>,
    pub(crate) findings: Vec<Measurement>,
    /// The names of failed measurements.
    pub(crate) missing: Vec<String>,
}

impl Results {
    /// Records a failed measurement; the run continues.
    pub(crate) fn miss(&mut self, name: &str, error: &anyhow::Error) {
        crate::report_progress(&format!("{name} FAILED: {error:#}"));
        self.missing.push(name.to_owned());
    }

    /// Records a measurement as failed, if it has an error.
    pub(crate) fn note_failure(&mut self, name: &str, outcome: anyhow::Result<()>) {
        if let Err(error) = outcome {
            self.miss(name, &error);
        }
    }
}
