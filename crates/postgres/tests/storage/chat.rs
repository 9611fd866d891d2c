use std::time::{Duration, Instant};

use repower_domain::{
    Revision,
    accounts::Side,
    chat::{Message, NewMessage, Thread},
    ids::{CompanyId, ThreadId, UserId},
    technicians::Technician,
    values::{CompanyName, FullName},
};
use repower_ports::{
    RepositoryError,
    chat::{
        ChatRepository, MessagePage, MessageRecord, OpenThreadError, OpenedThread, Participant, SentMessage,
        ThreadRecord, Window,
    },
    deadline::Deadline,
};
use repower_postgres::PgChatRepository;

use crate::support::{
    World, a_message, a_thread, all_pages, an_open_job, assert_matches, at, first_page, new_id, value, with,
};

/// A company and a technician in one thread.
struct ChatPair {
    company: CompanyId,
    company_name: CompanyName,
    recruiter: UserId,
    technician: Technician,
}

impl ChatPair {
    fn new(world: &World) -> Self {
        let registered = world.register_company();
        let (company, company_name) = (registered.company.id, registered.company.profile.name);
        Self { company, company_name, recruiter: registered.admin, technician: world.technician() }
    }

    fn thread(&self) -> Thread {
        a_thread(self.company, self.technician.id, None)
    }

    fn open(&self, world: &World) -> Thread {
        world.chat.open(&self.thread(), None, Side::Company).unwrap().record.thread
    }

    fn message(&self, side: Side, text: &str, second: i64) -> NewMessage {
        let user = if side == Side::Company { self.recruiter } else { self.technician.user_id };
        a_message(side, user, text, second)
    }

    fn record(&self, thread: Thread) -> ThreadRecord {
        let technician_name: FullName = self.technician.profile.full_name.clone();
        let company_name = self.company_name.clone();
        ThreadRecord { thread, company_name, technician_name, job_title: None, last_message: None, unread_count: 0 }
    }
}

fn texts(page: &MessagePage) -> Vec<&str> {
    page.messages.iter().map(|record| record.message.text.as_str()).collect()
}

fn unread(world: &World, participant: Participant) -> Vec<u32> {
    all_pages(9, |page| world.chat.list(participant, page)).iter().map(|record| record.unread_count).collect()
}

#[test]
fn a_thread_is_inserted_once_and_then_found() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let thread = pair.thread();
    let expected = OpenedThread { record: pair.record(thread), is_new: true };
    assert_eq!(world.chat.open(&thread, None, Side::Technician).unwrap(), expected);
    let again = world.chat.open(&pair.thread(), None, Side::Company).unwrap();
    assert_eq!(again, OpenedThread { is_new: false, ..expected });
    assert_eq!(world.chat.find(thread.id).unwrap(), Some(thread));
    // It is remembered since it was opened, and by another instance since it was found.
    assert!(world.statements_of(|| world.chat.find(thread.id).unwrap()).is_empty());
    let another = PgChatRepository::new(world.database.clone());
    let find = || world.statements_of(|| assert_eq!(another.find(thread.id).unwrap(), Some(thread))).len();
    assert_eq!([find(), find()], [1, 0]);
    let empty = MessagePage {
        last_seq: 0,
        technician_revision: pair.technician.revision,
        messages: Vec::new(),
        has_more: false,
    };
    assert_eq!(world.chat.messages(thread.id, Window::Newest, 9).unwrap(), Some(empty));
    assert_eq!(world.chat.find(new_id()).unwrap(), None);
}

#[test]
fn there_is_one_thread_for_each_job_and_one_without() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let company = repower_ports::companies::CompanyRepository::find(&world.companies, pair.company).unwrap().unwrap();
    let jobs = [1, 2].map(|second| world.add_job(an_open_job(&company, second)).id);
    for job_id in [None, Some(jobs[0]), Some(jobs[1])] {
        let mut thread = pair.thread();
        thread.job_id = job_id;
        let opened = world.chat.open(&thread, None, Side::Company).unwrap();
        assert!(opened.is_new);
        assert_eq!(opened.record.job_title.is_some(), job_id.is_some());
        let mut again = pair.thread();
        again.job_id = job_id;
        let found = world.chat.open(&again, None, Side::Company).unwrap();
        assert_eq!((found.is_new, found.record.thread), (false, thread));
    }
    assert_eq!(all_pages(9, |page| world.chat.list(Participant::Company(pair.company), page)).len(), 3);
}

