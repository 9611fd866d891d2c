use mockall::Sequence;
use repower_domain::{
    Revision,
    companies::{Invitation, LastAdmin, Team, TeamChange},
};
use repower_ports::{
    accounts::{HashingError, MockSecretGenerator, OneTimeSecret, SecretDigest},
    companies::{InviteError as NotInvited, MockInvitationRepository},
};

use super::*;
use crate::testing::ids;

const ADMINS: &[Role] = &[Role::CompanyAdmin];
const DIGEST: SecretDigest = SecretDigest([7; 32]);

fn members_of(companies: MockCompanyRepository) -> MemberService {
    inviting_with(companies, MockInvitationRepository::new(), MockSecretGenerator::new())
}

fn inviting_with(
    companies: MockCompanyRepository,
    invitations: MockInvitationRepository,
    secrets: MockSecretGenerator,
) -> MemberService {
    MemberService {
        companies: Arc::new(companies),
        invitations: Arc::new(invitations),
        secrets: Arc::new(secrets),
        clock: clock(),
        ids: ids(),
    }
}

fn inviting(invitations: MockInvitationRepository) -> MemberService {
    let mut secrets = MockSecretGenerator::new();
    secrets.expect_generate().returning(|| Ok(a_secret()));
    inviting_with(MockCompanyRepository::new(), invitations, secrets)
}

fn a_secret() -> OneTimeSecret {
    OneTimeSecret { text: "secret".to_owned(), digest: DIGEST }
}

fn an_invitation() -> Invitation {
    Invitation::new(id(1), the_company(), value("new@nordwind.example"), CompanyRole::Recruiter, now())
}

fn invite(service: &MemberService, actor: &Actor) -> Result<NewInvitation, InviteError> {
    service.invite(actor, value("new@nordwind.example"), CompanyRole::Recruiter)
}

fn team(revision: i32, admins: &[u128]) -> Team {
    let admins = admins.iter().map(|number| id(*number)).collect();
    Team { company_id: the_company(), admins, revision: Revision::stored(revision) }
}

fn an_admin() -> Member {
    Member { id: id(151), user_id: user_who_is(Role::CompanyAdmin), role: CompanyRole::Admin, ..a_member() }
}

/// Holds this member in this team.
fn with_member(team: Team, member: Member) -> MockCompanyRepository {
    let mut companies = MockCompanyRepository::new();
    companies
        .expect_find_member()
        .once()
        .withf(|company, _| *company == the_company())
        .return_once(|_, _| Ok(Some((team, member))));
    companies
}

#[test]
fn an_admin_invites_with_a_secret_that_is_kept_as_its_digest() {
    let mut invitations = MockInvitationRepository::new();
    invitations.expect_invite().once().return_once(|invitation, digest, by| {
        assert_eq!((invitation, digest, by), (&an_invitation(), DIGEST, user_who_is(Role::CompanyAdmin)));
        Ok(())
    });
    let invited = invite(&inviting(invitations), &admin()).unwrap();
    assert_eq!(invited, NewInvitation { invitation: an_invitation(), secret: a_secret() });
}

#[test]
fn an_address_that_has_an_account_is_not_invited() {
    let mut invitations = MockInvitationRepository::new();
    invitations.expect_invite().once().return_once(|_, _, _| Err(NotInvited::AlreadyMember));
    assert_matches!(invite(&inviting(invitations), &admin()), Err(InviteError::AlreadyMember));
}

#[test]
fn nobody_is_invited_without_a_secret() {
    let (mut invitations, mut secrets) = (MockInvitationRepository::new(), MockSecretGenerator::new());
    invitations.expect_invite().never();
    secrets.expect_generate().once().return_once(|| Err(HashingError("no randomness".into())));
    let service = inviting_with(MockCompanyRepository::new(), invitations, secrets);
    assert_matches!(invite(&service, &admin()), Err(InviteError::Secret(_)));
}

#[test]
fn whoever_is_no_admin_manages_neither_members_nor_invitations() {
    for actor in all_but(ADMINS) {
        // Mocks without expectations answer no call at all.
        let service = members_of(MockCompanyRepository::new());
        assert_matches!(invite(&service, &actor), Err(InviteError::Access(AccessError::Forbidden(_))));
        assert_matches!(service.pending_invitations(&actor, FIRST_PAGE), Err(AccessError::Forbidden(_)));
        assert_matches!(service.revoke_invitation(&actor, id(160)), Err(AccessError::Forbidden(_)));
        let changed = service.change_role(&actor, id(150), CompanyRole::Manager);
        assert_matches!(changed, Err(MemberError::Access(AccessError::Forbidden(_))));
        let removed = service.remove(&actor, id(150));
        assert_matches!(removed, Err(MemberError::Access(AccessError::Forbidden(_))));
    }
}

