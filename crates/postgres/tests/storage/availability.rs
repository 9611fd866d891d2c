//! What technicians say about their time, what accepted applications book, and both beside a job.

use std::{sync::Barrier, thread};

use repower_domain::{
    Revision,
    accounts::Side,
    applications::{Application, ApplicationMove, ApplicationStatus},
    availability::{Availability, AvailabilityKind, AvailabilityStatus, Period},
    jobs::Job,
    technicians::Technician,
    values::DateRange,
};
use repower_ports::{
    RepositoryError, applications::ApplicationRepository, availability::AvailabilityRepository,
    compliance::ComplianceRepository, jobs::JobRepository, technicians::TechnicianRepository,
};

use crate::support::{World, a_certification, an_open_job, assert_matches, at, new_id, value, with};

fn period(first: &str, last: &str, kind: AvailabilityKind) -> Period {
    Period::new(value(first), value(last), kind).unwrap()
}

fn availability(periods: &[Period]) -> Availability {
    Availability::new(periods.to_vec()).unwrap()
}

fn days(first: &str, last: &str) -> DateRange {
    DateRange::new(value(first), Some(value(last))).unwrap()
}

/// An open job of a new company on these days.
fn a_job(world: &World, first: &str, last: &str) -> Job {
    let company = world.company();
    world.add_job(with(an_open_job(&company, 0), |job| job.details.days = days(first, last)))
}

#[test]
fn the_periods_of_a_technician_are_replaced_as_a_whole() {
    let world = World::isolated();
    let (technician, other) = (world.technician(), world.technician());
    let (busy, free) = (
        period("2027-03-01", "2027-03-05", AvailabilityKind::Busy),
        period("2027-03-06", "2027-03-06", AvailabilityKind::Free),
    );
    assert_eq!(world.availability.find(technician.id).unwrap(), Availability::default());
    world.availability.replace(technician.id, &availability(&[free, busy])).unwrap();
    world.availability.replace(other.id, &availability(&[busy])).unwrap();
    assert_eq!(world.availability.find(technician.id).unwrap(), availability(&[busy, free]));
    world.availability.replace(technician.id, &availability(&[free])).unwrap();
    assert_eq!(world.availability.find(technician.id).unwrap(), availability(&[free]));
    world.availability.replace(technician.id, &Availability::default()).unwrap();
    assert_eq!(world.availability.find(technician.id).unwrap(), Availability::default());
    assert_eq!(world.availability.find(other.id).unwrap(), availability(&[busy]));
    assert_eq!(world.availability.find(new_id()).unwrap(), Availability::default());
}

#[test]
fn concurrent_replacements_never_mix_their_periods() {
    let world = World::with_own_schema();
    let technician = world.technician();
    let sets: Vec<_> = (1..=8)
        .map(|day| {
            let period = |month: u32, day: u32| {
                let date = format!("2027-{month:02}-{day:02}");
                period(&date, &date, AvailabilityKind::Busy)
            };
            availability(&(1..=8).map(|month| period(month, day)).collect::<Vec<_>>())
        })
        .collect();
    let barrier = Barrier::new(sets.len());
    thread::scope(|scope| {
        for set in &sets {
            let (world, barrier) = (&world, &barrier);
            scope.spawn(move || {
                barrier.wait();
                world.availability.replace(technician.id, set).unwrap();
            });
        }
    });
    let stored = world.availability.find(technician.id).unwrap();
    assert!(sets.contains(&stored), "{stored:?}");
}

#[test]
fn a_candidate_has_all_that_is_compared_with_the_days_of_a_job() {
    let world = World::isolated();
    let technician = world.technician();
    let job = a_job(&world, "2027-03-10", "2027-03-20");
    let held = a_certification(technician.id, "2028-01-01");
    world.technicians.add_certification(&held, 10).unwrap();
    let inside = period("2027-03-20", "2027-03-25", AvailabilityKind::Busy);
    let outside = period("2027-03-21", "2027-03-25", AvailabilityKind::Busy);
    let find = || world.compliance.candidate(technician.id, job.id, job.details.days).unwrap().unwrap();

    world.availability.replace(technician.id, &availability(&[outside])).unwrap();
    let candidate = find();
    assert_eq!(candidate.certifications, [held]);
    assert_eq!(candidate.schedule.available_from, technician.profile.availability_from);
    assert_eq!(candidate.schedule.status_on(job.details.days), AvailabilityStatus::Free);
    world.availability.replace(technician.id, &availability(&[inside])).unwrap();
    assert_eq!(find().schedule.periods, availability(&[inside]));
    assert_eq!(find().schedule.status_on(job.details.days), AvailabilityStatus::Busy);

    world.engage(job.id, technician.id);
    assert_eq!(find().schedule.bookings, [], "the job itself is no other booking");
    world.engage(a_job(&world, "2027-03-21", "2027-03-22").id, technician.id);
    assert_eq!(find().schedule.bookings, [], "it shares no day with the job");
    let asked = a_job(&world, "2027-03-22", "2027-03-22");
    let beside = world.compliance.candidate(technician.id, asked.id, asked.details.days).unwrap().unwrap();
    assert_eq!(beside.schedule.bookings, [days("2027-03-21", "2027-03-22")]);
    assert_eq!(world.compliance.candidate(new_id(), job.id, job.details.days).unwrap(), None);
}

