use thiserror::Error;

use crate::{
    Edit,
    ids::RevocationId,
    technicians::{Certification, Trust},
    values::{AppealText, CalendarDate, VerifierNote},
};

/// The judgement of a certification by a verifier.
///
/// See the example of [`Verdict`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it is all that a verdict says")]
pub struct Judgement {
    /// How far it is to be trusted.
    pub trust: Trust,
    /// The note.
    pub note: Option<VerifierNote>,
    /// The first day on which it is void.
    pub voided_on: Option<CalendarDate>,
    /// The open appeal.
    pub appeal: Option<AppealText>,
    /// The revocation of its provider that has revoked it, until the verdict is of this one alone.
    pub revocation_id: Option<RevocationId>,
}

/// A rejection or revocation has no note, by which the technician learns why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is needed to reject or revoke a certification")]
#[non_exhaustive]
pub struct NoteMissing;

/// The reason why a certification is not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[expect(clippy::exhaustive_enums, reason = "a caller answers each of them")]
pub enum JudgeError {
    /// Without a decision, the trust is that of the document.
    #[error("without a decision, this certification is {0}")]
    Undecided(Trust),
}

/// There is no decision against the technician.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("only a certification that is REJECTED or REVOKED can be appealed for; this one is {0}")]
#[expect(clippy::exhaustive_structs, reason = "the trust is all that matters")]
pub struct NotAppealable(pub Trust);

/// A decision of a verifier on a certification, or none any more.
///
/// ```
/// use repower_domain::{Edit, technicians::Trust, trust::Verdict};
///
/// assert!(Verdict::new(Trust::Verified, Edit::Leave, Edit::Leave).is_ok());
/// assert!(Verdict::new(Trust::Revoked, Edit::Clear, Edit::Leave).is_err());
/// assert!(Verdict::new(Trust::Revoked, Edit::Set("Reported by GWO".parse()?), Edit::Leave).is_ok());
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    trust: Trust,
    note: Edit<VerifierNote>,
    voided_on: Edit<CalendarDate>,
}

impl Verdict {
    /// The trust of a certification from now on, the note to its technician, and the first
    /// day on which it is void. A note that is left stays with the same trust, and ends with
    /// another one.
    ///
    /// # Errors
    ///
    /// [`NoteMissing`] if it rejects or revokes without a note.
    pub fn new(trust: Trust, note: Edit<VerifierNote>, voided_on: Edit<CalendarDate>) -> Result<Self, NoteMissing> {
        let has_note = matches!(note, Edit::Set(_));
        if trust.level().is_none() && !has_note { Err(NoteMissing) } else { Ok(Self { trust, note, voided_on }) }
    }
}

impl Certification {
    /// The judgement.
    pub fn judgement(&self) -> Judgement {
        let (note, appeal) = (self.note.clone(), self.appeal.clone());
        Judgement { trust: self.trust, note, voided_on: self.voided_on, appeal, revocation_id: self.revocation_id }
    }

    /// The certification after a verdict; `None` if nothing changes. It ends an open appeal. A
    /// verifier may have seen the evidence elsewhere: one without a document may be confirmed.
    /// Of one that is revoked with its provider, it is of this certification alone.
    ///
    /// # Errors
    ///
    /// [`JudgeError::Undecided`] if the verdict takes a decision back, and names another trust
    /// than that of the document.
    pub fn judge(&self, verdict: Verdict) -> Result<Option<Self>, JudgeError> {
        let undecided = Trust::undecided(self.document_url.is_some());
        if verdict.trust.decision().is_none() && verdict.trust != undecided {
            return Err(JudgeError::Undecided(undecided));
        }
        let note = self.note.as_ref().filter(|_| verdict.trust == self.trust);
        let judged = Self {
            trust: verdict.trust,
            note: verdict.note.of(note),
            voided_on: verdict.voided_on.of(self.voided_on.as_ref()),
            appeal: None,
            revocation_id: None,
            ..self.clone()
        };
        Ok((judged != *self).then_some(judged))
    }

