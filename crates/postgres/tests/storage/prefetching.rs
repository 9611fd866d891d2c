use repower_domain::accounts::Side;
use repower_ports::{
    RepositoryError,
    chat::{ChatRepository, Window},
    jobs::JobRepository,
    prefetch::{self, Lookup, Prefetch},
    technicians::TechnicianRepository,
};

use repower_postgres::{Database, PgJobRepository};

use crate::{
    loaded_plans::{assert_uses_indexes, plans},
    support::{World, a_certification, a_draft, a_message, a_skill, a_thread, an_evaluation, an_open_job, new_id},
};

/// Does look-ups at once, and calls each with its rows. The number of statements, and the results.
fn prefetched<T>(world: &World, lookups: &[Lookup], call: impl Fn(Lookup) -> T) -> (usize, Vec<T>) {
    let mut results = Vec::new();
    let statements = world.queries_of(|| {
        let rows = world.database.prefetch(lookups);
        results = rows.into_iter().zip(lookups).map(|(rows, lookup)| prefetch::run(rows, || call(*lookup))).collect();
    });
    (statements.len(), results)
}

#[test]
fn the_messages_of_several_threads_are_those_that_each_has_alone() {
    let world = World::isolated();
    let company = world.register_company();
    let mut asked = Vec::new();
    for messages in [0, 1, 3, 8, 9] {
        let technician = world.technician();
        let thread = a_thread(company.company.id, technician.id, None);
        world.chat.open(&thread, None, Side::Technician).unwrap();
        for number in 0..messages {
            let (side, user) = [(Side::Technician, technician.user_id), (Side::Company, company.admin)][number % 2];
            world.chat.send(thread.id, &a_message(side, user, &format!("{number}"), 1)).unwrap();
        }
        asked
            .extend([(0, 3), (-5, 50), (2, 3), (3, 50), (6, 1), (8, 50), (i64::MAX, 50)].map(|page| (thread.id, page)));
    }
    asked.push((new_id(), (0, 50)));
    let page = |(thread, (after, limit))| world.chat.messages(thread, Window::After(after), limit).unwrap();
    let alone: Vec<_> = asked.iter().map(|asked| page(*asked)).collect();
    assert!(alone.iter().flatten().any(|page| page.has_more) && alone.last().unwrap().is_none());
    let lookups: Vec<_> =
        asked.iter().map(|(thread, (after, _))| Lookup::Messages { thread: *thread, after: *after }).collect();
    let mut pages = Vec::new();
    let statements = world.queries_of(|| {
        let rows = world.database.prefetch(&lookups);
        pages.extend(rows.into_iter().zip(&asked).map(|(rows, asked)| prefetch::run(rows, || page(*asked))));
    });
    assert_eq!(pages, alone);
    // The two pages of nine messages and more are too long to be read with others.
    assert_eq!(statements.len(), 1 + 2);
}

#[test]
fn several_jobs_are_those_that_each_is_alone_and_a_draft_is_not_public() {
    let world = World::isolated();
    let company = world.company();
    let jobs = [an_open_job(&company, 1), a_draft(&company, 2), an_open_job(&world.company(), 3)]
        .map(|job| world.add_job(job));
    let lookups: Vec<_> = jobs.iter().map(|job| job.id).chain([new_id(), jobs[0].id]).map(Lookup::Job).collect();
    let find = |lookup| {
        let Lookup::Job(id) = lookup else { panic!("{lookup:?}") };
        world.jobs.find(id).unwrap()
    };
    let find_public = |lookup| {
        let Lookup::Job(id) = lookup else { panic!("{lookup:?}") };
        world.jobs.find_public(id).unwrap()
    };
    let alone: Vec<_> = lookups.iter().map(|lookup| find(*lookup)).collect();
    assert_eq!(prefetched(&world, &lookups, find), (1, alone));
    let (statements, public) = prefetched(&world, &lookups, find_public);
    let ids: Vec<_> = public.into_iter().map(|record| record.map(|record| record.job.id)).collect();
    let [open, _, other] = jobs.map(|job| Some(job.id));
    assert_eq!((statements, ids), (1, vec![open, None, other, None, open]));
}

