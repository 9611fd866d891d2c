use typed_builder::TypedBuilder;

use super::{Certification, Evaluation, Visibility};
use crate::ids::CompanyId;

/// The most that there has been between a technician and a company.
///
/// ```
/// use repower_domain::{technicians::{Contact, Viewer}, uuid::Uuid};
///
/// let viewer = |contact| Viewer::builder()
///     .company_id(Uuid::from_u128(1).into())
///     .contact(contact)
///     .build();
/// assert!(viewer(Contact::ByCompany).needs_verification());
/// assert!(!viewer(Contact::ByTechnician).needs_verification());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "the order of the three is a rule")]
pub enum Contact {
    /// Neither an application nor a thread.
    Nothing,
    /// A thread in which only the company has acted.
    ByCompany,
    /// An application for a job of the company, in any status, or a thread that the
    /// technician opened or wrote in.
    ByTechnician,
}

/// A company that looks at a technician.
///
/// ```
/// use repower_domain::{technicians::{Contact, Viewer, Visibility}, uuid::Uuid};
///
/// let stranger = Viewer::builder()
///     .company_id(Uuid::from_u128(1).into())
///     .contact(Contact::Nothing)
///     .build();
/// assert!(stranger.may_know_of(Visibility::Companies));
/// assert!(!stranger.may_know_of(Visibility::Applied));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Viewer {
    /// The company.
    pub company_id: CompanyId,
    /// Its contact with the technician.
    pub contact: Contact,
}

impl Viewer {
    /// Whether the company must be verified to see the technician, where companies must
    /// be.
    pub fn needs_verification(self) -> bool {
        self.contact < Contact::ByTechnician
    }

    /// Whether the company may know of the technician.
    pub fn may_know_of(self, visibility: Visibility) -> bool {
        visibility == Visibility::Companies || self.has_contact()
    }

    /// A certification as the company sees it: the document after contact only, and never
    /// the note of the verifier and the appeal.
    pub fn certification(self, certification: Certification) -> Certification {
        let document_url = certification.document_url.filter(|_| self.has_contact());
        Certification { document_url, note: None, appeal: None, ..certification }
    }

    /// An evaluation as the company sees it: the comment of another company and the answer
    /// to it after contact only.
    pub fn evaluation(self, evaluation: Evaluation) -> Evaluation {
        let is_visible = self.has_contact() || evaluation.company_id == self.company_id;
        let (comment, answer) = if is_visible { (evaluation.comment, evaluation.answer) } else { (None, None) };
        Evaluation { comment, answer, ..evaluation }
    }

    fn has_contact(self) -> bool {
        self.contact > Contact::Nothing
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::{
        technicians::Trust,
        values::{Rating, Validity},
    };

    const ALL: [Contact; 3] = [Contact::Nothing, Contact::ByCompany, Contact::ByTechnician];

    fn viewer(contact: Contact) -> Viewer {
        Viewer { company_id: Uuid::from_u128(1).into(), contact }
    }

    fn evaluation_by(company: u128) -> Evaluation {
        Evaluation {
            id: Uuid::from_u128(2).into(),
            technician_id: Uuid::from_u128(3).into(),
            company_id: Uuid::from_u128(company).into(),
            job_id: Uuid::from_u128(4).into(),
            rating: Rating::try_from(4).unwrap(),
            comment: "Careful work".parse().ok(),
            answer: "Thank you".parse().ok(),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_act_of_the_technician_admits_any_company() {
        assert_eq!(ALL.map(|contact| viewer(contact).needs_verification()), [true, true, false]);
    }

    #[test]
    fn a_hidden_technician_is_known_after_contact() {
        let known = |visibility| ALL.map(|contact| viewer(contact).may_know_of(visibility));
        assert_eq!(known(Visibility::Companies), [true; 3]);
        assert_eq!(known(Visibility::Applied), [false, true, true]);
    }

    #[test]
    fn a_document_is_shown_after_contact_and_all_else_before() {
        let certification = Certification::builder()
            .id(Uuid::from_u128(5).into())
            .technician_id(Uuid::from_u128(3).into())
            .name("IRATA L1".parse().unwrap())
            .provider("IRATA".parse().unwrap())
            .validity(Validity::new("2026-01-01".parse().unwrap(), "2028-01-01".parse().ok()).unwrap())
            .document_url("https://irata.example/1?token=x".parse().ok())
            .build();
        let seen = |contact| viewer(contact).certification(certification.clone());
        assert_eq!(seen(Contact::Nothing), Certification { document_url: None, ..certification.clone() });
        assert_eq!(
            [Contact::ByCompany, Contact::ByTechnician].map(seen),
            [certification.clone(), certification.clone()]
        );
    }

    #[test]
    fn the_note_of_a_verifier_and_an_appeal_are_never_shown() {
        let shown = Certification::builder()
            .id(Uuid::from_u128(5).into())
            .technician_id(Uuid::from_u128(3).into())
            .name("IRATA L1".parse().unwrap())
            .provider("IRATA".parse().unwrap())
            .validity(Validity::new("2026-01-01".parse().unwrap(), "2028-01-01".parse().ok()).unwrap())
            .document_url(None)
            .trust(Trust::Rejected)
            .build();
        let (note, appeal) = ("The scan is blurred".parse().ok(), "It is readable".parse().ok());
        let judged = Certification { note, appeal, ..shown.clone() };
        assert_eq!(ALL.map(|contact| viewer(contact).certification(judged.clone())), [(); 3].map(|()| shown.clone()));
    }

    #[test]
    fn the_comment_of_another_company_is_shown_after_contact() {
        let (own, other) = (evaluation_by(1), evaluation_by(9));
        for contact in ALL {
            assert_eq!(viewer(contact).evaluation(own.clone()), own);
        }
        let hidden = Evaluation { comment: None, answer: None, ..other.clone() };
        assert_eq!(ALL.map(|contact| viewer(contact).evaluation(other.clone())), [hidden, other.clone(), other]);
    }
}
