use chrono::TimeDelta;
use repower_domain::{
    Revision,
    chat::Message,
    technicians::{Contact, Visibility},
};
use repower_ports::{
    RepositoryError,
    accounts::{MockRateCounter, Throttled},
    chat::{MessageRecord, MockChatRepository},
    jobs::MockJobRepository,
    technicians::MockTechnicianRepository,
};

use super::*;
use crate::testing::{
    FIRST_PAGE, a_job, a_message, a_page, a_thread, access_if_verified, assert_matches, both_sides, clock, id, ids,
    jobs_with, member, now, open_access, outsiders, super_admin, technician, the_company, the_job, the_technician,
    the_thread, unavailable, unavailable_jobs, value,
};

fn service(chats: MockChatRepository) -> ChatService {
    service_with(chats, MockJobRepository::new())
}

fn service_with(chats: MockChatRepository, jobs: MockJobRepository) -> ChatService {
    ChatService {
        chats: Arc::new(chats),
        technicians: Arc::new(technicians_with(Some((Visibility::Companies, Contact::Nothing)))),
        candidates: open_access(),
        jobs: Arc::new(jobs),
        rates: Arc::new(MockRateCounter::new()),
        limits: None,
        clock: clock(),
        ids: ids(),
    }
}

/// A repository that finds the technician with this contact, or no technician.
fn technicians_with(contact: Option<(Visibility, Contact)>) -> MockTechnicianRepository {
    let mut technicians = MockTechnicianRepository::new();
    technicians
        .expect_contact()
        .withf(|technician, company| (*technician, *company) == (the_technician(), the_company()))
        .returning(move |_, _| Ok(contact));
    technicians
}

/// A repository that finds this thread once, or no thread.
fn chats_with(thread: Option<Thread>) -> MockChatRepository {
    let mut chats = MockChatRepository::new();
    chats.expect_find().once().withf(|id| *id == the_thread()).return_once(move |_| Ok(thread));
    chats
}

fn unchanged_chats_with(thread: Option<Thread>) -> MockChatRepository {
    let mut chats = chats_with(thread);
    chats.expect_send().never();
    chats.expect_messages().never();
    chats.expect_mark_read().never();
    chats
}

fn never_opening() -> MockChatRepository {
    let mut chats = MockChatRepository::new();
    chats.expect_open().never();
    chats
}

fn a_message_page() -> MessagePage {
    let technician_revision = Revision::stored(5);
    MessagePage { last_seq: 7, technician_revision, messages: vec![a_message("In May")], has_more: true }
}

fn record(thread: Thread) -> ThreadRecord {
    ThreadRecord {
        thread,
        company_name: value("Nordwind"),
        technician_name: value("Anna Holm"),
        job_title: None,
        last_message: None,
        unread_count: 0,
    }
}

fn outgoing_message() -> OutgoingMessage {
    OutgoingMessage { text: value("When do you start?"), client_message_id: Some(value("m-1")) }
}

fn side_of(actor: &Actor) -> Side {
    a_thread().side_of(actor).unwrap()
}

/// The thread between the actor and the other side of the two.
fn with_the_other_side_of(actor: &Actor) -> OpenThread {
    let with = match actor {
        Actor::Technician { .. } => Participant::Company(the_company()),
        Actor::Member { .. } | Actor::SuperAdmin { .. } => Participant::Technician(the_technician()),
    };
    OpenThread { with, job_id: None, message: None }
}

fn message_by(actor: &Actor, number: u128) -> NewMessage {
    let OutgoingMessage { text, client_message_id } = outgoing_message();
    NewMessage::builder()
        .id(id(number))
        .sender(side_of(actor))
        .sender_user_id(actor.user_id())
        .text(text)
        .client_message_id(client_message_id)
        .created_at(now())
        .build()
}

