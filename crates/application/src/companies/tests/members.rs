use chrono::TimeDelta;
use mockall::Sequence;
use repower_domain::{
    Revision,
    accounts::{Limit, ThrottleLimits, ThrottleScope},
    companies::{Invitation, LastAdmin, Team, TeamChange},
    quotas::Quotas,
};
use repower_ports::{
    accounts::{
        GeneratedSecret, HashingError, MockSecretGenerator, MockThrottleRepository, SecretDigest, ThrottleError,
        ThrottleKey, Throttled,
    },
    admin::MockAdminRepository,
    companies::{InvitationLimits, InviteError as StoreError, MockInvitationRepository},
};

use super::*;
use crate::{TooManyAttempts, testing::with};

const DIGEST: SecretDigest = SecretDigest([7; 32]);

fn service_with_companies(companies: MockCompanyRepository) -> MemberService {
    service_with_all(
        companies,
        MockInvitationRepository::new(),
        MockThrottleRepository::new(),
        MockSecretGenerator::new(),
    )
}

fn service_with_all(
    companies: MockCompanyRepository,
    invitations: MockInvitationRepository,
    throttle: MockThrottleRepository,
    secrets: MockSecretGenerator,
) -> MemberService {
    MemberService {
        companies: Arc::new(companies),
        admin: Arc::new(MockAdminRepository::new()),
        invitations: Arc::new(invitations),
        throttle: Arc::new(throttle),
        secrets: Arc::new(secrets),
        clock: clock(),
        ids: ids(),
        quotas: Quotas::default(),
        limits: Some(ThrottleLimits::default()),
    }
}

fn service_with_invitations(invitations: MockInvitationRepository) -> MemberService {
    service_with_throttle(invitations, MockThrottleRepository::new())
}

fn service_with_throttle(invitations: MockInvitationRepository, throttle: MockThrottleRepository) -> MemberService {
    let mut secrets = MockSecretGenerator::new();
    secrets.expect_generate().returning(|| Ok(a_secret()));
    service_with_all(MockCompanyRepository::new(), invitations, throttle, secrets)
}

fn a_secret() -> GeneratedSecret {
    GeneratedSecret { text: "secret".to_owned(), digest: DIGEST }
}

fn an_invitation() -> Invitation {
    Invitation::new(id(1), the_company(), value("new@nordwind.example"), CompanyRole::Recruiter, now())
}

fn invite(service: &MemberService, actor: &Actor) -> Result<NewInvitation, InviteError> {
    service.invite(actor, value("new@nordwind.example"), CompanyRole::Recruiter, &a_request())
}

fn team(revision: i32, admins: &[u128]) -> Team {
    let admins = admins.iter().map(|number| id(*number)).collect();
    Team::builder().company_id(the_company()).admins(admins).revision(Revision::stored(revision)).build()
}

fn an_admin() -> Member {
    with(a_member(), |member| {
        member.id = id(151);
        member.user_id = user_id_of(Role::CompanyAdmin);
        member.role = CompanyRole::Admin;
    })
}

/// A repository that finds this member of this team once.
fn companies_with_member(team: Team, member: Member) -> MockCompanyRepository {
    let mut companies = MockCompanyRepository::new();
    companies
        .expect_find_member()
        .once()
        .withf(|company, _| *company == the_company())
        .return_once(|_, _| Ok(Some((team, member))));
    companies
}

#[test]
fn an_invitation_is_stored_with_the_digest_of_its_secret() {
    let mut invitations = MockInvitationRepository::new();
    invitations.expect_invite().once().return_once(|invitation, digest, event, limits| {
        let act = AuditAct::CreateInvitation(id(1), an_invitation().email, CompanyRole::Recruiter);
        let logged = an_event(2, user_id_of(Role::CompanyAdmin), act);
        assert_eq!((invitation, digest, event), (&an_invitation(), DIGEST, &logged));
        assert_eq!(*limits, the_limits());
        Ok(())
    });
    let invited = invite(&service_with_invitations(invitations), &admin()).unwrap();
    assert_eq!(invited, NewInvitation { invitation: an_invitation(), secret: a_secret() });
}

/// The limits of the invitations of the company.
fn the_limits() -> InvitationLimits {
    let limit = Limit { attempts: 50, window: TimeDelta::days(1) };
    let scope = ThrottleScope::InvitationsCompany;
    let daily = ThrottleKey { scope, subject: the_company().to_string(), client_address: None, limit };
    InvitationLimits { pending: 100, daily: Some(daily) }
}

