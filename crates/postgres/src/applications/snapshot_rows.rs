//! Snapshots of compliance, each in one column.

use chrono::{DateTime, Utc};
use repower_domain::{
    compliance::{ComplianceSnapshot, Requirement, UnmetRequirement},
    technicians::TrustLevel,
};
use repower_ports::RepositoryError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::stored::{corrupt, optional_text, text};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SnapshotRow {
    overall: String,
    missing: Vec<UnmetRow>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UnmetRow {
    any_of: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_trust: Option<String>,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    covered_until: Option<String>,
}

impl From<&UnmetRequirement> for UnmetRow {
    fn from(unmet: &UnmetRequirement) -> Self {
        Self {
            any_of: unmet.requirement.any_of().iter().map(ToString::to_string).collect(),
            min_trust: unmet.requirement.min_trust().map(|level| TrustLevel::as_str(level).to_owned()),
            status: unmet.status.to_string(),
            covered_until: unmet.covered_until.as_ref().map(ToString::to_string),
        }
    }
}

/// Converts a snapshot to its column.
pub(super) fn column(snapshot: &ComplianceSnapshot) -> Value {
    let missing = snapshot.missing.iter().map(UnmetRow::from).collect();
    serde_json::json!(SnapshotRow { overall: snapshot.overall.to_string(), missing })
}

/// Converts a column of that time.
pub(super) fn snapshot(
    column: &str,
    stored: Option<Value>,
    checked_at: DateTime<Utc>,
) -> Result<Option<ComplianceSnapshot>, RepositoryError> {
    let Some(stored) = stored else { return Ok(None) };
    let row: SnapshotRow = serde_json::from_value(stored).map_err(|why| corrupt(column, why))?;
    let unmet = |row: UnmetRow| {
        let any_of = row.any_of.iter().map(|code| text(column, code)).collect::<Result<_, _>>()?;
        let requirement = Requirement::new(any_of, true, optional_text(column, row.min_trust.as_deref())?);
        Ok::<_, RepositoryError>(
            UnmetRequirement::builder()
                .requirement(requirement.map_err(|why| corrupt(column, why))?)
                .status(text(column, &row.status)?)
                .covered_until(optional_text(column, row.covered_until.as_deref())?)
                .build(),
        )
    };
    let snapshot = ComplianceSnapshot::builder()
        .overall(text(column, &row.overall)?)
        .missing(row.missing.into_iter().map(unmet).collect::<Result<_, _>>()?)
        .checked_at(checked_at)
        .build();
    Ok(Some(snapshot))
}

/// Whether the text of a column is that of a snapshot in its canonical form.
pub(crate) fn is_valid(stored: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(stored) else { return false };
    let read = snapshot("", Some(value.clone()), DateTime::UNIX_EPOCH);
    read.is_ok_and(|read| read.is_some_and(|read| column(&read) == value))
}