    /// The certification with an appeal of its technician, which takes the place of an open one.
    ///
    /// # Errors
    ///
    /// [`NotAppealable`] if it is neither rejected nor revoked.
    pub fn object(&self, appeal: AppealText) -> Result<Self, NotAppealable> {
        match self.trust.level() {
            None => Ok(Self { appeal: Some(appeal), ..self.clone() }),
            Some(_) => Err(NotAppealable(self.trust)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::values::Validity;

    fn certification(trust: Trust, document: bool) -> Certification {
        Certification::builder()
            .id(Uuid::from_u128(1).into())
            .technician_id(Uuid::from_u128(2).into())
            .name("GWO Working at Heights".parse().unwrap())
            .provider("Falck Safety".parse().unwrap())
            .validity(Validity::new("2024-03-11".parse().unwrap(), "2026-03-10".parse().ok()).unwrap())
            .document_url(if document { "https://falck.example/1".parse().ok() } else { None })
            .trust(trust)
            .build()
    }

    fn note(text: &str) -> Edit<VerifierNote> {
        Edit::Set(text.parse().unwrap())
    }

    fn verdict(trust: Trust, note: Edit<VerifierNote>) -> Verdict {
        Verdict::new(trust, note, Edit::Leave).unwrap()
    }

    #[test]
    fn a_rejection_and_a_revocation_need_a_note_and_nothing_else_does() {
        for trust in Trust::ALL {
            let needs_note = matches!(trust, Trust::Rejected | Trust::Revoked);
            for (note, is_given) in [(Edit::Leave, false), (Edit::Clear, false), (note("Why"), true)] {
                let is_missing = Verdict::new(*trust, note, Edit::Leave) == Err(NoteMissing);
                assert_eq!(is_missing, needs_note && !is_given, "{trust}");
            }
        }
    }

    #[test]
    fn a_decision_may_follow_any_other_with_a_document_or_without() {
        for before in Trust::ALL {
            for document in [true, false] {
                for after in [Trust::Verified, Trust::Rejected, Trust::Revoked] {
                    let judged = certification(*before, document).judge(verdict(after, note("Seen"))).unwrap();
                    assert_eq!(judged.map(|one| one.trust), Some(after), "{before}");
                }
            }
        }
    }

    #[test]
    fn a_decision_is_taken_back_to_the_trust_of_the_document_only() {
        let of = |document, trust| certification(Trust::Rejected, document).judge(verdict(trust, Edit::Leave));
        for (document, right, wrong) in [
            (true, Trust::EvidenceAttached, Trust::SelfDeclared),
            (false, Trust::SelfDeclared, Trust::EvidenceAttached),
        ] {
            assert_eq!(of(document, right).unwrap().map(|one| one.trust), Some(right));
            assert_eq!(of(document, wrong), Err(JudgeError::Undecided(right)));
        }
    }

    #[test]
    fn a_note_that_is_left_stays_with_the_same_trust_and_ends_with_another() {
        let verified = Certification { note: "Seen in WINDA".parse().ok(), ..certification(Trust::Verified, true) };
        assert_eq!(verified.judge(verdict(Trust::Verified, Edit::Leave)), Ok(None));
        let back = verified.judge(verdict(Trust::EvidenceAttached, Edit::Leave)).unwrap().unwrap();
        assert_eq!(back.note, None);
        let cleared = verified.judge(verdict(Trust::Verified, Edit::Clear)).unwrap().unwrap();
        assert_eq!((cleared.trust, cleared.note), (Trust::Verified, None));
    }

    #[test]
    fn a_verdict_may_say_from_when_on_it_is_void() {
        let voided = |day| Verdict::new(Trust::Verified, Edit::Leave, day).unwrap();
        let one = certification(Trust::Verified, true);
        let day = "2025-06-01".parse().unwrap();
        let void = one.judge(voided(Edit::Set(day))).unwrap().unwrap();
        assert_eq!(void.voided_on, Some(day));
        assert_eq!(void.judge(voided(Edit::Leave)), Ok(None));
        assert_eq!(void.judge(voided(Edit::Clear)).unwrap(), Some(one));
    }

    #[test]
    fn an_appeal_is_against_a_rejection_or_a_revocation_and_one_is_open() {
        let appeal = |text: &str| text.parse().unwrap();
        for trust in Trust::ALL {
            let objected = certification(*trust, true).object(appeal("It is readable"));
            if matches!(trust, Trust::Rejected | Trust::Revoked) {
                let again = objected.unwrap().object(appeal("See page 2")).unwrap();
                assert_eq!(again.appeal, "See page 2".parse().ok());
            } else {
                assert_eq!(objected, Err(NotAppealable(*trust)));
            }
        }
    }

    #[test]
    fn each_verdict_ends_an_open_appeal_also_one_that_says_the_same_again() {
        let rejected = Certification { note: "Blurred".parse().ok(), ..certification(Trust::Rejected, true) };
        assert_eq!(rejected.judge(verdict(Trust::Rejected, note("Blurred"))), Ok(None));
        let objected = rejected.object("It is readable".parse().unwrap()).unwrap();
        assert_eq!(objected.judge(verdict(Trust::Rejected, note("Blurred"))), Ok(Some(rejected)));
    }

    #[test]
    fn a_revocation_that_is_repeated_is_of_this_certification_alone() {
        let alone = Certification { note: "Reported".parse().ok(), ..certification(Trust::Revoked, true) };
        assert_eq!(alone.judge(verdict(Trust::Revoked, note("Reported"))), Ok(None));
        let with_provider = Certification { revocation_id: Some(Uuid::from_u128(3).into()), ..alone.clone() };
        assert_ne!(with_provider.judgement(), alone.judgement());
        assert_eq!(with_provider.judge(verdict(Trust::Revoked, note("Reported"))), Ok(Some(alone)));
        let appealed = with_provider.object("It is in WINDA".parse().unwrap()).unwrap();
        assert_eq!(appealed.revocation_id, with_provider.revocation_id);
    }

    proptest! {
        #[test]
        fn a_verdict_changes_the_judgement_and_nothing_else(
            before in prop::sample::select(Trust::ALL.to_vec()),
            after in prop::sample::select(Trust::ALL.to_vec()),
            document: bool,
            voids: Option<bool>,
        ) {
            let day = "2025-06-01".parse().unwrap();
            let voided_on = match voids { None => Edit::Leave, Some(false) => Edit::Clear, Some(true) => Edit::Set(day) };
            let one = certification(before, document);
            if let Ok(Some(judged)) = one.judge(Verdict::new(after, note("Seen"), voided_on).unwrap()) {
                let (note, voided_on) = ("Seen".parse().ok(), voided_on.of(None));
                let expected = Judgement { trust: after, note, voided_on, appeal: None, revocation_id: None };
                prop_assert_eq!(judged.judgement(), expected);
                let Judgement { trust, note, voided_on, appeal, revocation_id } = one.judgement();
                prop_assert_eq!(Certification { trust, note, appeal, voided_on, revocation_id, ..judged }, one);
            }
        }
    }
}
