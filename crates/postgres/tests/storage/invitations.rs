use repower_domain::{
    accounts::{Account, Attachment, CompanyRole, NewUser, Registration},
    companies::{Company, Invitation},
    ids::CompanyId,
};
use repower_ports::{
    accounts::{AccountRepository, SecretDigest},
    companies::{AcceptError, CompanyRepository, InvitationRepository, InviteError},
};

use crate::{
    races::at_once,
    support::{World, a_user, assert_matches, at, first, new_id, value, walk},
};

fn an_invitation(company: CompanyId, email: &str, second: i64) -> Invitation {
    Invitation::new(new_id(), company, value(email), CompanyRole::Recruiter, at(second))
}

const fn digest(number: u8) -> SecretDigest {
    SecretDigest([number; 32])
}

/// What comes of an invitation that is accepted.
fn member(invitation: &Invitation, company: &Company, second: i64) -> Registration {
    let user = NewUser { email: invitation.email.clone(), now: at(second), ..a_user() };
    Registration::member(user, company.clone(), new_id(), invitation.role)
}

const WEEK: i64 = 7 * 24 * 3_600;

#[test]
fn an_invitation_is_found_by_its_secret_until_it_expires() {
    let world = World::isolated();
    let founded = world.found();
    let invitation = an_invitation(founded.company.id, "new@example.com", 0);
    world.invitations.invite(&invitation, digest(1), founded.admin).unwrap();
    let find = |number, second| world.invitations.find_by_secret(digest(number), at(second)).unwrap();
    assert_eq!(find(1, WEEK - 1), Some((invitation, founded.company)));
    assert_eq!(find(1, WEEK), None);
    assert_eq!(find(2, 0), None);
}

#[test]
fn a_second_invitation_takes_the_place_of_the_first_and_other_companies_stand() {
    let world = World::isolated();
    let (founded, other) = (world.found(), world.found());
    let [old, new] = [0, 5].map(|second| an_invitation(founded.company.id, "new@example.com", second));
    let new = Invitation { role: CompanyRole::Admin, ..new };
    let elsewhere = an_invitation(other.company.id, "new@example.com", 0);
    world.invitations.invite(&old, digest(1), founded.admin).unwrap();
    world.invitations.invite(&elsewhere, digest(2), other.admin).unwrap();
    world.invitations.invite(&new, digest(3), founded.admin).unwrap();
    let pending = |company| world.invitations.pending(company, at(6), first(9)).unwrap().items;
    assert_eq!(pending(founded.company.id), [new]);
    assert_eq!(pending(other.company.id), [elsewhere]);
    assert_eq!(world.invitations.find_by_secret(digest(1), at(6)).unwrap(), None);
    let late = member(&old, &founded.company, 6);
    assert_matches!(world.invitations.accept(old.id, &late, digest(1)), Err(AcceptError::Gone));
}

#[test]
fn whoever_has_an_account_is_not_invited() {
    let world = World::isolated();
    let founded = world.found();
    let technician = world.technician();
    let email = world.accounts.find_account(technician.user_id).unwrap().unwrap().user.email;
    let invitation = an_invitation(founded.company.id, email.as_str(), 0);
    let invited = world.invitations.invite(&invitation, digest(1), founded.admin);
    assert_matches!(invited, Err(InviteError::AlreadyMember));
    assert_eq!(world.count("invitations", "true"), 0);
}

#[test]
fn pending_invitations_come_oldest_first_and_ties_are_kept_apart() {
    let world = World::isolated();
    let founded = world.found();
    let mut expected = Vec::new();
    for (number, second) in (1_u8..).zip([10, 3, 3, 3, -WEEK, 7]) {
        let invitation = an_invitation(founded.company.id, &format!("new.{number}@example.com"), second);
        world.invitations.invite(&invitation, digest(number), founded.admin).unwrap();
        expected.push(invitation);
    }
    // The fifth has expired at the very moment that is asked about.
    expected.remove(4);
    expected.sort_by_key(|invitation| (invitation.created_at, invitation.id));
    for limit in [1, 2, 5, 100] {
        let pending = walk(limit, |page| world.invitations.pending(founded.company.id, at(0), page));
        assert_eq!(pending, expected);
    }
}

#[test]
fn an_invitation_is_revoked_by_its_company_alone_while_it_is_pending() {
    let world = World::isolated();
    let (founded, other) = (world.found(), world.found());
    let invitation = an_invitation(founded.company.id, "new@example.com", 0);
    world.invitations.invite(&invitation, digest(1), founded.admin).unwrap();
    let revoke = |company, id, second| world.invitations.revoke(company, id, at(second)).unwrap();
    assert!(!revoke(other.company.id, invitation.id, 1));
    assert!(!revoke(founded.company.id, new_id(), 1));
    assert!(!revoke(founded.company.id, invitation.id, WEEK));
    assert!(revoke(founded.company.id, invitation.id, WEEK - 1));
    assert!(!revoke(founded.company.id, invitation.id, 1));
    let late = member(&invitation, &founded.company, 2);
    assert_matches!(world.invitations.accept(invitation.id, &late, digest(1)), Err(AcceptError::Gone));
}

