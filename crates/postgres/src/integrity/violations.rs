use chrono::{DateTime, Utc};
use diesel::{
    PgConnection, QueryResult,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz},
};
use repower_ports::operation::Finding;

/// Maximum number of examples in a finding.
const MAX_EXAMPLES: usize = 5;

#[derive(QueryableByName)]
pub(super) struct Violations {
    #[diesel(sql_type = BigInt)]
    violations: i64,
    #[diesel(sql_type = Array<Text>)]
    examples: Vec<String>,
}

/// Counts the rows of a statement and returns the first few. The statement selects
/// one text, `id`, and may read the audit's time from `audited`.
pub(super) fn violations(
    connection: &mut PgConnection,
    statement: &str,
    now: DateTime<Utc>,
) -> QueryResult<Violations> {
    let statement = format!(
        "WITH audited (now) AS (SELECT $1), broken (id) AS ({statement}) \
         SELECT (SELECT count(*) FROM broken) AS violations, \
         ARRAY(SELECT id FROM broken ORDER BY id LIMIT {MAX_EXAMPLES}) AS examples"
    );
    sql_query(statement).bind::<Timestamptz, _>(now).get_result(connection)
}

pub(super) fn finding(name: &'static str, rule: &'static str, all: impl IntoIterator<Item = Violations>) -> Finding {
    let mut finding = Finding { name, rule, violations: 0, examples: Vec::new() };
    for Violations { violations, examples } in all {
        finding.violations += u64::try_from(violations).unwrap_or_default();
        finding.examples.extend(examples);
    }
    finding.examples.truncate(MAX_EXAMPLES);
    finding
}

/// Adds one violation to a finding.
pub(super) fn add_violation(finding: &mut Finding, example: impl FnOnce() -> String) {
    finding.violations += 1;
    if finding.examples.len() < MAX_EXAMPLES {
        finding.examples.push(example());
    }
}
