//! The audit of stored data against the rules of the domain.
//!
//! Most rules are a statement that selects the violations. The domain itself
//! checks texts and histories, row by row.

mod constraints;
mod histories;
mod rules;
mod texts;

use chrono::{DateTime, Utc};
use diesel::{
    PgConnection, QueryResult,
    connection::SimpleConnection,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz},
};
use repower_ports::{
    RepositoryError,
    operation::{DataAudit, Finding},
};

use crate::{Database, connections};

/// Maximum number of examples in a finding.
const MAX_EXAMPLES: usize = 5;

/// Settings of the audit's transaction: a statement may read whole tables for up
/// to 30 minutes.
const AUDIT_SETTINGS: &str = "SET LOCAL statement_timeout = '30min'; SET LOCAL idle_in_transaction_session_timeout = 0";

#[derive(QueryableByName)]
struct Violations {
    #[diesel(sql_type = BigInt)]
    violations: i64,
    #[diesel(sql_type = Array<Text>)]
    examples: Vec<String>,
}

impl DataAudit for Database {
    fn audit(&self, now: DateTime<Utc>) -> Result<Vec<Finding>, RepositoryError> {
        self.with_connection(|connection| {
            // A transaction that a test has opened is a single snapshot too.
            if connections::transaction_depth(connection)? > 0 {
                return audit(connection, now);
            }
            connection.build_transaction().repeatable_read().read_only().run(|connection| audit(connection, now))
        })
    }
}

fn audit(connection: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<Vec<Finding>> {
    connection.batch_execute(AUDIT_SETTINGS)?;
    let mut findings = Vec::new();
    for rule in rules::all() {
        let violations = violations(connection, &rule.query, now)?;
        findings.push(finding(rule.name, rule.sentence, [violations]));
    }
    findings.push(histories::audit(connection)?);
    findings.push(texts::audit(connection)?);
    findings.extend(constraints::audit(connection, now)?);
    Ok(findings)
}

/// Counts the rows of a statement and returns the first few. The statement selects
/// one text, `id`, and may read the audit's time from `audited`.
fn violations(connection: &mut PgConnection, statement: &str, now: DateTime<Utc>) -> QueryResult<Violations> {
    let statement = format!(
        "WITH audited (now) AS (SELECT $1), broken (id) AS ({statement}) \
         SELECT (SELECT count(*) FROM broken) AS violations, \
         ARRAY(SELECT id FROM broken ORDER BY id LIMIT {MAX_EXAMPLES}) AS examples"
    );
    sql_query(statement).bind::<Timestamptz, _>(now).get_result(connection)
}

fn finding(name: &'static str, rule: &'static str, all: impl IntoIterator<Item = Violations>) -> Finding {
    let mut finding = Finding { name, rule, violations: 0, examples: Vec::new() };
    for Violations { violations, examples } in all {
        finding.violations += u64::try_from(violations).unwrap_or_default();
        finding.examples.extend(examples);
    }
    finding.examples.truncate(MAX_EXAMPLES);
    finding
}

/// Adds one violation to a finding.
fn add_violation(finding: &mut Finding, example: impl FnOnce() -> String) {
    finding.violations += 1;
    if finding.examples.len() < MAX_EXAMPLES {
        finding.examples.push(example());
    }
}