#[test]
fn another_secret_voids_the_first() {
    let world = World::isolated();
    let founded = world.found();
    let invitation = an_invitation(founded.company.id, "new@example.com", 0);
    world.invitations.invite(&invitation, digest(1), founded.admin).unwrap();
    assert!(world.invitations.replace_secret(invitation.id, digest(2)).unwrap());
    assert!(!world.invitations.replace_secret(new_id(), digest(3)).unwrap());
    assert_eq!(world.invitations.find_by_secret(digest(1), at(1)).unwrap(), None);
    let joining = member(&invitation, &founded.company, 1);
    assert_matches!(world.invitations.accept(invitation.id, &joining, digest(1)), Err(AcceptError::Gone));
    assert_matches!(world.invitations.accept(invitation.id, &joining, digest(2)), Ok(()));
}

#[test]
fn an_accepted_invitation_makes_a_member_and_is_used_up() {
    let world = World::isolated();
    let founded = world.found();
    let invitation = an_invitation(founded.company.id, "new@example.com", 0);
    world.invitations.invite(&invitation, digest(1), founded.admin).unwrap();
    let joining = member(&invitation, &founded.company, WEEK - 1);
    world.invitations.accept(invitation.id, &joining, digest(1)).unwrap();
    let Account { user, attachment } = &joining.account;
    assert_eq!(world.accounts.find_account(user.id).unwrap(), Some(joining.account.clone()));
    let Attachment::Member { member: joined, .. } = attachment else { panic!("{attachment:?}") };
    assert!(world.companies.members(founded.company.id, first(9)).unwrap().items.contains(joined));
    assert_eq!(world.count("invitations", "true"), 0);
    let again = member(&Invitation { email: value("b@example.com"), ..invitation.clone() }, &founded.company, 2);
    assert_matches!(world.invitations.accept(invitation.id, &again, digest(1)), Err(AcceptError::Gone));
}

#[test]
fn an_expired_invitation_is_gone() {
    let world = World::isolated();
    let founded = world.found();
    let invitation = an_invitation(founded.company.id, "new@example.com", 0);
    world.invitations.invite(&invitation, digest(1), founded.admin).unwrap();
    let late = member(&invitation, &founded.company, WEEK);
    assert_matches!(world.invitations.accept(invitation.id, &late, digest(1)), Err(AcceptError::Gone));
    assert_eq!(world.accounts.find_credentials(&invitation.email).unwrap(), None);
}

#[test]
fn an_address_that_was_registered_meanwhile_is_told_and_the_invitation_stays() {
    let world = World::isolated();
    let founded = world.found();
    let invitation = an_invitation(founded.company.id, "new@example.com", 0);
    world.invitations.invite(&invitation, digest(1), founded.admin).unwrap();
    let user = NewUser { email: invitation.email.clone(), ..a_user() };
    world.register(&Registration::technician(user, new_id(), crate::support::a_technician_profile()));
    let joining = member(&invitation, &founded.company, 1);
    assert_matches!(world.invitations.accept(invitation.id, &joining, digest(1)), Err(AcceptError::EmailTaken));
    assert!(world.invitations.find_by_secret(digest(1), at(1)).unwrap().is_some());
    assert_eq!(world.companies.members(founded.company.id, first(9)).unwrap().items.len(), 1);
}

#[test]
fn of_many_who_accept_one_invitation_one_succeeds() {
    let world = World::own();
    let founded = world.found();
    for number in 0..5 {
        let invitation = an_invitation(founded.company.id, &format!("new.{number}@example.com"), 0);
        world.invitations.invite(&invitation, digest(number), founded.admin).unwrap();
        let answers = at_once(&world, 20, |_| {
            world.invitations.accept(invitation.id, &member(&invitation, &founded.company, 1), digest(number))
        });
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        for answer in answers.iter().filter(|answer| answer.is_err()) {
            assert_matches!(answer, Err(AcceptError::Gone));
        }
    }
    assert_eq!(world.companies.members(founded.company.id, first(99)).unwrap().items.len(), 6);
    assert_eq!((world.count("users", "true"), world.count("invitations", "true")), (6, 0));
}

#[test]
fn of_many_invitations_of_one_address_at_once_one_stays() {
    let world = World::own();
    let founded = world.found();
    let answers = at_once(&world, 20, |place| {
        let invitation = an_invitation(founded.company.id, "new@example.com", 0);
        world.invitations.invite(&invitation, digest(u8::try_from(place).unwrap()), founded.admin)
    });
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(world.invitations.pending(founded.company.id, at(1), first(99)).unwrap().items.len(), 1);
}

#[test]
fn an_invitation_that_is_revoked_while_it_is_accepted_is_either() {
    let world = World::own();
    let founded = world.found();
    for number in 0..20 {
        let invitation = an_invitation(founded.company.id, &format!("new.{number}@example.com"), 0);
        world.invitations.invite(&invitation, digest(number), founded.admin).unwrap();
        let joining = member(&invitation, &founded.company, 1);
        let done = at_once(&world, 2, |place| match place {
            0 => world.invitations.revoke(founded.company.id, invitation.id, at(1)).unwrap(),
            _ => world.invitations.accept(invitation.id, &joining, digest(number)).is_ok(),
        });
        assert_ne!(done[0], done[1]);
        assert_eq!(world.actor(joining.account.user.id).is_some(), done[1]);
    }
}
