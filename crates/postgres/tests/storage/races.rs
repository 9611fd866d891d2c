use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use repower_domain::{
    accounts::{NewUser, Registration, Side},
    applications::{Application, ApplicationEvent, ApplicationMove, ApplicationStatus},
    chat::NewMessage,
    companies::{Company, CompanyProfile},
    jobs::{Job, JobState},
    technicians::SkillSet,
};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, RegisterError},
    applications::{AddApplicationError, ApplicationRepository},
    chat::{ChatRepository, Participant, Window},
    companies::CompanyRepository,
    jobs::{JobFilter, JobRepository},
    technicians::TechnicianRepository,
};

use crate::support::{
    World, a_message, a_skill, a_technician_profile, a_thread, a_user, an_application, an_open_job, assert_matches, at,
    first, new_id, value,
};

/// What came of so many calls, all let go at the same moment, with a connection
/// there for each.
fn at_once<T: Send>(world: &World, number: usize, call: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (all_connected, start) = (Barrier::new(number), Barrier::new(number));
    let connect = || while world.database.with_connection(|_| Ok(all_connected.wait())).is_err() {};
    let run = |place| {
        connect();
        start.wait();
        call(place)
    };
    thread::scope(|scope| {
        let run = &run;
        let running: Vec<_> = (0..number).map(|place| scope.spawn(move || run(place))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn of_many_registrations_of_one_address_one_wins() {
    let world = World::own();
    let email = a_user().email;
    let answers = at_once(&world, 30, |_| {
        let user = NewUser { email: email.clone(), ..a_user() };
        world.accounts.register(&Registration::technician(user, new_id(), a_technician_profile()))
    });
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for answer in answers.iter().filter(|answer| answer.is_err()) {
        assert_matches!(answer, Err(RegisterError::EmailTaken));
    }
    assert_eq!((world.count("users", "true"), world.count("technicians", "true")), (1, 1));
}

#[test]
fn of_many_applications_of_one_technician_one_wins() {
    let world = World::own();
    let job = world.add(an_open_job(&world.company(), 0));
    let technician = world.technician();
    let answers = at_once(&world, 30, |_| {
        let application = an_application(&job, &technician, 1);
        world.applications.add(&application, &application.applied(technician.user_id))
    });
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for answer in answers.iter().filter(|answer| answer.is_err()) {
        assert_matches!(answer, Err(AddApplicationError::AlreadyApplied));
    }
    assert_eq!((world.count("applications", "true"), world.count("application_events", "true")), (1, 1));
}

#[test]
fn of_many_openings_of_a_thread_without_job_one_is_new_and_all_get_it() {
    let world = World::own();
    let founded = world.found();
    let technician = world.technician();
    let opened = at_once(&world, 30, |place| {
        let message = a_message(Side::Company, founded.admin, "Hello", 1);
        let message = (place % 2 == 0).then_some(message);
        world.chat.open(&a_thread(founded.company.id, technician.id, None), message, Side::Company).unwrap()
    });
    assert_eq!(opened.iter().filter(|opened| opened.is_new).count(), 1);
    assert!(opened.iter().all(|each| each.record.thread == opened[0].record.thread));
    assert_eq!(world.chat.find(opened[0].record.thread.id).unwrap().unwrap().last_seq, 15);
}

#[test]
fn a_message_sent_many_times_at_once_is_stored_once() {
    let world = World::own();
    let founded = world.found();
    let technician = world.technician();
    let thread = a_thread(founded.company.id, technician.id, None);
    world.chat.open(&thread, None, Side::Company).unwrap();
    let sent = at_once(&world, 20, |_| {
        let message = a_message(Side::Company, founded.admin, "Hello", 1);
        world.chat.send(thread.id, &NewMessage { client_message_id: Some(value("m-1")), ..message }).unwrap()
    });
    assert_eq!(sent.iter().filter(|sent| sent.is_new).count(), 1);
    assert!(sent.iter().all(|each| each.message == sent[0].message));
    let listed = world.chat.list(Participant::Technician(technician.id), first(9)).unwrap().items;
    assert_eq!(listed[0].unread_count, 1);
}

#[test]
fn of_two_changes_of_one_application_exactly_one_wins() {
    let world = World::own();
    let founded = world.found();
    let technician = world.technician();
    for _ in 0..20 {
        let job = world.add(an_open_job(&founded.company, 0));
        let application = world.apply(&job, &technician, 1);
        let change = |next, side, user| {
            let wish = ApplicationMove { next, message_to_technician: None };
            let (moved, step): (Application, ApplicationEvent) = application.move_to(wish, side, user, at(2)).unwrap();
            world.applications.update(&moved, &step)
        };
        let answers = at_once(&world, 2, |place| match place {
            0 => change(ApplicationStatus::Offered, Side::Company, founded.admin),
            _ => change(ApplicationStatus::Withdrawn, Side::Technician, technician.user_id),
        });
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert!(answers.iter().any(|answer| matches!(answer, Err(RepositoryError::Stale))));
        assert_eq!(world.count("application_events", &format!("application_id = '{}'", application.id)), 2);
    }
}

#[test]
fn no_application_is_added_after_its_job_was_closed() {
    let world = World::own();
    let company = world.company();
    let technicians: Vec<_> = (0..7).map(|_| world.technician()).collect();
    for _ in 0..10 {
        let job = world.add(an_open_job(&company, 0));
        let counted = at_once(&world, 8, |place| {
            if let Some(technician) = technicians.get(place) {
                let application = an_application(&job, technician, 1);
                match world.applications.add(&application, &application.applied(technician.user_id)) {
                    Ok(()) | Err(AddApplicationError::JobNotOpen) => None,
                    other => panic!("{other:?}"),
                }
            } else {
                let state = JobState::Closed { published_at: Some(at(0)) };
                world.jobs.update(&Job { state, ..job.clone() }).unwrap();
                Some(world.count("applications", &format!("job_id = '{}'", job.id)))
            }
        });
        let when_closed = counted.into_iter().flatten().next().unwrap();
        assert_eq!(world.count("applications", &format!("job_id = '{}'", job.id)), when_closed);
    }
}

#[test]
fn a_polling_reader_gets_each_of_many_messages_once_and_in_order() {
    let world = World::own();
    let founded = world.found();
    let technician = world.technician();
    let thread = a_thread(founded.company.id, technician.id, None);
    world.chat.open(&thread, None, Side::Company).unwrap();
    let send_ten = |place: usize| {
        let (side, user) = match place % 2 {
            0 => (Side::Company, founded.admin),
            _ => (Side::Technician, technician.user_id),
        };
        for number in 0..10 {
            world.chat.send(thread.id, &a_message(side, user, &format!("{place} {number}"), 1)).unwrap();
        }
    };
    let all_sent = AtomicBool::new(false);
    let poll = || {
        let mut read = Vec::new();
        loop {
            let is_last_look = all_sent.load(Ordering::SeqCst);
            let after = i64::try_from(read.len()).unwrap();
            let page = world.chat.messages(thread.id, Window::After(after), 200).unwrap();
            read.extend(page.messages.iter().map(|message| message.seq));
            if is_last_look && page.messages.is_empty() {
                return read;
            }
        }
    };
    let read = thread::scope(|scope| {
        let reader = scope.spawn(poll);
        let sent = catch_unwind(AssertUnwindSafe(|| at_once(&world, 20, send_ten)));
        all_sent.store(true, Ordering::SeqCst);
        assert!(sent.is_ok());
        reader.join().unwrap()
    });
    assert_eq!(read, (1..=200).collect::<Vec<_>>());
    for participant in [Participant::Company(founded.company.id), Participant::Technician(technician.id)] {
        assert_eq!(world.chat.list(participant, first(9)).unwrap().items[0].unread_count, 100);
    }
}

#[test]
fn of_two_sets_of_skills_one_stays_as_a_whole() {
    let world = World::own();
    let technician = world.technician();
    let set =
        |name: &str| SkillSet::new((0..20).map(|number| a_skill(&format!("{name} {number:02}"))).collect()).unwrap();
    let sets = [set("Ropes"), set("Blades")];
    for _ in 0..10 {
        at_once(&world, 6, |place| world.technicians.replace_skills(technician.id, &sets[place % 2]).unwrap());
        let held = world.technicians.passport(technician.id).unwrap().unwrap().skills;
        assert!(sets.iter().any(|set| set.as_slice() == held), "{held:?}");
    }
}

#[test]
fn jobs_posted_while_their_company_is_renamed_have_its_new_name() {
    let world = World::own();
    let company = world.company();
    world.add(an_open_job(&company, 0));
    at_once(&world, 9, |place| {
        if place == 0 {
            let profile = CompanyProfile { name: value("Ørsted"), ..company.profile.clone() };
            world.companies.update(&Company { profile, ..company.clone() }).unwrap();
        } else {
            world.add(an_open_job(&company, 1));
        }
    });
    let words = JobFilter { words: vec!["ørsted".to_owned()], ..JobFilter::default() };
    assert_eq!(world.jobs.search(&words, first(20)).unwrap().items.len(), 9);
}
