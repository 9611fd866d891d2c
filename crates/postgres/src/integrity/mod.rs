//! The rules that everything stored obeys, held against what is stored.
//!
//! Most are a statement that finds what breaks them; what the domain decides is
//! decided by the domain, row by row as they come.

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

/// How many of the things that break a rule are named.
const FEW: usize = 5;

/// A statement may read whole tables.
const PATIENCE: &str = "SET LOCAL statement_timeout = '30min'; SET LOCAL idle_in_transaction_session_timeout = 0";

#[derive(QueryableByName)]
struct Broken {
    #[diesel(sql_type = BigInt)]
    violations: i64,
    #[diesel(sql_type = Array<Text>)]
    examples: Vec<String>,
}

impl DataAudit for Database {
    fn audit(&self, now: DateTime<Utc>) -> Result<Vec<Finding>, RepositoryError> {
        self.with_connection(|connection| {
            // A transaction that is open already, a test's, shows one moment too.
            if connections::depth(connection)? > 0 {
                return audit(connection, now);
            }
            connection.build_transaction().repeatable_read().read_only().run(|connection| audit(connection, now))
        })
    }
}

fn audit(connection: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<Vec<Finding>> {
    connection.batch_execute(PATIENCE)?;
    let mut findings = Vec::new();
    for rule in rules::all() {
        let broken = broken(connection, &rule.broken_by, now)?;
        findings.push(found(rule.name, rule.meaning, [broken]));
    }
    findings.push(histories::audit(connection)?);
    findings.push(texts::audit(connection)?);
    findings.extend(constraints::audit(connection, now)?);
    Ok(findings)
}

/// What a statement finds. It selects one text, `id`, and may look at the moment
/// in `audited`.
fn broken(connection: &mut PgConnection, statement: &str, now: DateTime<Utc>) -> QueryResult<Broken> {
    let statement = format!(
        "WITH audited (now) AS (SELECT $1), broken (id) AS ({statement}) \
         SELECT (SELECT count(*) FROM broken) AS violations, \
         ARRAY(SELECT id FROM broken ORDER BY id LIMIT {FEW}) AS examples"
    );
    sql_query(statement).bind::<Timestamptz, _>(now).get_result(connection)
}

fn found(name: &'static str, rule: &'static str, broken: impl IntoIterator<Item = Broken>) -> Finding {
    let mut finding = Finding { name, rule, violations: 0, examples: Vec::new() };
    for Broken { violations, examples } in broken {
        finding.violations += u64::try_from(violations).unwrap_or_default();
        finding.examples.extend(examples);
    }
    finding.examples.truncate(FEW);
    finding
}

/// One more thing breaks the rule.
fn add(finding: &mut Finding, example: impl FnOnce() -> String) {
    finding.violations += 1;
    if finding.examples.len() < FEW {
        finding.examples.push(example());
    }
}