#[test]
fn the_own_passports_of_several_users_are_those_that_each_has_alone() {
    let world = World::isolated();
    let company = world.company();
    let jobs = [1; 9].map(|second| world.add_job(an_open_job(&company, second)));
    let technicians = [(); 5].map(|()| world.technician());
    let certifications = |technician: usize, number: usize| {
        for _ in 0..number {
            let certification = a_certification(technicians[technician].id, "2030-01-01");
            world.technicians.add_certification(&certification, 200).unwrap();
        }
    };
    let evaluations = |technician: usize, number: usize| {
        for job in &jobs[..number] {
            world.engage(job.id, technicians[technician].id);
            world.evaluate(&an_evaluation(&technicians[technician], job, 4, 2));
        }
    };
    world.technicians.replace_skills(technicians[1].id, &vec![a_skill("Welding")].try_into().unwrap()).unwrap();
    certifications(1, 12);
    evaluations(1, 8);
    // These are too long to be read with others.
    certifications(2, 13);
    evaluations(3, 9);
    let alone: Vec<_> = technicians.iter().map(|one| world.technicians.passport(one.id).unwrap()).collect();
    let lookups = technicians.each_ref().map(|one| Lookup::OwnPassport(one.user_id));
    let passport = |lookup| {
        let of = technicians.iter().find(|one| Lookup::OwnPassport(one.user_id) == lookup).unwrap();
        world.technicians.passport(of.id).unwrap()
    };
    assert_eq!(prefetched(&world, &lookups, passport), (1 + 2, alone));
}

#[test]
fn rows_serve_the_look_up_that_they_were_read_for_and_no_other() {
    let world = World::isolated();
    let (company, technician) = (world.company(), world.technician());
    let [job, other] = [1, 2].map(|second| world.add_job(an_open_job(&company, second)));
    let rows = |lookup: Lookup| world.database.prefetch(&[lookup]).pop().flatten();
    let another = prefetch::run(rows(Lookup::Job(job.id)), || world.jobs.find(other.id).unwrap());
    assert_eq!(another.map(|record| record.job), Some(other));
    let own = || rows(Lookup::OwnPassport(technician.user_id));
    let statements = world.queries_of(|| {
        let passport = || world.technicians.passport_for(technician.id, company.id).unwrap();
        assert!(prefetch::run(own(), passport).is_some());
    });
    assert_eq!(statements.len(), 2, "{statements:#?}");
    assert_eq!(prefetch::run(own(), || world.technicians.passport(new_id()).unwrap()), None);
    // They are one moment's, and serve one look-up.
    let statements = world.queries_of(|| {
        prefetch::run(rows(Lookup::Job(job.id)), || [(); 2].map(|()| world.jobs.find(job.id).unwrap()));
    });
    assert_eq!(statements.len(), 2);
}

#[test]
fn look_ups_that_fail_are_left_to_their_use_cases_and_those_without_a_connection_are_not() {
    let world = World::isolated();
    let lookups = [Lookup::Job(new_id()), Lookup::Job(new_id())];
    world.execute("DROP TABLE jobs CASCADE");
    assert!(world.database.prefetch(&lookups).is_empty());
    let database = Database::new("postgres://repower@127.0.0.1:1/unreachable", 1);
    let rows = database.prefetch(&lookups);
    assert_eq!(rows.len(), 2);
    let jobs = PgJobRepository::new(database);
    for (rows, lookup) in rows.into_iter().zip(lookups) {
        let Lookup::Job(id) = lookup else { panic!("{lookup:?}") };
        let found = prefetch::run(rows, || jobs.find_public(id));
        assert!(matches!(found, Err(RepositoryError::Unavailable(_))), "{found:?}");
    }
}

#[test]
fn look_ups_of_several_requests_read_one_entry_of_an_index_for_each() {
    let world = World::loaded();
    let plan = |lookup: Lookup| {
        let plan = plans(&world, || assert_eq!(world.database.prefetch(&[lookup, lookup]).len(), 2));
        assert!(!plan.contains("Seq Scan") && !plan.contains("Hash") && !plan.contains("Merge"), "{plan}");
        plan
    };
    assert_uses_indexes(&plan(Lookup::Job(new_id())), &["companies_pkey"]);
    let polled = plan(Lookup::Messages { thread: new_id(), after: 3 });
    assert_uses_indexes(&polled, &["threads_pkey", "technicians_pkey", "messages_thread_seq_key", "users_pkey"]);
    // The numbers of the messages bound what is read of the index.
    assert!(polled.contains("seq <= (LEAST(threads.last_seq, asked.after) + "), "{polled}");
    let passport = plan(Lookup::OwnPassport(new_id()));
    assert_uses_indexes(&passport, &["technicians_user_key"]);
}
