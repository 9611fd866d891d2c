use repower_ports::accounts::{EndSessionsError as EndError, SessionEnd, SessionSelection};

use super::*;

/// The bearer of a token of this session of the technician.
fn bearer(session: u128) -> Bearer {
    Bearer { user_id: user_id_of(Role::Technician), token: TokenKind::OfSession(id(session)) }
}

/// A session of the technician that was used this many minutes ago.
fn used(session: u128, minutes: i64) -> Session {
    let began = now() - TimeDelta::days(1);
    let session = session_limits().begin(id(session), user_id_of(Role::Technician), client(), began);
    session.used(now() - TimeDelta::minutes(minutes))
}

#[test]
fn a_log_out_ends_the_session_of_the_token() {
    let mut ports = Ports::default();
    let expected = bearer(170);
    ports
        .sessions
        .expect_log_out()
        .once()
        .withf(move |bearer, at| (*bearer, *at) == (expected, now()))
        .return_once(|_, _| Ok(()));
    ports.service().log_out(&bearer(170)).unwrap();
}

#[test]
fn the_own_sessions_are_listed_by_their_use_and_this_request_uses_its_own() {
    let mut ports = Ports::default();
    ports
        .sessions
        .expect_of_user()
        .once()
        .withf(|user, among| (*user, *among) == (user_id_of(Role::Technician), live()))
        .return_once(|_, _| Ok(vec![used(171, 30), used(172, 5), used(170, 59), used(173, 5)]));
    let own = ports.service().own_sessions(&bearer(170)).unwrap();
    let shown: Vec<_> = own.iter().map(|own| (own.session.id, own.is_current)).collect();
    assert_eq!(shown, [(id(170), true), (id(173), false), (id(172), false), (id(171), false)]);
    assert_eq!(own[0].session.last_used_at, Session::minute_of(now()));
}

#[test]
fn a_token_without_a_session_is_of_none_in_the_list() {
    let mut ports = Ports::default();
    ports.sessions.expect_of_user().once().return_once(|_, _| Ok(vec![used(170, 1)]));
    let sessionless = Bearer { token: TokenKind::Sessionless(earlier()), ..bearer(1) };
    assert!(!ports.service().own_sessions(&sessionless).unwrap()[0].is_current);
}

fn these() -> SessionSelection {
    SessionSelection::These(vec![id(171)])
}

fn end(ports: Ports, selection: SessionSelection) -> Result<usize, EndSessionsError> {
    let service = ports.service();
    let started = service.start_session_end(&actor_with(Role::Technician), client_address())?;
    let verified = service.verify_session_end(started, &value("correct horse")).unwrap();
    service.finish_session_end(verified, selection)
}

#[test]
fn sessions_are_ended_with_the_right_password_which_is_no_failure() {
    for selection in [these(), SessionSelection::AllBut(TokenKind::OfSession(id(170)))] {
        let mut ports = Ports { limits: Some(ThrottleLimits::default()), ..Ports::of_technician() };
        ports
            .throttle
            .expect_count()
            .once()
            .withf(|keys, at| keys.len() == 5 && *at == now())
            .return_once(|_, _| Ok(()));
        ports.throttle.expect_refund().once().withf(|keys, _| keys.len() == 5).return_once(|_, _| Ok(()));
        let user_id = user_id_of(Role::Technician);
        let expected = SessionEnd { user_id, hash: the_hash(), selection: selection.clone(), at: now() };
        ports.sessions.expect_end().once().withf(move |end| *end == expected).return_once(|_| Ok(4));
        assert_eq!(end(ports.verifying(Some(the_hash()), true), selection).unwrap(), 4);
    }
}

#[test]
fn a_wrong_password_ends_no_session_and_counts_as_a_failed_login() {
    let mut ports = Ports { limits: Some(ThrottleLimits::default()), ..Ports::of_technician() };
    ports.throttle.expect_count().once().return_once(|_, _| Ok(()));
    ports.throttle.expect_refund().never();
    ports.sessions.expect_end().never();
    let ended = end(ports.verifying(Some(the_hash()), false), these());
    assert_matches!(ended, Err(EndSessionsError::WrongPassword));
}

#[test]
fn too_many_failed_attempts_return_the_seconds_to_wait() {
    let mut ports = Ports::of_technician().failing_to_count(ThrottleError::Throttled(throttled()));
    ports.accounts.expect_is_known().once().return_once(|_| Ok(false));
    let result = end(ports.never_hashing(), these());
    assert_matches!(result, Err(EndSessionsError::TooManyAttempts(TooManyAttempts { retry_after: 10 })));
}

#[test]
fn an_unknown_session_and_a_concurrent_new_password_are_errors_of_their_own() {
    let mut ports = Ports::of_technician().verifying(Some(the_hash()), true);
    ports.sessions.expect_end().once().return_once(|_| Err(EndError::NoSuchSession));
    assert_matches!(end(ports, these()), Err(EndSessionsError::NoSuchSession));
    let mut ports = Ports::of_technician().verifying(Some(the_hash()), true);
    ports.sessions.expect_end().once().return_once(|_| Err(RepositoryError::Stale.into()));
    assert_matches!(end(ports, these()), Err(EndSessionsError::Repository(RepositoryError::Stale)));
}

#[test]
fn a_deactivated_user_ends_no_session() {
    for credentials in [None, Some(stored(None))] {
        let ended = end(Ports::with_own_credentials(credentials).never_hashing(), these());
        assert_matches!(ended, Err(EndSessionsError::Unauthenticated));
    }
}
