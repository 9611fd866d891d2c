//! Roles that a super admin changes.

use super::*;
use crate::testing::super_admin;

#[test]
fn a_super_admin_changes_the_role_of_a_member_of_any_company_by_the_same_rules() {
    let change = |member: Member, role| {
        let mut companies = companies_with_member(team(1, &[601]), member);
        companies.expect_find_company_of().once().return_once(|_| Ok(Some(the_company())));
        companies.expect_change_team().returning(|_, _, event| {
            assert_eq!(event.actor_id, user_id_of(Role::SuperAdmin));
            Ok(())
        });
        service_with_companies(companies).change_role_in_any_company(&super_admin(), id(150), role, &a_request())
    };
    assert_eq!(change(a_member(), CompanyRole::Admin).unwrap().role, CompanyRole::Admin);
    assert_matches!(change(an_admin(), CompanyRole::Viewer), Err(MemberError::LastAdmin(LastAdmin)));
}

#[test]
fn a_super_admin_who_sets_the_present_role_reads_the_user_which_is_logged() {
    let mut companies = companies_with_member(team(1, &[601]), a_member());
    companies.expect_find_company_of().once().return_once(|_| Ok(Some(the_company())));
    companies.expect_change_team().never();
    let mut admin = MockAdminRepository::new();
    let reading = an_event(1, user_id_of(Role::SuperAdmin), AuditAct::ReadUser(a_member().user_id));
    admin.expect_record().once().withf(move |event| *event == reading).return_once(|_| Ok(()));
    let service = MemberService { admin: Arc::new(admin), ..service_with_companies(companies) };
    let unchanged = service.change_role_in_any_company(&super_admin(), id(150), a_member().role, &a_request());
    assert_eq!(unchanged.unwrap(), a_member());
}

#[test]
fn a_role_in_any_company_is_changed_of_a_member_only() {
    let mut companies = MockCompanyRepository::new();
    companies.expect_find_company_of().once().return_once(|_| Ok(None));
    let service = service_with_companies(companies);
    let changed = service.change_role_in_any_company(&super_admin(), id(150), CompanyRole::Admin, &a_request());
    assert_matches!(changed, Err(MemberError::Access(AccessError::NotFound)));
}
