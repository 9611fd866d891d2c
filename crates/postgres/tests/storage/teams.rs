use repower_domain::{
    Revision,
    accounts::{Actor, Attachment, CompanyRole, Registration, Role},
    admin::AuditAct,
    companies::{Company, Member, Team, TeamChange},
    values::FullName,
};
use repower_ports::{RepositoryError, accounts::AccountRepository, companies::CompanyRepository};

use crate::{
    admin::{a_super_admin, set_active},
    races::run_concurrently,
    support::{World, a_user, an_event, assert_matches, at, first_page, new_id, with},
};

/// Registers another member of a company.
pub(crate) fn join(world: &World, company: &Company, role: CompanyRole) -> Member {
    let registration = Registration::member(a_user(), company.clone(), new_id(), role);
    world.register(&registration);
    match registration.account.attachment {
        Attachment::Member { member, .. } => member,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn load(world: &World, member: &Member) -> (Team, Member) {
    world.companies.find_member(member.company_id, member.id).unwrap().unwrap()
}

pub(crate) fn role(member: &Member, role: CompanyRole) -> TeamChange {
    TeamChange::Role(with(member.clone(), |member| member.role = role))
}

#[test]
fn a_member_is_found_with_the_admins_of_the_team() {
    let world = World::isolated();
    let company = world.company();
    let [admin, inactive, viewer] =
        [CompanyRole::Admin, CompanyRole::Admin, CompanyRole::Viewer].map(|role| join(&world, &company, role));
    world.execute(&format!("UPDATE users SET active = false WHERE id = '{}'", inactive.user_id));
    let founder = world.companies.members(company.id, first_page(1)).unwrap().items.remove(0);
    let (mut team, found) = load(&world, &viewer);
    assert_eq!(found, viewer);
    team.admins.sort();
    assert_eq!((team.company_id, team.admins), (company.id, vec![founder.user_id, admin.user_id]));
    assert_eq!(team.revision, Revision::FIRST);
    assert_eq!(world.statements_of(|| load(&world, &viewer)).len(), 1);
}

#[test]
fn a_member_has_the_name_that_was_given_or_that_of_the_email() {
    let world = World::isolated();
    let company = world.company();
    let registration = Registration::member(a_user(), company.clone(), new_id(), CompanyRole::Viewer);
    world.register(&registration.named("Vera Lund".parse().ok()));
    let by_email = join(&world, &company, CompanyRole::Viewer);
    let of_an_earlier_release = join(&world, &company, CompanyRole::Viewer);
    world.execute(&format!("UPDATE users SET full_name = NULL WHERE id = '{}'", of_an_earlier_release.user_id));
    let members = world.companies.members(company.id, first_page(9)).unwrap().items;
    assert_eq!(members.iter().filter(|member| member.full_name.as_str() == "Vera Lund").count(), 1);
    for unnamed in [by_email, of_an_earlier_release] {
        assert_eq!(unnamed.full_name, FullName::of_email(&unnamed.email));
        assert!(members.contains(&unnamed));
        let account = world.accounts.find_account(unnamed.user_id).unwrap().unwrap();
        let Attachment::Member { member, .. } = account.attachment else { panic!("{unnamed:?}") };
        assert_eq!(member, unnamed);
    }
}

#[test]
fn a_member_of_another_company_is_not_found() {
    let world = World::isolated();
    let company = world.company();
    let member = join(&world, &company, CompanyRole::Viewer);
    assert_eq!(world.companies.find_member(world.company().id, member.id).unwrap(), None);
    assert_eq!(world.companies.find_member(company.id, new_id()).unwrap(), None);
}

#[test]
fn a_new_role_of_a_member_applies_immediately() {
    let world = World::isolated();
    let member = join(&world, &world.company(), CompanyRole::Viewer);
    let (team, _) = load(&world, &member);
    world.change_team(&team, &role(&member, CompanyRole::Manager), 7).unwrap();
    assert_matches!(world.actor(member.user_id), Some(Actor::Member { role: CompanyRole::Manager, .. }));
    let user = world.accounts.find_account(member.user_id).unwrap().unwrap().user;
    assert_eq!((user.role, user.updated_at), (Role::CompanyManager, at(7)));
    let (changed_team, found) = load(&world, &member);
    assert_eq!((changed_team.revision, found.role), (Revision::stored(2), CompanyRole::Manager));
    assert_eq!(world.companies.find(team.company_id).unwrap().unwrap().revision, Revision::FIRST);
}

#[test]
fn a_removed_member_loses_access_and_the_email_stays_registered() {
    let world = World::isolated();
    let company = world.company();
    let member = join(&world, &company, CompanyRole::Recruiter);
    let (team, _) = load(&world, &member);
    world.change_team(&team, &TeamChange::Removal(member.clone()), 7).unwrap();
    assert_eq!(world.actor(member.user_id), None);
    assert_eq!(world.companies.find_member(company.id, member.id).unwrap(), None);
    let credentials = world.accounts.find_credentials(&member.email).unwrap().unwrap();
    assert_eq!(credentials.account, None);
    assert_eq!(world.companies.members(company.id, first_page(9)).unwrap().items.len(), 1);
}

#[test]
fn a_change_of_an_earlier_team_revision_is_stale_and_changes_nothing() {
    let world = World::isolated();
    let company = world.company();
    let [one, other] = [(); 2].map(|()| join(&world, &company, CompanyRole::Viewer));
    let (team, _) = load(&world, &one);
    world.change_team(&team, &role(&other, CompanyRole::Admin), 7).unwrap();
    for change in [role(&one, CompanyRole::Admin), TeamChange::Removal(one.clone())] {
        assert_matches!(world.change_team(&team, &change, 8), Err(RepositoryError::Stale));
    }
    let (team, found) = load(&world, &one);
    assert_eq!((team.revision, found), (Revision::stored(2), one));
}

#[test]
fn removing_a_deleted_member_is_stale_and_does_not_change_the_team() {
    let world = World::isolated();
    let company = world.company();
    let [one, other] = [(); 2].map(|()| join(&world, &company, CompanyRole::Viewer));
    world.execute(&format!("DELETE FROM company_members WHERE id = '{}'", one.id));
    let (team, _) = load(&world, &other);
    let removed = world.change_team(&team, &TeamChange::Removal(one), 8);
    assert_matches!(removed, Err(RepositoryError::Stale));
    assert_eq!(load(&world, &other).0, team);
}

#[test]
fn deactivating_a_member_changes_the_team_revision() {
    let world = World::isolated();
    let registered = world.register_company();
    let admin = join(&world, &registered.company, CompanyRole::Admin);
    let (team, _) = load(&world, &admin);
    let out = an_event(a_super_admin(&world), AuditAct::DeactivateUser(registered.admin), 3);
    set_active(&world, &out).unwrap();
    let demoted = world.change_team(&team, &role(&admin, CompanyRole::Viewer), 8);
    assert_matches!(demoted, Err(RepositoryError::Stale));
    assert_eq!(load(&world, &admin).0.admins, [admin.user_id]);
}

/// Runs two concurrent changes of the same team revision. Asserts that one succeeds
/// and one ADMIN remains.
fn race(world: &World, changes: impl Fn(&[Member; 2]) -> [TeamChange; 2]) {
    for _ in 0..20 {
        let company = world.company();
        let founder = world.companies.members(company.id, first_page(1)).unwrap().items.remove(0);
        let admins = [founder, join(world, &company, CompanyRole::Admin)];
        let changes = changes(&admins);
        let (team, _) = load(world, &admins[0]);
        let results = run_concurrently(world, 2, |index| world.change_team(&team, &changes[index], 7));
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert!(results.iter().any(|result| matches!(result, Err(RepositoryError::Stale))), "{results:?}");
        let is_admin = |member: &&Member| {
            matches!(world.actor(member.user_id), Some(Actor::Member { role: CompanyRole::Admin, .. }))
        };
        assert_eq!(admins.iter().filter(is_admin).count(), 1);
    }
}

#[test]
fn of_two_admins_who_demote_each_other_one_succeeds() {
    let world = World::with_own_schema();
    race(&world, |[one, other]| [role(other, CompanyRole::Viewer), role(one, CompanyRole::Viewer)]);
}

#[test]
fn of_a_concurrent_demotion_and_removal_one_succeeds() {
    let world = World::with_own_schema();
    race(&world, |[one, other]| [role(other, CompanyRole::Viewer), TeamChange::Removal(one.clone())]);
}
