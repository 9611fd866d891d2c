//! Making and editing certifications: the end that is given or proposed, and the trust that an edit ends.

use thiserror::Error;
use typed_builder::TypedBuilder;

use super::{Certification, Proposal, RefresherAfterExpiry, Trust};
use crate::{
    Edit,
    certification_types::{Classification, Course, Expiry, PrintedCode},
    ids::{CertificationId, TechnicianId},
    values::{CalendarDate, CertificationName, Inconsistent, Provider, Validity, WebUrl},
};

/// The data of a new certification.
///
/// ```
/// use repower_domain::{
///     certification_types::{Classification, Course},
///     technicians::{Certification, NewCertification, Trust},
///     uuid::Uuid,
/// };
///
/// let new = NewCertification::builder()
///     .name("GWO Working at Heights".parse()?)
///     .provider("Falck Safety".parse()?)
///     .classification(Some(Classification { type_code: "GWO_WAH".parse()?, course: Course::Initial }))
///     .valid_from("2026-03-11".parse()?)
///     .build();
/// let made = Certification::create(Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), new, [])?;
/// assert_eq!(made.validity.last(), "2028-03-11".parse().ok());
/// assert_eq!(made.trust, Trust::SelfDeclared);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct NewCertification {
    /// The name.
    pub name: CertificationName,
    /// The issuer.
    pub provider: Provider,
    /// The type and the course.
    #[builder(default)]
    pub classification: Option<Classification>,
    /// The day of completion.
    pub valid_from: CalendarDate,
    /// The last day, if the record prints one; otherwise that of the type.
    #[builder(default)]
    pub valid_until: Option<CalendarDate>,
    /// The URL of the document.
    #[builder(default)]
    pub document_url: Option<WebUrl>,
}

/// Changes of a certification. `None` leaves a field unchanged, as [`Edit::Leave`] does.
///
/// ```
/// use repower_domain::{Edit, technicians::CertificationChanges};
///
/// let changes = CertificationChanges::builder().document_url(Edit::Clear).build();
/// assert_ne!(changes, CertificationChanges::default());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, TypedBuilder)]
#[builder(field_defaults(default))]
#[non_exhaustive]
pub struct CertificationChanges {
    /// The new name.
    pub name: Option<CertificationName>,
    /// The new issuer.
    pub provider: Option<Provider>,
    /// The new type.
    pub type_code: Edit<PrintedCode>,
    /// The new course. Cleared, it is that of the new type's code, or the initial one.
    pub course: Edit<Course>,
    /// The new day of completion.
    pub valid_from: Option<CalendarDate>,
    /// The new last day. Cleared, it is that of the type.
    pub valid_until: Edit<CalendarDate>,
    /// The new URL of the document.
    pub document_url: Edit<WebUrl>,
}

/// The reason why a certification is not made or edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[expect(clippy::exhaustive_enums, reason = "a caller answers each of them")]
pub enum CertificationError {
    /// The last day is before the first.
    #[error(transparent)]
    Days(#[from] Inconsistent),
    /// The last day is needed: there is no type, or its records print one.
    #[error("is needed, except for a type that has an end of its own or none")]
    EndMissing,
    /// There is a course and no type.
    #[error("is known with a type only")]
    CourseWithoutType,
    /// No end can be proposed.
    #[error(transparent)]
    RefresherAfterExpiry(#[from] RefresherAfterExpiry),
}

impl Certification {
    /// A new certification of a technician. `held` are the technician's others, by which the
    /// end of a refresher is proposed.
    ///
    /// # Errors
    ///
    /// [`CertificationError`], except for a course without a type.
    pub fn create<'a>(
        id: CertificationId,
        technician_id: TechnicianId,
        new: NewCertification,
        held: impl IntoIterator<Item = &'a Self>,
    ) -> Result<Self, CertificationError> {
        let end = end(new.classification, new.valid_from, new.valid_until, held)?;
        Ok(Self::builder()
            .id(id)
            .technician_id(technician_id)
            .name(new.name)
            .provider(new.provider)
            .classification(new.classification)
            .validity(Validity::new(new.valid_from, end)?)
            .document_url(new.document_url)
            .build())
    }

    /// The certification after changes; `None` if nothing changes. A decision that confirmed
    /// it ends with a change of its provider, type, days or document. `held` are the
    /// technician's certifications; that itself is among them or not.
    ///
    /// # Errors
    ///
    /// [`CertificationError`], of the merged fields.
    pub fn edit<'a>(
        &self,
        changes: CertificationChanges,
        held: impl IntoIterator<Item = &'a Self>,
    ) -> Result<Option<Self>, CertificationError> {
        let classification = self.classification_after(&changes)?;
        let first = changes.valid_from.unwrap_or(self.validity.first());
        let given = changes.valid_until.of(self.validity.last().as_ref());
        let others = held.into_iter().filter(|one| one.id != self.id);
        let last = end(classification, first, given, others)?;
        let edited = Self {
            name: changes.name.unwrap_or_else(|| self.name.clone()),
            provider: changes.provider.unwrap_or_else(|| self.provider.clone()),
            classification,
            validity: Validity::new(first, last)?,
            document_url: changes.document_url.of(self.document_url.as_ref()),
            ..self.clone()
        };
        let edited = Self { trust: edited.trust_after(self), ..edited };
        Ok((edited != *self).then_some(edited))
    }

