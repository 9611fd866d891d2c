use super::*;

/// A service that counts one message of the technician in the thread, with this result.
fn counting_messages(chats: MockChatRepository, result: Result<(), Throttled>) -> ChatService {
    let mut rates = MockRateCounter::new();
    rates.expect_count().once().return_once(move |rate, limit, at| {
        let Thread { company_id, technician_id, job_id, .. } = a_thread();
        assert_eq!(rate, Rate::Messages(technician().user_id(), company_id, technician_id, job_id));
        assert_eq!((limit.attempts, limit.window, at), (30, TimeDelta::minutes(1), now()));
        result
    });
    ChatService { rates: Arc::new(rates), limits: Some(ThrottleLimits::default()), ..service(chats) }
}

#[test]
fn a_message_is_counted_by_its_user_and_thread_before_it_is_sent() {
    let throttled = || Err(Throttled { until: now() + TimeDelta::seconds(9) });
    let service = counting_messages(unchanged_chats_with(Some(a_thread())), throttled());
    let sent = service.send(&technician(), the_thread(), outgoing_message());
    assert_matches!(sent, Err(AccessError::TooManyAttempts(TooManyAttempts { retry_after: 9 })));

    let mut request = with_the_other_side_of(&technician());
    request.message = Some(outgoing_message());
    let opened = counting_messages(never_opening(), throttled()).open(&technician(), request);
    assert_matches!(opened, Err(AccessError::TooManyAttempts(TooManyAttempts { retry_after: 9 })));
}

#[test]
fn a_thread_that_is_opened_without_a_message_counts_none() {
    let mut chats = MockChatRepository::new();
    chats.expect_open().once().return_once(|_, _, _| Ok(OpenedThread { record: record(a_thread()), is_new: false }));
    let service = ChatService { limits: Some(ThrottleLimits::default()), ..service(chats) };
    assert!(service.open(&technician(), with_the_other_side_of(&technician())).is_ok());
}