#[test]
fn a_thread_with_an_unknown_participant_is_rejected() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    for thread in [
        with(pair.thread(), |thread| thread.company_id = new_id()),
        with(pair.thread(), |thread| thread.technician_id = new_id()),
    ] {
        assert_matches!(world.chat.open(&thread, None, Side::Company), Err(OpenThreadError::NoSuchParticipant));
    }
    let foreign_job = world.add_job(an_open_job(&world.company(), 0)).id;
    let mut thread = pair.thread();
    thread.job_id = Some(foreign_job);
    assert_matches!(world.chat.open(&thread, None, Side::Company), Err(OpenThreadError::Repository(_)));
}

#[test]
fn opening_a_new_or_existing_thread_stores_the_first_message() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    for (number, is_new) in [(1, true), (2, false)] {
        let message = pair.message(Side::Company, "Hello", number);
        let opened = world.chat.open(&pair.thread(), Some(message.clone()), Side::Technician).unwrap();
        assert_eq!(opened.is_new, is_new);
        assert_eq!(i64::from(opened.record.unread_count), number);
        let last = opened.record.last_message.unwrap().message;
        assert_eq!((last.id, last.seq), (message.id, number));
    }
}

#[test]
fn a_thread_whose_first_message_fails_is_rolled_back() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let thread = pair.thread();
    let message = a_message(Side::Company, new_id(), "Hello", 1);
    assert_matches!(
        world.chat.open(&thread, Some(message), Side::Company),
        Err(OpenThreadError::Repository(RepositoryError::Failed(_)))
    );
    assert_eq!(world.chat.find(thread.id).unwrap(), None);
}

#[test]
fn messages_are_numbered_from_one_in_each_thread() {
    let world = World::isolated();
    let (pair, other) = (ChatPair::new(&world), ChatPair::new(&world));
    let (thread, elsewhere) = (pair.open(&world), other.open(&world));
    for seq in 1..=3 {
        let new = pair.message(Side::Technician, "Hi", seq);
        let sent = world.chat.send(thread.id, &new).unwrap();
        let message = Message::builder()
            .id(new.id)
            .thread_id(thread.id)
            .seq(seq)
            .sender(new.sender)
            .sender_user_id(new.sender_user_id)
            .text(new.text)
            .client_message_id(None)
            .created_at(new.created_at)
            .build();
        let record = MessageRecord { message, sender_name: pair.technician.profile.full_name.clone() };
        assert_eq!(sent, SentMessage { record: record.clone(), is_new: true });
        let stored = world.chat.messages(thread.id, Window::Newest, 1).unwrap().unwrap().messages;
        assert_eq!(stored, [record]);
    }
    let sent = world.chat.send(elsewhere.id, &other.message(Side::Company, "Hi", 9)).unwrap();
    assert_eq!(sent.record.message.seq, 1);
    assert_eq!(world.last_seq(thread.id), 3);
    assert_matches!(world.chat.send(new_id(), &pair.message(Side::Company, "Hi", 1)), Err(RepositoryError::Stale));
}

#[test]
fn a_thread_that_was_removed_is_not_remembered_after_a_write_to_it() {
    let world = World::isolated();
    let (company, technician) = (world.register_company(), world.technician());
    let thread = a_thread(company.company.id, technician.id, None);
    world.chat.open(&thread, None, Side::Company).unwrap();
    world.execute(&format!("DELETE FROM threads WHERE id = '{}'", thread.id));
    assert!(world.chat.find(thread.id).unwrap().is_some());
    assert_matches!(world.chat.mark_read(thread.id, Side::Company, 1), Err(RepositoryError::Stale));
    assert_eq!(world.chat.find(thread.id).unwrap(), None);
}

#[test]
fn sending_a_message_and_marking_it_read_are_one_statement_each() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let thread = pair.open(&world);
    // A repeated one is read after that.
    for (client_message_id, statements) in [(None, 1), (Some(value("m-1")), 1), (Some(value("m-1")), 2)] {
        let mut message = pair.message(Side::Technician, "Hi", 1);
        message.client_message_id = client_message_id;
        assert_eq!(world.statements_of(|| world.chat.send(thread.id, &message).unwrap()).len(), statements);
    }
    for seq in [1, 1, 0, 9] {
        let mark = || world.chat.mark_read(thread.id, Side::Company, seq).unwrap();
        assert_eq!(world.statements_of(mark).len(), 1, "{seq}");
    }
    // With a deadline that a statement could miss, its transaction can be rolled back.
    let message = pair.message(Side::Technician, "Hi", 1);
    let send = || Deadline::at(Instant::now() + Duration::from_secs(1)).run(|| world.chat.send(thread.id, &message));
    assert_eq!(world.statements_of(send).len(), 3);
    let message = pair.message(Side::Technician, "Hi", 1);
    let late = Deadline::at(Instant::now()).run(|| world.chat.send(thread.id, &message));
    assert_matches!(late, Err(RepositoryError::Unavailable(_)));
    assert_eq!(world.last_seq(thread.id), 3);
}

