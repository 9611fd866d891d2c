use uuid::Uuid;

use super::*;
use crate::{
    Edit,
    accounts::CompanyRole,
    compliance::Requirement,
    values::{Amount, Currency},
};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const LATER: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

fn job(status: InitialStatus) -> Job {
    let details = JobDetails {
        title: "Blade repair".parse().unwrap(),
        description: "Leading edges".parse().unwrap(),
        location: "Esbjerg".parse().unwrap(),
        country: "DK".parse().unwrap(),
        project_name: "Horns Rev".parse().ok(),
        discipline: Discipline::BladeRepair,
        contract_type: ContractType::DayRate,
        day_rate: DayRateRange::new(Amount::try_from(300).ok(), None, Currency::default()).unwrap(),
        days: DateRange::new("2026-12-01".parse().unwrap(), None).unwrap(),
    };
    Job::create(Uuid::from_u128(1).into(), Uuid::from_u128(7).into(), details, status, NOW)
}

fn member(company: u128) -> Actor {
    let company_id = Uuid::from_u128(company).into();
    Actor::Member { user_id: Uuid::from_u128(9).into(), company_id, role: CompanyRole::Viewer }
}

#[test]
fn a_new_job_is_in_the_country_that_it_names_or_in_that_of_its_company() {
    let norway = "NO".parse().unwrap();
    let draft = job(InitialStatus::Draft);
    assert_eq!(draft.clone().map_country(Some).of_company_in(norway), draft);
    let placed = draft.clone().map_country(|_| None).of_company_in(norway);
    assert_eq!(placed.details.country, norway);
    assert_eq!(placed.map_country(|_| draft.details.country), draft);
}

#[test]
fn a_draft_is_visible_to_its_company_only() {
    let draft = job(InitialStatus::Draft);
    assert!(draft.is_visible_to(Some(&member(7))));
    assert!(!draft.is_visible_to(Some(&member(8))));
    assert!(!draft.is_visible_to(None));
}

#[test]
fn a_published_job_is_visible_to_all_after_closing() {
    let closed = job(InitialStatus::Open).move_to(JobStatus::Closed, LATER).unwrap().unwrap();
    assert!(closed.is_visible_to(None));
    let never = job(InitialStatus::Draft).move_to(JobStatus::Closed, LATER).unwrap().unwrap();
    assert!(!never.is_visible_to(None));
}

#[test]
fn a_closed_job_cannot_be_edited_even_without_changes() {
    let closed = job(InitialStatus::Open).move_to(JobStatus::Closed, LATER).unwrap().unwrap();
    assert_eq!(closed.edit(JobChanges::default(), LATER), Err(EditJobError::Closed));
}

#[test]
fn without_changes_an_edit_or_a_move_returns_none() {
    assert_eq!(job(InitialStatus::Open).move_to(JobStatus::Open, LATER), Ok(None));
    assert_eq!(job(InitialStatus::Open).edit(JobChanges::default(), LATER), Ok(None));
}

#[test]
fn requirements_are_replaced_as_a_whole_unless_the_job_is_closed() {
    let of = |codes: &[&str]| {
        let one = |code: &&str| Requirement::new(vec![code.parse().unwrap()], true, None).unwrap();
        Requirements::new(codes.iter().map(one).collect()).unwrap()
    };
    let draft = job(InitialStatus::Draft);
    assert_eq!(draft.require(Requirements::default(), LATER), Ok(None));
    let demanding = draft.require(of(&["GWO_WAH", "GWO_FA"]), LATER).unwrap().unwrap();
    assert_eq!((&demanding.requirements, demanding.updated_at), (&of(&["GWO_WAH", "GWO_FA"]), LATER));
    let other = demanding.require(of(&["GWO_FA"]), NOW).unwrap().unwrap();
    assert_eq!((&other.requirements, other.updated_at), (&of(&["GWO_FA"]), LATER));
    assert_eq!(other.clone().listed().requirements, other.requirements);
    let closed = other.move_to(JobStatus::Closed, LATER).unwrap().unwrap();
    assert_eq!(closed.require(of(&["GWO_FA"]), LATER), Err(EditJobError::Closed));
}

#[test]
fn fields_are_compared_after_merging() {
    let rates = JobChanges { day_rate_to: Amount::try_from(299).ok().into(), ..Default::default() };
    let contradiction = Err(EditJobError::Inconsistent(vec![Inconsistent::DayRates]));
    assert_eq!(job(InitialStatus::Draft).edit(rates, LATER), contradiction);
    let days = JobChanges { end_date: Edit::Set("2026-11-30".parse().unwrap()), ..Default::default() };
    let contradiction = Err(EditJobError::Inconsistent(vec![Inconsistent::Days]));
    assert_eq!(job(InitialStatus::Draft).edit(days.clone(), LATER), contradiction);
    let both = JobChanges { day_rate_to: Amount::try_from(299).ok().into(), ..days };
    let contradictions = Err(EditJobError::Inconsistent(vec![Inconsistent::DayRates, Inconsistent::Days]));
    assert_eq!(job(InitialStatus::Draft).edit(both, LATER), contradictions);
}

#[test]
fn a_change_affects_its_field_only() {
    let changes = JobChanges { project_name: Edit::Clear, title: "Inspection".parse().ok(), ..Default::default() };
    let edited = job(InitialStatus::Open).edit(changes, LATER).unwrap().unwrap();
    assert_eq!((edited.details.title.as_str(), edited.details.project_name), ("Inspection", None));
    assert_eq!(edited.details.days, job(InitialStatus::Open).details.days);
    assert_eq!((edited.state, edited.updated_at), (job(InitialStatus::Open).state, LATER));
}

#[test]
fn a_change_is_no_earlier_than_the_one_before_it() {
    let edited = Job { updated_at: LATER, ..job(InitialStatus::Draft) };
    let opened = edited.move_to(JobStatus::Open, DateTime::UNIX_EPOCH).unwrap().unwrap();
    assert_eq!((opened.state.published_at(), opened.updated_at), (Some(LATER), LATER));
    let changes = JobChanges { title: "Inspection".parse().ok(), ..Default::default() };
    assert_eq!(opened.edit(changes, DateTime::UNIX_EPOCH).unwrap().unwrap().updated_at, LATER);
}

#[test]
fn a_listed_job_has_the_summary_of_its_description_and_all_else() {
    let job = job(InitialStatus::Open);
    let listed = job.clone().listed();
    assert_eq!(listed.details.description.as_str(), "Leading edges");
    assert_eq!((listed.id, listed.state, listed.details.title), (job.id, job.state, job.details.title));
    assert_eq!((listed.details.day_rate, listed.details.days), (job.details.day_rate, job.details.days));
}

#[test]
fn only_managers_of_the_jobs_of_the_company_may_set_a_status() {
    let company_id = Uuid::from_u128(7).into();
    let recruiter = Actor::Member { user_id: Uuid::from_u128(9).into(), company_id, role: CompanyRole::Recruiter };
    let open = |actor: &Actor| job(InitialStatus::Draft).open_to(actor).collect::<Vec<_>>();
    assert_eq!(open(&recruiter), [JobStatus::Open, JobStatus::Closed]);
    assert_eq!(open(&member(7)), []);
    let outsider = Actor::Member {
        user_id: Uuid::from_u128(9).into(),
        company_id: Uuid::from_u128(8).into(),
        role: CompanyRole::Admin,
    };
    assert_eq!(open(&outsider), []);
    assert_eq!(open(&Actor::SuperAdmin { user_id: Uuid::from_u128(9).into() }), []);
}
