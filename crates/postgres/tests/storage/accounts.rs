use repower_domain::{
    accounts::{Actor, Attachment, CompanyRole, Registration, Role},
    values::PasswordHash,
};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, Bearer, Credentials, RegisterError, TokenKind},
};

use crate::support::{
    World, a_company_registration, a_technician_registration, a_user, assert_matches, at, live, new_id, sessionless,
};

#[test]
fn a_technician_is_found_as_registered() {
    let world = World::isolated();
    let registration = a_technician_registration();
    world.register(&registration);
    let account = registration.account;
    let credentials = world.accounts.find_credentials(&account.user.email).unwrap();
    let password_hash = PasswordHash::new("hash");
    assert_eq!(credentials, Some(Credentials { password_hash, account: Some(account.clone()) }));
    assert_eq!(world.accounts.find_account(account.user.id).unwrap(), Some(account.clone()));
    let Attachment::Technician(technician) = &account.attachment else { panic!("{account:?}") };
    let actor = Actor::Technician { user_id: account.user.id, technician_id: technician.id };
    assert_eq!(world.actor(account.user.id), Some(actor));
}

#[test]
fn a_company_is_found_with_its_first_administrator() {
    let world = World::isolated();
    let registration = a_company_registration();
    world.register(&registration);
    let account = registration.account;
    assert_eq!(world.accounts.find_account(account.user.id).unwrap(), Some(account.clone()));
    let Attachment::Member { company, .. } = &account.attachment else { panic!("{account:?}") };
    let actor = Actor::Member { user_id: account.user.id, company_id: company.id, role: CompanyRole::Admin };
    assert_eq!(world.actor(account.user.id), Some(actor));
}

#[test]
fn a_member_joins_an_existing_company() {
    let world = World::isolated();
    let company = world.company();
    let registration = Registration::member(a_user(), company, new_id(), CompanyRole::Viewer);
    world.register(&registration);
    let user = registration.account.user.id;
    assert_eq!(world.accounts.find_account(user).unwrap(), Some(registration.account));
    assert_matches!(world.actor(user), Some(Actor::Member { role: CompanyRole::Viewer, .. }));
}

#[test]
fn a_super_admin_has_no_attachment() {
    let world = World::isolated();
    let registration = Registration::super_admin(a_user());
    world.register(&registration);
    let user_id = registration.account.user.id;
    assert_eq!(world.accounts.find_account(user_id).unwrap(), Some(registration.account));
    assert_eq!(world.actor(user_id), Some(Actor::SuperAdmin { user_id }));
}

#[test]
fn a_registered_email_is_rejected_and_nothing_is_stored() {
    let world = World::isolated();
    let existing = a_technician_registration();
    world.register(&existing);
    let email = existing.account.user.email;
    let mut user = a_user();
    user.email = email.clone();
    let late = Registration::company(user, new_id(), new_id(), crate::support::a_company_profile());
    assert_matches!(world.accounts.register(&late), Err(RegisterError::EmailTaken));
    assert_eq!(world.count("companies", "true"), 0);
    let found = world.accounts.find_credentials(&email).unwrap().unwrap().account.unwrap();
    assert_eq!(found.user.role, Role::Technician);
}

#[test]
fn a_registration_that_fails_is_rolled_back() {
    let world = World::isolated();
    let company = world.company();
    let registration = Registration::member(a_user(), company, new_id(), CompanyRole::Viewer);
    world.register(&registration);
    let Attachment::Member { company, member } = registration.account.attachment else { panic!() };
    let twice = Registration::member(a_user(), company, member.id, CompanyRole::Viewer);
    assert_matches!(world.accounts.register(&twice), Err(RegisterError::Repository(RepositoryError::Failed(_))));
    assert_eq!(world.count("users", &format!("id = '{}'", twice.account.user.id)), 0);
}

#[test]
fn an_unknown_user_is_not_found() {
    let world = World::isolated();
    assert_eq!(world.accounts.find_credentials(&a_user().email).unwrap(), None);
    assert_eq!(world.accounts.find_account(new_id()).unwrap(), None);
    assert_eq!(world.actor(new_id()), None);
}

#[test]
fn a_deactivated_user_has_a_password_hash_and_no_account() {
    let world = World::isolated();
    let registration = a_technician_registration();
    world.register(&registration);
    let user = registration.account.user;
    world.execute(&format!("UPDATE users SET active = false WHERE id = '{}'", user.id));
    assert_eq!(world.accounts.find_credentials(&user.email).unwrap().unwrap().account, None);
    assert_eq!(world.accounts.find_account(user.id).unwrap(), None);
    assert_eq!(world.actor(user.id), None);
}

#[test]
fn a_removed_member_has_a_password_hash_and_no_account() {
    let world = World::isolated();
    let registration = a_company_registration();
    world.register(&registration);
    let user = registration.account.user;
    world.execute(&format!("DELETE FROM company_members WHERE user_id = '{}'", user.id));
    assert_eq!(world.accounts.find_credentials(&user.email).unwrap().unwrap().account, None);
    assert_eq!(world.accounts.find_account(user.id).unwrap(), None);
    assert_eq!(world.actor(user.id), None);
}

#[test]
fn a_token_without_a_session_is_valid_from_the_second_of_the_registration_on() {
    let world = World::isolated();
    let user_id = world.technician().user_id;
    let is_valid = |generation: &str| {
        let token = TokenKind::Sessionless(generation.parse().unwrap());
        world.accounts.find_actor(&Bearer { user_id, token }, &live(0)).unwrap().is_some()
    };
    assert!(is_valid("2026-11-22T06:43:00Z") && !is_valid("2026-11-22T06:42:59.999999Z"));
    world.execute(&format!("UPDATE users SET tokens_valid_from = '{}' WHERE id = '{user_id}'", at(9)));
    assert!(is_valid("2026-11-22T06:43:09.123456Z") && !is_valid("2026-11-22T06:43:09.123455Z"));
}

#[test]
fn a_changed_role_applies_immediately() {
    let world = World::isolated();
    let admin = world.register_company().admin;
    world.execute(&format!("UPDATE users SET role = 'COMPANY_VIEWER' WHERE id = '{admin}'"));
    assert_matches!(world.actor(admin), Some(Actor::Member { role: CompanyRole::Viewer, .. }));
    let account = world.accounts.find_account(admin).unwrap().unwrap();
    assert_matches!(account.attachment, Attachment::Member { member, .. } if member.role == CompanyRole::Viewer);
}

#[test]
fn each_lookup_is_one_statement() {
    let world = World::isolated();
    let registration = a_company_registration();
    world.register(&registration);
    let user = registration.account.user;
    assert_eq!(world.statements_of(|| world.actor(user.id)).len(), 1);
    assert_eq!(world.statements_of(|| world.accounts.find_account(user.id).unwrap()).len(), 1);
    assert_eq!(world.statements_of(|| world.accounts.find_credentials(&user.email).unwrap()).len(), 1);
}

#[test]
fn a_technician_role_without_a_passport_is_corrupt() {
    let world = World::isolated();
    let technician = world.technician();
    world.execute(&format!("DELETE FROM technicians WHERE id = '{}'", technician.id));
    let column = "technicians.user_id: ";
    assert_matches!(
        world.accounts.find_actor(&sessionless(technician.user_id), &live(0)),
        Err(RepositoryError::Corrupt(why)) if why.starts_with(column)
    );
    assert_matches!(
        world.accounts.find_account(technician.user_id),
        Err(RepositoryError::Corrupt(why)) if why.starts_with(column)
    );
}
