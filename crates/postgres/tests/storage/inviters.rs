//! Invitations end with the right of their inviter.

use repower_domain::{
    accounts::{Attachment, CompanyRole, Registration},
    admin::AuditAct,
    companies::{Company, Invitation, Member, TeamChange},
    ids::UserId,
};
use repower_ports::{
    accounts::SecretDigest,
    companies::{AcceptError, CompanyRepository, InvitationRepository, InviteError},
};

use crate::{
    admin::{a_super_admin, set_active},
    races::run_concurrently,
    support::{UNLIMITED, World, a_user, an_event, assert_matches, at, first_page, new_id},
    teams::{join, load, role},
};

/// What ends the right of an ADMIN to invite.
#[derive(Debug, Clone, Copy)]
enum End {
    Removal,
    Demotion(CompanyRole),
    Deactivation,
}

const ENDS: [End; 5] = [
    End::Removal,
    End::Demotion(CompanyRole::Manager),
    End::Demotion(CompanyRole::Recruiter),
    End::Demotion(CompanyRole::Viewer),
    End::Deactivation,
];

/// A company with its founder and a second ADMIN.
struct Team {
    company: Company,
    founder: UserId,
    inviter: Member,
    super_admin: UserId,
}

impl Team {
    fn new(world: &World) -> Self {
        let registered = world.register_company();
        let inviter = join(world, &registered.company, CompanyRole::Admin);
        Self { company: registered.company, founder: registered.admin, inviter, super_admin: a_super_admin(world) }
    }

    /// Ends the right of the inviter.
    fn end(&self, world: &World, how: End) {
        let change = match how {
            End::Removal => TeamChange::Removal(self.inviter.clone()),
            End::Demotion(to) => role(&self.inviter, to),
            End::Deactivation => {
                let event = an_event(self.super_admin, AuditAct::DeactivateUser(self.inviter.user_id), 3);
                return set_active(world, &event).unwrap();
            }
        };
        let (team, _) = load(world, &self.inviter);
        world.change_team(&team, &change, 3).unwrap();
    }

    /// An invitation with its digest. Both are unique.
    fn invitation(&self) -> (Invitation, SecretDigest) {
        let id = new_id();
        let invitation = Invitation::new(id, self.company.id, a_user().email, CompanyRole::Admin, at(0));
        let mut digest = [0; 32];
        digest[..16].copy_from_slice(id.uuid().as_bytes());
        (invitation, SecretDigest(digest))
    }

    /// A stored invitation by this user.
    fn invite(&self, world: &World, by: UserId) -> (Invitation, SecretDigest) {
        let (invitation, digest) = self.invitation();
        world.invite(&invitation, digest, by, &UNLIMITED).unwrap();
        (invitation, digest)
    }

    fn joining(&self, invitation: &Invitation) -> Registration {
        let mut user = a_user();
        user.email = invitation.email.clone();
        user.now = at(4);
        Registration::member(user, self.company.clone(), new_id(), invitation.role)
    }

    fn pending(&self, world: &World) -> Vec<Invitation> {
        world.invitations.pending(self.company.id, at(5), first_page(9)).unwrap().items
    }
}

#[test]
fn the_invitations_of_an_admin_whose_right_ends_are_revoked_and_those_of_others_remain() {
    for how in ENDS {
        let world = World::isolated();
        let team = Team::new(&world);
        let (revoked, digest) = team.invite(&world, team.inviter.user_id);
        let (remaining, _) = team.invite(&world, team.founder);
        team.end(&world, how);
        assert_eq!(team.pending(&world), [remaining], "{how:?}");
        assert_eq!(world.invitations.find_by_secret(digest, at(4)).unwrap(), None);
        assert!(!world.invitations.replace_secret(revoked.id, digest).unwrap());
        let accepted = world.accept(revoked.id, &team.joining(&revoked), digest);
        assert_matches!(accepted, Err(AcceptError::Gone));
    }
}