    fn classification_after(
        &self,
        changes: &CertificationChanges,
    ) -> Result<Option<Classification>, CertificationError> {
        let old = self.classification;
        let printed = match changes.type_code {
            Edit::Leave => old.map(|old| PrintedCode { type_code: old.type_code, course: None }),
            Edit::Clear => None,
            Edit::Set(printed) => Some(printed),
        };
        match (printed, changes.course) {
            (None, Edit::Leave | Edit::Clear) => Ok(None),
            (None, Edit::Set(_)) => Err(CertificationError::CourseWithoutType),
            (Some(printed), Edit::Set(given)) => Ok(Some(printed.classify(Some(given)))),
            (Some(printed), Edit::Clear) => Ok(Some(printed.classify(None))),
            (Some(printed), Edit::Leave) => {
                let kept = old.filter(|old| old.type_code == printed.type_code).map(|old| old.course);
                Ok(Some(printed.classify(printed.course.or(kept))))
            }
        }
    }

    /// The trust after an edit of the certification that was `old`.
    fn trust_after(&self, old: &Self) -> Trust {
        let evidence = |one: &Self| (one.provider.clone(), one.type_code(), one.validity, one.document_url.clone());
        let is_undecided = old.trust.decision().is_none();
        if is_undecided || (old.trust == Trust::Verified && evidence(self) != evidence(old)) {
            return Trust::undecided(self.document_url.is_some());
        }
        old.trust
    }
}

