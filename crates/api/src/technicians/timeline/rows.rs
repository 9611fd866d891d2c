use std::{cmp::Reverse, collections::BTreeMap, iter};

use repower_domain::{
    certification_types::TypeCode,
    compliance::{DaysInForce, Requirement, Requirements},
    technicians::{Certification, CertificationStatus, Trust, TrustLevel},
    values::{CalendarDate, DateRange},
};

/// The days of a job, and the certifications that it needs on each of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JobDays<'j> {
    pub(crate) days: DateRange,
    pub(crate) requirements: &'j Requirements,
}

/// How days of a certification are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Valid,
    Expiring,
    Expired,
    NotYetValid,
    /// They count for nothing: it is rejected, revoked, or void.
    NoCover,
}

impl From<CertificationStatus> for Look {
    fn from(status: CertificationStatus) -> Self {
        match status {
            CertificationStatus::Valid => Self::Valid,
            CertificationStatus::Expiring => Self::Expiring,
            CertificationStatus::Expired => Self::Expired,
            CertificationStatus::NotYetValid => Self::NotYetValid,
        }
    }
}

/// Days of a certification that are drawn alike. Without a last day they go on for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) first: CalendarDate,
    pub(super) last: Option<CalendarDate>,
    pub(super) look: Look,
}

/// Certifications that stand for each other: those that meet a requirement, those of a type, or those of a name.
pub(super) struct Row<'c> {
    pub(super) label: String,
    /// Those that are in force on some day come first, then the latest end.
    pub(super) certifications: Vec<&'c Certification>,
    /// The days on which one of them is in force.
    in_force: Vec<DaysInForce>,
    /// The days that they are to cover.
    wanted: Option<DateRange>,
}

/// The rows of a timeline.
pub(super) struct Rows<'c> {
    /// A row for each requirement.
    pub(super) required: Vec<Row<'c>>,
    /// A row for each type and each name of the certifications that meet none, the latest end first.
    pub(super) others: Vec<Row<'c>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Kind<'c> {
    Type(TypeCode),
    Name(&'c str),
}

impl<'c> Rows<'c> {
    pub(super) fn new(certifications: &'c [Certification], job: Option<JobDays<'_>>) -> Self {
        let requirements = job.map_or(&[][..], |job| job.requirements.as_slice());
        let required = requirements.iter().map(|requirement| {
            let meeting = certifications.iter().filter(|one| requirement.is_met_by(one));
            Row::new(label_of(requirement), meeting.collect(), job.map(|job| job.days))
        });
        let mut others = BTreeMap::<Kind<'_>, Vec<_>>::new();
        for one in certifications.iter().filter(|one| !requirements.iter().any(|needed| needed.is_met_by(one))) {
            others.entry(one.type_code().map_or(Kind::Name(one.name.as_str()), Kind::Type)).or_default().push(one);
        }
        // No job needs them.
        let mut others: Vec<_> = others.into_iter().map(|(kind, held)| Row::new(kind.label(), held, None)).collect();
        others.sort_by_key(|row| Reverse(row.certifications.first().map(|one| end_of(one))));
        Self { required: required.collect(), others }
    }
}

impl Kind<'_> {
    fn label(&self) -> String {
        match self {
            Self::Type(code) => format!("{code} {}", code.details().name),
            Self::Name(name) => (*name).to_owned(),
        }
    }
}

/// The terms come first, then the types: the end of a long label is cut off.
fn label_of(requirement: &Requirement) -> String {
    let codes: Vec<_> = requirement.any_of().iter().map(|code| code.as_str()).collect();
    let optional = (!requirement.mandatory()).then_some("optional");
    let trust = match requirement.min_trust() {
        None | Some(TrustLevel::SelfDeclared) => None,
        Some(TrustLevel::EvidenceAttached) => Some("with evidence"),
        Some(TrustLevel::Verified) => Some("verified"),
    };
    let terms: Vec<_> = optional.into_iter().chain(trust).collect();
    let terms = if terms.is_empty() { String::new() } else { format!("{}: ", terms.join(", ")) };
    let name = match requirement.any_of() {
        [only] => only.details().name,
        _ => "",
    };
    format!("{terms}{} {name}", codes.join(" or ")).trim_end().to_owned()
}

