use super::*;

/// A token that this user got at this moment.
fn issued(role: Role, issued_at: DateTime<Utc>) -> Bearer {
    Bearer { user_id: user_who_is(role), issued_at }
}

fn identity(role: Role, tokens_valid_from: DateTime<Utc>) -> Identity {
    Identity { actor: actor_who_is(role), tokens_valid_from }
}

#[test]
fn the_bearer_is_whoever_the_storage_knows_them_to_be_now() {
    for role in Role::ALL.iter().copied() {
        let ports = Ports::recognising(Ok(issued(role, this_second())), Some(identity(role, this_second())));
        assert_eq!(ports.service().actor("token").unwrap(), actor_who_is(role));
    }
}

#[test]
fn a_token_that_is_not_valid_is_nobodys_and_nobody_is_looked_up() {
    let ports = Ports::recognising(Err(InvalidToken), Some(identity(Role::Technician, earlier())));
    assert_matches!(ports.service().actor("token"), Err(AuthenticateError::Unauthenticated));
}

#[test]
fn a_user_who_is_gone_or_shut_out_is_nobody() {
    let ports = Ports::recognising(Ok(issued(Role::Technician, this_second())), None);
    assert_matches!(ports.service().actor("token"), Err(AuthenticateError::Unauthenticated));
}

#[test]
fn a_token_from_before_the_moment_new_ones_hold_is_refused() {
    let second = TimeDelta::seconds(1);
    for (tokens_valid_from, holds) in
        [(this_second() - second, true), (this_second(), true), (this_second() + second, false)]
    {
        let bearer = issued(Role::Technician, this_second());
        let answer = Ports::recognising(Ok(bearer), Some(identity(Role::Technician, tokens_valid_from)))
            .service()
            .actor("token");
        match answer {
            Ok(_) => assert!(holds, "{tokens_valid_from}"),
            Err(AuthenticateError::Unauthenticated) => assert!(!holds, "{tokens_valid_from}"),
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[test]
fn a_storage_that_is_away_is_told_from_a_token_that_is_not_valid() {
    let mut ports = Ports::default();
    ports.tokens.expect_verify().once().return_once(|_, _| Ok(issued(Role::Technician, this_second())));
    ports.accounts.expect_find_identity().once().return_once(|_| Err(unavailable()));
    let answer = ports.service().actor("token");
    assert_matches!(answer, Err(AuthenticateError::Repository(RepositoryError::Unavailable(_))));
}
