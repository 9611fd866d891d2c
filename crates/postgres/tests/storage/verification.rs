//! Verified companies.

use repower_domain::{
    admin::{AuditAct, AuditEvent},
    companies::{Company, CompanyProfile},
};
use repower_ports::{
    admin::{AdminRepository, AuditFilter},
    companies::CompanyRepository,
};

use crate::{
    admin::a_super_admin,
    races::run_concurrently,
    support::{World, an_event, at, first_page, new_id, value},
};

fn set(world: &World, company: &Company, verified: bool, event: Option<&AuditEvent>) -> bool {
    let changed = Company { verified_at: verified.then(|| at(5)), updated_at: at(5), ..company.clone() };
    world.admin.set_verified(&changed, event.cloned()).unwrap()
}

fn log(world: &World) -> Vec<AuditEvent> {
    world.admin.audit(&AuditFilter::default(), first_page(100)).unwrap().items
}

#[test]
fn a_company_is_verified_until_that_is_withdrawn_and_each_change_is_logged() {
    let world = World::isolated();
    let (super_admin, company, another) = (a_super_admin(&world), world.company(), world.company());
    let verification = an_event(super_admin, AuditAct::VerifyCompany(company.id), 1);
    let withdrawal = an_event(super_admin, AuditAct::UnverifyCompany(company.id), 2);
    assert!(set(&world, &company, true, Some(&verification)));
    let stored = |company: &Company| world.companies.find(company.id).unwrap().unwrap();
    let expected = Company { verified_at: Some(at(5)), updated_at: at(5), ..company.clone() };
    assert_eq!((stored(&company), stored(&another)), (expected.clone(), another.clone()));
    let is_verified = |company: &Company| world.companies.is_verified(company.id).unwrap();
    assert!(is_verified(&company) && !is_verified(&another) && !world.companies.is_verified(new_id()).unwrap());
    assert!(world.admin.companies(first_page(9)).unwrap().items.contains(&expected));
    assert!(set(&world, &company, false, Some(&withdrawal)));
    assert_eq!(stored(&company).verified_at, None);
    assert_eq!(log(&world), [withdrawal, verification]);
    assert_eq!(world.count("audit_events", "before = '{\"verified\": false}' AND after = '{\"verified\": true}'"), 1);
}

#[test]
fn the_same_state_again_changes_and_logs_nothing() {
    let world = World::isolated();
    let (super_admin, company) = (a_super_admin(&world), world.company());
    let verification = an_event(super_admin, AuditAct::VerifyCompany(company.id), 1);
    assert!(!set(&world, &company, false, Some(&verification)));
    assert!(set(&world, &company, true, None));
    assert!(!set(&world, &company, true, Some(&verification)));
    assert!(log(&world).is_empty());
}

#[test]
fn of_concurrent_verifications_one_changes_the_company_and_is_logged() {
    let world = World::with_own_schema();
    let (super_admin, company) = (a_super_admin(&world), world.company());
    let results = run_concurrently(&world, 10, |second| {
        let event = an_event(super_admin, AuditAct::VerifyCompany(company.id), i64::try_from(second).unwrap());
        set(&world, &company, true, Some(&event))
    });
    assert_eq!(results.into_iter().filter(|changed| *changed).count(), 1);
    assert_eq!(log(&world).len(), 1);
}

#[test]
fn an_edit_of_the_profile_leaves_the_verification() {
    let world = World::isolated();
    let company = world.company();
    assert!(set(&world, &company, true, None));
    let profile = CompanyProfile { name: value("Ørsted"), ..company.profile.clone() };
    world.edit(&Company { profile, ..company.clone() }).unwrap();
    let stored = world.companies.find(company.id).unwrap().unwrap();
    assert_eq!((stored.profile.name.as_str(), stored.verified_at), ("Ørsted", Some(at(5))));
}
