use repower_application::compliance::{JobCandidate, Suitability};
use repower_domain::{
    availability::AvailabilityStatus,
    certification_types::TypeCode,
    compliance::{ComplianceStatus, GroupCompliance, Requirement},
    ids::{CertificationId, TechnicianId},
    technicians::{Discipline, Mobility, TrustLevel},
    values::{
        Amount, CalendarDate, Country, Currency, MinimumRating, RequirementCount, SearchText, SearchWords,
        YearsExperience,
    },
};
use repower_http::{
    CursorText, PageLimit,
    input::Defaulted,
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::compliance::CandidateFilter;
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::{
    error::Error,
    technicians::{RatedTechnicianView, technician_filter},
};

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

/// A technician among the candidates of a job.
#[derive(Debug, Serialize, ResponseSchema)]
#[schema(name = "JobCandidate")]
pub(crate) struct JobCandidateView {
    #[serde(flatten)]
    technician: RatedTechnicianView,
    compliance: CandidateComplianceView,
    /// The availability on all days of the job.
    availability: AvailabilityStatus,
    /// The indexes in `groups`, from 0, of the mandatory requirements that are not met.
    failing: Vec<u32>,
}

/// The compliance of a candidate with the requirements of a job.
#[derive(Debug, Serialize, ResponseSchema)]
#[schema(name = "CandidateCompliance")]
struct CandidateComplianceView {
    /// The worst status of a mandatory requirement; `COMPLIANT` without one.
    overall: ComplianceStatus,
    /// The compliance with each requirement, in their order.
    groups: Vec<GroupView>,
}

impl From<JobCandidate> for JobCandidateView {
    fn from(JobCandidate { technician, suitability, failing }: JobCandidate) -> Self {
        let ComplianceView { overall, groups, availability } = suitability.into();
        let compliance = CandidateComplianceView { overall, groups };
        let failing = failing.into_iter().filter_map(|index| u32::try_from(index).ok()).collect();
        Self { technician: technician.into(), compliance, availability, failing }
    }
}

/// `GET /api/jobs/{id}/candidates`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct CandidatesQuery {
    /// The worst status of a mandatory requirement.
    overall: Defaulted<ComplianceStatus>,
    /// The most mandatory requirements that are not met.
    max_failing: Defaulted<RequirementCount>,
    /// The availability on all days of the job.
    availability: Defaulted<AvailabilityStatus>,
    /// At most 10 words that all occur in name, bio or skills, in any case and spelling.
    q: Defaulted<SearchWords>,
    discipline: Defaulted<Discipline>,
    country: Defaulted<Country>,
    mobility: Defaulted<Mobility>,
    /// The fewest years in the field.
    min_years_experience: Defaulted<YearsExperience>,
    /// The latest first day of availability.
    available_by: Defaulted<CalendarDate>,
    /// The highest rate, in `currency`; technicians without a rate match.
    day_rate_max: Defaulted<Amount>,
    /// EUR by default where a rate is given.
    currency: Defaulted<Currency>,
    /// A part of the name of a certification that is VALID or EXPIRING.
    certification: Defaulted<SearchText>,
    /// The lowest average rating.
    min_rating: Defaulted<MinimumRating>,
    limit: Defaulted<PageLimit>,
    cursor: Defaulted<CursorText>,
}

impl CandidatesQuery {
    /// The filter, and the page.
    pub(crate) fn filter(self) -> Result<(CandidateFilter, Defaulted<PageLimit>, Defaulted<CursorText>), Error> {
        let filter = CandidateFilter {
            overall: self.overall.get()?,
            max_failing: self.max_failing.get()?,
            availability: self.availability.get()?,
            technicians: technician_filter!(self, None),
        };
        Ok((filter, self.limit, self.cursor))
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
