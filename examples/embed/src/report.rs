//! The report: the results of the rules for the input.

use std::fmt::{Display, Formatter, Result};

use repower_domain::{
    accounts::{Actor, Permission},
    applications::ApplicationStatus,
    compliance::{Compliance, ComplianceStatus, GroupCompliance, Requirement},
    jobs::JobStatus,
    values::DateRange,
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

fn write_workers(f: &mut Formatter<'_>, input: &Input) -> Result {
    let Job { title, location, days, .. } = &input.job;
    let end = days.end().map_or_else(|| "a day that is unknown".to_owned(), |end| end.to_string());
    writeln!(f, "{title} in {location}, {} to {end}", days.start())?;
    let required = listed(input.requirements.as_slice().iter().map(types), "nothing");
    writeln!(f, "Required on every day: {required}.\n\nCompliant technicians")?;
    let able = |days| {
        let is_able =
            move |technician: &&Technician| assess(input, technician, days).overall == ComplianceStatus::Compliant;
        input.technicians.iter().filter(is_able).map(|technician| &technician.full_name)
    };
    writeln!(f, "  every day   {}", listed(able(*days), "none"))?;
    for day in days.days() {
        let alone = DateRange::new(day, Some(day)).unwrap_or(*days);
        writeln!(f, "  {day}  {}", listed(able(alone), "none"))?;
    }
    Ok(())
}

fn write_reasons(f: &mut Formatter<'_>, input: &Input) -> Result {
    writeln!(f, "\nReasons")?;
    for technician in &input.technicians {
        let compliance = assess(input, technician, input.job.days);
        writeln!(f, "  {}: {}", technician.full_name, compliance.overall)?;
        for (requirement, group) in input.requirements.as_slice().iter().zip(&compliance.groups) {
            writeln!(f, "    {} {}", types(requirement), reason(group))?;
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

fn write_application_moves(f: &mut Formatter<'_>, Input { job, members, technicians, .. }: &Input) -> Result {
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

/// The compliance of a technician with the job on these of its days.
fn assess(input: &Input, technician: &Technician, days: DateRange) -> Compliance {
    Compliance::of(&technician.certificates, &input.requirements, days, input.today)
}

/// The types of which one is enough.
fn types(requirement: &Requirement) -> String {
    let codes: Vec<_> = requirement.any_of().iter().map(ToString::to_string).collect();
    codes.join(" or ")
}

/// The status of a requirement with the days that explain it.
fn reason(group: &GroupCompliance) -> String {
    let until = group.covered_until.map(|day| format!(", covered until {day}"));
    let renew_by = group.renew_by.map(|day| format!(", to be renewed by {day}"));
    format!("{}{}{}", group.status, until.unwrap_or_default(), renew_by.unwrap_or_default())
}

fn listed<T: Display>(things: impl IntoIterator<Item = T>, none: &str) -> String {
    let things: Vec<_> = things.into_iter().map(|thing| thing.to_string()).collect();
    if things.is_empty() { none.to_owned() } else { things.join(", ") }
}
