use std::collections::BTreeMap;

use repower_domain::values::RatingTotals;

use super::{
    applications::{self, ApplicationOutline, ApplicationShares},
    chat::{self, MessageShares},
    error::LoadError,
    plan::{LoadPlan, Volume},
    technicians,
};

/// Totals over all rows, which are needed before the first row is written.
pub(super) struct Totals {
    pub(super) applications: ApplicationShares,
    pub(super) messages: MessageShares,
    /// The ratings of each technician by each company, by number.
    pub(super) ratings: Vec<BTreeMap<u64, RatingTotals>>,
    pub(super) skills: u64,
    pub(super) periods: u64,
    pub(super) events: u64,
    pub(super) evaluations: u64,
}

impl Totals {
    /// Generates the outlines of all applications and threads, and counts them.
    pub(super) fn of(plan: &LoadPlan) -> Result<Self, LoadError> {
        let Volume { companies, technicians, certifications, jobs, applications, threads, messages } = plan.volume;
        reject(companies == 0 && jobs > 0, "jobs need a company")?;
        reject(technicians == 0 && certifications > 0, "certifications need a technician")?;
        reject(threads > applications, "each thread needs an application: load fewer threads")?;
        let ratings = vec![BTreeMap::new(); usize::try_from(technicians).unwrap_or(usize::MAX)];
        let shares = ApplicationShares::new(plan);
        let mut totals = Self {
            applications: shares,
            messages: MessageShares::default(),
            ratings,
            skills: technicians::skill_count(plan),
            periods: technicians::periods(plan).map(|_| 1).sum(),
            events: 0,
            evaluations: 0,
        };
        let (mut generated, mut message_shares) = (0, MessageShares::default());
        let outlines = applications::outlines(plan, shares).inspect(|application| {
            generated += 1;
            totals.count(application);
        });
        chat::outlines(plan, outlines).for_each(|thread| message_shares.add(plan, &thread));
        reject(generated < applications, "so many applications need more technicians, or more jobs")?;
        reject(message_shares.is_empty() && messages > 0, "so many messages need more threads")?;
        Ok(Self { messages: message_shares, ..totals })
    }

    fn count(&mut self, application: &ApplicationOutline) {
        self.events += application.event_count();
        let Some(rating) = application.rating else { return };
        self.evaluations += 1;
        let index = usize::try_from(application.technician).ok();
        if let Some(of_companies) = index.and_then(|index| self.ratings.get_mut(index)) {
            let ratings = of_companies.entry(application.job.company).or_default();
            ratings.count += 1;
            ratings.sum += rating;
        }
    }
}

/// Returns the error if the volume is impossible.
fn reject(is_impossible: bool, reason: &'static str) -> Result<(), LoadError> {
    if is_impossible { Err(LoadError::ImpossibleVolume(reason)) } else { Ok(()) }
}
