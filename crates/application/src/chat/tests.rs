use repower_domain::chat::Message;
use repower_ports::{chat::MockChatRepository, jobs::MockJobRepository};

use super::*;
use crate::testing::{
    BOTH_SIDES, FIRST_PAGE, JobBuilder, RECRUITERS, a_job, a_message, a_thread, actors, all_but, assert_matches, clock,
    id, ids, now, recruiter, strangers, technician, the_company, the_job, the_technician, the_thread, unavailable,
    value,
};

fn service(chats: MockChatRepository) -> ChatService {
    service_with(chats, MockJobRepository::new())
}

fn service_with(chats: MockChatRepository, jobs: MockJobRepository) -> ChatService {
    ChatService { chats: Arc::new(chats), jobs: Arc::new(jobs), clock: clock(), ids: ids() }
}

fn jobs_with(job: Option<JobBuilder>) -> MockJobRepository {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().once().withf(|id| *id == the_job()).return_once(move |_| Ok(job.map(JobBuilder::record)));
    jobs
}

fn keeping(progress: Option<ThreadProgress>) -> MockChatRepository {
    let mut chats = MockChatRepository::new();
    chats.expect_find().once().withf(|id| *id == the_thread()).return_once(move |_| Ok(progress));
    chats
}

fn untouched(progress: Option<ThreadProgress>) -> MockChatRepository {
    let mut chats = keeping(progress);
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

fn progress() -> ThreadProgress {
    ThreadProgress { thread: a_thread(), last_seq: 7 }
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

fn writing() -> Writing {
    Writing { text: value("When do you start?"), client_message_id: Some(value("m-1")) }
}

fn side_of(actor: &Actor) -> Side {
    a_thread().side_of(actor).unwrap()
}

/// The wish to chat with the other side of the company and the technician.
fn with_the_other_side_of(actor: &Actor) -> OpenThread {
    let with = match actor {
        Actor::Technician { .. } => Participant::Company(the_company()),
        Actor::Member { .. } | Actor::SuperAdmin { .. } => Participant::Technician(the_technician()),
    };
    OpenThread { with, job_id: None, writing: None }
}

fn message_by(actor: &Actor, number: u128) -> NewMessage {
    let Writing { text, client_message_id } = writing();
    NewMessage {
        id: id(number),
        sender: side_of(actor),
        sender_user_id: actor.user_id(),
        text,
        client_message_id,
        created_at: now(),
    }
}

#[test]
fn either_side_opens_a_thread_with_a_first_message_or_without() {
    for actor in actors(BOTH_SIDES) {
        for (writing, message) in [(None, None), (Some(writing()), Some(message_by(&actor, 2)))] {
            let thread = Thread { id: id(1), created_at: now(), ..a_thread() };
            let (mut chats, side) = (MockChatRepository::new(), side_of(&actor));
            chats.expect_open().once().return_once(move |opened, sent, viewer| {
                assert_eq!((*opened, sent, viewer), (thread, message, side));
                Ok(OpenedThread { record: record(*opened), is_new: true })
            });
            let wish = OpenThread { writing, ..with_the_other_side_of(&actor) };
            let opened = service(chats).open(&actor, wish).unwrap();
            assert_eq!(opened, OpenedThread { record: record(thread), is_new: true });
        }
    }
}

#[test]
fn a_thread_that_was_there_is_answered_as_it_is() {
    let mut chats = MockChatRepository::new();
    chats.expect_open().once().return_once(|_, _, _| Ok(OpenedThread { record: record(a_thread()), is_new: false }));
    let opened = service(chats).open(&technician(), with_the_other_side_of(&technician())).unwrap();
    assert_eq!((opened.record.thread.id, opened.is_new), (the_thread(), false));
}

#[test]
fn whose_role_does_not_chat_is_refused_before_anything_is_loaded() {
    let attempts: [fn(&ChatService, &Actor) -> Option<AccessError>; 5] = [
        |service, actor| {
            let wish = OpenThread { job_id: Some(the_job()), ..with_the_other_side_of(actor) };
            service.open(actor, wish).err()
        },
        |service, actor| service.list(actor, FIRST_PAGE).err(),
        |service, actor| service.thread(actor, the_thread()).err(),
        |service, actor| service.send(actor, the_thread(), writing()).err(),
        |service, actor| service.mark_read(actor, the_thread(), 3).err(),
    ];
    for actor in all_but(BOTH_SIDES) {
        for attempt in attempts {
            // Mocks without expectations answer no call at all.
            assert_matches!(attempt(&service(MockChatRepository::new()), &actor), Some(AccessError::Forbidden(_)));
        }
    }
}

#[test]
fn nobody_chats_with_their_own_side() {
    let pairs = actors(RECRUITERS)
        .map(|member| (member, Participant::Company(id(101))))
        .chain([(technician(), Participant::Technician(id(201)))]);
    for (actor, with) in pairs {
        let wish = OpenThread { with, ..with_the_other_side_of(&actor) };
        assert_matches!(service(never_opening()).open(&actor, wish), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn a_thread_is_about_a_job_of_the_company_that_its_opener_may_know_of() {
    let jobs = [
        ("unknown", None, false, false),
        ("draft", Some(a_job()), true, false),
        ("open", Some(a_job().open()), true, true),
        ("closed", Some(a_job().closed()), true, true),
        ("never published", Some(a_job().closed_unpublished()), true, false),
        ("another company's", Some(a_job().open().of_another_company()), false, false),
    ];
    for (name, job, by_company, by_technician) in jobs {
        for (actor, may) in [(recruiter(), by_company), (technician(), by_technician)] {
            let mut chats = MockChatRepository::new();
            chats.expect_open().times(usize::from(may)).returning(|thread, _, _| {
                assert_eq!(thread.job_id, Some(the_job()));
                Ok(OpenedThread { record: record(*thread), is_new: true })
            });
            let wish = OpenThread { job_id: Some(the_job()), ..with_the_other_side_of(&actor) };
            match service_with(chats, jobs_with(job.clone())).open(&actor, wish) {
                Ok(_) => assert!(may, "{name}: {actor:?}"),
                Err(AccessError::NotFound) => assert!(!may, "{name}: {actor:?}"),
                Err(error) => panic!("{name}: {error:?}"),
            }
        }
    }
}

#[test]
fn nobody_opens_a_thread_about_a_job_that_cannot_be_read() {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().once().return_once(|_| Err(unavailable()));
    let wish = OpenThread { job_id: Some(the_job()), ..with_the_other_side_of(&recruiter()) };
    let opened = service_with(never_opening(), jobs).open(&recruiter(), wish);
    assert_matches!(opened, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn another_side_that_does_not_exist_is_not_found() {
    let opened = |error: OpenThreadError| {
        let mut chats = MockChatRepository::new();
        chats.expect_open().once().return_once(|_, _, _| Err(error));
        service(chats).open(&recruiter(), with_the_other_side_of(&recruiter()))
    };
    assert_matches!(opened(OpenThreadError::NoSuchParticipant), Err(AccessError::NotFound));
    let away = opened(unavailable().into());
    assert_matches!(away, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_member_lists_the_threads_of_the_company_and_a_technician_their_own() {
    for actor in actors(BOTH_SIDES) {
        let side = match side_of(&actor) {
            Side::Company => Participant::Company(the_company()),
            Side::Technician => Participant::Technician(the_technician()),
        };
        let mut chats = MockChatRepository::new();
        chats
            .expect_list()
            .once()
            .withf(move |participant, _| *participant == side)
            .return_once(|_, _| Ok(Page { items: vec![record(a_thread())], next: None }));
        assert_eq!(service(chats).list(&actor, FIRST_PAGE).unwrap().items, [record(a_thread())], "{actor:?}");
    }
}

#[test]
fn either_side_reads_a_thread_and_how_far_it_has_come() {
    for actor in actors(BOTH_SIDES) {
        let page = MessagePage { messages: vec![a_message("In May")], has_more: false };
        let (mut chats, answer) = (keeping(Some(progress())), page.clone());
        chats
            .expect_messages()
            .once()
            .withf(|thread, _, _| *thread == the_thread())
            .return_once(move |_, _, _| Ok(answer));
        let service = service(chats);
        let thread = service.thread(&actor, the_thread()).unwrap();
        assert_eq!(thread.last_seq(), 7, "{actor:?}");
        assert_eq!(service.messages(thread, Window::Newest, 50).unwrap(), page, "{actor:?}");
    }
}

#[test]
fn a_stranger_learns_nothing_and_nothing_is_sent() {
    for stranger in strangers() {
        for thread in [None, Some(progress())] {
            let found = service(untouched(thread)).thread(&stranger, the_thread());
            assert_matches!(found, Err(AccessError::NotFound));
            let sent = service(untouched(thread)).send(&stranger, the_thread(), writing());
            assert_matches!(sent, Err(AccessError::NotFound));
            let marked = service(untouched(thread)).mark_read(&stranger, the_thread(), 3);
            assert_matches!(marked, Err(AccessError::NotFound));
        }
    }
}

#[test]
fn a_message_is_sent_in_the_name_of_its_side() {
    for actor in actors(BOTH_SIDES) {
        let (mut chats, message) = (keeping(Some(progress())), message_by(&actor, 1));
        chats.expect_send().once().return_once(move |thread, sent| {
            assert_eq!((thread, sent), (the_thread(), &message));
            Ok(SentMessage { message: stored(sent), is_new: true })
        });
        let sent = service(chats).send(&actor, the_thread(), writing()).unwrap();
        assert_eq!((sent.message, sent.is_new), (stored(&message_by(&actor, 1)), true));
    }
}

fn stored(new: &NewMessage) -> Message {
    let NewMessage { id, sender, sender_user_id, text, client_message_id, created_at } = new.clone();
    Message { id, thread_id: the_thread(), seq: 8, sender, sender_user_id, text, client_message_id, created_at }
}

#[test]
fn a_message_that_was_sent_before_is_answered_as_it_is_stored() {
    let mut chats = keeping(Some(progress()));
    let first = SentMessage { message: a_message("In May"), is_new: false };
    let answer = first.clone();
    chats.expect_send().once().return_once(move |_, _| Ok(answer));
    assert_eq!(service(chats).send(&technician(), the_thread(), writing()).unwrap(), first);
}

#[test]
fn a_mark_is_moved_for_the_side_of_the_reader() {
    for actor in actors(BOTH_SIDES) {
        let (mut chats, side) = (keeping(Some(progress())), side_of(&actor));
        chats
            .expect_mark_read()
            .once()
            .withf(move |thread, reader, seq| (*thread, *reader, *seq) == (the_thread(), side, 3))
            .return_once(|_, _, _| Ok(4));
        assert_eq!(service(chats).mark_read(&actor, the_thread(), 3).unwrap(), 4, "{actor:?}");
    }
}

#[test]
fn chats_that_cannot_be_reached_are_told_so() {
    let away = || {
        let mut chats = MockChatRepository::new();
        chats.expect_find().return_once(|_| Err(unavailable()));
        chats.expect_list().return_once(|_, _| Err(unavailable()));
        service(chats)
    };
    let is_unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    assert!(away().list(&recruiter(), FIRST_PAGE).is_err_and(is_unavailable));
    assert!(away().thread(&recruiter(), the_thread()).is_err_and(is_unavailable));
    assert!(away().send(&recruiter(), the_thread(), writing()).is_err_and(is_unavailable));
    assert!(away().mark_read(&recruiter(), the_thread(), 3).is_err_and(is_unavailable));

    let mut chats = keeping(Some(progress()));
    chats.expect_send().once().return_once(|_, _| Err(unavailable()));
    assert!(service(chats).send(&recruiter(), the_thread(), writing()).is_err_and(is_unavailable));

    let mut chats = keeping(Some(progress()));
    chats.expect_messages().once().return_once(|_, _, _| Err(unavailable()));
    let service = service(chats);
    let thread = service.thread(&recruiter(), the_thread()).unwrap();
    assert_matches!(service.messages(thread, Window::After(3), 50), Err(RepositoryError::Unavailable(_)));
}
