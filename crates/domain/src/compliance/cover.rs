use std::cmp::Reverse;

use super::days_in_force::DaysInForce;
use crate::{
    ids::CertificationId,
    technicians::{Certification, TrustLevel},
    values::{CalendarDate, DateRange},
};

/// The days on which a certification is in force, and how far it is to be trusted.
#[derive(Clone, Copy)]
pub(super) struct Span<'a> {
    pub(super) days: DaysInForce,
    pub(super) trust: TrustLevel,
    pub(super) certification: &'a Certification,
}

impl<'a> Span<'a> {
    /// That of a certification; `None` if it is in force on no day.
    pub(super) fn of(certification: &'a Certification) -> Option<Self> {
        Some(Self { days: DaysInForce::of(certification)?, trust: certification.trust.level()?, certification })
    }

    pub(super) const fn id(&self) -> CertificationId {
        self.certification.id
    }
}

/// How certifications cover the days of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    /// On every day. Without a gap it goes on until this day after the job.
    Every { until: CalendarDate },
    /// From the first day until this one, which is before the last.
    Until(CalendarDate),
    /// Not on the first day; the last day before it on which one was in force.
    Ended(CalendarDate),
    /// Not on the first day nor before; on a later day.
    Later,
    /// On no day at all.
    Never,
}

/// The spans of one requirement, in the order of their first days.
pub(super) struct Spans<'a>(Vec<Span<'a>>);

impl<'a> Spans<'a> {
    pub(super) fn new(spans: impl IntoIterator<Item = Span<'a>>) -> Self {
        let mut spans: Vec<_> = spans.into_iter().collect();
        spans.sort_unstable_by_key(|span| (span.days.first, Reverse(span.days.last), Reverse(span.trust), span.id()));
        Self(spans)
    }

    /// Those of at least this trust.
    pub(super) fn trusted(&self, least: TrustLevel) -> Self {
        Self(self.0.iter().copied().filter(|span| span.trust >= least).collect())
    }

    /// The days of all spans.
    pub(super) fn days(&self) -> Vec<DaysInForce> {
        DaysInForce::joined(self.0.iter().map(|span| span.days))
    }

    /// The fewest spans that cover all days from the first to the last, where all together do.
    pub(super) fn chain(&self, first: CalendarDate, last: CalendarDate) -> Vec<Span<'a>> {
        let mut chain = Vec::new();
        let mut spans = self.0.iter().copied().peekable();
        let mut next = Some(first);
        while let Some(day) = next.filter(|day| *day <= last) {
            let mut longest: Option<Span<'a>> = None;
            while let Some(span) = spans.next_if(|span| span.days.first <= day) {
                if longest.is_none_or(|so_far| so_far.days.last < span.days.last) {
                    longest = Some(span);
                }
            }
            let Some(span) = longest.filter(|span| span.days.last >= day) else { break };
            chain.push(span);
            next = span.days.last.next_day();
        }
        chain
    }

    /// The one that ends last of those that ended before a day.
    pub(super) fn last_before(&self, day: CalendarDate) -> Option<Span<'a>> {
        let ended = self.0.iter().copied().filter(|span| span.days.last < day);
        ended.max_by_key(|span| (span.days.last, span.trust, Reverse(span.id())))
    }

    /// The one that begins first of those that begin after a day.
    pub(super) fn first_after(&self, day: CalendarDate) -> Option<Span<'a>> {
        self.0.iter().copied().find(|span| span.days.first > day)
    }

    /// Those that end on a day.
    pub(super) fn ending_on(&self, day: CalendarDate) -> impl Iterator<Item = Span<'a>> {
        self.0.iter().copied().filter(move |span| span.days.last == day)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Span<'a>> {
        self.0.iter().copied()
    }
}

impl Cover {
    /// How all days in force, in their order, cover those of a job, of which the last certain one counts.
    pub(super) fn of(all: &[DaysInForce], days: DateRange) -> Self {
        let (start, end) = (days.start(), days.last());
        let holds = all.iter().find(|one| one.contains(start));
        let ended = || all.iter().rev().find(|one| one.last < start);
        let later = || all.iter().find(|one| one.first > start);
        match holds {
            Some(one) if one.last >= end => Self::Every { until: one.last },
            Some(one) => Self::Until(one.last),
            None => match (ended(), later()) {
                (Some(one), _) => Self::Ended(one.last),
                (None, Some(_)) => Self::Later,
                (None, None) => Self::Never,
            },
        }
    }
}
