use repower_domain::{
    certification_types::TypeCode,
    compliance::{ComplianceSnapshot, ComplianceStatus, UnmetRequirement},
    technicians::TrustLevel,
    values::CalendarDate,
};
use repower_http::{Timestamp, schema::ResponseSchema};
use serde::Serialize;

/// The compliance of a technician with the job of an application at a time.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ComplianceSnapshotView {
    overall: ComplianceStatus,
    /// The mandatory requirements that were not met, in their order.
    missing: Vec<UnmetRequirementView>,
    checked_at: Timestamp,
}

/// A mandatory requirement that is not met.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
struct UnmetRequirementView {
    /// The types of which one is enough.
    any_of: Vec<TypeCode>,
    /// The least trust; null is any.
    min_trust: Option<TrustLevel>,
    status: ComplianceStatus,
    /// The last covered day where it is `EXPIRES_DURING` or `EXPIRED`; null otherwise.
    covered_until: Option<CalendarDate>,
}

/// The `details` of `not_compliant`.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct NotCompliantDetails {
    /// The mandatory requirements that are not met.
    groups: Vec<UnmetRequirementView>,
}

impl From<UnmetRequirement> for UnmetRequirementView {
    fn from(unmet: UnmetRequirement) -> Self {
        Self {
            any_of: unmet.requirement.any_of().to_vec(),
            min_trust: unmet.requirement.min_trust(),
            status: unmet.status,
            covered_until: unmet.covered_until,
        }
    }
}

impl From<ComplianceSnapshot> for ComplianceSnapshotView {
    fn from(snapshot: ComplianceSnapshot) -> Self {
        Self {
            overall: snapshot.overall,
            missing: snapshot.missing.into_iter().map(UnmetRequirementView::from).collect(),
            checked_at: snapshot.checked_at.into(),
        }
    }
}

impl From<ComplianceSnapshot> for NotCompliantDetails {
    fn from(snapshot: ComplianceSnapshot) -> Self {
        Self { groups: snapshot.missing.into_iter().map(UnmetRequirementView::from).collect() }
    }
}
