use std::{cmp::Reverse, collections::BTreeMap};

use repower_domain::{
    certification_types::TypeCode,
    compliance::{Requirement, Requirements},
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

/// The days on which a certification is in force; `None` if there are none.
fn in_force(certification: &Certification) -> Option<(CalendarDate, CalendarDate)> {
    certification.trust.level()?;
    let (first, last) = (certification.validity.first(), certification.effective_end().unwrap_or(CalendarDate::MAX));
    (first <= last).then_some((first, last))
}

/// The days of a certification: those on which it is in force, then those on which it is not.
pub(super) fn bars(certification: &Certification, today: CalendarDate) -> impl Iterator<Item = Bar> {
    let last = certification.validity.last();
    let covering = in_force(certification).map(|(first, _)| Bar {
        first,
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
        certifications
            .sort_by_key(|one| (in_force(one).is_none(), Reverse(end_of(one)), Reverse(one.validity.first()), one.id));
        Self { label, certifications, wanted }
    }

    /// The days in a row that it is to cover and does not, from the first to the last.
    pub(super) fn gaps(&self) -> Vec<(CalendarDate, CalendarDate)> {
        let Some(wanted) = self.wanted else { return Vec::new() };
        let (mut gaps, mut next) = (Vec::new(), Some(wanted.start()));
        for ((first, last), _) in self.covering() {
            let Some(open) = next.filter(|day| *day <= wanted.last()) else { break };
            if let Some(before) = first.previous_day().filter(|before| *before >= open) {
                gaps.push((open, before.min(wanted.last())));
            }
            if last >= open {
                next = last.next_day();
            }
        }
        gaps.extend(next.filter(|day| *day <= wanted.last()).map(|open| (open, wanted.last())));
        gaps
    }

    /// The number of days that it is to cover and does not, of all those; `None` if it covers all.
    pub(super) fn missing(&self) -> Option<(i64, i64)> {
        let number = |first: CalendarDate, last| first.days_until(last) + 1;
        let missing: i64 = self.gaps().into_iter().map(|(first, last)| number(first, last)).sum();
        self.wanted.filter(|_| missing > 0).map(|days| (missing, number(days.start(), days.last())))
    }

    /// Until when it is in force, in a few words.
    pub(super) fn standing(&self, today: CalendarDate) -> String {
        let covering = self.covering();
        if let Some(((_, last), one)) = going_on(&covering, today) {
            return match one.effective_end() {
                None => "never ends".to_owned(),
                Some(_) if one.status_on(today) == CertificationStatus::Expiring => format!("expiring {last}"),
                Some(_) => format!("until {last}"),
            };
        }
        let mut firsts = covering.iter().map(|((first, _), _)| *first);
        if let Some(first) = firsts.find(|first| *first > today) {
            return format!("from {first}");
        }
        let ended = covering.iter().max_by_key(|((_, last), _)| *last).map(|(_, one)| *one);
        ended.or(self.certifications.first().copied()).map_or_else(|| "none".to_owned(), ending)
    }

    /// The certifications that cover days, with their first and last day, in the order of these.
    fn covering(&self) -> Vec<Covering<'c>> {
        let mut covering: Vec<_> = self.certifications.iter().filter_map(|one| Some((in_force(one)?, *one))).collect();
        covering.sort_by_key(|(days, _)| *days);
        covering
    }
}

type Covering<'c> = ((CalendarDate, CalendarDate), &'c Certification);

/// The last one of those that are in force from today on without a gap.
fn going_on<'c>(covering: &[Covering<'c>], today: CalendarDate) -> Option<Covering<'c>> {
    covering.iter().fold(None, |so_far, one| {
        let ((first, last), _) = *one;
        let end = so_far.map(|((_, end), _)| end);
        // One may begin on the day after another ends.
        let reached = end.map_or(today, |end: CalendarDate| end.next_day().unwrap_or(end));
        let goes_on = first <= reached && last >= today && end.is_none_or(|end| last > end);
        if goes_on { Some(*one) } else { so_far }
    })
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
