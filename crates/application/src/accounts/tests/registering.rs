use super::*;

fn assert_logged_in(result: Result<LoggedIn, RegisterError>, expected: &Registration) {
    let LoggedIn { account, session, token } = result.unwrap();
    assert_eq!((account, Some(session)), (expected.account.clone(), expected.session.as_ref().map(|one| one.id)));
    assert_eq!((token.text.as_str(), token.expires_at), ("signed", this_second() + lifetime()));
}

fn register(service: &AccountService, registrant: Registrant) -> Result<LoggedIn, RegisterError> {
    let password = service.accept_password(value("correct horse"), &registrant.own_words())?;
    service.register(registrant, service.hash(&password)?, client())
}

fn a_technician_registrant() -> Registrant {
    Registrant::Technician(credentials().email, a_technician_profile())
}

fn a_company_registrant() -> Registrant {
    Registrant::Company(credentials().email, None, a_company_profile())
}

#[test]
fn a_registrant_has_an_email() {
    for registrant in [a_technician_registrant(), a_company_registrant()] {
        assert_eq!(registrant.email(), &credentials().email);
    }
}

#[test]
fn a_technician_registers_with_a_passport_and_is_logged_in() {
    let expected = with_session(technician_registration(), 3);
    let claims = TokenClaims { technician_id: Some(id(2)), ..claims(id(1), Role::Technician, 3) };
    let service = Ports::default().hashing().storing(expected.clone()).signing(claims).service();
    assert_logged_in(register(&service, a_technician_registrant()), &expected);
}

#[test]
fn with_limits_the_client_address_of_who_registers_is_known() {
    let mut expected = with_session(technician_registration(), 3);
    expected.known_address = Some(client_address());
    let claims = TokenClaims { technician_id: Some(id(2)), ..claims(id(1), Role::Technician, 3) };
    let ports = Ports { limits: Some(ThrottleLimits::default()), ..Ports::default() };
    let service = ports.hashing().storing(expected.clone()).signing(claims).service();
    assert_logged_in(register(&service, a_technician_registrant()), &expected);
}

#[test]
fn a_company_registers_with_its_first_admin_who_is_logged_in() {
    let mut company = a_company();
    company.id = id(2);
    company.revision = Revision::FIRST;
    company.created_at = now();
    company.updated_at = now();
    let member = new_member(3, id(2), CompanyRole::Admin);
    let expected = with_session(registration(Role::CompanyAdmin, Attachment::Member { company, member }, true), 4);
    let claims = TokenClaims { company_id: Some(id(2)), ..claims(id(1), Role::CompanyAdmin, 4) };
    let service = Ports::default().hashing().storing(expected.clone()).signing(claims).service();
    assert_logged_in(register(&service, a_company_registrant()), &expected);
}

#[test]
fn an_admin_who_registers_a_company_may_give_a_name() {
    let mut company = a_company();
    company.id = id(2);
    company.revision = Revision::FIRST;
    company.created_at = now();
    company.updated_at = now();
    let mut member = new_member(3, id(2), CompanyRole::Admin);
    member.full_name = value("Anna Holm");
    let expected = with_session(registration(Role::CompanyAdmin, Attachment::Member { company, member }, true), 4);
    let claims = TokenClaims { company_id: Some(id(2)), ..claims(id(1), Role::CompanyAdmin, 4) };
    let service = Ports::default().hashing().storing(expected.clone()).signing(claims).service();
    let registrant = Registrant::Company(credentials().email, Some(value("Anna Holm")), a_company_profile());
    assert_logged_in(register(&service, registrant), &expected);
}

#[test]
fn a_member_is_added_to_a_company_in_any_role_and_not_logged_in() {
    for role in CompanyRole::ALL.iter().copied() {
        let member = new_member(2, the_company(), role);
        let expected = registration(role.into(), Attachment::Member { company: a_company(), member }, false);
        let ports = Ports::default().hashing().with_company(Some(a_company())).storing(expected.clone());
        let service = ports.never_signing().service();
        assert_eq!(service.register_member(credentials(), the_company(), role).unwrap(), expected.account);
    }
}

#[test]
fn a_super_admin_has_neither_a_passport_nor_a_company_and_is_not_logged_in() {
    let expected = registration(Role::SuperAdmin, Attachment::Nothing, false);
    let service = Ports::default().hashing().storing(expected.clone()).never_signing().service();
    assert_eq!(service.register_super_admin(credentials()).unwrap(), expected.account);
}

#[test]
fn a_member_is_not_added_to_a_missing_company() {
    let mut ports = Ports::default().with_company(None).never_signing();
    ports.hasher.expect_hash().never();
    ports.accounts.expect_register().never();
    let result = ports.service().register_member(credentials(), the_company(), CompanyRole::Viewer);
    assert_matches!(result, Err(RegisterError::NoSuchCompany));
}

#[test]
fn a_member_is_not_added_if_the_company_cannot_be_read() {
    let mut ports = Ports::default().never_signing();
    ports.companies.expect_find().once().return_once(|_| Err(unavailable()));
    ports.accounts.expect_register().never();
    let result = ports.service().register_member(credentials(), the_company(), CompanyRole::Viewer);
    assert_matches!(result, Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
}

type Registering = fn(&AccountService) -> Result<Account, RegisterError>;

/// Every way to register.
const WAYS: [Registering; 4] = [
    |service| register(service, a_technician_registrant()).map(|logged_in| logged_in.account),
    |service| register(service, a_company_registrant()).map(|logged_in| logged_in.account),
    |service| service.register_member(credentials(), the_company(), CompanyRole::Recruiter),
    |service| service.register_super_admin(credentials()),
];

/// Registers on these ports and with a company that exists.
fn registered(way: Registering, mut ports: Ports) -> Result<Account, RegisterError> {
    ports.companies.expect_find().returning(|_| Ok(Some(a_company())));
    way(&ports.service())
}

#[test]
fn a_taken_email_is_rejected_and_no_token_is_signed() {
    for way in WAYS {
        let mut ports = Ports::default().hashing().never_signing();
        ports.accounts.expect_register().once().return_once(|_| Err(StoreError::EmailTaken));
        assert_matches!(registered(way, ports), Err(RegisterError::EmailTaken));
    }
}

#[test]
fn no_token_is_signed_if_the_account_cannot_be_stored() {
    for way in WAYS {
        let mut ports = Ports::default().hashing().never_signing();
        ports.accounts.expect_register().once().return_once(|_| Err(unavailable().into()));
        assert_matches!(registered(way, ports), Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
    }
}

#[test]
fn no_account_is_stored_if_the_password_cannot_be_hashed() {
    for way in WAYS {
        let mut ports = Ports::default().looking_up("correct horse", false).never_signing();
        ports.hasher.expect_hash().once().return_once(|_| Err(HashingError("no randomness".into())));
        ports.accounts.expect_register().never();
        assert_matches!(registered(way, ports), Err(RegisterError::Hashing(_)));
    }
}

#[test]
fn a_registration_fails_if_the_token_cannot_be_signed() {
    for way in &WAYS[..2] {
        let mut ports = Ports::default().hashing();
        ports.accounts.expect_register().once().return_once(|_| Ok(()));
        ports.tokens.expect_sign().once().return_once(|_| Err(SigningError("no key".into())));
        assert_matches!(registered(*way, ports), Err(RegisterError::Signing(_)));
    }
}
