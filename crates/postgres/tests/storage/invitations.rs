use chrono::TimeDelta;
use repower_domain::{
    accounts::{Account, Attachment, CompanyRole, Limit, Registration, ThrottleScope},
    companies::{Company, Invitation},
    ids::CompanyId,
};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, SecretDigest, ThrottleKey, Throttled},
    companies::{AcceptError, CompanyRepository, InvitationLimits, InvitationRepository, InviteError},
    idempotency::{IdempotencyRepository, KeyedOutcome, StoredResponse},
};

use crate::{
    idempotency::a_request,
    races::run_concurrently,
    support::{
        NO_LIMIT, RegisteredCompany, UNLIMITED, World, a_user, all_pages, assert_matches, at, first_page, new_id,
        value, with,
    },
};

fn an_invitation(company: CompanyId, email: &str, second: i64) -> Invitation {
    Invitation::new(new_id(), company, value(email), CompanyRole::Recruiter, at(second))
}

const fn digest(number: u8) -> SecretDigest {
    SecretDigest([number; 32])
}

/// The registration of a member who accepts an invitation.
fn member(invitation: &Invitation, company: &Company, second: i64) -> Registration {
    let mut user = a_user();
    user.email = invitation.email.clone();
    user.now = at(second);
    Registration::member(user, company.clone(), new_id(), invitation.role)
}

/// Validity of an invitation, in seconds.
const WEEK: i64 = 7 * 24 * 3_600;

#[test]
fn an_invitation_is_found_by_its_secret_until_it_expires() {
    let world = World::isolated();
    let registered = world.register_company();
    let invitation = an_invitation(registered.company.id, "new@example.com", 0);
    world.invite(&invitation, digest(1), registered.admin, &UNLIMITED).unwrap();
    let find = |number, second| world.invitations.find_by_secret(digest(number), at(second)).unwrap();
    assert_eq!(find(1, WEEK - 1), Some((invitation, registered.company)));
    assert_eq!(find(1, WEEK), None);
    assert_eq!(find(2, 0), None);
}

#[test]
fn a_second_invitation_replaces_the_first_of_its_company_only() {
    let world = World::isolated();
    let (registered, other) = (world.register_company(), world.register_company());
    let [old, new] = [0, 5].map(|second| an_invitation(registered.company.id, "new@example.com", second));
    let mut new = new;
    new.role = CompanyRole::Admin;
    let elsewhere = an_invitation(other.company.id, "new@example.com", 0);
    world.invite(&old, digest(1), registered.admin, &UNLIMITED).unwrap();
    world.invite(&elsewhere, digest(2), other.admin, &UNLIMITED).unwrap();
    world.invite(&new, digest(3), registered.admin, &UNLIMITED).unwrap();
    let pending = |company| world.invitations.pending(company, at(6), first_page(9)).unwrap().items;
    assert_eq!(pending(registered.company.id), [new]);
    assert_eq!(pending(other.company.id), [elsewhere]);
    assert_eq!(world.invitations.find_by_secret(digest(1), at(6)).unwrap(), None);
    let late = member(&old, &registered.company, 6);
    assert_matches!(world.accept(old.id, &late, digest(1)), Err(AcceptError::Gone));
}

#[test]
fn a_user_with_an_account_is_not_invited() {
    let world = World::isolated();
    let registered = world.register_company();
    let technician = world.technician();
    let email = world.accounts.find_account(technician.user_id).unwrap().unwrap().user.email;
    let invitation = an_invitation(registered.company.id, email.as_str(), 0);
    let invited = world.invite(&invitation, digest(1), registered.admin, &UNLIMITED);
    assert_matches!(invited, Err(InviteError::AlreadyMember));
    assert_eq!(world.count("invitations", "true"), 0);
}

#[test]
fn pending_invitations_are_sorted_oldest_first_then_by_id() {
    let world = World::isolated();
    let registered = world.register_company();
    let mut expected = Vec::new();
    for (number, second) in (1_u8..).zip([10, 3, 3, 3, -WEEK, 7]) {
        let invitation = an_invitation(registered.company.id, &format!("new.{number}@example.com"), second);
        world.invite(&invitation, digest(number), registered.admin, &UNLIMITED).unwrap();
        expected.push(invitation);
    }
    // The fifth invitation expires at the time of the query.
    expected.remove(4);
    expected.sort_by_key(|invitation| (invitation.created_at, invitation.id));
    for limit in [1, 2, 5, 100] {
        let pending = all_pages(limit, |page| world.invitations.pending(registered.company.id, at(0), page));
        assert_eq!(pending, expected);
    }
}

