use std::cmp::Ordering;

use super::{
    cover::{Cover, Span, Spans},
    requirement::{Requirement, Requirements},
};
use crate::{
    certification_types::Expiry,
    ids::CertificationId,
    named::named_enum,
    technicians::{Certification, TrustLevel},
    values::{CalendarDate, DateRange},
};

named_enum! {
    /// How certifications cover the days of a job, from best to worst.
    compliance::ComplianceStatus {
        /// One is in force on every day.
        Compliant = "COMPLIANT",
        /// One is in force on the first day, and none on a later day.
        ExpiresDuring = "EXPIRES_DURING",
        /// None is in force on the first day or before; one is on a later day.
        NotYetValid = "NOT_YET_VALID",
        /// None is in force on the first day; one was on an earlier day.
        Expired = "EXPIRED",
        /// There is none.
        Missing = "MISSING",
    }
}

impl Ord for ComplianceStatus {
    /// From the best to the worst.
    fn cmp(&self, other: &Self) -> Ordering {
        (*self as u8).cmp(&(*other as u8))
    }
}

impl PartialOrd for ComplianceStatus {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The compliance of a technician with the requirements of a job, on all of its days.
///
/// ```
/// use repower_domain::{
///     compliance::{Compliance, ComplianceStatus, Requirements},
///     values::DateRange,
/// };
///
/// let day = "2026-03-09".parse()?;
/// let compliance = Compliance::of(&[], &Requirements::default(), DateRange::new(day, None)?, day);
/// assert_eq!(compliance.overall, ComplianceStatus::Compliant);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compliance {
    /// The worst status of a mandatory requirement; compliant without one.
    pub overall: ComplianceStatus,
    /// The compliance with each requirement, in their order.
    pub groups: Vec<GroupCompliance>,
}

/// The compliance of a technician with one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupCompliance {
    /// The status.
    pub status: ComplianceStatus,
    /// The last covered day of one that expires during the job or has expired; of others
    /// `None`.
    pub covered_until: Option<CalendarDate>,
    /// The evidence: the fewest certifications by which the status is reached, in the order
    /// of their days.
    pub certification_ids: Vec<CertificationId>,
    /// The lowest trust of the evidence, which is chosen for the highest.
    pub trust: Option<TrustLevel>,
    /// Certifications without enough trust that cover a day which is not covered.
    pub below_min_trust: Vec<CertificationId>,
    /// The last day, from today on, on which a renewal keeps the cover, and the cycle where
    /// the type has a renewal window. `None` unless it expires during the job, or within
    /// [`Compliance::RENEWAL_DAYS`] after it.
    pub renew_by: Option<CalendarDate>,
}

impl Compliance {
    /// The number of days after a job within which the end of its cover is a reason to renew.
    pub const RENEWAL_DAYS: i64 = 60;

    /// Compares certifications with requirements. A job without a last day has its first day
    /// only. The order of the certifications does not matter.
    pub fn of(
        certifications: &[Certification],
        requirements: &Requirements,
        days: DateRange,
        today: CalendarDate,
    ) -> Self {
        let requirements = requirements.as_slice();
        let groups: Vec<_> =
            requirements.iter().map(|one| GroupCompliance::of(certifications, one, days, today)).collect();
        let mandatory = requirements.iter().zip(&groups).filter(|(requirement, _)| requirement.mandatory());
        let worst = mandatory.map(|(_, group)| group.status).max();
        Self { overall: worst.unwrap_or(ComplianceStatus::Compliant), groups }
    }
}

impl GroupCompliance {
    fn of(certifications: &[Certification], requirement: &Requirement, days: DateRange, today: CalendarDate) -> Self {
        let (mut trusted, mut doubtful) = (Vec::new(), Vec::new());
        for certification in certifications {
            let Some(is_enough) = requirement.trusts(certification) else { continue };
            let spans = if is_enough { &mut trusted } else { &mut doubtful };
            spans.extend(Span::of(certification));
        }
        let (trusted, doubtful) = (Spans::new(trusted), Spans::new(doubtful));
        let covered = trusted.days();
        let cover = Cover::of(&covered, days);
        let evidence = evidence(&trusted, cover, days);
        let helps = |span: &Span<'_>| {
            let (first, last) = (span.days.first.max(days.start()), span.days.last.min(days.last()));
            first <= last && !covered.iter().any(|one| one.contains(first) && one.contains(last))
        };
        let (status, covered_until) = match cover {
            Cover::Every { .. } => (ComplianceStatus::Compliant, None),
            Cover::Until(last) => (ComplianceStatus::ExpiresDuring, Some(last)),
            Cover::Ended(last) => (ComplianceStatus::Expired, Some(last)),
            Cover::Later => (ComplianceStatus::NotYetValid, None),
            Cover::Never => (ComplianceStatus::Missing, None),
        };
        Self {
            status,
            covered_until,
            trust: evidence.iter().map(|span| span.trust).min(),
            certification_ids: evidence.iter().map(Span::id).collect(),
            below_min_trust: doubtful.iter().filter(helps).map(|span| span.id()).collect(),
            renew_by: renew_by(&trusted, cover, days).filter(|day| *day >= today),
        }
    }
}

/// The fewest spans of the highest trust that give the same cover as all together.
fn evidence<'a>(spans: &Spans<'a>, cover: Cover, days: DateRange) -> Vec<Span<'a>> {
    let with = |spans: &Spans<'a>| match cover {
        Cover::Every { .. } => spans.chain(days.start(), days.last()),
        Cover::Until(last) => spans.chain(days.start(), last),
        Cover::Ended(_) => spans.last_before(days.start()).into_iter().collect(),
        Cover::Later => spans.first_after(days.start()).into_iter().collect(),
        Cover::Never => Vec::new(),
    };
    let is_as_good = |trusted: &Spans<'a>| match (Cover::of(&trusted.days(), days), cover) {
        // For how long it goes on after the job is no part of the status.
        (Cover::Every { .. }, Cover::Every { .. }) => true,
        (found, all) => found == all,
    };
    let levels = TrustLevel::ALL.iter().rev().map(|least| spans.trusted(*least));
    levels.into_iter().find(is_as_good).map_or_else(Vec::new, |trusted| with(&trusted))
}

/// The last day on which a renewal keeps the cover: the last covered one where that keeps a
/// cycle too, otherwise the day after.
fn renew_by(spans: &Spans<'_>, cover: Cover, days: DateRange) -> Option<CalendarDate> {
    let last = match cover {
        Cover::Every { until } if days.last().days_until(until) <= Compliance::RENEWAL_DAYS => until,
        Cover::Until(last) => last,
        Cover::Every { .. } | Cover::Ended(_) | Cover::Later | Cover::Never => return None,
    };
    let has_window = |span: Span<'_>| {
        let expiry = span.certification.type_code().map(|type_code| type_code.details().expiry);
        matches!(expiry, Some(Expiry::After(cycle)) if cycle.window.is_some())
    };
    if spans.ending_on(last).any(has_window) { Some(last) } else { last.next_day() }
}
