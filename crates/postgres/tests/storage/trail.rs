//! The audit log of what happens within companies.

use repower_domain::{
    Edit,
    accounts::{Attachment, CompanyRole, Registration, Role},
    admin::{AuditAct, AuditAction, AuditEvent},
    applications::{ApplicationMove, ApplicationStatus},
    companies::{CompanyChanges, Invitation, TeamChange},
    ids::CompanyId,
    jobs::JobState,
};
use repower_ports::{
    RepositoryError,
    accounts::SecretDigest,
    admin::{AdminRepository, AuditFilter},
    applications::ApplicationRepository,
    companies::{CompanyRepository, InvitationRepository},
};

use crate::{
    admin::{a_super_admin, set_active},
    support::{
        RegisteredCompany, UNLIMITED, World, a_user, an_event, an_open_job, assert_matches, at, first_page, new_id,
        value,
    },
    teams::{join, load, role},
};

fn an_invitation(registered: &RegisteredCompany) -> (Invitation, SecretDigest) {
    let email = value(&format!("{}@example.com", new_id::<CompanyId>()));
    let invitation = Invitation::new(new_id(), registered.company.id, email, CompanyRole::Viewer, at(0));
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(invitation.id.uuid().as_bytes());
    (invitation, SecretDigest(digest))
}

/// The log of a company.
fn log_of(world: &World, company: CompanyId) -> Vec<AuditEvent> {
    let filter = AuditFilter { company_id: Some(company), ..AuditFilter::default() };
    world.admin.audit(&filter, first_page(100)).unwrap().items
}

#[test]
fn each_change_within_a_company_is_logged_for_it_and_read_back() {
    let world = World::isolated();
    let (registered, other) = (world.register_company(), world.register_company());
    let (admin, company) = (registered.admin, registered.company.clone());
    let mut expected = Vec::new();

    let member = join(&world, &company, CompanyRole::Recruiter);
    let act = AuditAct::ChangeMemberRole(member.user_id, CompanyRole::Recruiter, CompanyRole::Manager);
    expected.push(an_event(admin, act, 1));
    let change = role(&member, CompanyRole::Manager);
    world.companies.change_team(&load(&world, &member).0, &change, &expected[0]).unwrap();
    expected.push(an_event(admin, AuditAct::RemoveMember(member.user_id, CompanyRole::Manager), 2));
    let change = TeamChange::Removal(member.clone());
    world.companies.change_team(&load(&world, &member).0, &change, &expected[1]).unwrap();

    let [(one, digest), (revoked, other_digest)] = [(); 2].map(|()| an_invitation(&registered));
    expected.push(an_event(admin, AuditAct::CreateInvitation(one.id, one.email.clone(), one.role), 3));
    world.invitations.invite(&one, digest, &expected[2], &UNLIMITED).unwrap();
    expected.push(an_event(admin, AuditAct::CreateInvitation(revoked.id, revoked.email.clone(), revoked.role), 4));
    world.invitations.invite(&revoked, other_digest, &expected[3], &UNLIMITED).unwrap();
    expected.push(an_event(admin, AuditAct::RevokeInvitation(revoked.id, revoked.email.clone(), revoked.role), 5));
    assert!(world.invitations.revoke(&revoked, &expected[4]).unwrap());
    let joining = Registration::member(a_user(), company.clone(), new_id(), one.role);
    let act = AuditAct::AcceptInvitation(one.id, one.email.clone(), one.role);
    expected.push(an_event(joining.account.user.id, act, 6));
    world.invitations.accept(one.id, &joining, digest, &expected[5]).unwrap();

    let changes = CompanyChanges::builder()
        .name(Some(value("Nordwind")))
        .country(Some(value("SE")))
        .website(Edit::Clear)
        .description(Edit::Set(value("Blades")))
        .build();
    let edited = company.edit(changes.clone(), at(7)).unwrap();
    let act = AuditAct::EditCompany(company.id, company.difference_from(&edited), changes);
    expected.push(an_event(admin, act, 7));
    world.companies.update(&edited, &expected[6]).unwrap();

    expected.reverse();
    assert_eq!(log_of(&world, company.id), expected);
    assert_eq!(world.log(), expected);
    assert_eq!(log_of(&world, other.company.id), []);
}

#[test]
fn a_change_that_is_not_made_is_not_logged() {
    let world = World::isolated();
    let registered = world.register_company();
    let company = &registered.company;
    let member = join(&world, company, CompanyRole::Viewer);
    let (team, _) = load(&world, &member);
    world.change_team(&team, &role(&member, CompanyRole::Manager), 1).unwrap();
    assert_matches!(world.change_team(&team, &TeamChange::Removal(member), 2), Err(RepositoryError::Stale));
    let (invitation, digest) = an_invitation(&registered);
    assert!(!world.revoke(&invitation, registered.admin, 1));
    let joining = Registration::member(a_user(), company.clone(), new_id(), CompanyRole::Viewer);
    world.accept(invitation.id, &joining, digest).unwrap_err();
    let stranger = world.technician().user_id;
    world.invite(&invitation, digest, stranger, &UNLIMITED).unwrap_err();
    assert_eq!(world.log().len(), 1);
}

