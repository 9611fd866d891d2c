use repower_domain::accounts::Actor;

use super::*;

/// The bearer of a token of a user of this role.
fn bearer(role: Role, generation: DateTime<Utc>) -> Bearer {
    Bearer { user_id: user_id_of(role), generation }
}

fn identity(role: Role, tokens_valid_from: DateTime<Utc>) -> Identity {
    Identity { actor: actor_with(role), tokens_valid_from }
}

impl AccountService {
    fn actor_of(&self, token: &str) -> Result<Actor, AuthenticateError> {
        self.actor(&self.bearer(token)?)
    }
}

#[test]
fn the_actor_is_the_one_that_the_storage_has_now() {
    for role in Role::ALL.iter().copied() {
        let ports = Ports::verifying_token(Ok(bearer(role, this_second())), Some(identity(role, this_second())));
        assert_eq!(ports.service().actor_of("token").unwrap(), actor_with(role));
    }
}

#[test]
fn an_invalid_token_is_rejected_without_a_lookup() {
    let ports = Ports::verifying_token(Err(InvalidToken), Some(identity(Role::Technician, earlier())));
    assert_matches!(ports.service().actor_of("token"), Err(AuthenticateError::Unauthenticated));
}

#[test]
fn a_token_of_a_missing_or_deactivated_user_is_rejected() {
    let ports = Ports::verifying_token(Ok(bearer(Role::Technician, this_second())), None);
    assert_matches!(ports.service().actor_of("token"), Err(AuthenticateError::Unauthenticated));
}

#[test]
fn a_token_of_an_earlier_generation_is_rejected() {
    let moment = TimeDelta::microseconds(1);
    for (tokens_valid_from, is_valid) in
        [(this_second() - moment, true), (this_second(), true), (this_second() + moment, false)]
    {
        let bearer = bearer(Role::Technician, this_second());
        let result = Ports::verifying_token(Ok(bearer), Some(identity(Role::Technician, tokens_valid_from)))
            .service()
            .actor_of("token");
        match result {
            Ok(_) => assert!(is_valid, "{tokens_valid_from}"),
            Err(AuthenticateError::Unauthenticated) => assert!(!is_valid, "{tokens_valid_from}"),
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[test]
fn an_unavailable_storage_is_another_error_than_an_invalid_token() {
    let mut ports = Ports::default();
    ports.tokens.expect_verify().once().return_once(|_, _| Ok(bearer(Role::Technician, this_second())));
    ports.accounts.expect_find_identity().once().return_once(|_| Err(unavailable()));
    let result = ports.service().actor_of("token");
    assert_matches!(result, Err(AuthenticateError::Repository(RepositoryError::Unavailable(_))));
}

/// A service that finds this account of the technician, or none.
fn service_with_own_account(found: Result<Option<Account>, RepositoryError>) -> AccountService {
    let mut ports = Ports::default();
    ports
        .accounts
        .expect_find_account()
        .once()
        .withf(|id| *id == user_id_of(Role::Technician))
        .return_once(move |_| found);
    ports.service()
}

#[test]
fn an_actor_reads_their_own_account() {
    let own = account(Role::Technician);
    let service = service_with_own_account(Ok(Some(own.clone())));
    assert_eq!(service.own_account(&actor_with(Role::Technician)).unwrap(), own);
}

#[test]
fn an_actor_whose_user_was_deactivated_meanwhile_is_unauthenticated() {
    let result = service_with_own_account(Ok(None)).own_account(&actor_with(Role::Technician));
    assert_matches!(result, Err(AuthenticateError::Unauthenticated));
    let result = service_with_own_account(Err(unavailable())).own_account(&actor_with(Role::Technician));
    assert_matches!(result, Err(AuthenticateError::Repository(RepositoryError::Unavailable(_))));
}