#[test]
fn an_invitation_beyond_a_limit_is_not_made() {
    let refused = |error| {
        let mut invitations = MockInvitationRepository::new();
        invitations.expect_invite().once().return_once(|_, _, _, _| Err(error));
        invite(&service_with_invitations(invitations), &admin())
    };
    let full = refused(RepositoryError::LimitReached { limit: 100 }.into());
    assert_matches!(
        full,
        Err(InviteError::Access(AccessError::Repository(RepositoryError::LimitReached { limit: 100 })))
    );
    let throttled = refused(StoreError::Throttled(Throttled { until: now() + TimeDelta::seconds(9) }));
    let too_many = TooManyAttempts { retry_after: 9 };
    assert_matches!(throttled, Err(InviteError::Access(AccessError::TooManyAttempts(error))) if error == too_many);
}

#[test]
fn an_email_with_an_account_is_not_invited_and_counted_so_that_few_are_learnt() {
    let refused = |counted: Result<(), ThrottleError>| {
        let (mut invitations, mut throttle) = (MockInvitationRepository::new(), MockThrottleRepository::new());
        invitations.expect_invite().once().return_once(|_, _, _, _| Err(StoreError::AlreadyMember));
        throttle.expect_count().once().return_once(|keys, counted_at| {
            assert_eq!((keys, counted_at), (the_limits().daily.as_slice(), now()));
            counted
        });
        invite(&service_with_throttle(invitations, throttle), &admin())
    };
    assert_matches!(refused(Ok(())), Err(InviteError::AlreadyMember));
    let throttled = refused(Err(ThrottleError::Throttled(Throttled { until: now() + TimeDelta::seconds(9) })));
    let too_many = TooManyAttempts { retry_after: 9 };
    assert_matches!(throttled, Err(InviteError::Access(AccessError::TooManyAttempts(error))) if error == too_many);
}

#[test]
fn an_inviter_whose_right_has_ended_meanwhile_is_forbidden() {
    let mut invitations = MockInvitationRepository::new();
    invitations.expect_invite().once().return_once(|_, _, _, _| Err(StoreError::NoInviter));
    let invited = invite(&service_with_invitations(invitations), &admin());
    assert_matches!(invited, Err(InviteError::Access(AccessError::Forbidden(_))));
}

#[test]
fn no_invitation_is_stored_if_its_secret_cannot_be_generated() {
    let (mut invitations, mut secrets) = (MockInvitationRepository::new(), MockSecretGenerator::new());
    invitations.expect_invite().never();
    secrets.expect_generate().once().return_once(|| Err(HashingError("no randomness".into())));
    let service = service_with_all(MockCompanyRepository::new(), invitations, MockThrottleRepository::new(), secrets);
    assert_matches!(invite(&service, &admin()), Err(InviteError::Secret(_)));
}

#[test]
fn an_actor_without_a_company_manages_neither_members_nor_invitations() {
    for actor in actors_without_a_company() {
        // Mocks without expectations panic at any call.
        let service = service_with_companies(MockCompanyRepository::new());
        assert_matches!(invite(&service, &actor), Err(InviteError::Access(AccessError::Forbidden(_))));
        assert_matches!(service.pending_invitations(&actor, FIRST_PAGE), Err(AccessError::Forbidden(_)));
        assert_matches!(service.revoke_invitation(&actor, id(160), &a_request()), Err(AccessError::Forbidden(_)));
        let changed = service.change_role(&actor, id(150), CompanyRole::Manager, &a_request());
        assert_matches!(changed, Err(MemberError::Access(AccessError::Forbidden(_))));
        let removed = service.remove(&actor, id(150), &a_request());
        assert_matches!(removed, Err(MemberError::Access(AccessError::Forbidden(_))));
    }
}

#[test]
fn pending_invitations_are_those_of_the_own_company_at_the_current_time() {
    let mut invitations = MockInvitationRepository::new();
    invitations
        .expect_pending()
        .once()
        .withf(|company, at, _| (*company, *at) == (the_company(), now()))
        .return_once(|_, _, _| Ok(a_page(an_invitation())));
    let pending = service_with_invitations(invitations).pending_invitations(&admin(), FIRST_PAGE).unwrap();
    assert_eq!(pending.items, [an_invitation()]);
}