#[test]
fn only_its_company_revokes_an_invitation_and_only_while_it_is_pending() {
    let world = World::isolated();
    let (registered, other) = (world.register_company(), world.register_company());
    let invitation = an_invitation(registered.company.id, "new@example.com", 0);
    world.invite(&invitation, digest(1), registered.admin, &UNLIMITED).unwrap();
    let find = |company, id, second| world.invitations.find(company, id, at(second)).unwrap();
    assert_eq!(find(other.company.id, invitation.id, 1), None);
    assert_eq!(find(registered.company.id, new_id(), 1), None);
    assert_eq!(find(registered.company.id, invitation.id, WEEK), None);
    assert_eq!(find(registered.company.id, invitation.id, WEEK - 1).as_ref(), Some(&invitation));
    assert!(!world.revoke(&invitation, registered.admin, WEEK));
    assert!(world.revoke(&invitation, registered.admin, WEEK - 1));
    assert!(!world.revoke(&invitation, registered.admin, 1));
    let late = member(&invitation, &registered.company, 2);
    assert_matches!(world.accept(invitation.id, &late, digest(1)), Err(AcceptError::Gone));
}

#[test]
fn a_new_secret_invalidates_the_old_one() {
    let world = World::isolated();
    let registered = world.register_company();
    let invitation = an_invitation(registered.company.id, "new@example.com", 0);
    world.invite(&invitation, digest(1), registered.admin, &UNLIMITED).unwrap();
    assert!(world.invitations.replace_secret(invitation.id, digest(2)).unwrap());
    assert!(!world.invitations.replace_secret(new_id(), digest(3)).unwrap());
    assert_eq!(world.invitations.find_by_secret(digest(1), at(1)).unwrap(), None);
    let joining = member(&invitation, &registered.company, 1);
    assert_matches!(world.accept(invitation.id, &joining, digest(1)), Err(AcceptError::Gone));
    assert_matches!(world.accept(invitation.id, &joining, digest(2)), Ok(()));
}

#[test]
fn an_accepted_invitation_adds_a_member_and_is_deleted() {
    let world = World::isolated();
    let registered = world.register_company();
    let invitation = an_invitation(registered.company.id, "new@example.com", 0);
    world.invite(&invitation, digest(1), registered.admin, &UNLIMITED).unwrap();
    let joining = member(&invitation, &registered.company, WEEK - 1);
    world.accept(invitation.id, &joining, digest(1)).unwrap();
    let Account { user, attachment, .. } = &joining.account;
    assert_eq!(world.accounts.find_account(user.id).unwrap(), Some(joining.account.clone()));
    let Attachment::Member { member: joined, .. } = attachment else { panic!("{attachment:?}") };
    assert!(world.companies.members(registered.company.id, first_page(9)).unwrap().items.contains(joined));
    assert_eq!(world.count("invitations", "true"), 0);
    let again = member(
        &with(invitation.clone(), |invitation| invitation.email = value("b@example.com")),
        &registered.company,
        2,
    );
    assert_matches!(world.accept(invitation.id, &again, digest(1)), Err(AcceptError::Gone));
}

#[test]
fn an_expired_invitation_cannot_be_accepted() {
    let world = World::isolated();
    let registered = world.register_company();
    let invitation = an_invitation(registered.company.id, "new@example.com", 0);
    world.invite(&invitation, digest(1), registered.admin, &UNLIMITED).unwrap();
    let late = member(&invitation, &registered.company, WEEK);
    assert_matches!(world.accept(invitation.id, &late, digest(1)), Err(AcceptError::Gone));
    assert_eq!(world.accounts.find_credentials(&invitation.email).unwrap(), None);
}

#[test]
fn an_email_registered_meanwhile_is_rejected_and_the_invitation_remains() {
    let world = World::isolated();
    let registered = world.register_company();
    let invitation = an_invitation(registered.company.id, "new@example.com", 0);
    world.invite(&invitation, digest(1), registered.admin, &UNLIMITED).unwrap();
    let mut user = a_user();
    user.email = invitation.email.clone();
    world.register(&Registration::technician(user, new_id(), crate::support::a_technician_profile()));
    let joining = member(&invitation, &registered.company, 1);
    assert_matches!(world.accept(invitation.id, &joining, digest(1)), Err(AcceptError::EmailTaken));
    assert!(world.invitations.find_by_secret(digest(1), at(1)).unwrap().is_some());
    assert_eq!(world.companies.members(registered.company.id, first_page(9)).unwrap().items.len(), 1);
}

