use repower_application::jobs::NewJob;
use repower_domain::{
    accounts::Actor,
    compliance::{Requirement, Requirements},
    ids::JobId,
    jobs::{
        ContractType::{self, DayRate, FixedPrice, Hourly},
        InitialStatus,
        JobStatus::{self, Closed, Draft, Open},
    },
    technicians::Discipline::{self, BladeRepair, Commissioning, Electrical, Inspection, Other, RopeAccess},
    values::{Amount, Currency, DateRange, DayRateRange, Title},
};
use repower_ports::PageRequest;

use super::{
    companies::DemoCompany,
    context::{Demo, Failure, number, parse},
};

/// A loaded job.
pub(super) struct DemoJob {
    /// The index of its company.
    pub(super) company: usize,
    pub(super) id: JobId,
}

struct Job {
    /// The index of its company.
    company: usize,
    title: &'static str,
    location: &'static str,
    country: Option<&'static str>,
    project: Option<&'static str>,
    discipline: Discipline,
    contract: ContractType,
    rates: Option<(i64, i64)>,
    /// The first and last day in days after today.
    days: (i64, i64),
    status: JobStatus,
}

#[rustfmt::skip]
const JOBS: [Job; 20] = [
    Job { company: 0, title: "Blade repair campaign, Horns Rev", location: "Esbjerg", country: None, project: Some("Horns Rev 3"), discipline: BladeRepair, contract: DayRate, rates: Some((380, 450)), days: (30, 90), status: Open },
    Job { company: 0, title: "Leading edge team lead", location: "Esbjerg", country: None, project: Some("Horns Rev 3"), discipline: BladeRepair, contract: DayRate, rates: Some((450, 520)), days: (30, 90), status: Open },
    Job { company: 0, title: "Offshore rope access technician", location: "Grenaa", country: None, project: Some("Anholt"), discipline: RopeAccess, contract: DayRate, rates: Some((420, 500)), days: (14, 45), status: Open },
    Job { company: 0, title: "End-of-warranty inspection", location: "Bremerhaven", country: Some("DE"), project: Some("Global Tech I"), discipline: Inspection, contract: FixedPrice, rates: None, days: (60, 75), status: Open },
    Job { company: 0, title: "High voltage technician", location: "Rønne", country: None, project: Some("Kriegers Flak"), discipline: Electrical, contract: Hourly, rates: None, days: (20, 200), status: Open },
    Job { company: 0, title: "Commissioning support, winter", location: "Thyborøn", country: None, project: Some("Vesterhav Nord"), discipline: Commissioning, contract: DayRate, rates: Some((400, 480)), days: (-40, -5), status: Closed },
    Job { company: 0, title: "Spare rope team", location: "Esbjerg", country: None, project: None, discipline: RopeAccess, contract: DayRate, rates: Some((400, 460)), days: (100, 130), status: Draft },
    Job { company: 1, title: "Drone inspection of 40 turbines", location: "Zaragoza", country: None, project: Some("Goya"), discipline: Inspection, contract: FixedPrice, rates: None, days: (10, 40), status: Open },
    Job { company: 1, title: "Electrical maintenance technician", location: "Albacete", country: None, project: None, discipline: Electrical, contract: DayRate, rates: Some((260, 320)), days: (7, 365), status: Open },
    Job { company: 1, title: "Blade technician, Iberia", location: "Burgos", country: None, project: Some("Sierra del Cortado"), discipline: BladeRepair, contract: DayRate, rates: Some((300, 360)), days: (21, 60), status: Open },
    Job { company: 1, title: "Converter replacement", location: "Viana do Castelo", country: Some("PT"), project: Some("WindFloat"), discipline: Electrical, contract: FixedPrice, rates: None, days: (45, 60), status: Open },
    Job { company: 1, title: "Substation technician", location: "Lugo", country: None, project: None, discipline: Electrical, contract: Hourly, rates: None, days: (-90, -30), status: Closed },
    Job { company: 1, title: "Commissioning engineer on site", location: "Teruel", country: None, project: Some("Clúster Teruel"), discipline: Commissioning, contract: DayRate, rates: Some((380, 440)), days: (50, 140), status: Draft },
    Job { company: 1, title: "Warehouse and logistics", location: "Zaragoza", country: None, project: None, discipline: Other, contract: Hourly, rates: None, days: (15, 100), status: Open },
    Job { company: 2, title: "Rope team, Baltic coast", location: "Gdynia", country: None, project: Some("Baltic Power"), discipline: RopeAccess, contract: DayRate, rates: Some((310, 380)), days: (25, 80), status: Open },
    Job { company: 2, title: "Blade painter", location: "Szczecin", country: None, project: None, discipline: BladeRepair, contract: DayRate, rates: Some((250, 300)), days: (12, 50), status: Open },
    Job { company: 2, title: "Lightning protection repair", location: "Liepāja", country: Some("LV"), project: None, discipline: BladeRepair, contract: FixedPrice, rates: None, days: (33, 55), status: Open },
    Job { company: 2, title: "Vibration analysis", location: "Gdańsk", country: None, project: None, discipline: Inspection, contract: Hourly, rates: None, days: (18, 28), status: Open },
    Job { company: 2, title: "Autumn blade campaign", location: "Ustka", country: None, project: Some("Baltic Power"), discipline: BladeRepair, contract: DayRate, rates: Some((300, 350)), days: (-60, -10), status: Closed },
    Job { company: 2, title: "Spring blade campaign", location: "Ustka", country: None, project: Some("Baltic Power"), discipline: BladeRepair, contract: DayRate, rates: Some((310, 360)), days: (120, 180), status: Draft },
];