/// Senders read their clocks before they wait for the thread.
#[test]
fn the_times_of_messages_never_fall_while_their_numbers_rise() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let thread = pair.open(&world);
    let sent = [9, 3, 9, 12, 1].map(|second| {
        let message = pair.message(Side::Company, "Hi", second);
        world.chat.send(thread.id, &message).unwrap().record.message.created_at
    });
    assert_eq!(sent, [9, 9, 9, 12, 12].map(at));
    let stored = world.chat.messages(thread.id, Window::Newest, 9).unwrap().unwrap().messages;
    assert_eq!(stored.iter().map(|record| record.message.created_at).collect::<Vec<_>>(), sent);
    assert_eq!(
        world
            .count("threads", "last_activity_at = (SELECT max(created_at) FROM messages WHERE thread_id = threads.id)"),
        1
    );
}

#[test]
fn messages_have_the_names_that_their_senders_have_now() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let thread = pair.open(&world);
    for (second, side) in [(1, Side::Company), (2, Side::Technician)] {
        world.chat.send(thread.id, &pair.message(side, "Hi", second)).unwrap();
    }
    world.execute(&format!("UPDATE users SET full_name = 'Rita Lund' WHERE id = '{}'", pair.recruiter));
    world.execute(&format!(
        "UPDATE technicians SET full_name = 'Tom', revision = 9 WHERE id = '{}'",
        pair.technician.id
    ));
    // A removed member.
    world.execute(&format!("DELETE FROM company_members WHERE user_id = '{}'", pair.recruiter));
    let names = |records: &[MessageRecord]| records.iter().map(|one| one.sender_name.to_string()).collect::<Vec<_>>();
    let page = world.chat.messages(thread.id, Window::Newest, 9).unwrap().unwrap();
    assert_eq!(
        (names(&page.messages), page.technician_revision),
        (vec!["Rita Lund".to_owned(), "Tom".to_owned()], Revision::stored(9))
    );
    let listed = world.chat.list(Participant::Company(pair.company), first_page(9)).unwrap().items;
    assert_eq!(names(&listed.into_iter().filter_map(|record| record.last_message).collect::<Vec<_>>()), ["Tom"]);
}

#[test]
fn a_repeated_message_returns_the_stored_one_and_is_not_counted() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let thread = pair.open(&world);
    let with_client_id =
        |side, text: &str| with(pair.message(side, text, 1), |message| message.client_message_id = Some(value("m-1")));
    let first = world.chat.send(thread.id, &with_client_id(Side::Company, "One")).unwrap();
    let again = world.chat.send(thread.id, &with_client_id(Side::Company, "Two")).unwrap();
    assert_eq!(again, SentMessage { is_new: false, ..first });
    let opened =
        world.chat.open(&pair.thread(), Some(with_client_id(Side::Company, "Three")), Side::Technician).unwrap();
    assert_eq!(opened.record.last_message, Some(again.record));
    assert_eq!(opened.record.unread_count, 1);
    // A client message id is scoped to its sender and thread.
    assert!(world.chat.send(thread.id, &with_client_id(Side::Technician, "Four")).unwrap().is_new);
    let company = repower_ports::companies::CompanyRepository::find(&world.companies, pair.company).unwrap().unwrap();
    let job_id = Some(world.add_job(an_open_job(&company, 1)).id);
    let mut elsewhere = pair.thread();
    elsewhere.job_id = job_id;
    let opened = world.chat.open(&elsewhere, Some(with_client_id(Side::Company, "Five")), Side::Technician).unwrap();
    assert_eq!(opened.record.last_message.unwrap().message.text.as_str(), "Five");
}

