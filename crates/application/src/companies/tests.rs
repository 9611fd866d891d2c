use repower_domain::accounts::{CompanyRole, Role};
use repower_ports::{
    RepositoryError,
    companies::{MockCompanyRepository, PublicCompany},
};

use super::*;
use crate::testing::{
    FIRST_PAGE, a_company, a_page, a_request, actor_with, actors_without_a_company, an_event, assert_matches, clock,
    earlier, id, ids, member, now, the_company, unavailable, user_id_of, value,
};

fn service(companies: MockCompanyRepository) -> CompanyService {
    CompanyService { companies: Arc::new(companies), clock: clock(), ids: ids() }
}

/// A repository that finds this company once, or no company.
fn companies_with(company: Option<Company>) -> MockCompanyRepository {
    let mut companies = MockCompanyRepository::new();
    companies.expect_find().once().withf(|id| *id == the_company()).return_once(move |_| Ok(company));
    companies
}

fn failing_companies(error: RepositoryError) -> MockCompanyRepository {
    let mut companies = MockCompanyRepository::new();
    companies.expect_find().return_once(move |_| Err(error));
    companies
}

fn admin() -> Actor {
    actor_with(Role::CompanyAdmin)
}

fn another_name() -> CompanyChanges {
    CompanyChanges::builder().name(Some(value("Südwind"))).build()
}

fn a_member() -> Member {
    Member::builder()
        .id(id(150))
        .user_id(user_id_of(Role::CompanyViewer))
        .company_id(the_company())
        .email(value("viewer@nordwind.example"))
        .full_name(value("Vera Lund"))
        .role(CompanyRole::Viewer)
        .created_at(earlier())
        .build()
}

#[test]
fn a_member_reads_their_own_company() {
    assert_eq!(service(companies_with(Some(a_company()))).own_company(&member()).unwrap(), a_company());
}

#[test]
fn an_actor_without_a_company_can_neither_read_nor_edit_one() {
    for actor in actors_without_a_company() {
        // A mock without expectations panics at any call.
        let service = service(MockCompanyRepository::new());
        assert_matches!(service.own_company(&actor), Err(AccessError::Forbidden(_)));
        let edited = service.edit_own_company(&actor, another_name(), &a_request());
        assert_matches!(edited, Err(EditError::Access(AccessError::Forbidden(_))));
        assert_matches!(service.members(&actor, FIRST_PAGE), Err(AccessError::Forbidden(_)));
        assert_matches!(service.dashboard(&actor), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn a_missing_company_is_not_found() {
    assert_matches!(service(companies_with(None)).own_company(&member()), Err(AccessError::NotFound));
    let edited = service(companies_with(None)).edit_own_company(&member(), another_name(), &a_request());
    assert_matches!(edited, Err(EditError::Access(AccessError::NotFound)));
}

#[test]
fn an_unavailable_storage_is_another_error_than_a_missing_company() {
    let found = service(failing_companies(unavailable())).own_company(&member());
    assert_matches!(found, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
    let edited = service(failing_companies(unavailable())).edit_own_company(&member(), another_name(), &a_request());
    assert_matches!(edited, Err(EditError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));
}

#[test]
fn anybody_finds_a_company_with_its_open_jobs() {
    let expected = PublicCompany { company: a_company(), open_jobs: 3 };
    let (mut companies, stored) = (MockCompanyRepository::new(), expected.clone());
    companies.expect_find_public().once().withf(|id| *id == the_company()).return_once(|_| Ok(Some(stored)));
    assert_eq!(service(companies).find(the_company()).unwrap(), expected);
    let mut companies = MockCompanyRepository::new();
    companies.expect_find_public().once().return_once(|_| Ok(None));
    assert_matches!(service(companies).find(the_company()), Err(AccessError::NotFound));
}

#[test]
fn an_edited_company_is_stored_with_the_time_of_the_edit() {
    let mut expected = a_company();
    expected.profile.name = value("Südwind");
    expected.updated_at = now();
    let mut companies = companies_with(Some(a_company()));
    let committed = expected.clone();
    let name = |text| CompanyChanges::builder().name(Some(value(text))).build();
    let act = AuditAct::EditCompany(the_company(), name("Nordwind"), name("Südwind"));
    let logged = an_event(1, member().user_id(), act);
    companies.expect_update().once().return_once(move |company, event| {
        assert_eq!((company, event), (&committed, &logged));
        Ok(())
    });
    assert_eq!(service(companies).edit_own_company(&member(), another_name(), &a_request()).unwrap(), expected);
}

#[test]
fn an_edit_without_changes_stores_nothing() {
    let mut companies = companies_with(Some(a_company()));
    companies.expect_update().never();
    let edited = service(companies).edit_own_company(&member(), CompanyChanges::default(), &a_request());
    assert_eq!(edited.unwrap(), a_company());
}

#[test]
fn the_later_of_two_concurrent_edits_is_rejected_as_stale() {
    let mut companies = companies_with(Some(a_company()));
    companies.expect_update().once().return_once(|_, _| Err(RepositoryError::Stale));
    let edited = service(companies).edit_own_company(&member(), another_name(), &a_request());
    assert_matches!(edited, Err(EditError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn a_member_lists_the_members_of_their_own_company() {
    let mut companies = MockCompanyRepository::new();
    companies.expect_members().once().withf(|id, _| *id == the_company()).return_once(|_, _| Ok(a_page(a_member())));
    assert_eq!(service(companies).members(&member(), FIRST_PAGE).unwrap().items, [a_member()]);
}

#[test]
fn members_and_dashboard_fail_if_the_storage_is_unavailable() {
    let mut companies = MockCompanyRepository::new();
    companies.expect_members().return_once(|_, _| Err(unavailable()));
    companies.expect_dashboard().return_once(|_| Err(unavailable()));
    let service = service(companies);
    let members = service.members(&member(), FIRST_PAGE);
    assert_matches!(members, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
    let dashboard = service.dashboard(&member());
    assert_matches!(dashboard, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_member_reads_the_dashboard_of_their_own_company() {
    let dashboard = Dashboard { unread_messages: 3, members: 4, ..Default::default() };
    let mut companies = MockCompanyRepository::new();
    companies.expect_dashboard().once().withf(|id| *id == the_company()).return_once(move |_| Ok(dashboard));
    assert_eq!(service(companies).dashboard(&member()).unwrap(), dashboard);
}

mod members;