/// The last day on which a certification would be in force if it were not void.
fn end_of(certification: &Certification) -> CalendarDate {
    certification.validity.last().unwrap_or(CalendarDate::MAX)
}

/// The days of a certification: those on which it is in force, then those on which it is not.
pub(super) fn bars(certification: &Certification, today: CalendarDate) -> impl Iterator<Item = Bar> {
    let last = certification.validity.last();
    let covering = DaysInForce::of(certification).map(|days| Bar {
        first: days.first,
        last: certification.effective_end(),
        look: certification.status_on(today).into(),
    });
    let after = match covering {
        Some(bar) => bar.last.and_then(CalendarDate::next_day),
        None => Some(certification.validity.first()),
    };
    let void = after.filter(|first| last.is_none_or(|last| *first <= last));
    covering.into_iter().chain(void.map(|first| Bar { first, last, look: Look::NoCover }))
}

impl<'c> Row<'c> {
    fn new(label: String, mut certifications: Vec<&'c Certification>, wanted: Option<DateRange>) -> Self {
        certifications.sort_by_key(|one| {
            (DaysInForce::of(one).is_none(), Reverse(end_of(one)), Reverse(one.validity.first()), one.id)
        });
        let in_force = DaysInForce::all_of(certifications.iter().copied());
        Self { label, certifications, in_force, wanted }
    }

    /// The days in a row that it is to cover and does not, from the first to the last.
    pub(super) fn gaps(&self) -> Vec<(CalendarDate, CalendarDate)> {
        let Some(wanted) = self.wanted else { return Vec::new() };
        let begins = self.in_force.iter().map(|days| days.last.next_day());
        let ends = self.in_force.iter().map(|days| days.first.previous_day());
        let between = iter::once(Some(wanted.start())).chain(begins).zip(ends.chain([Some(wanted.last())]));
        let open = between.filter_map(|(first, last)| Some((first?.max(wanted.start()), last?.min(wanted.last()))));
        open.filter(|(first, last)| first <= last).collect()
    }

    /// The number of days that it is to cover and does not, of all those; `None` if it covers all.
    pub(super) fn missing(&self) -> Option<(i64, i64)> {
        let number = |first: CalendarDate, last| first.days_until(last) + 1;
        let missing: i64 = self.gaps().into_iter().map(|(first, last)| number(first, last)).sum();
        self.wanted.filter(|_| missing > 0).map(|days| (missing, number(days.start(), days.last())))
    }

    /// Until when it is in force, in a few words.
    pub(super) fn standing(&self, today: CalendarDate) -> String {
        if let Some(DaysInForce { last, .. }) = self.in_force.iter().find(|days| days.contains(today)) {
            let mut latest = self.ending_on(*last);
            if latest.clone().any(|one| one.effective_end().is_none()) {
                return "never ends".to_owned();
            }
            let is_expiring = latest.any(|one| one.status_on(today) == CertificationStatus::Expiring);
            return if is_expiring { format!("expiring {last}") } else { format!("until {last}") };
        }
        if let Some(DaysInForce { first, .. }) = self.in_force.iter().find(|days| days.first > today) {
            return format!("from {first}");
        }
        let ended = self.in_force.last().and_then(|days| self.ending_on(days.last).next());
        ended.or(self.certifications.first().copied()).map_or_else(|| "none".to_owned(), ending)
    }

    /// The certifications that are in force until a day.
    fn ending_on(&self, last: CalendarDate) -> impl Iterator<Item = &'c Certification> + Clone {
        let is_last = move |one: &&Certification| DaysInForce::of(one).is_some_and(|days| days.last == last);
        self.certifications.iter().copied().filter(is_last)
    }
}

/// The reason why a certification does not count, or its end.
pub(super) fn ending(certification: &Certification) -> String {
    let end = end_of(certification);
    match (certification.trust, certification.voided_on) {
        (Trust::Rejected, _) => "rejected".to_owned(),
        (Trust::Revoked, _) => "revoked".to_owned(),
        (_, Some(void)) if void <= end => format!("void from {void}"),
        _ => format!("expired {end}"),
    }
}