#[test]
fn only_a_pending_invitation_of_the_own_company_is_revoked() {
    // The second one ends between the two statements.
    for (found, was_pending) in [(Some(an_invitation()), true), (Some(an_invitation()), false), (None, false)] {
        let mut invitations = MockInvitationRepository::new();
        invitations.expect_revoke().times(usize::from(found.is_some())).return_once(move |invitation, event| {
            let act = AuditAct::RevokeInvitation(id(160), an_invitation().email, CompanyRole::Recruiter);
            let logged = an_event(1, user_id_of(Role::CompanyAdmin), act);
            assert_eq!((invitation, event), (&an_invitation(), &logged));
            Ok(was_pending)
        });
        invitations
            .expect_find()
            .once()
            .withf(|company, invitation, at| (*company, *invitation, *at) == (the_company(), id(160), now()))
            .return_once(|_, _, _| Ok(found));
        match service_with_invitations(invitations).revoke_invitation(&admin(), id(160), &a_request()) {
            Ok(()) => assert!(was_pending),
            Err(AccessError::NotFound) => assert!(!was_pending),
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[test]
fn a_repeated_invitation_gets_a_new_secret_while_it_is_pending() {
    for is_pending in [true, false] {
        let mut invitations = MockInvitationRepository::new();
        invitations
            .expect_replace_secret()
            .once()
            .withf(|invitation, digest| (*invitation, *digest) == (id(160), DIGEST))
            .return_once(move |_, _| Ok(is_pending));
        assert_eq!(service_with_invitations(invitations).renew_secret(id(160)).unwrap(), is_pending.then(a_secret));
    }
}

#[test]
fn a_changed_role_is_stored_for_the_loaded_team() {
    let mut promoted = a_member();
    promoted.role = CompanyRole::Manager;
    let (mut companies, expected) =
        (companies_with_member(team(1, &[601]), a_member()), TeamChange::Role(promoted.clone()));
    companies.expect_change_team().once().return_once(move |loaded, change, event| {
        let act = AuditAct::ChangeMemberRole(a_member().user_id, CompanyRole::Viewer, CompanyRole::Manager);
        let logged = an_event(1, user_id_of(Role::CompanyAdmin), act);
        assert_eq!((loaded, change, event), (&team(1, &[601]), &expected, &logged));
        Ok(())
    });
    assert_eq!(
        service_with_companies(companies).change_role(&admin(), id(150), CompanyRole::Manager, &a_request()).unwrap(),
        promoted
    );
}

#[test]
fn changing_a_role_to_itself_stores_nothing() {
    let mut companies = companies_with_member(team(1, &[601]), a_member());
    companies.expect_change_team().never();
    assert_eq!(
        service_with_companies(companies).change_role(&admin(), id(150), CompanyRole::Viewer, &a_request()).unwrap(),
        a_member()
    );
}

#[test]
fn a_removal_is_stored() {
    let mut companies = companies_with_member(team(1, &[601]), a_member());
    companies
        .expect_change_team()
        .once()
        .withf(|_, change, event| {
            let act = AuditAct::RemoveMember(a_member().user_id, CompanyRole::Viewer);
            *change == TeamChange::Removal(a_member()) && *event == an_event(1, user_id_of(Role::CompanyAdmin), act)
        })
        .return_once(|_, _, _| Ok(()));
    assert_matches!(service_with_companies(companies).remove(&admin(), id(150), &a_request()), Ok(()));
}

#[test]
fn the_last_admin_is_neither_demoted_nor_removed() {
    let with_one_admin = || {
        let mut companies = companies_with_member(team(1, &[601]), an_admin());
        companies.expect_change_team().never();
        service_with_companies(companies)
    };
    let demoted = with_one_admin().change_role(&admin(), id(151), CompanyRole::Viewer, &a_request());
    assert_matches!(demoted, Err(MemberError::LastAdmin(LastAdmin)));
    assert_matches!(with_one_admin().remove(&admin(), id(151), &a_request()), Err(MemberError::LastAdmin(LastAdmin)));
}

#[test]
fn the_later_of_two_admins_who_demote_each_other_gets_the_error_of_the_last_admin() {
    let (mut companies, mut order) = (MockCompanyRepository::new(), Sequence::new());
    for (revision, admins) in [(1, vec![601, 602]), (2, vec![601])] {
        let found = (team(revision, &admins), an_admin());
        companies.expect_find_member().once().in_sequence(&mut order).return_once(|_, _| Ok(Some(found)));
        let changes = usize::from(revision == 1);
        companies
            .expect_change_team()
            .times(changes)
            .in_sequence(&mut order)
            .returning(|_, _, _| Err(RepositoryError::Stale));
    }
    let demoted = service_with_companies(companies).change_role(&admin(), id(151), CompanyRole::Viewer, &a_request());
    assert_matches!(demoted, Err(MemberError::LastAdmin(LastAdmin)));
}

#[test]
fn an_actor_who_is_no_admin_any_more_changes_nothing() {
    let former = || {
        let mut companies = companies_with_member(team(2, &[602]), a_member());
        companies.expect_change_team().never();
        service_with_companies(companies)
    };
    let changed = former().change_role(&admin(), id(150), CompanyRole::Manager, &a_request());
    assert_matches!(changed, Err(MemberError::Access(AccessError::Forbidden(_))));
    assert_matches!(
        former().remove(&admin(), id(150), &a_request()),
        Err(MemberError::Access(AccessError::Forbidden(_)))
    );
}

#[test]
fn an_actor_who_is_removed_during_a_change_is_forbidden() {
    let (mut companies, mut order) = (MockCompanyRepository::new(), Sequence::new());
    let find = |companies: &mut MockCompanyRepository, order: &mut Sequence, team| {
        companies.expect_find_member().once().in_sequence(order).return_once(|_, _| Ok(Some((team, a_member()))));
    };
    find(&mut companies, &mut order, team(1, &[601, 602]));
    companies.expect_change_team().once().in_sequence(&mut order).returning(|_, _, _| Err(RepositoryError::Stale));
    find(&mut companies, &mut order, team(2, &[602]));
    let removed = service_with_companies(companies).remove(&admin(), id(150), &a_request());
    assert_matches!(removed, Err(MemberError::Access(AccessError::Forbidden(_))));
}

#[test]
fn a_change_is_rejected_as_stale_after_five_attempts() {
    let mut companies = MockCompanyRepository::new();
    companies.expect_find_member().times(5).returning(|_, _| Ok(Some((team(1, &[601]), a_member()))));
    companies.expect_change_team().times(5).returning(|_, _, _| Err(RepositoryError::Stale));
    let removed = service_with_companies(companies).remove(&admin(), id(150), &a_request());
    assert_matches!(removed, Err(MemberError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn a_change_is_not_repeated_after_another_error_of_the_storage() {
    let mut companies = companies_with_member(team(1, &[601]), a_member());
    companies.expect_change_team().once().return_once(|_, _, _| Err(unavailable()));
    let removed = service_with_companies(companies).remove(&admin(), id(150), &a_request());
    assert_matches!(removed, Err(MemberError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));
}

#[test]
fn invitations_fail_if_the_storage_is_unavailable() {
    let mut invitations = MockInvitationRepository::new();
    invitations.expect_invite().return_once(|_, _, _, _| Err(unavailable().into()));
    invitations.expect_replace_secret().return_once(|_, _| Err(unavailable()));
    invitations.expect_pending().return_once(|_, _, _| Err(unavailable()));
    invitations.expect_find().return_once(|_, _, _| Err(unavailable()));
    let service = service_with_invitations(invitations);
    let is_unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    let invited = invite(&service, &admin());
    assert_matches!(invited, Err(InviteError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));
    let renewed = service.renew_secret(id(160));
    assert_matches!(renewed, Err(InviteError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));
    assert!(service.pending_invitations(&admin(), FIRST_PAGE).is_err_and(is_unavailable));
    assert!(service.revoke_invitation(&admin(), id(160), &a_request()).is_err_and(is_unavailable));
}

#[test]
fn a_member_of_another_company_is_not_found() {
    let missing = || {
        let mut companies = MockCompanyRepository::new();
        companies.expect_find_member().once().return_once(|_, _| Ok(None));
        companies.expect_change_team().never();
        service_with_companies(companies)
    };
    let changed = missing().change_role(&admin(), id(999), CompanyRole::Viewer, &a_request());
    assert_matches!(changed, Err(MemberError::Access(AccessError::NotFound)));
    assert_matches!(missing().remove(&admin(), id(999), &a_request()), Err(MemberError::Access(AccessError::NotFound)));
}

mod in_any_company;
