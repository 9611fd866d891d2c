use std::process::ExitCode;

use serde_json::{Value, json};

use super::{Failure, SETTINGS_WRONG, args::CheckConfig, say};
use crate::settings::{Finding, Sources, findings};

/// Tells every setting, its source and whether it holds.
pub(super) fn tell(asked: CheckConfig) -> Result<ExitCode, Failure> {
    let sources = Sources::of_this_process();
    let findings = findings(&sources);
    if asked.json {
        say(&format!("{:#}", as_json(&sources, &findings)))?;
    } else {
        tell_table(&sources, &findings)?;
    }
    let problems =
        findings.iter().filter(|finding| finding.problem.is_some()).count() + usize::from(sources.problem().is_some());
    Ok(if problems == 0 { ExitCode::SUCCESS } else { ExitCode::from(SETTINGS_WRONG) })
}

fn tell_table(sources: &Sources, findings: &[Finding]) -> Result<(), Failure> {
    let rows: Vec<_> = findings.iter().map(row).collect();
    let width =
        |column: fn(&[String; 4]) -> &str| rows.iter().map(|row| column(row).chars().count()).max().unwrap_or(0);
    let (names, values, origins) = (width(|row| &row[0]), width(|row| &row[1]), width(|row| &row[2]));
    let line = |[name, value, source, verdict]: &[String; 4]| {
        say(&format!("{name:<names$}  {value:<values$}  {source:<origins$}  {verdict}"))
    };
    line(&["SETTING", "VALUE", "SOURCE", ""].map(str::to_owned))?;
    rows.iter().try_for_each(line)?;
    if let Some(problem) = sources.problem() {
        say(&format!("\nThe file .env {problem}"))?;
    }
    let wrong = findings.iter().filter(|finding| finding.problem.is_some()).count();
    say(&match wrong {
        0 => "\nAll settings hold.".to_owned(),
        1 => "\n1 setting is missing or wrong.".to_owned(),
        wrong => format!("\n{wrong} settings are missing or wrong."),
    })
}

fn row(finding: &Finding) -> [String; 4] {
    let verdict = finding.problem.as_ref().map_or_else(|| "ok".to_owned(), |problem| format!("WRONG: {problem}"));
    let value = finding.shown.clone().unwrap_or_else(|| "-".to_owned());
    [finding.setting.name.to_owned(), value, finding.source.to_string(), verdict]
}

/// An object for each setting; the file as one more where it cannot be read.
fn as_json(sources: &Sources, findings: &[Finding]) -> Value {
    let each = findings.iter().map(|finding| {
        json!({
            "name": finding.setting.name,
            "value": finding.shown,
            "source": finding.source.to_string(),
            "problem": finding.problem,
        })
    });
    let file =
        sources.problem().map(|problem| json!({"name": ".env", "value": null, "source": ".env", "problem": problem}));
    each.chain(file).collect()
}