/// The last day: the given one, or that of the type.
fn end<'a>(
    classification: Option<Classification>,
    first: CalendarDate,
    given: Option<CalendarDate>,
    held: impl IntoIterator<Item = &'a Certification>,
) -> Result<Option<CalendarDate>, CertificationError> {
    if given.is_some() {
        return Ok(given);
    }
    let classification = classification.ok_or(CertificationError::EndMissing)?;
    match classification.type_code.details().expiry {
        Expiry::AsPrinted => Err(CertificationError::EndMissing),
        Expiry::Never | Expiry::After(_) => Ok(Proposal::new(classification, first, held)?.valid_until),
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> CalendarDate {
        text.parse().unwrap()
    }

    #[expect(clippy::unnecessary_wraps, reason = "a certification may have none")]
    fn classified(type_code: &str, course: Course) -> Option<Classification> {
        Some(Classification { type_code: type_code.parse().unwrap(), course })
    }

    fn new(classification: Option<Classification>, from: &str, until: Option<&str>) -> NewCertification {
        NewCertification::builder()
            .name("A certificate".parse().unwrap())
            .provider("Falck Safety".parse().unwrap())
            .classification(classification)
            .valid_from(day(from))
            .valid_until(until.map(day))
            .build()
    }

    fn create(new: NewCertification, held: &[Certification]) -> Result<Certification, CertificationError> {
        let number = u128::try_from(held.len()).unwrap() + 1;
        Certification::create(Uuid::from_u128(number).into(), Uuid::from_u128(1_000).into(), new, held)
    }

    fn end_of(
        classification: Option<Classification>,
        until: Option<&str>,
    ) -> Result<Option<CalendarDate>, CertificationError> {
        create(new(classification, "2026-03-11", until), &[]).map(|made| made.validity.last())
    }

    fn verified() -> Certification {
        let heights = new(classified("GWO_WAH", Course::Initial), "2026-03-11", None);
        Certification { trust: Trust::Verified, ..create(heights, &[]).unwrap() }
    }

    fn edit(one: &Certification, changes: CertificationChanges) -> Result<Option<Certification>, CertificationError> {
        one.edit(changes, [])
    }

    fn until(changes: Edit<CalendarDate>) -> CertificationChanges {
        CertificationChanges::builder().valid_until(changes).build()
    }

    fn of_type(code: &str) -> CertificationChanges {
        CertificationChanges::builder().type_code(Edit::Set(code.parse().unwrap())).build()
    }

    #[test]
    fn without_a_given_end_it_has_that_of_its_type() {
        assert_eq!(end_of(classified("GWO_WAH", Course::Initial), None), Ok(Some(day("2028-03-11"))));
        assert_eq!(end_of(classified("GWO_BR", Course::Initial), None), Ok(None));
        assert_eq!(end_of(classified("BOSIET", Course::Initial), None), Err(CertificationError::EndMissing));
        assert_eq!(end_of(None, None), Err(CertificationError::EndMissing));
    }

    #[test]
    fn a_given_end_is_stored_as_given() {
        for code in ["GWO_WAH", "GWO_BR", "BOSIET"] {
            let given = end_of(classified(code, Course::Refresher), Some("2026-12-31"));
            assert_eq!(given, Ok(Some(day("2026-12-31"))), "{code}");
        }
        let reversed = Err(CertificationError::Days(Inconsistent::Days));
        assert_eq!(end_of(None, Some("2026-03-10")), reversed);
    }

    #[test]
    fn a_refresher_without_an_end_renews_an_earlier_one() {
        let held = create(new(classified("GWO_WAH", Course::Initial), "2024-03-11", None), &[]).unwrap();
        let refresher =
            |from| create(new(classified("GWO_WAH", Course::Refresher), from, None), slice::from_ref(&held));
        assert_eq!(refresher("2026-02-01").unwrap().validity.last(), Some(day("2028-03-11")));
        assert_eq!(refresher("2026-03-12"), Err(RefresherAfterExpiry.into()));
    }

    #[test]
    fn an_edit_that_changes_nothing_is_none() {
        let one = verified();
        assert_eq!(edit(&one, CertificationChanges::default()), Ok(None));
        assert_eq!(edit(&one, of_type("WAH")), Ok(None));
        assert_eq!(edit(&one, until(Edit::Set(day("2028-03-11")))), Ok(None));
    }

    #[test]
    fn a_verified_one_is_to_be_verified_again_after_a_change_of_its_evidence() {
        let one = verified();
        let changes = || CertificationChanges::builder();
        let url = Edit::Set("https://falck.example/1".parse().unwrap());
        let trust = |changes| edit(&one, changes).unwrap().unwrap().trust;
        assert_eq!(trust(changes().provider("RelyOn".parse().ok()).build()), Trust::SelfDeclared);
        assert_eq!(trust(changes().valid_from(Some(day("2026-03-12"))).build()), Trust::SelfDeclared);
        assert_eq!(trust(until(Edit::Set(day("2028-03-10")))), Trust::SelfDeclared);
        assert_eq!(trust(of_type("GWO_FA")), Trust::SelfDeclared);
        assert_eq!(trust(changes().document_url(url).build()), Trust::EvidenceAttached);
        assert_eq!(trust(changes().name("Heights".parse().ok()).build()), Trust::Verified);
        assert_eq!(trust(changes().course(Edit::Set(Course::Refresher)).build()), Trust::Verified);
    }

    #[test]
    fn an_edit_takes_back_neither_a_rejection_nor_a_revocation() {
        for trust in [Trust::Rejected, Trust::Revoked] {
            let one = Certification { trust, ..verified() };
            let url = Edit::Set("https://falck.example/1".parse().unwrap());
            let changes = CertificationChanges::builder().document_url(url).build();
            assert_eq!(edit(&one, changes).unwrap().unwrap().trust, trust);
        }
    }

    #[test]
    fn an_undecided_one_is_trusted_by_its_document() {
        let one = Certification { trust: Trust::SelfDeclared, ..verified() };
        let url = Edit::Set("https://falck.example/1".parse().unwrap());
        let with = edit(&one, CertificationChanges::builder().document_url(url).build()).unwrap().unwrap();
        assert_eq!(with.trust, Trust::EvidenceAttached);
        let without = edit(&with, CertificationChanges::builder().document_url(Edit::Clear).build()).unwrap();
        assert_eq!(without, Some(one));
    }

    #[test]
    fn a_cleared_end_becomes_that_of_the_type() {
        let one = Certification {
            validity: Validity::new(day("2026-03-11"), Some(day("2027-01-01"))).unwrap(),
            ..verified()
        };
        let cleared = edit(&one, until(Edit::Clear)).unwrap().unwrap();
        assert_eq!(cleared.validity.last(), Some(day("2028-03-11")));
        let without_type = CertificationChanges::builder().type_code(Edit::Clear).valid_until(Edit::Clear).build();
        assert_eq!(edit(&one, without_type), Err(CertificationError::EndMissing));
        assert_eq!(edit(&one, until(Edit::Set(day("2026-03-10")))), Err(Inconsistent::Days.into()));
    }

    #[test]
    fn one_that_never_ended_gets_an_end_with_a_type_that_has_one() {
        let endless = create(new(classified("GWO_BR", Course::Initial), "2026-03-11", None), &[]).unwrap();
        let heights = edit(&endless, of_type("GWO_WAH")).unwrap().unwrap();
        assert_eq!(heights.validity.last(), Some(day("2028-03-11")));
        assert_eq!(edit(&endless, of_type("BOSIET")), Err(CertificationError::EndMissing));
    }

    #[test]
    fn the_course_is_the_given_one_or_that_of_the_code_or_the_old_one_of_the_type() {
        let one = verified();
        let course = |one: &Certification, changes| {
            edit(one, changes).unwrap().map_or(one.classification, |edited| edited.classification).unwrap().course
        };
        let with = |code: &str, course: Option<Course>| {
            let course = course.map_or(Edit::Leave, Edit::Set);
            CertificationChanges::builder().type_code(Edit::Set(code.parse().unwrap())).course(course).build()
        };
        assert_eq!(course(&one, with("WAHR", None)), Course::Refresher);
        assert_eq!(course(&one, with("WAHR", Some(Course::Initial))), Course::Initial);
        let refresher = Certification { classification: classified("GWO_WAH", Course::Refresher), ..one.clone() };
        assert_eq!(course(&refresher, with("GWO_WAH", None)), Course::Refresher);
        assert_eq!(course(&refresher, with("GWO_FA", None)), Course::Initial);
        let untyped = Certification { classification: None, ..one };
        let changes = |course| CertificationChanges::builder().course(course).build();
        assert_eq!(edit(&untyped, changes(Edit::Set(Course::Initial))), Err(CertificationError::CourseWithoutType));
        assert_eq!(edit(&untyped, changes(Edit::Clear)), Ok(None));
        let cleared = edit(&refresher, changes(Edit::Clear)).unwrap().unwrap();
        assert_eq!(cleared.classification, classified("GWO_WAH", Course::Initial));
    }

    #[test]
    fn an_edit_renews_another_and_never_itself() {
        let held = create(new(classified("GWO_WAH", Course::Initial), "2024-03-11", None), &[]).unwrap();
        let own =
            create(new(classified("GWO_WAH", Course::Initial), "2026-02-01", None), slice::from_ref(&held)).unwrap();
        let changes =
            CertificationChanges::builder().course(Edit::Set(Course::Refresher)).valid_until(Edit::Clear).build();
        let edited = own.edit(changes.clone(), [&held, &own]).unwrap().unwrap();
        assert_eq!(edited.validity.last(), Some(day("2028-03-11")));
        let alone = own.edit(changes, [&own]).unwrap().unwrap();
        assert_eq!(alone.validity.last(), Some(day("2028-02-01")));
    }
}
