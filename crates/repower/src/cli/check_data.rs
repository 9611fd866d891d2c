use std::process::ExitCode;

use repower_ports::{
    Clock,
    operation::{DataAudit, Finding},
};
use repower_postgres::Database;
use serde_json::{Value, json};

use super::{Failure, args::CheckData, say};
use crate::environment::SystemClock;

/// Some rule is broken.
const BROKEN: u8 = 1;

/// Tells each rule, and what breaks it.
pub(super) fn tell(asked: CheckData, database: &Database) -> Result<ExitCode, Failure> {
    let pending = database.pending_migrations()?;
    if !pending.is_empty() {
        return Err(format!("{} migrations have not run: `repower migrate` runs them", pending.len()).into());
    }
    let findings = database.audit(SystemClock.now())?;
    if asked.json {
        say(&format!("{:#}", findings.iter().map(as_json).collect::<Value>()))?;
    } else {
        tell_table(&findings)?;
    }
    let is_clean = findings.iter().all(|finding| finding.violations == 0);
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::from(BROKEN) })
}

fn tell_table(findings: &[Finding]) -> Result<(), Failure> {
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or_default();
    for finding in findings {
        let verdict = if finding.violations == 0 { "ok" } else { "BROKEN" };
        say(&format!("{verdict:<6}  {:<width$}  {}", finding.name, finding.rule))?;
        if finding.violations > 0 {
            say(&format!("        by {}: {}", finding.violations, some_of(finding)))?;
        }
    }
    let broken = findings.iter().filter(|finding| finding.violations > 0).count();
    say(&match broken {
        0 => format!("\nAll {} rules hold.", findings.len()),
        broken => format!("\n{broken} of {} rules are broken.", findings.len()),
    })
}

fn some_of(finding: &Finding) -> String {
    let is_all = u64::try_from(finding.examples.len()) == Ok(finding.violations);
    finding.examples.join(", ") + if is_all { "" } else { ", …" }
}

fn as_json(finding: &Finding) -> Value {
    json!({
        "name": finding.name,
        "rule": finding.rule,
        "violations": finding.violations,
        "examples": finding.examples,
    })
}
