use super::*;
use crate::values::DateRange;

/// An act of each action.
fn acts() -> Vec<AuditAct> {
    let id = Uuid::from_u128(7);
    let (email, role): (Email, _) = ("new@example.com".parse().unwrap(), CompanyRole::Viewer);
    let profile = |name: &str| CompanyChanges { name: name.parse().ok(), ..Default::default() };
    let judgement = |trust| Judgement {
        trust,
        note: "Seen".parse().ok(),
        voided_on: "2026-03-01".parse().ok(),
        appeal: "It is readable".parse().ok(),
        revocation_id: Some(id.into()),
    };
    let day = |text: &str| text.parse().unwrap();
    let terms = RevocationTerms::builder()
        .provider("Falck Safety".parse().unwrap())
        .issued(DateRange::new(day("2025-01-01"), Some(day("2025-06-30"))).unwrap())
        .reason("Invented records".parse().unwrap())
        .build();
    vec![
        AuditAct::DeactivateUser(id.into()),
        AuditAct::ActivateUser(id.into()),
        AuditAct::CloseJob(id.into()),
        AuditAct::HideEvaluation(id.into()),
        AuditAct::ShowEvaluation(id.into()),
        AuditAct::ListUsers(Some("ana".to_owned()), Some(Role::Technician)),
        AuditAct::ChangeMemberRole(id.into(), role, CompanyRole::Admin),
        AuditAct::RemoveMember(id.into(), role),
        AuditAct::CreateInvitation(id.into(), email.clone(), role),
        AuditAct::RevokeInvitation(id.into(), email.clone(), role),
        AuditAct::AcceptInvitation(id.into(), email, role),
        AuditAct::EditCompany(id.into(), profile("Nordwind"), profile("Sydwind")),
        AuditAct::RecordAcceptance(id.into()),
        AuditAct::VerifyCompany(id.into()),
        AuditAct::UnverifyCompany(id.into()),
        AuditAct::ReadUser(id.into()),
        AuditAct::ReadEvaluation(id.into()),
        AuditAct::ListCertifications(Some(Trust::EvidenceAttached), Some(false)),
        AuditAct::ReadCertification(id.into()),
        AuditAct::JudgeCertification(id.into(), judgement(Trust::SelfDeclared), judgement(Trust::Verified)),
        AuditAct::AppealCertification(id.into(), None, "It is readable".parse().unwrap()),
        AuditAct::CreateRevocation(id.into(), terms.clone()),
        AuditAct::UndoRevocation(id.into(), terms),
        AuditAct::EndSessions(id.into()),
    ]
}

#[test]
fn an_act_is_read_back_from_its_action_its_subject_and_its_states() {
    let acts = acts();
    assert_eq!(acts.iter().map(AuditAct::action).collect::<Vec<_>>(), AuditAction::ALL);
    for act in acts {
        let read = AuditAct::stored(act.action(), act.subject().1, act.before(), act.after());
        assert_eq!(read.as_ref(), Some(&act));
        let changes_no_field = matches!(
            act,
            AuditAct::ReadUser(_)
                | AuditAct::ReadEvaluation(_)
                | AuditAct::ReadCertification(_)
                | AuditAct::EndSessions(_)
        );
        assert_eq!(act.before() == act.after(), changes_no_field, "{act:?}");
    }
}

#[test]
fn states_of_another_act_are_none() {
    let (subject, wrong) = (Some(Uuid::from_u128(7)), AuditState::UserActive(true));
    let has_states = |act: &AuditAct| {
        matches!(
            act,
            AuditAct::ChangeMemberRole(..)
                | AuditAct::RemoveMember(..)
                | AuditAct::CreateInvitation(..)
                | AuditAct::RevokeInvitation(..)
                | AuditAct::AcceptInvitation(..)
                | AuditAct::EditCompany(..)
                | AuditAct::JudgeCertification(..)
                | AuditAct::AppealCertification(..)
                | AuditAct::CreateRevocation(..)
                | AuditAct::UndoRevocation(..)
        )
    };
    for act in acts().into_iter().filter(has_states) {
        assert_eq!(AuditAct::stored(act.action(), subject, wrong.clone(), wrong.clone()), None, "{act:?}");
        assert_eq!(AuditAct::stored(act.action(), None, act.before(), act.after()), None, "{act:?}");
    }
}
