//! The reports of a run.

mod chart;
mod machine;
mod performance;
pub(crate) mod results;
mod table;

use std::fs;

use anyhow::Result;

use self::results::Results;
use crate::{database::Database, settings::Settings};

/// The machine and the settings of the run, in words.
pub(crate) fn setting(settings: &Settings, database: &mut Database) -> Result<Vec<(String, String)>> {
    machine::describe(settings, database)
}

/// Writes `RESULTS.md`, `results.svg` and `results.json`.
pub(crate) fn write(settings: &Settings, results: &Results) -> Result<()> {
    fs::create_dir_all(&settings.results)?;
    fs::write(settings.results.join("results.json"), serde_json::to_string_pretty(results)? + "\n")?;
    fs::write(settings.results.join("RESULTS.md"), table::markdown(results))?;
    chart::draw(results, &settings.results.join("results.svg"))
}

/// Writes the figures of `docs/performance.md`, if the results are in the project.
pub(crate) fn quote(settings: &Settings, results: &Results) -> Result<()> {
    let file = settings.results.join("../docs/performance.md");
    let Ok(document) = fs::read_to_string(&file) else { return Ok(()) };
    if let Some(renewed) = performance::renewed(&document, results) {
        fs::write(file, renewed)?;
    }
    Ok(())
}

/// One line about a scenario, for the progress.
pub(crate) fn in_short(line: &results::Line) -> String {
    table::in_short(line)
}
