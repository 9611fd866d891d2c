//! Counts that are at most a limit, however many requests add at once.

use chrono::TimeDelta;
use repower_domain::{
    Revision,
    accounts::CompanyRole,
    companies::Invitation,
    jobs::{Job, JobState},
    quotas::OpenJobs,
};
use repower_ports::{
    RepositoryError,
    accounts::SecretDigest,
    companies::{InvitationLimits, InviteError},
    idempotency::{IdempotencyRepository, KeyedError, KeyedOutcome, KeyedRequest, StoredResponse},
    jobs::JobRepository,
    technicians::TechnicianRepository,
};

use crate::{
    idempotency::a_request,
    races::run_concurrently,
    support::{
        RegisteredCompany, World, a_certification, a_draft, a_technician_registration, an_open_job, assert_matches, at,
        new_id, value, with,
    },
};

const LIMIT: u32 = 5;

/// The same limit for all companies.
const fn at_most(limit: u32) -> OpenJobs {
    OpenJobs { verified: limit, unverified: limit }
}

/// Asserts that as many additions succeeded as there was room for, and that the others
/// were refused for the limit.
#[track_caller]
fn assert_added(results: Vec<Result<(), RepositoryError>>, room: usize) {
    let (added, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(added.len(), room);
    for error in refused {
        assert_matches!(error, Err(RepositoryError::LimitReached { limit: LIMIT }));
    }
}

#[test]
fn concurrent_certifications_never_exceed_the_limit_of_their_technician() {
    let world = World::with_own_schema();
    let (technician, another) = (world.technician(), world.technician());
    world.technicians.add_certification(&a_certification(another.id, "2028-01-01"), LIMIT).unwrap();
    let add = |_| world.technicians.add_certification(&a_certification(technician.id, "2028-01-01"), LIMIT);
    assert_added(run_concurrently(&world, 30, add), 5);
    assert_eq!(world.count("certifications", &format!("technician_id = '{}'", technician.id)), 5);
    let held = world.technicians.passport(technician.id).unwrap().unwrap().certifications;
    assert!(world.technicians.remove_certification(technician.id, held[0].id).unwrap());
    assert_added(run_concurrently(&world, 10, add), 1);
}

#[test]
fn concurrent_postings_and_openings_never_exceed_the_limit_of_their_company() {
    let world = World::with_own_schema();
    let (company, another) = (world.company(), world.company());
    world.add_job(an_open_job(&another, 0));
    let drafts: Vec<_> = (0..10).map(|_| world.add_job(a_draft(&company, 0))).collect();
    let closed: Vec<_> = (0..10)
        .map(|_| {
            world.add_job(with(a_draft(&company, 0), |job| job.state = JobState::Closed { published_at: Some(at(0)) }))
        })
        .collect();
    let open = |job: &Job| {
        let state = JobState::Open { published_at: at(1) };
        world.jobs.open(&with(job.clone(), |job| job.state = state), at_most(LIMIT))
    };
    let results = run_concurrently(&world, 30, |index| match (drafts.get(index), index.checked_sub(20)) {
        (Some(draft), _) => open(draft),
        (None, Some(index)) => open(&closed[index]),
        (None, None) => world.add_within(&an_open_job(&company, 1), at_most(LIMIT)),
    });
    assert_added(results, 5);
    let of_company = format!("company_id = '{}'", company.id);
    assert_eq!(world.count("jobs", &format!("{of_company} AND status = 'OPEN'")), 5);
    // Nothing of a refused request is stored, and drafts are not limited.
    let all = world.count("jobs", &of_company);
    assert_matches!(
        world.add_within(&an_open_job(&company, 1), at_most(LIMIT)),
        Err(RepositoryError::LimitReached { limit: LIMIT })
    );
    world.add_within(&a_draft(&company, 1), at_most(LIMIT)).unwrap();
    assert_eq!(world.count("jobs", &of_company), all + 1);
}

#[test]
fn adding_within_a_quota_is_one_statement() {
    let world = World::isolated();
    let (company, technician) = (world.company(), world.technician());
    let job = an_open_job(&company, 0);
    assert_eq!(world.statements_of(|| world.add_within(&job, at_most(2)).unwrap()).len(), 1);
    let draft = a_draft(&company, 0);
    assert_eq!(world.statements_of(|| world.add_within(&draft, at_most(2)).unwrap()).len(), 1);
    let mut opened = draft;
    opened.state = JobState::Open { published_at: at(1) };
    assert_eq!(world.statements_of(|| world.jobs.open(&opened, at_most(2)).unwrap()).len(), 1);
    let refuse = || assert!(world.add_within(&an_open_job(&company, 1), at_most(2)).is_err());
    assert_eq!(world.statements_of(refuse).len(), 1);
    let certification = a_certification(technician.id, "2028-01-01");
    let add = || world.technicians.add_certification(&certification, 1).unwrap();
    assert_eq!(world.statements_of(add).len(), 1);
}

#[test]
fn a_job_is_added_in_the_country_that_it_names_or_in_that_of_its_company() {
    let world = World::isolated();
    let company = world.company();
    let norway = value("NO");
    for (named, country) in [(Some(norway), norway), (None, company.profile.country)] {
        let job = an_open_job(&company, 0).map_country(|_| named);
        let added = world.jobs.add(&job, at_most(2)).unwrap().unwrap();
        assert_eq!(
            (added.id, &added.name, added.country),
            (company.id, &company.profile.name, company.profile.country)
        );
        let stored = job.of_company_in(added.country);
        assert_eq!((world.find_job(&stored).job, stored.details.country), (stored.clone(), country));
    }
}

#[test]
fn a_closed_job_makes_room_for_another() {
    let world = World::isolated();
    let company = world.company();
    let job = world.add_job(an_open_job(&company, 0));
    let draft = world.add_job(a_draft(&company, 0));
    let mut opened = draft;
    opened.state = JobState::Open { published_at: at(1) };
    assert_matches!(world.jobs.open(&opened, at_most(1)), Err(RepositoryError::LimitReached { limit: 1 }));
    world.jobs.update(&with(job, |job| job.state = JobState::Closed { published_at: Some(at(0)) })).unwrap();
    world.jobs.open(&opened, at_most(1)).unwrap();
    assert_eq!(world.find_job(&opened).job.state, opened.state);
}

#[test]
fn a_job_of_another_revision_is_not_opened() {
    let world = World::isolated();
    let draft = world.add_job(a_draft(&world.company(), 0));
    let mut opened = draft;
    opened.state = JobState::Open { published_at: at(1) };
    opened.revision = Revision::stored(9);
    assert_matches!(world.jobs.open(&opened, at_most(1)), Err(RepositoryError::Stale));
}

#[test]
fn the_limit_of_open_jobs_depends_on_whether_the_company_is_verified() {
    let world = World::isolated();
    let company = world.company();
    let quota = OpenJobs { verified: 3, unverified: 1 };
    let post = || world.add_within(&an_open_job(&company, 1), quota);
    let set = |verified_at: &str| {
        world.execute(&format!("UPDATE companies SET verified_at = {verified_at} WHERE id = '{}'", company.id));
    };
    post().unwrap();
    assert_matches!(post(), Err(RepositoryError::LimitReached { limit: 1 }));
    set("now()");
    post().unwrap();
    post().unwrap();
    assert_matches!(post(), Err(RepositoryError::LimitReached { limit: 3 }));
    // What is open stays open, and nothing is opened beside it.
    set("NULL");
    let draft = world.add_job(a_draft(&company, 0));
    let mut opened = draft;
    opened.state = JobState::Open { published_at: at(1) };
    assert_matches!(world.jobs.open(&opened, quota), Err(RepositoryError::LimitReached { limit: 1 }));
    assert_eq!(world.count("jobs", "status = 'OPEN'"), 3);
}

fn invite(
    world: &World,
    RegisteredCompany { company, admin }: &RegisteredCompany,
    number: u8,
    second: i64,
) -> Result<(), RepositoryError> {
    let email = value(&format!("{number}@invited.example"));
    let invitation = Invitation::new(new_id(), company.id, email, CompanyRole::Viewer, at(second));
    let digest = SecretDigest(*new_id::<uuid::Uuid>().as_bytes().repeat(2).first_chunk().unwrap());
    let limits = InvitationLimits { pending: LIMIT, daily: None };
    match world.invite(&invitation, digest, *admin, &limits) {
        Err(InviteError::Repository(error)) => Err(error),
        invited => {
            invited.unwrap();
            Ok(())
        }
    }
}

#[test]
fn concurrent_invitations_never_exceed_the_limit_of_their_company() {
    let world = World::with_own_schema();
    let (company, another) = (world.register_company(), world.register_company());
    invite(&world, &another, 0, 0).unwrap();
    let results = run_concurrently(&world, 30, |index| invite(&world, &company, u8::try_from(index).unwrap(), 0));
    assert_added(results, 5);
    assert_eq!(world.count("invitations", &format!("company_id = '{}'", company.company.id)), 5);
}

#[test]
fn replaced_and_expired_invitations_do_not_count() {
    let world = World::isolated();
    let company = world.register_company();
    for number in 0..5 {
        invite(&world, &company, number, 0).unwrap();
    }
    assert_matches!(invite(&world, &company, 5, 0), Err(RepositoryError::LimitReached { limit: LIMIT }));
    invite(&world, &company, 4, 1).unwrap();
    let expiry = TimeDelta::days(7).num_seconds();
    assert_matches!(invite(&world, &company, 5, expiry - 1), Err(RepositoryError::LimitReached { limit: LIMIT }));
    invite(&world, &company, 5, expiry).unwrap();
}

fn once(world: &World, request: &KeyedRequest) -> Result<KeyedOutcome, KeyedError> {
    world.idempotency.once(request, &mut || {
        world.register(&a_technician_registration());
        Some(StoredResponse { status: 201, body: b"done".into(), secret: None })
    })
}

#[test]
fn concurrent_keys_never_exceed_the_limit_of_their_owner() {
    let world = World::with_own_schema();
    let first = KeyedRequest { limit: LIMIT, ..a_request("first") };
    let results = run_concurrently(&world, 30, |index| {
        match once(&world, &KeyedRequest { key: index.to_string(), ..first.clone() }) {
            Err(KeyedError::Repository(error)) => Err(error),
            done => {
                assert_eq!(done.unwrap(), KeyedOutcome::Executed);
                Ok(())
            }
        }
    });
    assert_added(results, 5);
    // The work of the refused requests is undone.
    assert_eq!((world.count("kept_answers", "true"), world.count("users", "true")), (5, 5));
}

#[test]
fn a_stored_response_is_replayed_at_the_limit_and_makes_room_after_a_day() {
    let world = World::isolated();
    let first = a_request("a");
    let request = |key: &str, second| KeyedRequest { key: key.to_owned(), now: at(second), limit: 1, ..first.clone() };
    assert_matches!(once(&world, &request("a", 0)), Ok(KeyedOutcome::Executed));
    let full = once(&world, &request("b", 1));
    assert_matches!(full, Err(KeyedError::Repository(RepositoryError::LimitReached { limit: 1 })));
    assert_matches!(once(&world, &request("a", 2)), Ok(KeyedOutcome::Replayed(_)));
    let day = TimeDelta::days(1).num_seconds();
    assert_matches!(once(&world, &request("b", day)), Ok(KeyedOutcome::Executed));
}
