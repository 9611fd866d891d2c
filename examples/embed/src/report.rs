//! The report: the results of the rules for the input.

use std::fmt::{Display, Formatter, Result};

use repower_domain::{
    accounts::{Actor, Permission},
    applications::ApplicationStatus,
    jobs::JobStatus,
    technicians::{Certification, CertificationStatus},
    values::{CalendarDate, CertificationName, DateRange},
};

use crate::input::{Input, Job, Member, Technician};

/// The report of an input, as text.
pub struct Report<'a>(pub &'a Input);

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_workers(f, self.0)?;
        write_reasons(f, self.0)?;
        write_job_moves(f, self.0)?;
        write_application_moves(f, self.0)
    }
}

fn write_workers(f: &mut Formatter<'_>, Input { job, technicians, .. }: &Input) -> Result {
    let Job { title, location, days, requires, .. } = job;
    let end = days.end().map_or_else(|| "a day that is unknown".to_owned(), |end| end.to_string());
    writeln!(f, "{title} in {location}, {} to {end}", days.start())?;
    writeln!(f, "Required on every day: {}.\n\nQualified technicians", listed(requires, "none"))?;
    let able = |days| {
        let is_able = move |technician: &&Technician| gaps(technician, job, days).next().is_none();
        technicians.iter().filter(is_able).map(|technician| &technician.full_name)
    };
    writeln!(f, "  every day   {}", listed(able(*days), "none"))?;
    for day in days.days() {
        let alone = DateRange::new(day, Some(day)).unwrap_or(*days);
        writeln!(f, "  {day}  {}", listed(able(alone), "none"))?;
    }
    Ok(())
}

fn write_reasons(f: &mut Formatter<'_>, Input { job, technicians, .. }: &Input) -> Result {
    writeln!(f, "\nMissing or invalid certificates")?;
    for technician in technicians {
        for (name, day) in gaps(technician, job, job.days) {
            let reason = reason(technician, name, day);
            writeln!(f, "  {}, on {day}: {name} {reason}", technician.full_name)?;
        }
    }
    Ok(())
}

fn write_job_moves(f: &mut Formatter<'_>, Input { job, members, .. }: &Input) -> Result {
    writeln!(f, "\nThe job is {}. Allowed changes", job.status)?;
    for member in members {
        let may = acting(member, job).company_with(Permission::ManageJobs) == Ok(job.company_id);
        let open = may.then_some(job.status).into_iter().flat_map(JobStatus::next);
        writeln!(f, "  {} ({}): {}", member.email, member.role, listed(open, "none"))?;
    }
    Ok(())
}

fn write_application_moves(f: &mut Formatter<'_>, Input { job, members, technicians }: &Input) -> Result {
    for technician in technicians {
        let Some(status) = technician.application else { continue };
        writeln!(f, "\nThe application of {} is {status}. Allowed changes", technician.full_name)?;
        for member in members {
            let open = open_to(&acting(member, job), status, technician, job);
            writeln!(f, "  {} ({}): {}", member.email, member.role, listed(open, "none"))?;
        }
        let actor = Actor::Technician { user_id: technician.user_id, technician_id: technician.id };
        let open = open_to(&actor, status, technician, job);
        writeln!(f, "  {}: {}", technician.full_name, listed(open, "none"))?;
    }
    Ok(())
}

fn acting(member: &Member, job: &Job) -> Actor {
    Actor::Member { user_id: member.user_id, company_id: job.company_id, role: member.role }
}

/// The statuses that an actor may set for an application of a technician: by the
/// permission of the role, and by the side.
fn open_to(
    actor: &Actor,
    status: ApplicationStatus,
    technician: &Technician,
    job: &Job,
) -> impl Iterator<Item = ApplicationStatus> + use<> {
    let may = actor.may(Permission::MoveApplications).is_ok();
    let side = actor.side_between(job.company_id, technician.id).filter(|_| may);
    side.into_iter().flat_map(move |side| status.open_to(side))
}

/// The required certificates that do not cover the days, each with the first
/// day that is not covered.
fn gaps<'a>(
    technician: &'a Technician,
    job: &'a Job,
    days: DateRange,
) -> impl Iterator<Item = (&'a CertificationName, CalendarDate)> {
    let first_gap = move |name| Certification::first_gap(named(technician, name), days).map(|day| (name, day));
    job.requires.iter().filter_map(first_gap)
}

fn named<'a>(technician: &'a Technician, name: &'a CertificationName) -> impl Iterator<Item = &'a Certification> {
    technician.certificates.iter().filter(move |certificate| certificate.name == *name)
}

/// The reason why no certificate of this name is valid on a day.
fn reason(technician: &Technician, name: &CertificationName, day: CalendarDate) -> String {
    let reasons = named(technician, name).map(|certificate| match certificate.status_on(day) {
        CertificationStatus::Expired => format!("expired after {}", certificate.validity.last()),
        CertificationStatus::NotYetValid => format!("is not valid before {}", certificate.validity.first()),
        CertificationStatus::Valid | CertificationStatus::Expiring => "is valid".to_owned(),
    });
    let reasons: Vec<_> = reasons.collect();
    if reasons.is_empty() { "is missing".to_owned() } else { reasons.join(", and another ") }
}

fn listed<T: Display>(things: impl IntoIterator<Item = T>, none: &str) -> String {
    let things: Vec<_> = things.into_iter().map(|thing| thing.to_string()).collect();
    if things.is_empty() { none.to_owned() } else { things.join(", ") }
}