#[test]
fn either_side_opens_a_thread_with_a_first_message_or_without() {
    for actor in both_sides() {
        for (sent, stored) in [(None, None), (Some(outgoing_message()), Some(message_by(&actor, 2)))] {
            let mut thread = a_thread();
            thread.id = id(1);
            thread.created_at = now();
            let (mut chats, side) = (MockChatRepository::new(), side_of(&actor));
            chats.expect_open().once().return_once(move |opened, message, viewer| {
                assert_eq!((*opened, message, viewer), (thread, stored, side));
                Ok(OpenedThread { record: record(*opened), is_new: true })
            });
            let request = OpenThread { message: sent, ..with_the_other_side_of(&actor) };
            let opened = service(chats).open(&actor, request).unwrap();
            assert_eq!(opened, OpenedThread { record: record(thread), is_new: true });
        }
    }
}

#[test]
fn an_existing_thread_is_returned_unchanged() {
    let mut chats = MockChatRepository::new();
    chats.expect_open().once().return_once(|_, _, _| Ok(OpenedThread { record: record(a_thread()), is_new: false }));
    let opened = service(chats).open(&technician(), with_the_other_side_of(&technician())).unwrap();
    assert_eq!((opened.record.thread.id, opened.is_new), (the_thread(), false));
}

#[test]
fn a_super_admin_can_neither_open_nor_list_threads() {
    // Mocks without expectations panic at any call.
    let service = service(MockChatRepository::new());
    let request = OpenThread { job_id: Some(the_job()), ..with_the_other_side_of(&super_admin()) };
    assert_matches!(service.open(&super_admin(), request), Err(AccessError::Forbidden(_)));
    assert_matches!(service.list(&super_admin(), FIRST_PAGE), Err(AccessError::Forbidden(_)));
}

