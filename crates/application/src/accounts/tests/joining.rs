use repower_domain::{admin::AuditAct, companies::Invitation};
use repower_ports::{accounts::SecretDigest, companies::AcceptError};

use super::*;
use crate::testing::{a_request, an_event};

const DIGEST: SecretDigest = SecretDigest([7; 32]);

fn invitation(role: CompanyRole) -> Invitation {
    Invitation::new(id(160), the_company(), value("Anna@Example.com"), role, earlier())
}

/// Finds this invitation by the digest of its secret, or none.
fn with_invitation(invitation: Option<Invitation>) -> Ports {
    let mut ports = Ports::default();
    ports.secrets.expect_digest().once().withf(|text| text == "secret").return_const(DIGEST);
    ports
        .invitations
        .expect_find_by_secret()
        .once()
        .withf(|digest, at| (*digest, *at) == (DIGEST, now()))
        .return_once(|_, _| Ok(invitation.map(|invitation| (invitation, a_company()))));
    ports
}

fn accept(ports: Ports) -> Result<LoggedIn, AcceptInvitationError> {
    ports.service().accept_invitation("secret", None, the_hash(), client(), &a_request())
}

#[test]
fn an_invited_user_joins_with_the_role_and_the_email_of_the_invitation() {
    for role in CompanyRole::ALL.iter().copied() {
        let member = new_member(2, the_company(), role);
        let expected = registration(role.into(), Attachment::Member { company: a_company(), member }, false);
        let expected = with_session(expected, 3);
        let claims = TokenClaims { company_id: Some(the_company()), ..claims(id(1), role.into(), 3) };
        let (mut ports, stored) = (with_invitation(Some(invitation(role))).signing(claims), expected.clone());
        ports.invitations.expect_accept().once().return_once(move |invited, member, digest, event| {
            let act = AuditAct::AcceptInvitation(invitation(role).id, invitation(role).email, role);
            assert_eq!((invited, member, digest), (invitation(role).id, &stored, DIGEST));
            assert_eq!(*event, an_event(4, id(1), act));
            Ok(())
        });
        let logged_in = accept(ports).unwrap();
        assert_eq!((logged_in.account, logged_in.session), (expected.account, id(3)));
        assert_eq!(logged_in.token.text, "signed");
    }
}

#[test]
fn an_invited_user_may_give_a_name() {
    let mut ports = with_invitation(Some(invitation(CompanyRole::Viewer)));
    ports
        .invitations
        .expect_accept()
        .once()
        .withf(|_, member, _, _| {
            let Attachment::Member { member, .. } = &member.account.attachment else { return false };
            member.full_name.as_str() == "Anna Holm"
        })
        .return_once(|_, _, _, _| Ok(()));
    ports.tokens.expect_sign().once().return_once(|_| Ok("signed".to_owned()));
    let service = ports.service();
    service.accept_invitation("secret", Some(value("Anna Holm")), the_hash(), client(), &a_request()).unwrap();
}

#[test]
fn with_limits_the_client_address_of_who_joins_is_known() {
    let mut ports = with_invitation(Some(invitation(CompanyRole::Viewer)));
    ports.limits = Some(ThrottleLimits::default());
    let expected = Some(client_address());
    ports
        .invitations
        .expect_accept()
        .once()
        .withf(move |_, member, _, _| member.known_address == expected)
        .return_once(|_, _, _, _| Ok(()));
    ports.tokens.expect_sign().once().return_once(|_| Ok("signed".to_owned()));
    assert_eq!(accept(ports).unwrap().token.text, "signed");
}

#[test]
fn without_a_pending_invitation_nobody_joins() {
    let mut ports = with_invitation(None).never_signing();
    ports.invitations.expect_accept().never();
    assert_matches!(accept(ports), Err(AcceptInvitationError::NoSuchInvitation));
}

#[test]
fn an_invitation_is_checked_before_a_password_is_hashed() {
    let check = |ports: Ports| ports.never_hashing().service().check_invitation("secret", None, value("correct horse"));
    let pending = with_invitation(Some(invitation(CompanyRole::Viewer))).looking_up("correct horse", false);
    assert_eq!(check(pending).unwrap().reveal(), "correct horse");
    assert_matches!(check(with_invitation(None)), Err(AcceptInvitationError::NoSuchInvitation));
}

#[test]
fn an_error_of_the_commit_is_returned_and_no_token_is_signed() {
    let accepted = |error: AcceptError| {
        let mut ports = with_invitation(Some(invitation(CompanyRole::Viewer))).never_signing();
        ports.invitations.expect_accept().once().return_once(|_, _, _, _| Err(error));
        accept(ports)
    };
    assert_matches!(accepted(AcceptError::Gone), Err(AcceptInvitationError::NoSuchInvitation));
    let taken = accepted(AcceptError::EmailTaken);
    assert_matches!(taken, Err(AcceptInvitationError::Register(RegisterError::EmailTaken)));
    let failed = accepted(unavailable().into());
    assert_matches!(failed, Err(AcceptInvitationError::Register(RegisterError::Repository(_))));
}