#[test]
fn revoked_invitations_stay_revoked_after_the_right_returns() {
    for how in ENDS {
        let world = World::isolated();
        let team = Team::new(&world);
        let (revoked, digest) = team.invite(&world, team.inviter.user_id);
        team.end(&world, how);
        match how {
            // A removed user never returns.
            End::Removal => continue,
            End::Demotion(_) => {
                let (loaded, member) = load(&world, &team.inviter);
                world.change_team(&loaded, &role(&member, CompanyRole::Admin), 4).unwrap();
            }
            End::Deactivation => {
                let event = an_event(team.super_admin, AuditAct::ActivateUser(team.inviter.user_id), 4);
                set_active(&world, &event).unwrap();
            }
        }
        let accepted = world.accept(revoked.id, &team.joining(&revoked), digest);
        assert_matches!(accepted, Err(AcceptError::Gone));
        team.invite(&world, team.inviter.user_id);
    }
}

#[test]
fn a_new_role_that_keeps_the_right_keeps_the_invitations() {
    let world = World::isolated();
    let team = Team::new(&world);
    let (remaining, _) = team.invite(&world, team.founder);
    let viewer = join(&world, &team.company, CompanyRole::Viewer);
    let (loaded, _) = load(&world, &viewer);
    world.change_team(&loaded, &role(&viewer, CompanyRole::Admin), 3).unwrap();
    assert_eq!(team.pending(&world), [remaining]);
}

/// What another release leaves of an ADMIN without revoking the invitations.
const OUTLIVED: [&str; 3] = [
    "UPDATE users SET active = false",
    "UPDATE users SET role = 'COMPANY_RECRUITER'",
    "UPDATE company_members SET company_id = (SELECT id FROM companies WHERE name = 'Another')",
];

#[test]
fn who_has_no_right_any_more_neither_invites_nor_has_invitations_accepted() {
    for outlived in OUTLIVED {
        let world = World::isolated();
        let another = world.company();
        world.execute(&format!("UPDATE companies SET name = 'Another' WHERE id = '{}'", another.id));
        let team = Team::new(&world);
        let (invitation, digest) = team.invite(&world, team.inviter.user_id);
        let key = if outlived.contains("company_members") { "user_id" } else { "id" };
        world.execute(&format!("{outlived} WHERE {key} = '{}'", team.inviter.user_id));
        let joining = team.joining(&invitation);
        assert_matches!(world.accept(invitation.id, &joining, digest), Err(AcceptError::Gone));
        assert_eq!(world.actor(joining.account.user.id), None, "{outlived}");
        let (second, digest) = team.invitation();
        let invited = world.invite(&second, digest, team.inviter.user_id, &UNLIMITED);
        assert_matches!(invited, Err(InviteError::NoInviter));
        assert_eq!(team.pending(&world), [invitation]);
    }
}

#[test]
fn an_acceptance_during_the_end_of_the_right_is_before_it_or_rejected() {
    let world = World::with_own_schema();
    for round in 0..60 {
        let how = ENDS[round % ENDS.len()];
        let team = Team::new(&world);
        let (invitation, digest) = team.invite(&world, team.inviter.user_id);
        let joining = team.joining(&invitation);
        let accepted = run_concurrently(&world, 2, |index| match index {
            0 => {
                team.end(&world, how);
                None
            }
            _ => Some(world.accept(invitation.id, &joining, digest)),
        });
        let is_accepted = match &accepted[1] {
            Some(Ok(())) => true,
            Some(Err(AcceptError::Gone)) => false,
            other => panic!("{other:?}"),
        };
        assert_eq!(world.actor(joining.account.user.id).is_some(), is_accepted, "{how:?}");
        let Attachment::Member { member, .. } = &joining.account.attachment else { panic!("{joining:?}") };
        let found = world.companies.find_member(team.company.id, member.id).unwrap();
        assert_eq!(found.is_some(), is_accepted, "{how:?}");
        assert_eq!(team.pending(&world), []);
    }
}

#[test]
fn an_invitation_during_the_end_of_the_right_is_revoked_or_rejected() {
    let world = World::with_own_schema();
    for round in 0..60 {
        let how = ENDS[round % ENDS.len()];
        let team = Team::new(&world);
        let (invitation, digest) = team.invitation();
        let invited = run_concurrently(&world, 2, |index| match index {
            0 => {
                team.end(&world, how);
                None
            }
            _ => Some(world.invite(&invitation, digest, team.inviter.user_id, &UNLIMITED)),
        });
        assert!(matches!(invited[1], Some(Ok(()) | Err(InviteError::NoInviter))), "{how:?} {invited:?}");
        assert_eq!(team.pending(&world), [], "{how:?}");
    }
}
