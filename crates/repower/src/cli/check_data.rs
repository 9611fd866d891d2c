use std::process::ExitCode;

use repower_ports::{
    Clock,
    operation::{DataAudit, Finding},
};
use repower_postgres::Database;
use serde_json::{Value, json};

use super::{
    args::CheckData,
    output::{Failure, print},
};
use crate::environment::SystemClock;

/// The exit code where a rule is violated.
const VIOLATED: u8 = 1;

/// Prints each rule with its violations.
pub(super) fn check(arguments: CheckData, database: &Database) -> Result<ExitCode, Failure> {
    let pending = database.pending_migrations()?;
    if !pending.is_empty() {
        return Err(format!("{} migrations are pending: run `repower migrate`", pending.len()).into());
    }
    let findings = database.audit(SystemClock.now())?;
    if arguments.json {
        print(&format!("{:#}", findings.iter().map(as_json).collect::<Value>()))?;
    } else {
        print_table(&findings)?;
    }
    let is_clean = findings.iter().all(|finding| finding.violations == 0);
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::from(VIOLATED) })
}

fn print_table(findings: &[Finding]) -> Result<(), Failure> {
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or_default();
    for finding in findings {
        let verdict = if finding.violations == 0 { "ok" } else { "VIOLATED" };
        print(&format!("{verdict:<8}  {:<width$}  {}", finding.name, finding.rule))?;
        if finding.violations > 0 {
            print(&format!("          by {}: {}", finding.violations, some_of(finding)))?;
        }
    }
    let violated = findings.iter().filter(|finding| finding.violations > 0).count();
    print(&match violated {
        0 => format!("\nNo rule of {} is violated.", findings.len()),
        violated => format!("\n{violated} of {} rules are violated.", findings.len()),
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
