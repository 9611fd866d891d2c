use std::process::ExitCode;

use serde_json::{Value, json};

use super::{
    args::CheckConfig,
    output::{Failure, INVALID_SETTINGS, print},
};
use crate::settings::{Report, Sources, report};

/// Prints each setting with its source, and its error or its warning.
pub(super) fn check(arguments: CheckConfig) -> Result<ExitCode, Failure> {
    let sources = Sources::of_this_process();
    let reports = report(&sources);
    if arguments.json {
        print(&format!("{:#}", as_json(&sources, &reports)))?;
    } else {
        print_table(&sources, &reports)?;
    }
    let problems =
        reports.iter().filter(|report| report.problem.is_some()).count() + usize::from(sources.problem().is_some());
    Ok(if problems == 0 { ExitCode::SUCCESS } else { ExitCode::from(INVALID_SETTINGS) })
}

fn print_table(sources: &Sources, reports: &[Report]) -> Result<(), Failure> {
    let rows: Vec<_> = reports.iter().map(row).collect();
    let width =
        |column: fn(&[String; 4]) -> &str| rows.iter().map(|row| column(row).chars().count()).max().unwrap_or(0);
    let (names, values, origins) = (width(|row| &row[0]), width(|row| &row[1]), width(|row| &row[2]));
    let line = |[name, value, source, verdict]: &[String; 4]| {
        print(&format!("{name:<names$}  {value:<values$}  {source:<origins$}  {verdict}"))
    };
    line(&["SETTING", "VALUE", "SOURCE", ""].map(str::to_owned))?;
    rows.iter().try_for_each(line)?;
    if let Some(problem) = sources.problem() {
        print(&format!("\nThe file .env {problem}"))?;
    }
    let wrong = reports.iter().filter(|report| report.problem.is_some()).count();
    match reports.iter().filter(|report| report.warning.is_some()).count() {
        0 => {}
        1 => print("\n1 setting has a warning.")?,
        unwise => print(&format!("\n{unwise} settings have a warning."))?,
    }
    print(&match wrong {
        0 => "\nAll settings are valid.".to_owned(),
        1 => "\n1 setting is missing or invalid.".to_owned(),
        wrong => format!("\n{wrong} settings are missing or invalid."),
    })
}

fn row(report: &Report) -> [String; 4] {
    let verdict = match (&report.problem, report.warning) {
        (Some(problem), _) => format!("INVALID: {problem}"),
        (None, Some(warning)) => format!("WARNING: {warning}"),
        (None, None) => "ok".to_owned(),
    };
    let value = report.shown.clone().unwrap_or_else(|| "-".to_owned());
    [report.setting.name.to_owned(), value, report.source.to_string(), verdict]
}

/// An object for each setting, and one for a file that cannot be read.
fn as_json(sources: &Sources, reports: &[Report]) -> Value {
    let each = reports.iter().map(|report| {
        json!({
            "name": report.setting.name,
            "value": report.shown,
            "source": report.source.to_string(),
            "problem": report.problem,
            "warning": report.warning,
        })
    });
    let file = sources
        .problem()
        .map(|problem| json!({"name": ".env", "value": null, "source": ".env", "problem": problem, "warning": null}));
    each.chain(file).collect()
}