#[test]
fn pending_invitations_are_those_of_the_own_company_at_this_moment() {
    let mut invitations = MockInvitationRepository::new();
    invitations
        .expect_pending()
        .once()
        .withf(|company, moment, _| (*company, *moment) == (the_company(), now()))
        .return_once(|_, _, _| Ok(Page { items: vec![an_invitation()], next: None }));
    let pending = inviting(invitations).pending_invitations(&admin(), FIRST_PAGE).unwrap();
    assert_eq!(pending.items, [an_invitation()]);
}

#[test]
fn an_invitation_that_is_not_pending_in_the_own_company_is_not_revoked() {
    for was_there in [true, false] {
        let mut invitations = MockInvitationRepository::new();
        invitations
            .expect_revoke()
            .once()
            .withf(|company, invitation, _| (*company, *invitation) == (the_company(), id(160)))
            .return_once(move |_, _, _| Ok(was_there));
        match inviting(invitations).revoke_invitation(&admin(), id(160)) {
            Ok(()) => assert!(was_there),
            Err(AccessError::NotFound) => assert!(!was_there),
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[test]
fn a_repeated_invitation_gets_another_secret_while_it_is_pending() {
    for is_there in [true, false] {
        let mut invitations = MockInvitationRepository::new();
        invitations
            .expect_replace_secret()
            .once()
            .withf(|invitation, digest| (*invitation, *digest) == (id(160), DIGEST))
            .return_once(move |_, _| Ok(is_there));
        assert_eq!(inviting(invitations).renew_secret(id(160)).unwrap(), is_there.then(a_secret));
    }
}

#[test]
fn an_admin_gives_a_member_another_role() {
    let risen = Member { role: CompanyRole::Manager, ..a_member() };
    let (mut companies, expected) = (with_member(team(1, &[151]), a_member()), TeamChange::Role(risen.clone()));
    companies.expect_change_team().once().return_once(move |decided_for, change, moment| {
        assert_eq!((decided_for, change, moment), (&team(1, &[151]), &expected, now()));
        Ok(())
    });
    assert_eq!(members_of(companies).change_role(&admin(), id(150), CompanyRole::Manager).unwrap(), risen);
}

#[test]
fn the_role_that_is_there_stores_nothing() {
    let mut companies = with_member(team(1, &[151]), a_member());
    companies.expect_change_team().never();
    assert_eq!(members_of(companies).change_role(&admin(), id(150), CompanyRole::Viewer).unwrap(), a_member());
}

#[test]
fn a_removed_member_leaves_the_team() {
    let mut companies = with_member(team(1, &[151]), a_member());
    companies
        .expect_change_team()
        .once()
        .withf(|_, change, _| *change == TeamChange::Removal(a_member()))
        .return_once(|_, _, _| Ok(()));
    assert_matches!(members_of(companies).remove(&admin(), id(150)), Ok(()));
}

#[test]
fn the_last_admin_is_neither_demoted_nor_removed() {
    let alone = || {
        let mut companies = with_member(team(1, &[151]), an_admin());
        companies.expect_change_team().never();
        members_of(companies)
    };
    let demoted = alone().change_role(&admin(), id(151), CompanyRole::Viewer);
    assert_matches!(demoted, Err(MemberError::LastAdmin(LastAdmin)));
    assert_matches!(alone().remove(&admin(), id(151)), Err(MemberError::LastAdmin(LastAdmin)));
}

#[test]
fn of_two_admins_who_demote_each_other_the_later_is_told_why_it_cannot_be() {
    let (mut companies, mut order) = (MockCompanyRepository::new(), Sequence::new());
    for (revision, admins) in [(1, vec![151, 152]), (2, vec![151])] {
        let found = (team(revision, &admins), an_admin());
        companies.expect_find_member().once().in_sequence(&mut order).return_once(|_, _| Ok(Some(found)));
        let changes = usize::from(revision == 1);
        companies
            .expect_change_team()
            .times(changes)
            .in_sequence(&mut order)
            .returning(|_, _, _| Err(RepositoryError::Stale));
    }
    let demoted = members_of(companies).change_role(&admin(), id(151), CompanyRole::Viewer);
    assert_matches!(demoted, Err(MemberError::LastAdmin(LastAdmin)));
}

#[test]
fn a_team_that_never_stands_still_is_given_up_on() {
    let mut companies = MockCompanyRepository::new();
    companies.expect_find_member().returning(|_, _| Ok(Some((team(1, &[151]), a_member()))));
    companies.expect_change_team().returning(|_, _, _| Err(RepositoryError::Stale));
    let removed = members_of(companies).remove(&admin(), id(150));
    assert_matches!(removed, Err(MemberError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn a_member_of_another_company_is_not_found() {
    let missing = || {
        let mut companies = MockCompanyRepository::new();
        companies.expect_find_member().once().return_once(|_, _| Ok(None));
        companies.expect_change_team().never();
        members_of(companies)
    };
    let changed = missing().change_role(&admin(), id(999), CompanyRole::Viewer);
    assert_matches!(changed, Err(MemberError::Access(AccessError::NotFound)));
    assert_matches!(missing().remove(&admin(), id(999)), Err(MemberError::Access(AccessError::NotFound)));
}
