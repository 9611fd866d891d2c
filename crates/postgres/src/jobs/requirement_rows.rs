//! The requirements of a job, all in one column.

use repower_domain::{
    compliance::{Requirement, Requirements},
    technicians::TrustLevel,
};
use repower_ports::RepositoryError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::stored::{corrupt, optional_text, text};

const COLUMN: &str = "jobs.requirements";

/// A requirement.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequirementRow {
    any_of: Vec<String>,
    mandatory: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_trust: Option<String>,
}

impl From<&Requirement> for RequirementRow {
    fn from(requirement: &Requirement) -> Self {
        Self {
            any_of: requirement.any_of().iter().map(ToString::to_string).collect(),
            mandatory: requirement.mandatory(),
            min_trust: requirement.min_trust().map(|level| TrustLevel::as_str(level).to_owned()),
        }
    }
}

impl TryFrom<RequirementRow> for Requirement {
    type Error = RepositoryError;

    fn try_from(row: RequirementRow) -> Result<Self, RepositoryError> {
        let any_of = row.any_of.iter().map(|code| text(COLUMN, code)).collect::<Result<_, _>>()?;
        Self::new(any_of, row.mandatory, optional_text(COLUMN, row.min_trust.as_deref())?)
            .map_err(|why| corrupt(COLUMN, why))
    }
}

/// Converts requirements to their column.
pub(super) fn column(requirements: &Requirements) -> Value {
    let rows = requirements.as_slice().iter().map(RequirementRow::from);
    rows.map(|row| serde_json::json!(row)).collect()
}

/// Converts the column.
pub(super) fn requirements(stored: Value) -> Result<Requirements, RepositoryError> {
    let rows: Vec<RequirementRow> = serde_json::from_value(stored).map_err(|why| corrupt(COLUMN, why))?;
    let requirements = rows.into_iter().map(Requirement::try_from).collect::<Result<_, _>>()?;
    Requirements::new(requirements).map_err(|why| corrupt(COLUMN, why))
}

/// Whether the text of the column is that of requirements in their canonical form.
pub(crate) fn is_valid(stored: &str) -> bool {
    let value = serde_json::from_str::<Value>(stored).ok();
    value.is_some_and(|value| requirements(value.clone()).is_ok_and(|requirements| column(&requirements) == value))
}
