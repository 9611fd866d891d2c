//! The cost of a page in a small database and in one a hundred times as large.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Measurements;
use crate::{report::results::Results, run::Bench, scenarios, stats::Figure};

/// The pages, with the maximum time of the database in milliseconds.
const PAGES: &[(&str, f64)] = &[
    ("jobs", 1.0),
    ("jobs-discipline", 1.0),
    ("jobs-country", 1.0),
    ("jobs-location", 5.0),
    ("jobs-contract", 1.0),
    ("jobs-start", 1.0),
    ("jobs-rate", 1.0),
    ("jobs-company", 1.0),
    ("jobs-two", 1.0),
    ("jobs-certification", 1.0),
    ("jobs-qualified", 20.0),
    ("jobs-rare", 5.0),
    ("jobs-common", 5.0),
    ("jobs-deep", 1.0),
    ("candidates", 20.0),
    ("job-candidates", 100.0),
];

/// The maximum ratio of the costs in the large and the small database.
const GROWTH: f64 = 1.2;

/// Measures the time of each page in both databases by one client of pgbench,
/// including the transport over the socket.
pub(crate) fn growth(large: &mut Bench<'_>, small: &mut Bench<'_>, results: &mut Results) -> Result<()> {
    let settings = large.settings;
    let mut measurements =
        Measurements { about: "Growth: a page with a hundredth of the data, and with all data", results };
    for (name, most) in PAGES {
        let scenario = scenarios::named(name).context(*name)?;
        let (in_large, in_small) = (large.pgbench_of(&scenario)?, small.pgbench_of(&scenario)?);
        let (mut large_times, mut small_times) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            for (pgbench, times) in [(&in_small, &mut small_times), (&in_large, &mut large_times)] {
                times.push(1e3 / pgbench.run(settings, 1, Duration::from_secs(1), &[])?);
            }
        }
        let (small, large) = (Figure::of(small_times).median, Figure::of(large_times).median);
        let growth = large / small;
        let is_search = *most > 1.0;
        let is_met = large <= *most && (is_search || growth <= GROWTH);
        let bar = if is_search { format!("≤ {most} ms") } else { format!("≤ {most} ms and ≤ {GROWTH} ×") };
        measurements.judge(scenario.title, format!("{small:.3} ms → {large:.3} ms, {growth:.2} ×"), &bar, is_met);
    }
    Ok(())
}