#[test]
fn a_thread_within_one_side_is_rejected() {
    let pairs = [(member(), Participant::Company(id(101))), (technician(), Participant::Technician(id(201)))];
    for (actor, with) in pairs {
        let request = OpenThread { with, ..with_the_other_side_of(&actor) };
        assert_matches!(service(never_opening()).open(&actor, request), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn a_thread_is_about_a_job_of_the_company_that_is_visible_to_the_actor() {
    let jobs = [
        ("unknown", None, false, false),
        ("draft", Some(a_job()), true, false),
        ("open", Some(a_job().open()), true, true),
        ("closed", Some(a_job().closed()), true, true),
        ("never published", Some(a_job().closed_unpublished()), true, false),
        ("another company's", Some(a_job().open().of_another_company()), false, false),
    ];
    for (name, job, by_company, by_technician) in jobs {
        for (actor, may) in [(member(), by_company), (technician(), by_technician)] {
            let mut chats = MockChatRepository::new();
            chats.expect_open().times(usize::from(may)).returning(|thread, _, _| {
                assert_eq!(thread.job_id, Some(the_job()));
                Ok(OpenedThread { record: record(*thread), is_new: true })
            });
            let request = OpenThread { job_id: Some(the_job()), ..with_the_other_side_of(&actor) };
            match service_with(chats, jobs_with(job.clone())).open(&actor, request) {
                Ok(_) => assert!(may, "{name}: {actor:?}"),
                Err(AccessError::NotFound) => assert!(!may, "{name}: {actor:?}"),
                Err(error) => panic!("{name}: {error:?}"),
            }
        }
    }
}

#[test]
fn a_thread_is_not_opened_if_its_job_cannot_be_read() {
    let request = OpenThread { job_id: Some(the_job()), ..with_the_other_side_of(&member()) };
    let opened = service_with(never_opening(), unavailable_jobs()).open(&member(), request);
    assert_matches!(opened, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_company_opens_no_thread_with_a_technician_whom_it_may_not_see() {
    let (found, hidden) = ((Visibility::Companies, Contact::Nothing), (Visibility::Applied, Contact::Nothing));
    let opened = |is_verified, technician| {
        let candidates = access_if_verified(is_verified);
        let technicians = Arc::new(technicians_with(technician));
        let service = ChatService { technicians, candidates, ..service(never_opening()) };
        service.open(&member(), with_the_other_side_of(&member()))
    };
    assert_matches!(opened(true, None), Err(AccessError::NotFound));
    assert_matches!(opened(true, Some(hidden)), Err(AccessError::NotFound));
    for technician in [None, Some(found), Some(hidden)] {
        assert_matches!(opened(false, technician), Err(AccessError::Unverified));
    }
}

#[test]
fn an_unverified_company_writes_to_a_technician_who_turned_to_it() {
    let mut chats = MockChatRepository::new();
    chats.expect_open().once().return_once(|_, _, _| Ok(OpenedThread { record: record(a_thread()), is_new: true }));
    let technicians = Arc::new(technicians_with(Some((Visibility::Applied, Contact::ByTechnician))));
    let service = ChatService { candidates: access_if_verified(false), technicians, ..service(chats) };
    assert!(service.open(&member(), with_the_other_side_of(&member())).is_ok());
}

#[test]
fn a_technician_opens_a_thread_with_any_company() {
    let mut chats = MockChatRepository::new();
    chats.expect_open().once().return_once(|_, _, _| Ok(OpenedThread { record: record(a_thread()), is_new: true }));
    // Mocks without expectations panic at any call.
    let technicians = Arc::new(MockTechnicianRepository::new());
    let service = ChatService { technicians, ..service(chats) };
    assert!(service.open(&technician(), with_the_other_side_of(&technician())).is_ok());
}

#[test]
fn a_missing_other_side_is_not_found() {
    let opened = |error: OpenThreadError| {
        let mut chats = MockChatRepository::new();
        chats.expect_open().once().return_once(|_, _, _| Err(error));
        service(chats).open(&member(), with_the_other_side_of(&member()))
    };
    assert_matches!(opened(OpenThreadError::NoSuchParticipant), Err(AccessError::NotFound));
    let failed = opened(unavailable().into());
    assert_matches!(failed, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_member_lists_the_threads_of_the_company_and_a_technician_lists_their_own() {
    for actor in both_sides() {
        let side = match side_of(&actor) {
            Side::Company => Participant::Company(the_company()),
            Side::Technician => Participant::Technician(the_technician()),
        };
        let mut chats = MockChatRepository::new();
        chats
            .expect_list()
            .once()
            .withf(move |participant, _| *participant == side)
            .return_once(|_, _| Ok(a_page(record(a_thread()))));
        assert_eq!(service(chats).list(&actor, FIRST_PAGE).unwrap().items, [record(a_thread())], "{actor:?}");
    }
}

#[test]
fn either_side_reads_the_messages_of_a_thread() {
    for actor in both_sides() {
        for page in [Some(a_message_page()), None] {
            let mut chats = chats_with(Some(a_thread()));
            let stored = page.clone();
            chats
                .expect_messages()
                .once()
                .withf(|thread, window, limit| (*thread, *window, *limit) == (the_thread(), Window::After(3), 50))
                .return_once(move |_, _, _| Ok(stored));
            match service(chats).messages(&actor, the_thread(), Window::After(3), 50) {
                Ok(read) => assert_eq!(Some(read), page, "{actor:?}"),
                Err(AccessError::NotFound) => assert_eq!(page, None, "the thread is gone"),
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

#[test]
fn an_outsider_finds_no_thread_and_nothing_is_stored() {
    for outsider in outsiders() {
        for thread in [None, Some(a_thread())] {
            let read = service(unchanged_chats_with(thread)).messages(&outsider, the_thread(), Window::Newest, 50);
            assert_matches!(read, Err(AccessError::NotFound));
            let sent = service(unchanged_chats_with(thread)).send(&outsider, the_thread(), outgoing_message());
            assert_matches!(sent, Err(AccessError::NotFound));
            let marked = service(unchanged_chats_with(thread)).mark_read(&outsider, the_thread(), 3);
            assert_matches!(marked, Err(AccessError::NotFound));
        }
    }
}

#[test]
fn a_message_is_sent_for_the_side_of_the_actor() {
    for actor in both_sides() {
        let (mut chats, message) = (chats_with(Some(a_thread())), message_by(&actor, 1));
        chats.expect_send().once().return_once(move |thread, sent| {
            assert_eq!((thread, sent), (the_thread(), &message));
            Ok(SentMessage { record: stored(sent), is_new: true })
        });
        let sent = service(chats).send(&actor, the_thread(), outgoing_message()).unwrap();
        assert_eq!((sent.record, sent.is_new), (stored(&message_by(&actor, 1)), true));
    }
}

fn stored(new: &NewMessage) -> MessageRecord {
    let NewMessage { id, sender, sender_user_id, text, client_message_id, created_at, .. } = new.clone();
    let thread_id = the_thread();
    let message = Message::builder()
        .id(id)
        .thread_id(thread_id)
        .seq(8)
        .sender(sender)
        .sender_user_id(sender_user_id)
        .text(text)
        .client_message_id(client_message_id)
        .created_at(created_at)
        .build();
    MessageRecord { message, ..a_message("In May") }
}

#[test]
fn a_repeated_message_returns_the_stored_one() {
    let mut chats = chats_with(Some(a_thread()));
    let first = SentMessage { record: a_message("In May"), is_new: false };
    let stored = first.clone();
    chats.expect_send().once().return_once(move |_, _| Ok(stored));
    assert_eq!(service(chats).send(&technician(), the_thread(), outgoing_message()).unwrap(), first);
}

#[test]
fn messages_are_marked_read_for_the_side_of_the_actor() {
    for actor in both_sides() {
        let (mut chats, side) = (chats_with(Some(a_thread())), side_of(&actor));
        chats
            .expect_mark_read()
            .once()
            .withf(move |thread, reader, seq| (*thread, *reader, *seq) == (the_thread(), side, 3))
            .return_once(|_, _, _| Ok(4));
        assert_eq!(service(chats).mark_read(&actor, the_thread(), 3).unwrap(), 4, "{actor:?}");
    }
}

#[test]
fn chats_fail_if_the_storage_is_unavailable() {
    let unreadable = || {
        let mut chats = MockChatRepository::new();
        chats.expect_find().return_once(|_| Err(unavailable()));
        chats.expect_list().return_once(|_, _| Err(unavailable()));
        service(chats)
    };
    let is_unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    assert!(unreadable().list(&member(), FIRST_PAGE).is_err_and(is_unavailable));
    let read = |chats| service(chats).messages(&member(), the_thread(), Window::After(3), 50);
    assert!(unreadable().messages(&member(), the_thread(), Window::After(3), 50).is_err_and(is_unavailable));
    assert!(unreadable().send(&member(), the_thread(), outgoing_message()).is_err_and(is_unavailable));
    assert!(unreadable().mark_read(&member(), the_thread(), 3).is_err_and(is_unavailable));

    let mut chats = chats_with(Some(a_thread()));
    chats.expect_send().once().return_once(|_, _| Err(unavailable()));
    assert!(service(chats).send(&member(), the_thread(), outgoing_message()).is_err_and(is_unavailable));

    let mut chats = chats_with(Some(a_thread()));
    chats.expect_mark_read().once().return_once(|_, _, _| Err(unavailable()));
    assert!(service(chats).mark_read(&member(), the_thread(), 3).is_err_and(is_unavailable));

    let mut chats = chats_with(Some(a_thread()));
    chats.expect_messages().once().return_once(|_, _, _| Err(unavailable()));
    assert!(read(chats).is_err_and(is_unavailable));
}

mod counting;
mod unread;
