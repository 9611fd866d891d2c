use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use repower_domain::{
    Edit,
    accounts::{Registration, Side},
    applications::{Application, ApplicationEvent, ApplicationMove, ApplicationStatus},
    jobs::JobState,
    technicians::SkillSet,
};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, RegisterError},
    applications::{AddApplicationError, ApplicationRepository},
    chat::{ChatRepository, Participant, Window},
    jobs::{JobFilter, JobRepository},
    technicians::TechnicianRepository,
};

use crate::support::{
    World, a_message, a_skill, a_technician_profile, a_thread, a_user, an_application, an_open_job, assert_matches, at,
    first_page, new_id, value, with,
};

/// Runs `number` calls that start at the same time, each with an open connection
/// in the pool. Returns their results in order of index.
pub(crate) fn run_concurrently<T: Send>(world: &World, number: usize, call: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (all_connected, start) = (Barrier::new(number), Barrier::new(number));
    let connect = || while world.database.with_connection(|_| Ok(all_connected.wait())).is_err() {};
    let run = |index| {
        connect();
        start.wait();
        call(index)
    };
    thread::scope(|scope| {
        let run = &run;
        let running: Vec<_> = (0..number).map(|index| scope.spawn(move || run(index))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn of_concurrent_registrations_of_one_email_one_succeeds() {
    let world = World::with_own_schema();
    let email = a_user().email;
    let results = run_concurrently(&world, 30, |_| {
        let mut user = a_user();
        user.email = email.clone();
        world.accounts.register(&Registration::technician(user, new_id(), a_technician_profile()))
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results.iter().filter(|result| result.is_err()) {
        assert_matches!(result, Err(RegisterError::EmailTaken));
    }
    assert_eq!((world.count("users", "true"), world.count("technicians", "true")), (1, 1));
}

#[test]
fn of_concurrent_applications_of_one_technician_one_succeeds() {
    let world = World::with_own_schema();
    let job = world.add_job(an_open_job(&world.company(), 0));
    let technician = world.technician();
    let results = run_concurrently(&world, 30, |_| {
        let application = an_application(&job, &technician, 1);
        world.applications.add(&application, &application.applied(technician.user_id))
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results.iter().filter(|result| result.is_err()) {
        assert_matches!(result, Err(AddApplicationError::AlreadyApplied));
    }
    assert_eq!((world.count("applications", "true"), world.count("application_events", "true")), (1, 1));
}

#[test]
fn concurrent_openings_of_a_thread_without_a_job_return_one_new_thread() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    let technician = world.technician();
    let opened = run_concurrently(&world, 30, |index| {
        let message = a_message(Side::Company, registered.admin, "Hello", 1);
        let message = (index % 2 == 0).then_some(message);
        world.chat.open(&a_thread(registered.company.id, technician.id, None), message, Side::Company).unwrap()
    });
    assert_eq!(opened.iter().filter(|opened| opened.is_new).count(), 1);
    assert!(opened.iter().all(|each| each.record.thread == opened[0].record.thread));
    assert_eq!(world.last_seq(opened[0].record.thread.id), 15);
}

#[test]
fn a_message_sent_many_times_concurrently_is_stored_once() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    let technician = world.technician();
    let thread = a_thread(registered.company.id, technician.id, None);
    world.chat.open(&thread, None, Side::Company).unwrap();
    let sent = run_concurrently(&world, 20, |_| {
        let message = a_message(Side::Company, registered.admin, "Hello", 1);
        world.chat.send(thread.id, &with(message, |message| message.client_message_id = Some(value("m-1")))).unwrap()
    });
    assert_eq!(sent.iter().filter(|sent| sent.is_new).count(), 1);
    assert!(sent.iter().all(|each| each.record == sent[0].record));
    let listed = world.chat.list(Participant::Technician(technician.id), first_page(9)).unwrap().items;
    assert_eq!(listed[0].unread_count, 1);
}

#[test]
fn of_concurrent_repetitions_of_several_messages_each_is_stored_once_and_numbers_have_no_gaps() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    let technician = world.technician();
    let thread = a_thread(registered.company.id, technician.id, None);
    world.chat.open(&thread, None, Side::Company).unwrap();
    let sent = run_concurrently(&world, 20, |index| {
        // Each message is sent by four threads, in orders of their own.
        let keys = (0..10).map(|number| (number + index) % 10).collect::<Vec<_>>();
        let send = |key: usize| {
            let message = a_message(Side::Company, registered.admin, "Hello", i64::try_from(index % 7).unwrap());
            let key = Some(value(&format!("{} {key}", index % 5)));
            world.chat.send(thread.id, &with(message, |message| message.client_message_id = key)).unwrap()
        };
        keys.into_iter().map(send).collect::<Vec<_>>()
    });
    let sent = sent.concat();
    assert_eq!(sent.iter().filter(|sent| sent.is_new).count(), 50);
    let page = world.chat.messages(thread.id, Window::After(0), 200).unwrap().unwrap();
    assert_eq!(page.messages.iter().map(|one| one.message.seq).collect::<Vec<_>>(), (1..=50).collect::<Vec<_>>());
    assert!(page.messages.is_sorted_by_key(|one| one.message.created_at));
    assert!(sent.iter().all(|sent| page.messages.contains(&sent.record)));
    let listed = world.chat.list(Participant::Technician(technician.id), first_page(9)).unwrap().items;
    assert_eq!((page.last_seq, listed[0].unread_count), (50, 50));
}

#[test]
fn of_two_concurrent_changes_of_one_application_one_succeeds() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    let technician = world.technician();
    for _ in 0..20 {
        let job = world.add_job(an_open_job(&registered.company, 0));
        let application = world.apply(&job, &technician, 1);
        let change = |next, side, user| {
            let requested = ApplicationMove::builder().next(next).message_to_technician(Edit::Leave).build();
            let (moved, event): (Application, ApplicationEvent) =
                application.move_to(requested, side, user, at(2)).unwrap();
            world.applications.update(&moved, &event, &[], None)
        };
        let results = run_concurrently(&world, 2, |index| match index {
            0 => change(ApplicationStatus::Offered, Side::Company, registered.admin),
            _ => change(ApplicationStatus::Withdrawn, Side::Technician, technician.user_id),
        });
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert!(results.iter().any(|result| matches!(result, Err(RepositoryError::Stale))));
        assert_eq!(world.count("application_events", &format!("application_id = '{}'", application.id)), 2);
    }
}

#[test]
fn no_application_is_added_after_its_job_was_closed() {
    let world = World::with_own_schema();
    let company = world.company();
    let technicians: Vec<_> = (0..7).map(|_| world.technician()).collect();
    for _ in 0..10 {
        let job = world.add_job(an_open_job(&company, 0));
        let counted = run_concurrently(&world, 8, |index| {
            if let Some(technician) = technicians.get(index) {
                let application = an_application(&job, technician, 1);
                match world.applications.add(&application, &application.applied(technician.user_id)) {
                    Ok(()) | Err(AddApplicationError::JobNotOpen) => None,
                    other => panic!("{other:?}"),
                }
            } else {
                let state = JobState::Closed { published_at: Some(at(0)) };
                world.jobs.update(&with(job.clone(), |job| job.state = state)).unwrap();
                Some(world.count("applications", &format!("job_id = '{}'", job.id)))
            }
        });
        let when_closed = counted.into_iter().flatten().next().unwrap();
        assert_eq!(world.count("applications", &format!("job_id = '{}'", job.id)), when_closed);
    }
}

#[test]
fn a_polling_client_gets_each_message_once_and_in_order() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    let technician = world.technician();
    let thread = a_thread(registered.company.id, technician.id, None);
    world.chat.open(&thread, None, Side::Company).unwrap();
    let send_ten = |index: usize| {
        let (side, user) = match index % 2 {
            0 => (Side::Company, registered.admin),
            _ => (Side::Technician, technician.user_id),
        };
        for number in 0..10 {
            // The clocks of the senders fall.
            world.chat.send(thread.id, &a_message(side, user, &format!("{index} {number}"), 10 - number)).unwrap();
        }
    };
    let all_sent = AtomicBool::new(false);
    let poll = || {
        let mut read = Vec::new();
        loop {
            let is_last_poll = all_sent.load(Ordering::SeqCst);
            let after = i64::try_from(read.len()).unwrap();
            let page = world.chat.messages(thread.id, Window::After(after), 200).unwrap().unwrap();
            assert!(page.messages.last().is_none_or(|last| last.message.seq == page.last_seq));
            read.extend(page.messages.iter().map(|record| (record.message.seq, record.message.created_at)));
            if is_last_poll && page.messages.is_empty() {
                return read;
            }
        }
    };
    let read = thread::scope(|scope| {
        let reader = scope.spawn(poll);
        let sent = catch_unwind(AssertUnwindSafe(|| run_concurrently(&world, 20, send_ten)));
        all_sent.store(true, Ordering::SeqCst);
        assert!(sent.is_ok());
        reader.join().unwrap()
    });
    assert_eq!(read.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=200).collect::<Vec<_>>());
    assert!(read.is_sorted_by_key(|(_, created_at)| *created_at));
    for participant in [Participant::Company(registered.company.id), Participant::Technician(technician.id)] {
        assert_eq!(world.chat.list(participant, first_page(9)).unwrap().items[0].unread_count, 100);
    }
}

#[test]
fn of_two_concurrent_skill_sets_one_is_stored_as_a_whole() {
    let world = World::with_own_schema();
    let technician = world.technician();
    let set =
        |name: &str| SkillSet::new((0..20).map(|number| a_skill(&format!("{name} {number:02}"))).collect()).unwrap();
    let sets = [set("Ropes"), set("Blades")];
    for _ in 0..10 {
        run_concurrently(&world, 6, |index| world.technicians.replace_skills(technician.id, &sets[index % 2]).unwrap());
        let held = world.technicians.passport(technician.id).unwrap().unwrap().skills;
        assert!(sets.iter().any(|set| set.as_slice() == held), "{held:?}");
    }
}

#[test]
fn jobs_posted_during_a_renaming_of_their_company_have_its_new_name() {
    let world = World::with_own_schema();
    let company = world.company();
    world.add_job(an_open_job(&company, 0));
    run_concurrently(&world, 9, |index| {
        if index == 0 {
            let mut profile = company.profile.clone();
            profile.name = value("Ørsted");
            world.edit(&with(company.clone(), |company| company.profile = profile)).unwrap();
        } else {
            world.add_job(an_open_job(&company, 1));
        }
    });
    let words = JobFilter { words: vec!["ørsted".to_owned()], ..JobFilter::default() };
    assert_eq!(world.jobs.search(&words, first_page(20)).unwrap().items.len(), 9);
}
