use repower_application::compliance::Suitability;
use repower_domain::{
    availability::AvailabilityStatus,
    certification_types::TypeCode,
    compliance::{ComplianceStatus, GroupCompliance, Requirement},
    ids::{CertificationId, TechnicianId},
    technicians::TrustLevel,
    values::CalendarDate,
};
use repower_http::{
    input::Defaulted,
    schema::{RequestSchema, ResponseSchema},
};
use serde::{Deserialize, Serialize};
use validator::Validate;

/// How a technician suits a job.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct ComplianceView {
    /// The worst status of a mandatory requirement; `COMPLIANT` without one.
    overall: ComplianceStatus,
    /// The compliance with each requirement, in their order.
    groups: Vec<GroupView>,
    /// The availability on all days of the job.
    availability: AvailabilityStatus,
}

/// The compliance with one requirement.
#[derive(Debug, Serialize, ResponseSchema)]
#[schema(name = "GroupCompliance")]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupView {
    /// The types of which one is enough.
    any_of: Vec<TypeCode>,
    mandatory: bool,
    /// The least trust; null is any.
    min_trust: Option<TrustLevel>,
    status: ComplianceStatus,
    /// The last covered day where it is `EXPIRES_DURING` or `EXPIRED`; null otherwise.
    covered_until: Option<CalendarDate>,
    /// The evidence: the fewest certifications by which the status is reached.
    certification_ids: Vec<CertificationId>,
    /// The lowest trust of the evidence; null without evidence.
    trust: Option<TrustLevel>,
    /// The certifications that would cover another day if their trust were enough.
    below_min_trust: Vec<CertificationId>,
    /// The last day on which a renewal keeps the cover, and the cycle where there is a renewal window. Null unless it is
    /// `EXPIRES_DURING`, or `COMPLIANT` and ends within 60 days after the job.
    renew_by: Option<CalendarDate>,
}

impl From<(&Requirement, GroupCompliance)> for GroupView {
    fn from((requirement, group): (&Requirement, GroupCompliance)) -> Self {
        Self {
            any_of: requirement.any_of().to_vec(),
            mandatory: requirement.mandatory(),
            min_trust: requirement.min_trust(),
            status: group.status,
            covered_until: group.covered_until,
            certification_ids: group.certification_ids,
            trust: group.trust,
            below_min_trust: group.below_min_trust,
            renew_by: group.renew_by,
        }
    }
}

impl From<Suitability> for ComplianceView {
    fn from(Suitability { requirements, compliance, availability }: Suitability) -> Self {
        let groups = requirements.as_slice().iter().zip(compliance.groups).map(GroupView::from).collect();
        Self { overall: compliance.overall, groups, availability }
    }
}

/// `GET /api/jobs/{id}/compliance`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct ComplianceQuery {
    /// The technician: required of a company, and not allowed of a technician.
    pub(crate) technician_id: Defaulted<TechnicianId>,
}
