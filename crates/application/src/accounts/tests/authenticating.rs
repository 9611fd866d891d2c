use super::*;

/// The bearer of a token of a user of this role, of this kind.
fn bearer(role: Role, token: TokenKind) -> Bearer {
    Bearer { user_id: user_id_of(role), token }
}

fn of_session(role: Role) -> Bearer {
    bearer(role, TokenKind::OfSession(id(170)))
}

impl AccountService {
    fn actor_of(&self, token: &str) -> Result<Actor, AuthenticateError> {
        self.actor(&self.bearer(token)?)
    }
}

#[test]
fn the_actor_is_the_one_that_the_storage_has_now_and_the_session_is_used() {
    for role in Role::ALL.iter().copied() {
        let mut ports = Ports::verifying_token(Ok(of_session(role)), Some(actor_with(role)));
        ports.uses.expect_note().once().withf(|session, at| (*session, *at) == (id(170), now())).return_const(());
        assert_eq!(ports.service().actor_of("token").unwrap(), actor_with(role));
    }
}

#[test]
fn a_token_without_a_session_uses_none() {
    let bearer = bearer(Role::Technician, TokenKind::Sessionless(earlier()));
    let ports = Ports::verifying_token(Ok(bearer), Some(actor_with(Role::Technician)));
    assert_eq!(ports.service().actor_of("token").unwrap(), actor_with(Role::Technician));
}

#[test]
fn an_invalid_token_is_rejected_without_a_lookup() {
    let ports = Ports::verifying_token(Err(InvalidToken), Some(actor_with(Role::Technician)));
    assert_matches!(ports.service().actor_of("token"), Err(AuthenticateError::Unauthenticated));
}

#[test]
fn a_token_whose_session_has_ended_is_rejected_and_uses_none() {
    let ports = Ports::verifying_token(Ok(of_session(Role::Technician)), None);
    assert_matches!(ports.service().actor_of("token"), Err(AuthenticateError::Unauthenticated));
}

#[test]
fn an_unavailable_storage_is_another_error_than_an_invalid_token() {
    let mut ports = Ports::default();
    ports.tokens.expect_verify().once().return_once(|_, _| Ok(of_session(Role::Technician)));
    ports.accounts.expect_find_actor().once().return_once(|_, _| Err(unavailable()));
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
