//! Verified companies.

use repower_domain::{
    Revision,
    admin::{AuditAct, AuditEvent},
    companies::Company,
};
use repower_ports::{
    RepositoryError,
    admin::{AdminRepository, AuditFilter},
    companies::CompanyRepository,
};

use crate::{
    admin::a_super_admin,
    races::run_concurrently,
    support::{World, an_event, at, first_page, new_id, value},
};

fn set(world: &World, company: &Company, verified: bool, event: Option<&AuditEvent>) -> Result<(), RepositoryError> {
    let mut changed = company.clone();
    changed.verified_at = verified.then(|| at(5));
    changed.updated_at = at(5);
    world.admin.set_verified(&changed, event.cloned())
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
    set(&world, &company, true, Some(&verification)).unwrap();
    let stored = |company: &Company| world.companies.find(company.id).unwrap().unwrap();
    let revision = Revision::stored(2);
    let mut expected = company.clone();
    expected.verified_at = Some(at(5));
    expected.updated_at = at(5);
    expected.revision = revision;
    assert_eq!((stored(&company), stored(&another)), (expected.clone(), another.clone()));
    let is_verified = |company: &Company| world.companies.is_verified(company.id).unwrap();
    assert!(is_verified(&company) && !is_verified(&another) && !world.companies.is_verified(new_id()).unwrap());
    assert!(world.admin.companies(first_page(9)).unwrap().items.contains(&expected));
    set(&world, &expected, false, Some(&withdrawal)).unwrap();
    assert_eq!(stored(&company).verified_at, None);
    assert_eq!(log(&world), [withdrawal, verification]);
    assert_eq!(world.count("audit_events", "before = '{\"verified\": false}' AND after = '{\"verified\": true}'"), 1);
}

#[test]
fn of_concurrent_verifications_one_changes_the_company_and_is_logged() {
    let world = World::with_own_schema();
    let (super_admin, company) = (a_super_admin(&world), world.company());
    let results = run_concurrently(&world, 10, |second| {
        let event = an_event(super_admin, AuditAct::VerifyCompany(company.id), i64::try_from(second).unwrap());
        set(&world, &company, true, Some(&event))
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(log(&world).len(), 1);
}

#[test]
fn of_a_concurrent_verification_and_new_name_one_is_stored() {
    let world = World::with_own_schema();
    let super_admin = a_super_admin(&world);
    for _ in 0..20 {
        let company = world.company();
        let mut profile = company.profile.clone();
        profile.name = value("Ørsted");
        let mut renamed = company.clone();
        renamed.profile = profile;
        let verification = an_event(super_admin, AuditAct::VerifyCompany(company.id), 1);
        let done = run_concurrently(&world, 2, |index| match index {
            0 => set(&world, &company, true, Some(&verification)).is_ok(),
            _ => world.edit(&renamed).is_ok(),
        });
        assert_ne!(done[0], done[1]);
        let stored = world.companies.find(company.id).unwrap().unwrap();
        assert_eq!((stored.verified_at.is_some(), stored.profile.name == value("Ørsted")), (done[0], done[1]));
    }
}