/// A job that is offered to a technician.
struct Offer<'w> {
    world: &'w World,
    application: Application,
    technician: Technician,
    job: Revision,
}

impl Offer<'_> {
    fn accept(&self) -> Result<(), RepositoryError> {
        self.world.step(&self.application, &self.technician, ApplicationStatus::Accepted, self.job)
    }
}

fn offer<'w>(world: &'w World, job: &Job, technician: &Technician) -> Offer<'w> {
    Offer { world, application: world.offer(job, technician), technician: technician.clone(), job: job.revision }
}

#[test]
fn two_accepted_jobs_of_a_technician_share_no_day() {
    let world = World::isolated();
    let technician = world.technician();
    let first = a_job(&world, "2027-03-10", "2027-03-20");
    offer(&world, &first, &technician).accept().unwrap();
    let late = offer(&world, &a_job(&world, "2027-03-20", "2027-03-25"), &technician);
    assert_matches!(late.accept(), Err(RepositoryError::AlreadyBooked));
    let within = offer(&world, &a_job(&world, "2027-03-12", "2027-03-12"), &technician);
    assert_matches!(within.accept(), Err(RepositoryError::AlreadyBooked));
    assert_eq!(world.count("applications", "status = 'ACCEPTED'"), 1);
    assert_eq!(world.count("application_events", "to_status = 'ACCEPTED'"), 1, "what failed left nothing behind");
    offer(&world, &a_job(&world, "2027-03-21", "2027-03-25"), &technician).accept().unwrap();
    offer(&world, &first, &world.technician()).accept().unwrap();
}

#[test]
fn an_open_ended_job_books_its_first_day() {
    let world = World::isolated();
    let technician = world.technician();
    let mut open_ended = an_open_job(&world.company(), 0);
    open_ended.details.days = DateRange::new(value("2027-03-10"), None).unwrap();
    let open_ended = world.add_job(open_ended);
    offer(&world, &open_ended, &technician).accept().unwrap();
    let same_day = offer(&world, &a_job(&world, "2027-03-01", "2027-03-10"), &technician);
    assert_matches!(same_day.accept(), Err(RepositoryError::AlreadyBooked));
    offer(&world, &a_job(&world, "2027-03-11", "2027-03-12"), &technician).accept().unwrap();
}

