use repower_domain::accounts::ThrottleScope;
use repower_ports::accounts::{HashingError, ThrottleKey};

use super::*;

fn assert_signed_in(answer: Result<SignedIn, RegisterError>, expected: &Registration) {
    let SignedIn { account, token } = answer.unwrap();
    assert_eq!(account, expected.account);
    assert_eq!((token.text.as_str(), token.expires_at), ("signed", this_second() + lifetime()));
}

#[test]
fn a_technician_comes_with_a_passport_and_is_signed_in() {
    let expected = technician_registration();
    let claims = TokenClaims { technician_id: Some(id(2)), ..claims(id(1), Role::Technician) };
    let service = Ports::hashing().storing(expected.clone()).signing(claims).service();
    assert_signed_in(service.register_technician(credentials(), a_technician_profile()), &expected);
}

#[test]
fn a_company_is_founded_with_its_first_administrator() {
    let company = Company { id: id(2), revision: Revision::FIRST, created_at: now(), updated_at: now(), ..a_company() };
    let member = new_member(3, id(2), CompanyRole::Admin);
    let expected = registration(Role::CompanyAdmin, Attachment::Member { company, member }, true);
    let claims = TokenClaims { company_id: Some(id(2)), ..claims(id(1), Role::CompanyAdmin) };
    let service = Ports::hashing().storing(expected.clone()).signing(claims).service();
    assert_signed_in(service.register_company(credentials(), a_company_profile()), &expected);
}

#[test]
fn a_member_joins_a_company_that_is_there_in_any_role() {
    for role in CompanyRole::ALL.iter().copied() {
        let member = new_member(2, the_company(), role);
        let expected = registration(role.into(), Attachment::Member { company: a_company(), member }, false);
        let claims = TokenClaims { company_id: Some(the_company()), ..claims(id(1), role.into()) };
        let ports = Ports::hashing().with_company(Some(a_company())).storing(expected.clone()).signing(claims);
        assert_signed_in(ports.service().register_member(credentials(), the_company(), role), &expected);
    }
}

#[test]
fn one_who_runs_the_marketplace_belongs_to_nothing() {
    let expected = registration(Role::SuperAdmin, Attachment::Nothing, false);
    let ports = Ports::hashing().storing(expected.clone()).signing(claims(id(1), Role::SuperAdmin));
    assert_signed_in(ports.service().register_super_admin(credentials()), &expected);
}

#[test]
fn nobody_joins_a_company_that_does_not_exist() {
    let mut ports = Ports::default().with_company(None).never_signing();
    ports.hasher.expect_hash().never();
    ports.accounts.expect_register().never();
    let joined = ports.service().register_member(credentials(), the_company(), CompanyRole::Viewer);
    assert_matches!(joined, Err(RegisterError::NoSuchCompany));
}

#[test]
fn nobody_joins_while_the_company_cannot_be_read() {
    let mut ports = Ports::default().never_signing();
    ports.companies.expect_find().once().return_once(|_| Err(unavailable()));
    ports.accounts.expect_register().never();
    let joined = ports.service().register_member(credentials(), the_company(), CompanyRole::Viewer);
    assert_matches!(joined, Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
}

/// A way to register, whoever it is that registers.
type Attempt = fn(&AccountService) -> Result<SignedIn, RegisterError>;

const ATTEMPTS: [Attempt; 4] = [
    |service| service.register_technician(credentials(), a_technician_profile()),
    |service| service.register_company(credentials(), a_company_profile()),
    |service| service.register_member(credentials(), the_company(), CompanyRole::Recruiter),
    |service| service.register_super_admin(credentials()),
];

/// Works with these ports, and with a company that is there.
fn attempted(attempt: Attempt, mut ports: Ports) -> Result<SignedIn, RegisterError> {
    ports.companies.expect_find().returning(|_| Ok(Some(a_company())));
    attempt(&ports.service())
}

#[test]
fn an_address_that_is_taken_registers_nobody_and_signs_nothing() {
    for attempt in ATTEMPTS {
        let mut ports = Ports::hashing().never_signing();
        ports.accounts.expect_register().once().return_once(|_| Err(NotStored::EmailTaken));
        assert_matches!(attempted(attempt, ports), Err(RegisterError::EmailTaken));
    }
}

#[test]
fn what_could_not_be_stored_signs_nobody_in() {
    for attempt in ATTEMPTS {
        let mut ports = Ports::hashing().never_signing();
        ports.accounts.expect_register().once().return_once(|_| Err(unavailable().into()));
        let answer = attempted(attempt, ports);
        assert_matches!(answer, Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
    }
}

#[test]
fn nobody_is_stored_without_the_hash_of_their_password() {
    for attempt in ATTEMPTS {
        let mut ports = Ports::default().never_signing();
        ports.hasher.expect_hash().once().return_once(|_| Err(HashingError("no randomness".into())));
        ports.accounts.expect_register().never();
        assert_matches!(attempted(attempt, ports), Err(RegisterError::Hashing(_)));
    }
}

#[test]
fn a_token_that_cannot_be_signed_is_told() {
    for attempt in ATTEMPTS {
        let mut ports = Ports::hashing();
        ports.accounts.expect_register().once().return_once(|_| Ok(()));
        ports.tokens.expect_sign().once().return_once(|_| Err(SigningError("no key".into())));
        assert_matches!(attempted(attempt, ports), Err(RegisterError::Signing(_)));
    }
}

#[test]
fn registrations_are_counted_by_the_address_they_come_from() {
    let is_the_key = |keys: &[ThrottleKey], moment: &DateTime<Utc>| {
        let keys = keys.iter().map(|key| (key.scope, key.subject.as_str(), key.limit.tries));
        keys.eq([(ThrottleScope::RegisterAddress, "192.0.2.7", 30)]) && *moment == now()
    };
    let mut ports = Ports::default();
    ports.throttle.expect_count().once().withf(is_the_key).return_once(|_, _| Ok(()));
    ports.throttle.expect_take_back().once().withf(is_the_key).return_once(|_, _| Ok(()));
    let service = ports.service();
    assert_matches!(service.count_registration(an_address()), Ok(()));
    assert_matches!(service.take_registration_back(an_address()), Ok(()));
}

#[test]
fn too_many_registrations_are_told_when_to_come_back() {
    let counted = |error: ThrottleError| {
        let mut ports = Ports::default();
        ports.throttle.expect_count().once().return_once(|_, _| Err(error));
        ports.service().count_registration(an_address())
    };
    let throttled = counted(ThrottleError::Throttled(throttled()));
    assert_matches!(throttled, Err(RegisterError::TooManyTries(TooManyTries { retry_after: 10 })));
    let away = counted(unavailable().into());
    assert_matches!(away, Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn without_limits_registrations_are_not_counted() {
    let service = AccountService { limits: None, ..Ports::default().service() };
    assert_matches!(service.count_registration(an_address()), Ok(()));
    assert_matches!(service.take_registration_back(an_address()), Ok(()));
}
