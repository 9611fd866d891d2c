use std::cmp::Reverse;

use crate::{
    ids::CertificationId,
    technicians::{Certification, TrustLevel},
    values::{CalendarDate, DateRange},
};

/// The days on which a certification is in force, and how far it is to be trusted.
#[derive(Clone, Copy)]
pub(super) struct Span<'a> {
    pub(super) first: CalendarDate,
    pub(super) last: CalendarDate,
    pub(super) trust: TrustLevel,
    pub(super) certification: &'a Certification,
}

impl<'a> Span<'a> {
    /// The days of a certification; `None` if it was void from its first day on. One that
    /// never ends has the last of all days.
    pub(super) fn of(certification: &'a Certification, trust: TrustLevel) -> Option<Self> {
        let first = certification.validity.first();
        let last = certification.effective_end().unwrap_or(CalendarDate::MAX);
        (first <= last).then_some(Self { first, last, trust, certification })
    }

    pub(super) const fn id(&self) -> CertificationId {
        self.certification.id
    }
}

/// Days in a row on each of which a certification is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) first: CalendarDate,
    pub(super) last: CalendarDate,
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
        spans.sort_unstable_by_key(|span| (span.first, Reverse(span.last), Reverse(span.trust), span.id()));
        Self(spans)
    }

    /// Those of at least this trust.
    pub(super) fn trusted(&self, least: TrustLevel) -> Self {
        Self(self.0.iter().copied().filter(|span| span.trust >= least).collect())
    }

    /// The days of all spans. One may begin on the day after another ends.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        for span in &self.0 {
            match blocks.last_mut() {
                Some(block) if block.last.next_day().is_none_or(|next| span.first <= next) => {
                    block.last = block.last.max(span.last);
                }
                _ => blocks.push(Block { first: span.first, last: span.last }),
            }
        }
        blocks
    }

    /// The fewest spans that cover all days from the first to the last, where all together do.
    pub(super) fn chain(&self, first: CalendarDate, last: CalendarDate) -> Vec<Span<'a>> {
        let mut chain = Vec::new();
        let mut spans = self.0.iter().copied().peekable();
        let mut next = Some(first);
        while let Some(day) = next.filter(|day| *day <= last) {
            let mut longest: Option<Span<'a>> = None;
            while let Some(span) = spans.next_if(|span| span.first <= day) {
                if longest.is_none_or(|so_far| so_far.last < span.last) {
                    longest = Some(span);
                }
            }
            let Some(span) = longest.filter(|span| span.last >= day) else { break };
            chain.push(span);
            next = span.last.next_day();
        }
        chain
    }

    /// The one that ends last of those that ended before a day.
    pub(super) fn last_before(&self, day: CalendarDate) -> Option<Span<'a>> {
        let ended = self.0.iter().copied().filter(|span| span.last < day);
        ended.max_by_key(|span| (span.last, span.trust, Reverse(span.id())))
    }

    /// The one that begins first of those that begin after a day.
    pub(super) fn first_after(&self, day: CalendarDate) -> Option<Span<'a>> {
        self.0.iter().copied().find(|span| span.first > day)
    }

    /// Those that end on a day.
    pub(super) fn ending_on(&self, day: CalendarDate) -> impl Iterator<Item = Span<'a>> {
        self.0.iter().copied().filter(move |span| span.last == day)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Span<'a>> {
        self.0.iter().copied()
    }
}

impl Cover {
    /// How blocks cover the days of a job, of which the last certain one counts.
    pub(super) fn of(blocks: &[Block], days: DateRange) -> Self {
        let (start, end) = (days.start(), days.last());
        let holds = blocks.iter().find(|block| (block.first..=block.last).contains(&start));
        let ended = || blocks.iter().rev().find(|block| block.last < start);
        let later = || blocks.iter().find(|block| block.first > start);
        match holds {
            Some(block) if block.last >= end => Self::Every { until: block.last },
            Some(block) => Self::Until(block.last),
            None => match (ended(), later()) {
                (Some(block), _) => Self::Ended(block.last),
                (None, Some(_)) => Self::Later,
                (None, None) => Self::Never,
            },
        }
    }
}