/// The requirements of a job by its index: each names the types of which one is enough.
const REQUIREMENTS: [(usize, &[&[&str]]); 5] = [
    (0, &[&["GWO_WAH"], &["GWO_FA", "GWO_EFA"], &["GWO_BR"]]),
    (2, &[&["GWO_WAH"], &["GWO_SS"], &["IRATA_L2"]]),
    (8, &[&["GWO_WAH"]]),
    (9, &[&["GWO_WAH"], &["GWO_BR"]]),
    (17, &[&["GWO_FA"]]),
];

/// Number of jobs.
pub(super) const COUNT: usize = JOBS.len();

/// Loads the jobs, and returns them in the order of [`JOBS`].
pub(super) fn load(demo: &Demo<'_>, companies: &[DemoCompany]) -> Result<Vec<DemoJob>, Failure> {
    let loaded: Vec<_> = JOBS.iter().map(|job| load_job(demo, job, companies)).collect::<Result<_, _>>()?;
    for (index, groups) in REQUIREMENTS {
        let job = loaded.get(index).ok_or("no such job")?;
        let actor = companies.get(job.company).ok_or("no such company")?.admin()?;
        let requirement = |codes: &&[&str]| {
            let any_of = codes.iter().map(|code| parse(code)).collect::<Result<_, Failure>>()?;
            Ok::<_, Failure>(Requirement::new(any_of, true, None)?)
        };
        let requirements = groups.iter().map(requirement).collect::<Result<_, _>>()?;
        demo.services.jobs.replace_requirements(&actor, job.id, Requirements::new(requirements)?)?;
    }
    Ok(loaded)
}

fn load_job(demo: &Demo<'_>, job: &Job, companies: &[DemoCompany]) -> Result<DemoJob, Failure> {
    demo.begin_item(job.title);
    let actor = companies.get(job.company).ok_or("no such company")?.admin()?;
    let title: Title = parse(job.title)?;
    let id = match find(demo, &actor, &title)? {
        Some(id) => id,
        None => post(demo, &actor, job, title)?,
    };
    Ok(DemoJob { company: job.company, id })
}

fn find(demo: &Demo<'_>, actor: &Actor, title: &Title) -> Result<Option<JobId>, Failure> {
    let mut page = PageRequest { limit: 100, after: None };
    loop {
        let jobs = demo.services.jobs.list_own(actor, None, page)?;
        if let Some(found) = jobs.items.iter().find(|own| own.job.details.title == *title) {
            return Ok(Some(found.job.id));
        }
        match jobs.next {
            None => return Ok(None),
            next => page.after = next,
        }
    }
}

fn post(demo: &Demo<'_>, actor: &Actor, job: &Job, title: Title) -> Result<JobId, Failure> {
    let rate = |rate: Option<i64>| rate.map(number::<Amount>).transpose();
    let (from, to) = job.rates.unzip();
    let new = NewJob {
        title,
        description: parse(&format!(
            "{} near {}. Travel and lodging are paid; tools and PPE are there.",
            job.title, job.location
        ))?,
        location: parse(job.location)?,
        country: job.country.map(parse).transpose()?,
        project_name: job.project.map(parse).transpose()?,
        discipline: job.discipline,
        contract_type: job.contract,
        day_rate: DayRateRange::new(rate(from)?, rate(to)?, Currency::default())?,
        days: DateRange::new(demo.day(job.days.0)?, Some(demo.day(job.days.1)?))?,
        status: if job.status == Draft { InitialStatus::Draft } else { InitialStatus::Open },
    };
    Ok(demo.services.jobs.post(actor, new)?.job.id)
}

/// Closes the jobs whose status is `Closed`. They are open before, so that
/// technicians can apply.
pub(super) fn close(demo: &Demo<'_>, companies: &[DemoCompany], jobs: &[DemoJob]) -> Result<(), Failure> {
    for (job, loaded) in JOBS.iter().zip(jobs).filter(|(job, _)| job.status == Closed) {
        let actor = companies.get(job.company).ok_or("no such company")?.admin()?;
        demo.services.jobs.move_to(&actor, loaded.id, Closed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_in_every_status() {
        for status in JobStatus::ALL {
            assert!(JOBS.iter().any(|job| job.status == *status), "{status}");
        }
        assert!(JOBS.iter().any(|job| job.status == Open));
    }
}
