use repower_domain::companies::Invitation;
use repower_ports::{accounts::SecretDigest, companies::AcceptError};

use super::*;

const DIGEST: SecretDigest = SecretDigest([7; 32]);

fn invitation(role: CompanyRole) -> Invitation {
    Invitation::new(id(160), the_company(), value("Anna@Example.com"), role, earlier())
}

/// Finds this invitation by the digest of its secret.
fn finding(invitation: Option<Invitation>) -> Ports {
    let mut ports = Ports::default();
    ports.secrets.expect_digest().once().withf(|text| text == "secret").return_const(DIGEST);
    ports
        .invitations
        .expect_find_by_secret()
        .once()
        .withf(|digest, moment| (*digest, *moment) == (DIGEST, now()))
        .return_once(|_, _| Ok(invitation.map(|invitation| (invitation, a_company()))));
    ports
}

fn finding_and_hashing(invitation: Invitation) -> Ports {
    let mut ports = finding(Some(invitation));
    ports.hasher.expect_hash().once().returning(|password| Ok(hash_of(password.reveal())));
    ports
}

fn accept(ports: Ports) -> Result<SignedIn, AcceptInvitationError> {
    ports.service().accept_invitation("secret", value("correct horse"))
}

#[test]
fn who_is_invited_becomes_a_member_in_the_role_and_with_the_address_of_the_invitation() {
    for role in CompanyRole::ALL.iter().copied() {
        let member = new_member(2, the_company(), role);
        let expected = registration(role.into(), Attachment::Member { company: a_company(), member }, false);
        let claims = TokenClaims { company_id: Some(the_company()), ..claims(id(1), role.into()) };
        let (mut ports, stored) = (finding_and_hashing(invitation(role)).signing(claims), expected.clone());
        ports.invitations.expect_accept().once().return_once(move |id, member, digest| {
            assert_eq!((id, member, digest), (invitation(role).id, &stored, DIGEST));
            Ok(())
        });
        let signed_in = accept(ports).unwrap();
        assert_eq!((signed_in.account, signed_in.token.text.as_str()), (expected.account, "signed"));
    }
}

#[test]
fn without_a_pending_invitation_nothing_is_hashed() {
    let mut ports = finding(None).never_signing();
    ports.hasher.expect_hash().never();
    ports.invitations.expect_accept().never();
    assert_matches!(accept(ports), Err(AcceptInvitationError::NoSuchInvitation));
}

#[test]
fn what_stands_against_it_at_the_commit_is_told_and_nobody_is_signed_in() {
    let accepted = |error: AcceptError| {
        let mut ports = finding_and_hashing(invitation(CompanyRole::Viewer)).never_signing();
        ports.invitations.expect_accept().once().return_once(|_, _, _| Err(error));
        accept(ports)
    };
    assert_matches!(accepted(AcceptError::Gone), Err(AcceptInvitationError::NoSuchInvitation));
    let taken = accepted(AcceptError::EmailTaken);
    assert_matches!(taken, Err(AcceptInvitationError::Register(RegisterError::EmailTaken)));
    let away = accepted(unavailable().into());
    assert_matches!(away, Err(AcceptInvitationError::Register(RegisterError::Repository(_))));
}