#[test]
fn windows_are_ascending_and_show_whether_more_messages_follow() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let thread = pair.open(&world);
    for number in 1..=5 {
        world.chat.send(thread.id, &pair.message(Side::Company, &number.to_string(), number)).unwrap();
    }
    let window = |window, limit| world.chat.messages(thread.id, window, limit).unwrap().unwrap();
    let cases: [(Window, u16, &[&str], bool); 11] = [
        (Window::Newest, 2, &["4", "5"], true),
        (Window::Newest, 5, &["1", "2", "3", "4", "5"], false),
        (Window::Newest, 200, &["1", "2", "3", "4", "5"], false),
        (Window::After(0), 2, &["1", "2"], true),
        (Window::After(3), 2, &["4", "5"], false),
        (Window::After(5), 2, &[], false),
        (Window::After(i64::MAX), 2, &[], false),
        (Window::Before(6), 2, &["4", "5"], true),
        (Window::Before(3), 2, &["1", "2"], false),
        (Window::Before(1), 2, &[], false),
        (Window::Before(i64::MIN), 2, &[], false),
    ];
    for (wanted, limit, expected, has_more) in cases {
        let page = window(wanted, limit);
        assert_eq!((texts(&page), page.has_more), (expected.to_vec(), has_more), "{wanted:?} {limit}");
    }
    assert_eq!(world.statements_of(|| window(Window::Newest, 2)).len(), 1);
    let nothing: ThreadId = new_id();
    assert_eq!(world.chat.messages(nothing, Window::Newest, 9).unwrap(), None);
}

#[test]
fn a_window_ends_where_its_messages_fill_a_response() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let thread = pair.open(&world);
    for number in 1..=70 {
        world.chat.send(thread.id, &pair.message(Side::Company, &"𝄞".repeat(4_000), number)).unwrap();
    }
    // 16,000 bytes each: 65 are less than 1 MiB.
    for (window, first, more) in [
        (Window::Newest, 6, true),
        (Window::After(0), 1, true),
        (Window::Before(69), 4, true),
        (Window::After(65), 66, false),
    ] {
        let page = world.chat.messages(thread.id, window, 200).unwrap().unwrap();
        assert_eq!((page.messages[0].message.seq, page.has_more), (first, more), "{window:?}");
        assert_eq!(page.messages.len(), if more { 65 } else { 5 }, "{window:?}");
    }
}

#[test]
fn unread_messages_are_those_of_the_other_side() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let thread = pair.open(&world);
    for (side, count) in [(Side::Company, 3), (Side::Technician, 2)] {
        for second in 0..count {
            world.chat.send(thread.id, &pair.message(side, "Hi", second)).unwrap();
        }
    }
    assert_eq!(unread(&world, Participant::Technician(pair.technician.id)), [3]);
    assert_eq!(unread(&world, Participant::Company(pair.company)), [2]);
}

#[test]
fn threads_are_sorted_by_latest_activity_for_both_sides() {
    let world = World::isolated();
    let technician = world.technician();
    let pairs: Vec<_> = (0..4).map(|_| ChatPair { technician: technician.clone(), ..ChatPair::new(&world) }).collect();
    let threads: Vec<_> = pairs.iter().map(|pair| pair.open(&world)).collect();
    // Threads of the same time are sorted by id, descending. A message with an earlier time moves no thread down.
    world.chat.send(threads[1].id, &pairs[1].message(Side::Company, "Hi", 9)).unwrap();
    world.chat.send(threads[3].id, &pairs[3].message(Side::Company, "Hi", -9)).unwrap();
    let expected = [1, 3, 2, 0].map(|index: usize| threads[index].id);
    let participant = Participant::Technician(technician.id);
    for limit in [1, 2, 3, 4, 100] {
        let listed = all_pages(limit, |page| world.chat.list(participant, page));
        assert_eq!(listed.iter().map(|record| record.thread.id).collect::<Vec<_>>(), expected);
    }
    let listed = world.chat.list(participant, first_page(1)).unwrap();
    assert_eq!(listed.next.unwrap().at, at(9));
    let company = Participant::Company(pairs[0].company);
    assert_eq!(world.chat.list(company, first_page(9)).unwrap().items, [pairs[0].record(threads[0])]);
}

#[test]
fn listing_threads_with_their_last_messages_is_one_statement() {
    let world = World::isolated();
    let pair = ChatPair::new(&world);
    let thread = pair.open(&world);
    for second in 1..=3 {
        world.chat.send(thread.id, &pair.message(Side::Company, "Hi", second)).unwrap();
    }
    for participant in [Participant::Company(pair.company), Participant::Technician(pair.technician.id)] {
        assert_eq!(world.statements_of(|| world.chat.list(participant, first_page(20)).unwrap()).len(), 1);
        let listed = world.chat.list(participant, first_page(20)).unwrap().items;
        assert_eq!(listed[0].last_message.as_ref().unwrap().message.seq, 3);
    }
}