#[test]
fn of_thirty_racing_acceptances_for_one_day_one_is_stored() {
    let world = World::with_own_schema();
    let technician = world.technician();
    let offers: Vec<_> =
        (0..30).map(|_| offer(&world, &a_job(&world, "2027-03-10", "2027-03-20"), &technician)).collect();
    let barrier = Barrier::new(offers.len());
    let outcomes: Vec<_> = thread::scope(|scope| {
        let barrier = &barrier;
        let race = |offer: &Offer<'_>| {
            barrier.wait();
            offer.accept()
        };
        let races: Vec<_> = offers.iter().map(|offer| scope.spawn(move || race(offer))).collect();
        races.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let booked = outcomes.iter().filter(|outcome| matches!(outcome, Err(RepositoryError::AlreadyBooked))).count();
    assert_eq!((outcomes.iter().filter(|outcome| outcome.is_ok()).count(), booked), (1, 29), "{outcomes:?}");
    assert_eq!(world.count("applications", "status = 'ACCEPTED'"), 1);
}

#[test]
fn the_days_of_a_job_do_not_move_onto_another_booking_of_an_accepted_technician() {
    let world = World::isolated();
    let (technician, free) = (world.technician(), world.technician());
    let job = a_job(&world, "2027-03-10", "2027-03-20");
    let later = a_job(&world, "2027-04-01", "2027-04-05");
    for (job, technician) in [(&job, &technician), (&later, &technician), (&job, &free)] {
        offer(&world, job, technician).accept().unwrap();
    }
    let moved_to = |last: &str| with(job.clone(), |job| job.details.days = days("2027-03-10", last));
    assert_matches!(world.jobs.update(&moved_to("2027-04-01")), Err(RepositoryError::AlreadyBooked));
    assert_eq!(world.find_job(&job).job.details.days, job.details.days);
    world.jobs.update(&moved_to("2027-03-31")).unwrap();
    // The days that it has now are booked, and those that it had are not.
    let again = offer(&world, &a_job(&world, "2027-03-31", "2027-03-31"), &technician);
    assert_matches!(again.accept(), Err(RepositoryError::AlreadyBooked));
    let shorter = with(world.find_job(&job).job, |job| job.details.days = days("2027-03-10", "2027-03-12"));
    world.jobs.update(&shorter).unwrap();
    again.accept().unwrap();
    assert_eq!(
        world.count("applications", &format!("status = '{}' AND booked IS NULL", ApplicationStatus::Accepted)),
        0
    );
}

#[test]
fn a_compliance_that_was_compared_with_other_days_of_the_job_is_stale() {
    let world = World::isolated();
    let technician = world.technician();
    let job = a_job(&world, "2027-03-10", "2027-03-20");
    let application = world.offer(&job, &technician);
    let change = ApplicationMove::builder().next(ApplicationStatus::Accepted).build();
    let (accepted, step) = application.move_to(change, Side::Technician, technician.user_id, at(2)).unwrap();
    let moved = with(job.clone(), |job| job.details.days = days("2027-03-10", "2027-03-25"));
    world.jobs.update(&moved).unwrap();
    let accept = |job: &Job| world.applications.update(&accepted, &step, &[], Some(job.revision));
    assert_matches!(accept(&job), Err(RepositoryError::Stale));
    accept(&world.find_job(&job).job).unwrap();
}

/// Ten technicians with an accepted later job accept another one, while its days move onto that.
#[test]
fn an_acceptance_and_an_edit_of_the_days_at_once_leave_no_day_booked_twice() {
    let world = World::with_own_schema();
    let later = a_job(&world, "2027-04-01", "2027-04-05");
    let job = a_job(&world, "2027-03-10", "2027-03-20");
    let technicians: Vec<_> = (0..10).map(|_| world.technician()).collect();
    for technician in &technicians {
        offer(&world, &later, technician).accept().unwrap();
    }
    let offers: Vec<_> = technicians.iter().map(|technician| offer(&world, &job, technician)).collect();
    let barrier = &Barrier::new(offers.len() + 2);
    let (accepted, moved) = thread::scope(|scope| {
        let race = |offer: &Offer<'_>| {
            barrier.wait();
            offer.accept()
        };
        let races: Vec<_> = offers.iter().map(|offer| scope.spawn(move || race(offer))).collect();
        let edits = [(&job, "2027-04-01"), (&later, "2027-03-20")].map(|(job, day)| {
            let edited = with(job.clone(), |job| job.details.days = days(day, "2027-04-05"));
            let world = &world;
            scope.spawn(move || {
                barrier.wait();
                world.jobs.update(&edited)
            })
        });
        let accepted: Vec<_> = races.into_iter().map(|one| one.join().unwrap()).collect();
        (accepted, edits.map(|edit| edit.join().unwrap()))
    });
    for outcome in accepted.iter().chain(&moved) {
        let is_settled = matches!(outcome, Ok(()) | Err(RepositoryError::AlreadyBooked | RepositoryError::Stale));
        assert!(is_settled, "{outcome:?}");
    }
    let stored = accepted.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(world.count("applications", "status = 'ACCEPTED'"), 10 + i64::try_from(stored).unwrap());
    let wrong = "booked IS DISTINCT FROM (SELECT daterange(start_date, end_date, '[]') FROM jobs WHERE id = job_id)";
    assert_eq!(world.count("applications", &format!("status = 'ACCEPTED' AND {wrong}")), 0);
}

#[test]
fn an_acceptance_from_before_books_its_days_once_no_other_one_has_them() {
    let world = World::isolated();
    let technician = world.technician();
    let (first, second) = (a_job(&world, "2027-03-10", "2027-03-20"), a_job(&world, "2027-04-01", "2027-04-05"));
    for job in [&first, &second] {
        offer(&world, job, &technician).accept().unwrap();
    }
    // As the migration leaves two that share a day.
    let of_second = format!("job_id = '{}'", second.id);
    world.execute(&format!(
        "SET LOCAL session_replication_role = replica;
         UPDATE applications SET booked = NULL WHERE {of_second};
         UPDATE jobs SET start_date = '2027-03-20' WHERE id = '{}';
         SET LOCAL session_replication_role = origin",
        second.id
    ));
    let shorter = with(world.find_job(&first).job, |job| job.details.days = days("2027-03-10", "2027-03-19"));
    world.jobs.update(&shorter).unwrap();
    assert_eq!(world.count("applications", &format!("{of_second} AND booked = '[2027-03-20,2027-04-05]'")), 1);
    let beside = offer(&world, &a_job(&world, "2027-04-05", "2027-04-05"), &technician);
    assert_matches!(beside.accept(), Err(RepositoryError::AlreadyBooked));
}
