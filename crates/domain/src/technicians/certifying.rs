//! Making and editing certifications: the end that is given or proposed, and the trust that an edit ends.

use thiserror::Error;
use typed_builder::TypedBuilder;

use super::{Certification, Proposal, RefresherAfterExpiry, Trust};
use crate::{
    Edit,
    certification_types::{Classification, Course, Expiry, PrintedCode},
    ids::{CertificationId, TechnicianId},
    letters::searchable,
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

    /// The certification after changes; `None` if nothing changes. `held` are the technician's
    /// certifications; that itself is among them or not.
    ///
    /// A change of its evidence, which is the provider in any spelling, the type or without one the name,
    /// the days and the document, ends a confirmation. A rejection and a revocation outlast it; the tie to a
    /// revocation of its provider ends.
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
        let edited = edited.judged_as(self);
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

    /// The certification with the part of the old judgement that outlasts its edit. A note and
    /// an appeal are about the evidence of their judgement.
    fn judged_as(self, old: &Self) -> Self {
        let provider = |one: &Self| searchable(one.provider.as_str());
        // The name of a typed one is only words.
        let subject = |one: &Self| one.type_code().ok_or_else(|| searchable(one.name.as_str()));
        let evidence = |one: &Self| (provider(one), subject(one), one.validity, one.document_url.clone());
        if evidence(&self) == evidence(old) {
            return self;
        }
        let changed = Self { revocation_id: None, ..self };
        // An edit is no answer to a rejection or a revocation. An appeal is.
        if old.trust.level().is_none() {
            return changed;
        }
        let has_document = changed.document_url.is_some();
        Self { trust: Trust::undecided(has_document), note: None, appeal: None, ..changed }
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
mod tests;
