//! What was measured, as it is kept.

use serde::{Deserialize, Serialize};

use crate::stats::Figure;

/// The server over the rounds of a scenario.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ours {
    /// Answers in a second.
    pub(crate) rate: Figure,
    /// Microseconds on the processors that the server spent on each,
    pub(crate) cpu: Figure,
    /// and the database.
    pub(crate) database_cpu: Figure,
    /// Milliseconds within which half of the answers came,
    pub(crate) p50: Figure,
    /// and all but one in a hundred.
    pub(crate) p99: Figure,
    /// Resident memory of the server, in MiB.
    pub(crate) rss: Figure,
    /// How many answers were none, or had a status of 400 and above.
    pub(crate) errors: u64,
}

/// A yardstick.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scale {
    /// Done in a second.
    pub(crate) rate: Figure,
    /// Microseconds on the processors that the database spent on each.
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

/// Against what a bar holds the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Against {
    Pgbench,
    Bare,
}

/// What is asked of a scenario: this part of the yardstick's rate.
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
    /// Its short name, by which `BENCH_ONLY` asks for it.
    pub(crate) name: String,
    /// What is done, in words.
    pub(crate) title: String,
    /// Bytes of an answer's body.
    pub(crate) bytes: usize,
    /// How many statements the server sent for one request.
    pub(crate) statements: usize,
    pub(crate) bar: Option<Bar>,
    #[serde(flatten)]
    pub(crate) measured: Measured,
}

impl Line {
    /// The server's rate as a part of pgbench's.
    pub(crate) fn of_pgbench(&self) -> Option<f64> {
        self.part(self.measured.pgbench.as_ref())
    }

    /// The server's rate as a part of the bare route's.
    pub(crate) fn of_bare(&self) -> Option<f64> {
        self.part(self.measured.bare.as_ref())
    }

    /// The part that its bar is about.
    pub(crate) fn ratio(&self) -> Option<f64> {
        match self.bar?.against {
            Against::Pgbench => self.of_pgbench(),
            Against::Bare => self.of_bare(),
        }
    }

    /// Whether its bar is met; `None` where there is none. With errors it is not.
    pub(crate) fn is_met(&self) -> Option<bool> {
        let bar = self.bar?;
        Some(self.ratio()? >= bar.least && self.measured.ours.errors == 0)
    }

    fn part(&self, scale: Option<&Scale>) -> Option<f64> {
        Some(self.measured.ours.rate.median / scale?.rate.median)
    }
}

/// A bar beside the table's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    /// To which run it belongs.
    pub(crate) about: String,
    /// What was measured, in words.
    pub(crate) what: String,
    /// The figure with its unit.
    pub(crate) figure: String,
    /// What is asked of it, in words; `None` where nothing is.
    pub(crate) bar: Option<String>,
    /// Whether it is met.
    pub(crate) is_met: Option<bool>,
}

/// Everything that a run found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Results {
    /// The machine and the settings, each with its value.
    pub(crate) setting: Vec<(String, String)>,
    pub(crate) lines: Vec<Line>,
    pub(crate) findings: Vec<Finding>,
    /// What could not be measured.
    pub(crate) missing: Vec<String>,
}

impl Results {
    /// Something could not be measured; the rest goes on.
    pub(crate) fn miss(&mut self, name: &str, error: &anyhow::Error) {
        crate::tell(&format!("{name} FAILED: {error:#}"));
        self.missing.push(name.to_owned());
    }

    /// As [`Self::miss`], where it failed.
    pub(crate) fn note_failure(&mut self, name: &str, outcome: anyhow::Result<()>) {
        if let Err(error) = outcome {
            self.miss(name, &error);
        }
    }
}
