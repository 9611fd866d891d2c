use std::thread;

use diesel::{Connection, RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::BigInt};
use repower_domain::{accounts::Side, chat::Thread, companies::Company, ids::UserId};
use repower_ports::chat::{ChatRepository, SentMessage, Window};

use crate::{
    races::run_concurrently,
    support::{World, a_draft, a_message, a_thread, value},
};

/// A thread of this world with a new technician, and the technician's user.
fn a_chat(world: &World, company: &Company) -> (Thread, UserId) {
    let technician = world.technician();
    let thread = a_thread(company.id, technician.id, None);
    world.chat.open(&thread, None, Side::Technician).unwrap();
    (thread, technician.user_id)
}

fn seqs(sent: &[SentMessage]) -> Vec<i64> {
    sent.iter().map(|sent| sent.record.message.seq).collect()
}

#[test]
fn concurrent_messages_of_many_threads_have_the_numbers_and_names_of_their_own_thread() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    let chats = (0..10).map(|_| a_chat(&world, &registered.company)).collect::<Vec<_>>();
    // Each thread has two senders, of which one is the company.
    let sent = run_concurrently(&world, 20, |index| {
        let (thread, technician) = chats[index % 10];
        let (side, user) = if index < 10 { (Side::Technician, technician) } else { (Side::Company, registered.admin) };
        let send = |number| {
            let client_message_id = (number % 2 == 0).then(|| value(&format!("{number}")));
            let mut message = a_message(side, user, &format!("{index} {number}"), 1);
            message.client_message_id = client_message_id;
            world.chat.send(thread.id, &message).unwrap()
        };
        (0..10).map(send).collect::<Vec<_>>()
    });
    for (index, (thread, _)) in chats.iter().enumerate() {
        let page = world.chat.messages(thread.id, Window::After(0), 50).unwrap().unwrap();
        assert_eq!(page.messages.iter().map(|one| one.message.seq).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
        for sent in [&sent[index], &sent[index + 10]] {
            assert!(seqs(sent).is_sorted() && sent.iter().all(|sent| sent.is_new));
            assert!(sent.iter().all(|sent| page.messages.contains(&sent.record)));
        }
    }
    assert_eq!(world.count("threads", "company_unread = 10 AND technician_unread = 10 AND last_seq = 20"), 10);
}

#[test]
fn a_message_that_waits_for_its_thread_delays_no_other() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    let [(locked, user), (free, other)] = [(); 2].map(|()| a_chat(&world, &registered.company));
    let send = |thread: Thread, user| world.chat.send(thread.id, &a_message(Side::Technician, user, "Hi", 1)).unwrap();
    thread::scope(|scope| {
        let while_locked = |connection: &mut diesel::PgConnection| {
            connection.transaction(|connection| {
                connection.batch_execute(&format!("SELECT FROM threads WHERE id = '{}' FOR UPDATE", locked.id))?;
                let waiting = scope.spawn(|| send(locked, user));
                let waits =
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid";
                while diesel::select(sql::<BigInt>(&format!("({waits})"))).get_result::<i64>(connection)? == 0 {
                    thread::yield_now();
                }
                assert_eq!(seqs(&[(); 3].map(|()| send(free, other))), [1, 2, 3]);
                Ok(waiting)
            })
        };
        let waiting = world.database.with_connection(while_locked).unwrap();
        assert_eq!(seqs(&[waiting.join().unwrap()]), [1]);
    });
}

#[test]
fn concurrent_drafts_are_each_added_to_their_company() {
    let world = World::with_own_schema();
    let companies = [(); 4].map(|()| world.company());
    let added = run_concurrently(&world, 12, |index| {
        let company = &companies[index % 4];
        let add = |second| {
            let draft = a_draft(company, second);
            world.add_job(draft.clone());
            world.find_job(&draft).job == draft
        };
        (0..5).map(add).collect::<Vec<_>>()
    });
    assert!(added.concat().iter().all(|is_added| *is_added));
    assert_eq!(world.count("jobs", "status = 'DRAFT'"), 60);
}
