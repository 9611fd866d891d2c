//! What a page costs in a small and in a hundredfold database.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Findings;
use crate::{report::results::Results, run::Bench, scenarios, stats::Figure};

/// Pages, and within how many milliseconds the database must have each.
const PAGES: &[(&str, f64)] = &[
    ("jobs", 1.0),
    ("jobs-discipline", 1.0),
    ("jobs-country", 1.0),
    ("jobs-location", 1.0),
    ("jobs-contract", 1.0),
    ("jobs-start", 1.0),
    ("jobs-rate", 1.0),
    ("jobs-company", 1.0),
    ("jobs-two", 1.0),
    ("jobs-rare", 5.0),
    ("jobs-common", 5.0),
    ("jobs-deep", 1.0),
    ("candidates", 20.0),
];

/// By how much a page may cost more in the large one.
const GROWTH: f64 = 1.2;

/// Measures what each page costs in both, by one client of pgbench: its time
/// for each, the way over the socket included.
pub(crate) fn growth(large: &mut Bench<'_>, small: &mut Bench<'_>, results: &mut Results) -> Result<()> {
    let settings = large.settings;
    let mut findings = Findings { about: "Growth: a page at a hundredth of the data, and at all of it", results };
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
        findings.hold(scenario.title, format!("{small:.3} ms → {large:.3} ms, {growth:.2} ×"), &bar, is_met);
    }
    Ok(())
}
