//! The audit of stored data against the rules of the domain.
//!
//! Most rules are a statement that selects the violations. The domain itself
//! checks texts, their folds and histories, row by row.

mod constraints;
mod folds;
mod histories;
mod rules;
mod texts;
mod violations;

use chrono::{DateTime, Utc};
use diesel::{PgConnection, QueryResult, connection::SimpleConnection};
use repower_ports::{
    RepositoryError,
    operation::{DataAudit, Finding},
};

use self::violations::{finding, violations};
use crate::{Database, connections};

/// Settings of the audit's transaction: a statement may read whole tables for up
/// to 30 minutes.
const AUDIT_SETTINGS: &str = "SET LOCAL statement_timeout = '30min'; SET LOCAL idle_in_transaction_session_timeout = 0";

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
    findings.push(folds::audit(connection)?);
    findings.extend(constraints::audit(connection, now)?);
    Ok(findings)
}
