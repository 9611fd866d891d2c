use repower_domain::accounts::{CompanyRole, Role};
use repower_ports::{RepositoryError, companies::MockCompanyRepository};

use super::*;
use crate::testing::{
    EDITORS, FIRST_PAGE, MEMBERS, a_company, actor_who_is, actors, all_but, assert_matches, clock, earlier, id, now,
    the_company, unavailable, user_who_is, value,
};

fn service(companies: MockCompanyRepository) -> CompanyService {
    CompanyService { companies: Arc::new(companies), clock: clock() }
}

/// Holds this company under the identity of the actors' company.
fn keeping(company: Option<Company>) -> MockCompanyRepository {
    let mut companies = MockCompanyRepository::new();
    companies.expect_find().once().withf(|id| *id == the_company()).return_once(move |_| Ok(company));
    companies
}

fn failing(error: RepositoryError) -> MockCompanyRepository {
    let mut companies = MockCompanyRepository::new();
    companies.expect_find().return_once(move |_| Err(error));
    companies
}

fn admin() -> Actor {
    actor_who_is(Role::CompanyAdmin)
}

fn another_name() -> CompanyChanges {
    CompanyChanges { name: Some(value("Südwind")), ..Default::default() }
}

fn a_member() -> Member {
    Member {
        id: id(150),
        user_id: user_who_is(Role::CompanyViewer),
        company_id: the_company(),
        email: value("viewer@nordwind.example"),
        role: CompanyRole::Viewer,
        created_at: earlier(),
    }
}

#[test]
fn every_member_sees_the_own_company() {
    for actor in actors(MEMBERS) {
        assert_eq!(service(keeping(Some(a_company()))).own_company(&actor).unwrap(), a_company(), "{actor:?}");
    }
}

#[test]
fn nobody_else_sees_a_company_or_its_members() {
    for actor in all_but(MEMBERS) {
        let mut companies = MockCompanyRepository::new();
        companies.expect_find().never();
        companies.expect_members().never();
        companies.expect_dashboard().never();
        let service = service(companies);
        assert_matches!(service.own_company(&actor), Err(AccessError::Forbidden(_)));
        assert_matches!(service.members(&actor, FIRST_PAGE), Err(AccessError::Forbidden(_)));
        assert_matches!(service.dashboard(&actor), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn a_company_that_is_gone_is_not_found() {
    assert_matches!(service(keeping(None)).own_company(&admin()), Err(AccessError::NotFound));
    let edited = service(keeping(None)).edit_own_company(&admin(), another_name());
    assert_matches!(edited, Err(EditError::Access(AccessError::NotFound)));
}

#[test]
fn a_storage_that_is_away_is_told_from_a_company_that_is_gone() {
    let found = service(failing(unavailable())).own_company(&admin());
    assert_matches!(found, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
    let edited = service(failing(unavailable())).edit_own_company(&admin(), another_name());
    assert_matches!(edited, Err(EditError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));
}

#[test]
fn admins_and_managers_edit_the_own_company() {
    for actor in actors(EDITORS) {
        let mut expected = a_company();
        expected.profile.name = value("Südwind");
        expected.updated_at = now();
        let mut companies = keeping(Some(a_company()));
        let committed = expected.clone();
        companies.expect_update().once().return_once(move |company| {
            assert_eq!(*company, committed);
            Ok(())
        });
        assert_eq!(service(companies).edit_own_company(&actor, another_name()).unwrap(), expected, "{actor:?}");
    }
}

#[test]
fn nobody_else_edits_a_company() {
    for actor in all_but(EDITORS) {
        let mut companies = MockCompanyRepository::new();
        companies.expect_find().never();
        companies.expect_update().never();
        let edited = service(companies).edit_own_company(&actor, another_name());
        assert_matches!(edited, Err(EditError::Access(AccessError::Forbidden(_))));
    }
}

#[test]
fn an_edit_without_changes_stores_nothing() {
    let mut companies = keeping(Some(a_company()));
    companies.expect_update().never();
    let edited = service(companies).edit_own_company(&admin(), CompanyChanges::default());
    assert_eq!(edited.unwrap(), a_company());
}

#[test]
fn an_edit_that_lost_a_race_is_refused_as_stale() {
    let mut companies = keeping(Some(a_company()));
    companies.expect_update().once().return_once(|_| Err(RepositoryError::Stale));
    let edited = service(companies).edit_own_company(&admin(), another_name());
    assert_matches!(edited, Err(EditError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn every_member_sees_the_members_of_the_own_company() {
    for actor in actors(MEMBERS) {
        let mut companies = MockCompanyRepository::new();
        companies
            .expect_members()
            .once()
            .withf(|id, _| *id == the_company())
            .return_once(|_, _| Ok(Page { items: vec![a_member()], next: None }));
        assert_eq!(service(companies).members(&actor, FIRST_PAGE).unwrap().items, [a_member()], "{actor:?}");
    }
}

#[test]
fn members_that_cannot_be_read_are_told_so() {
    let mut companies = MockCompanyRepository::new();
    companies.expect_members().return_once(|_, _| Err(unavailable()));
    let members = service(companies).members(&admin(), FIRST_PAGE);
    assert_matches!(members, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn every_member_sees_the_own_company_in_numbers() {
    for actor in actors(MEMBERS) {
        let numbers = Dashboard { unread_messages: 3, members: 4, ..Default::default() };
        let mut companies = MockCompanyRepository::new();
        companies.expect_dashboard().once().withf(|id| *id == the_company()).return_once(move |_| Ok(numbers));
        assert_eq!(service(companies).dashboard(&actor).unwrap(), numbers, "{actor:?}");
    }
}

mod members;