#[test]
fn a_change_whose_entry_fails_is_rolled_back() {
    let world = World::isolated();
    let registered = world.register_company();
    let company = &registered.company;
    let member = join(&world, company, CompanyRole::Viewer);
    let (team, _) = load(&world, &member);
    let by_nobody = |act| an_event(new_id(), act, 1);
    let act = AuditAct::RemoveMember(member.user_id, member.role);
    let removed = world.companies.change_team(&team, &TeamChange::Removal(member.clone()), &by_nobody(act));
    assert_matches!(removed, Err(RepositoryError::Failed(_)));
    assert_eq!(load(&world, &member).0, team);
    let changes = CompanyChanges::builder().name(Some(value("Nordwind"))).build();
    let edited = company.edit(changes.clone(), at(1)).unwrap();
    let act = AuditAct::EditCompany(company.id, changes.clone(), changes);
    assert_matches!(world.companies.update(&edited, &by_nobody(act)), Err(RepositoryError::Failed(_)));
    assert_eq!(world.companies.find(company.id).unwrap().as_ref(), Some(company));
    let (invitation, digest) = an_invitation(&registered);
    world.invite(&invitation, digest, registered.admin, &UNLIMITED).unwrap();
    let act = AuditAct::RevokeInvitation(invitation.id, invitation.email.clone(), invitation.role);
    assert_matches!(world.invitations.revoke(&invitation, &by_nobody(act)), Err(RepositoryError::Failed(_)));
    assert!(world.invitations.find(company.id, invitation.id, at(1)).unwrap().is_some());
    assert_eq!(world.log().len(), 1);
}

#[test]
fn an_acceptance_that_the_company_records_is_logged_for_it() {
    let world = World::isolated();
    let (registered, technician) = (world.register_company(), world.technician());
    let job = world.add_job(an_open_job(&registered.company, 0));
    let mut application = world.apply(&job, &technician, 0);
    let event = an_event(registered.admin, AuditAct::RecordAcceptance(application.id), 2);
    for (second, next) in [(1, ApplicationStatus::Offered), (2, ApplicationStatus::Accepted)] {
        let change = ApplicationMove::builder().next(next).message_to_technician(Edit::Leave).build();
        let (moved, step) =
            application.move_to(change, repower_domain::accounts::Side::Company, registered.admin, at(second)).unwrap();
        let events = (second == 2).then(|| event.clone());
        world.applications.update(&moved, &step, events.as_slice(), None).unwrap();
        application = world.applications.find(application.id).unwrap().unwrap();
    }
    assert_eq!(log_of(&world, registered.company.id), [event]);
}

#[test]
fn acts_of_administration_on_a_member_or_a_job_are_logged_for_their_company() {
    let world = World::isolated();
    let (super_admin, registered) = (a_super_admin(&world), world.register_company());
    let out = an_event(super_admin, AuditAct::DeactivateUser(registered.admin), 1);
    set_active(&world, &out).unwrap();
    set_active(&world, &an_event(super_admin, AuditAct::DeactivateUser(world.technician().user_id), 2)).unwrap();
    let job = world.add_job(an_open_job(&registered.company, 0));
    let closing = an_event(super_admin, AuditAct::CloseJob(job.id), 3);
    let mut closed = job;
    closed.state = JobState::Closed { published_at: Some(at(0)) };
    world.admin.close_job(&closed, &closing).unwrap();
    assert_eq!(log_of(&world, registered.company.id), [closing, out]);
    assert_eq!(world.log().len(), 3);
}

#[test]
fn a_reading_of_the_users_is_logged_for_no_company() {
    let world = World::isolated();
    let super_admin = a_super_admin(&world);
    let all = an_event(super_admin, AuditAct::ListUsers(None, None), 1);
    let some = an_event(super_admin, AuditAct::ListUsers(Some("ana".to_owned()), Some(Role::Technician)), 2);
    for event in [&all, &some] {
        world.admin.record(event).unwrap();
    }
    assert_eq!(world.log(), [some, all]);
    assert_eq!(world.count("audit_events", "company_id IS NULL AND subject_id IS NULL"), 2);
}

#[test]
fn the_company_of_a_member_is_found() {
    let world = World::isolated();
    let registration = Registration::member(a_user(), world.company(), new_id(), CompanyRole::Viewer);
    world.register(&registration);
    let Attachment::Member { company, member } = registration.account.attachment else { panic!("no member") };
    assert_eq!(world.companies.find_company_of(member.id).unwrap(), Some(company.id));
    assert_eq!(world.companies.find_company_of(new_id()).unwrap(), None);
}

#[test]
fn an_entry_whose_states_are_of_another_action_is_corrupt() {
    let world = World::isolated();
    let super_admin = a_super_admin(&world);
    for (action, after) in
        [("MEMBER_ROLE_CHANGED", "{}"), ("INVITATION_CREATED", r#"{"email": "x", "role": "VIEWER"}"#)]
    {
        world.execute("SAVEPOINT before");
        world.execute(&format!(
            "INSERT INTO audit_events VALUES
             (gen_random_uuid(), '{super_admin}', '{action}', 'USER', gen_random_uuid(), '{{}}', '{after}', 'r', now())"
        ));
        let filter = AuditFilter { action: action.parse::<AuditAction>().ok(), ..AuditFilter::default() };
        assert_matches!(world.admin.audit(&filter, first_page(9)), Err(RepositoryError::Corrupt(_)));
        world.execute("ROLLBACK TO before");
    }
}