#[test]
fn of_concurrent_acceptances_of_one_invitation_one_succeeds() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    for number in 0..5 {
        let invitation = an_invitation(registered.company.id, &format!("new.{number}@example.com"), 0);
        world.invite(&invitation, digest(number), registered.admin, &UNLIMITED).unwrap();
        let results = run_concurrently(&world, 20, |_| {
            world.accept(invitation.id, &member(&invitation, &registered.company, 1), digest(number))
        });
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        for result in results.iter().filter(|result| result.is_err()) {
            assert_matches!(result, Err(AcceptError::Gone));
        }
    }
    assert_eq!(world.companies.members(registered.company.id, first_page(99)).unwrap().items.len(), 6);
    assert_eq!((world.count("users", "true"), world.count("invitations", "true")), (6, 0));
}

#[test]
fn of_concurrent_invitations_of_one_email_one_remains() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    let results = run_concurrently(&world, 20, |index| {
        let invitation = an_invitation(registered.company.id, "new@example.com", 0);
        world.invite(&invitation, digest(u8::try_from(index).unwrap()), registered.admin, &UNLIMITED)
    });
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(world.invitations.pending(registered.company.id, at(1), first_page(99)).unwrap().items.len(), 1);
}

#[test]
fn concurrent_revocation_and_acceptance_exclude_each_other() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    for number in 0..20 {
        let invitation = an_invitation(registered.company.id, &format!("new.{number}@example.com"), 0);
        world.invite(&invitation, digest(number), registered.admin, &UNLIMITED).unwrap();
        let joining = member(&invitation, &registered.company, 1);
        let done = run_concurrently(&world, 2, |index| match index {
            0 => world.revoke(&invitation, registered.admin, 1),
            _ => world.accept(invitation.id, &joining, digest(number)).is_ok(),
        });
        assert_ne!(done[0], done[1]);
        assert_eq!(world.actor(joining.account.user.id).is_some(), done[1]);
    }
}

/// Invites a numbered email, at most three times in a day.
fn invite_daily(
    world: &World,
    registered: &RegisteredCompany,
    number: u8,
    second: i64,
    pending: u32,
) -> Result<(), InviteError> {
    let limit = Limit { attempts: 3, window: TimeDelta::days(1) };
    let subject = registered.company.id.to_string();
    let daily = Some(ThrottleKey { scope: ThrottleScope::InvitationsCompany, subject, client_address: None, limit });
    let invitation = an_invitation(registered.company.id, &format!("{number}@example.com"), second);
    world.invite(&invitation, digest(number), registered.admin, &InvitationLimits { pending, daily })
}

#[test]
fn invitations_are_counted_by_the_day_also_those_that_replace_another() {
    let (world, day) = (World::isolated(), 24 * 3_600);
    let (registered, another) = (world.register_company(), world.register_company());
    for (number, second) in [(1, 0), (2, 1), (2, 2)] {
        invite_daily(&world, &registered, number, second, NO_LIMIT).unwrap();
    }
    let throttled = invite_daily(&world, &registered, 3, day - 1, NO_LIMIT);
    assert_matches!(throttled, Err(InviteError::Throttled(Throttled { until })) if *until == at(day));
    assert_eq!(world.count("invitations", "true"), 2);
    invite_daily(&world, &another, 4, 3, NO_LIMIT).unwrap();
    invite_daily(&world, &registered, 3, day, NO_LIMIT).unwrap();
}

#[test]
fn an_invitation_that_is_refused_is_not_counted() {
    let world = World::isolated();
    let registered = world.register_company();
    invite_daily(&world, &registered, 1, 0, 1).unwrap();
    for _ in 0..9 {
        let full = invite_daily(&world, &registered, 2, 1, 1);
        assert_matches!(full, Err(InviteError::Repository(RepositoryError::LimitReached { limit: 1 })));
    }
    let response = StoredResponse { status: 201, body: b"{}".into(), secret: None };
    // The count is a part of the transaction of the key: it is undone with it.
    let undone = world.idempotency.once(&a_request("k"), &mut || {
        invite_daily(&world, &registered, 2, 2, 2).unwrap();
        None
    });
    assert_matches!(undone, Ok(KeyedOutcome::Executed));
    let done = world.idempotency.once(&a_request("k"), &mut || {
        invite_daily(&world, &registered, 2, 2, 2).unwrap();
        Some(response.clone())
    });
    assert_matches!(done, Ok(KeyedOutcome::Executed));
    assert_eq!(world.count("throttle_windows", "tries = 2"), 1);
}

#[test]
fn concurrent_invitations_never_exceed_the_limit_of_a_day() {
    let world = World::with_own_schema();
    let registered = world.register_company();
    let results = run_concurrently(&world, 20, |index| {
        invite_daily(&world, &registered, u8::try_from(index).unwrap(), 0, NO_LIMIT)
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    for result in results.iter().filter(|result| result.is_err()) {
        assert_matches!(result, Err(InviteError::Throttled(_)));
    }
    assert_eq!((world.count("invitations", "true"), world.count("throttle_windows", "tries = 3")), (3, 1));
}
