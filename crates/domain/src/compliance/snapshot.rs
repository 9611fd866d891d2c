use chrono::{DateTime, Utc};
use thiserror::Error;
use typed_builder::TypedBuilder;

use super::{
    requirement::{Requirement, Requirements},
    verdict::{Compliance, ComplianceStatus, GroupCompliance},
};
use crate::values::CalendarDate;

/// A mandatory requirement that was not met at the time of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct UnmetRequirement {
    /// The requirement.
    pub requirement: Requirement,
    /// The status; never compliant.
    pub status: ComplianceStatus,
    /// The last covered day, as in [`GroupCompliance`].
    pub covered_until: Option<CalendarDate>,
}

/// The compliance of a technician with a job at a time, as an application keeps it.
///
/// ```
/// use repower_domain::{
///     chrono::DateTime,
///     compliance::{Compliance, ComplianceSnapshot, ComplianceStatus, Requirement, Requirements},
///     values::DateRange,
/// };
///
/// let heights = Requirement::new(vec!["GWO_WAH".parse()?], true, None)?;
/// let requirements = Requirements::new(vec![heights])?;
/// let day = "2026-03-09".parse()?;
/// let compliance = Compliance::of(&[], &requirements, DateRange::new(day, None)?, day);
/// let snapshot = ComplianceSnapshot::of(&requirements, compliance, DateTime::UNIX_EPOCH);
/// assert_eq!(snapshot.overall, ComplianceStatus::Missing);
/// assert_eq!(snapshot.missing.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct ComplianceSnapshot {
    /// The worst status of a mandatory requirement.
    pub overall: ComplianceStatus,
    /// The mandatory requirements that were not met, in their order.
    pub missing: Vec<UnmetRequirement>,
    /// The time.
    pub checked_at: DateTime<Utc>,
}

/// An offer to a technician, or an acceptance, without the compliance that it needs: the company
/// has not accepted the unmet requirements.
///
/// See the example of [`ComplianceSnapshot::require`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the technician does not meet each mandatory requirement on every day of the job")]
#[expect(clippy::exhaustive_structs, reason = "it has what is missing")]
pub struct NotCompliant(pub ComplianceSnapshot);

/// What a company has accepted of the compliance of a technician.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a step of one side or of the other")]
pub enum AcceptedCompliance<'a> {
    /// Nothing but compliance.
    Compliant,
    /// Each status that the technician has now.
    Any,
    /// What was missing at the time of the offer. Each requirement that is not met now must be one of those, with a
    /// status and a last covered day that are no worse.
    As(&'a ComplianceSnapshot),
}

impl ComplianceSnapshot {
    /// The compliance with these requirements now.
    pub fn of(requirements: &Requirements, compliance: Compliance, now: DateTime<Utc>) -> Self {
        let groups = requirements.as_slice().iter().zip(compliance.groups);
        let is_unmet = |(requirement, group): &(&Requirement, GroupCompliance)| {
            requirement.mandatory() && group.status != ComplianceStatus::Compliant
        };
        let unmet = |(requirement, group): (&Requirement, GroupCompliance)| UnmetRequirement {
            requirement: requirement.clone(),
            status: group.status,
            covered_until: group.covered_until,
        };
        Self { overall: compliance.overall, missing: groups.filter(is_unmet).map(unmet).collect(), checked_at: now }
    }

    /// Checks that the company has accepted this compliance. Returns whether it is accepted although
    /// requirements are not met.
    ///
    /// # Errors
    ///
    /// [`NotCompliant`].
    ///
    /// ```
    /// use repower_domain::{
    ///     chrono::DateTime,
    ///     compliance::{AcceptedCompliance, ComplianceSnapshot, ComplianceStatus},
    /// };
    ///
    /// let snapshot = ComplianceSnapshot::builder()
    ///     .overall(ComplianceStatus::Missing)
    ///     .missing(Vec::new())
    ///     .checked_at(DateTime::UNIX_EPOCH)
    ///     .build();
    /// assert_eq!(snapshot.require(AcceptedCompliance::Any), Ok(true));
    /// assert!(snapshot.require(AcceptedCompliance::Compliant).is_err());
    /// ```
    pub fn require(&self, accepted: AcceptedCompliance<'_>) -> Result<bool, NotCompliant> {
        if self.overall == ComplianceStatus::Compliant {
            return Ok(false);
        }
        let is_accepted = match accepted {
            AcceptedCompliance::Compliant => false,
            AcceptedCompliance::Any => true,
            AcceptedCompliance::As(offer) => self.missing.iter().all(|unmet| {
                let is_known = |before: &UnmetRequirement| {
                    let is_no_worse = unmet.status < before.status
                        || (unmet.status == before.status && unmet.covered_until >= before.covered_until);
                    is_no_worse && unmet.requirement.asks_as(&before.requirement)
                };
                offer.missing.iter().any(is_known)
            }),
        };
        if is_accepted { Ok(true) } else { Err(NotCompliant(self.clone())) }
    }
}
