use repower_application::trust::JudgedCertification;
use repower_domain::{
    Edit, Revision,
    ids::{RevocationId, TechnicianId},
    technicians::Trust,
    trust::{Revocation, RevocationTerms, Verdict},
    values::{AppealText, CalendarDate, DateRange, FullName, Invalid, IrataNumber, Provider, VerifierNote, WindaId},
    wire::{Described, Form, FromWire, Input},
};
use repower_http::{
    ApiError, CursorText, FieldCode, PageLimit, Timestamp,
    input::{Clearable, Defaulted, Optional, Required, reject, reject_inconsistent},
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::trust::{CertificationFilter, CertifiedTechnician};
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::{error::Error, technicians::OwnCertificationView};

/// A certification as a verifier sees it.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct JudgedCertificationView {
    #[serde(flatten)]
    certification: OwnCertificationView,
    /// It counts the changes of the certification.
    revision: u32,
    technician: CertifiedTechnicianView,
}

/// A technician as a verifier sees them.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
struct CertifiedTechnicianView {
    id: TechnicianId,
    full_name: FullName,
    winda_id: Option<WindaId>,
    irata_number: Option<IrataNumber>,
}

impl From<JudgedCertification> for JudgedCertificationView {
    fn from(JudgedCertification { assessed, technician }: JudgedCertification) -> Self {
        let revision = assessed.certification.revision.number().unsigned_abs();
        let CertifiedTechnician { id, full_name, winda_id, irata_number } = technician;
        Self {
            certification: assessed.into(),
            revision,
            technician: CertifiedTechnicianView { id, full_name, winda_id, irata_number },
        }
    }
}

/// The revision of a certification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeenRevision(Revision);

impl TryFrom<i64> for SeenRevision {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        let number = i32::try_from(number).ok().filter(|number| *number > 0);
        let revision = number.map(|number| Self(Revision::stored(number)));
        revision.ok_or(Invalid::OutOfRange { min: 1, max: i32::MAX.into() })
    }
}

impl FromWire for SeenRevision {
    const ACCEPTED: Described = Form::Whole { min: 1, max: Some(i32::MAX as i64) }
        .about("The `revision` that the verdict is about: the certification is judged only if it still has it.");

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.convert()
    }
}

/// `PATCH /api/admin/certifications/{id}`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "has_a_note_where_it_needs_one", skip_on_field_errors = false))]
pub(crate) struct JudgeBody {
    /// `SELF_DECLARED` or `EVIDENCE_ATTACHED`, as its document has it, takes the decision back.
    trust: Required<Trust>,
    /// For the technician; REJECTED and REVOKED need one. One that is absent stays with the same trust.
    note: Clearable<VerifierNote>,
    /// The first day on which it is void. Null clears it.
    voided_on: Clearable<CalendarDate>,
    revision: Optional<SeenRevision>,
}

fn has_a_note_where_it_needs_one(body: &JudgeBody) -> Result<(), ValidationError> {
    let (Some(trust), Some(note)) = (body.trust.valid(), body.note.valid()) else { return Ok(()) };
    let missing = Verdict::new(*trust, note.clone(), Edit::Leave).err();
    let Some(missing) = missing else { return Ok(()) };
    reject(["note".to_owned()], FieldCode::Required, missing.to_string())
}

impl JudgeBody {
    /// The verdict, and the revision that it is about.
    pub(super) fn verdict(self) -> Result<(Verdict, Option<Revision>), Error> {
        let verdict = Verdict::new(self.trust.get()?, self.note.get()?, self.voided_on.get()?)?;
        Ok((verdict, self.revision.get()?.map(|SeenRevision(revision)| revision)))
    }
}

/// `GET /api/admin/certifications`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[validate(nest_all_fields)]
pub(crate) struct CertificationsQuery {
    trust: Defaulted<Trust>,
    /// Whether the technician has an open appeal.
    appealed: Defaulted<bool>,
    limit: Defaulted<PageLimit>,
    cursor: Defaulted<CursorText>,
}

impl CertificationsQuery {
    /// The filter, and the page.
    pub(super) fn filter(self) -> Result<(CertificationFilter, Defaulted<PageLimit>, Defaulted<CursorText>), Error> {
        let filter = CertificationFilter { trust: self.trust.get()?, appealed: self.appealed.get()? };
        Ok((filter, self.limit, self.cursor))
    }
}

/// `POST /api/technicians/me/certifications/{id}/appeal`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[validate(nest_all_fields)]
pub(crate) struct AppealBody {
    /// Why the decision is wrong.
    pub(super) text: Required<AppealText>,
}

/// `POST /api/admin/revocations`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "ends_after_it_begins", skip_on_field_errors = false))]
pub(crate) struct RevokeBody {
    /// In any case and spelling.
    provider: Required<Provider>,
    /// The first day of completion.
    issued_from: Required<CalendarDate>,
    /// The last day of completion.
    issued_until: Required<CalendarDate>,
    /// For the technicians: the note on each certification.
    reason: Required<VerifierNote>,
}

fn ends_after_it_begins(body: &RevokeBody) -> Result<(), ValidationError> {
    let days = body.issued_from.valid().zip(body.issued_until.valid());
    let range = days.map(|(from, until)| DateRange::new(*from, Some(*until)));
    reject_inconsistent("issuedUntil", "issuedFrom", range.and_then(Result::err))
}

impl TryFrom<RevokeBody> for RevocationTerms {
    type Error = Error;

    fn try_from(body: RevokeBody) -> Result<Self, Error> {
        let days = DateRange::new(body.issued_from.get()?, Some(body.issued_until.get()?));
        let issued = days.map_err(|cause| ApiError::inconsistent("issuedUntil", "issuedFrom", &cause))?;
        Ok(Self::builder().provider(body.provider.get()?).issued(issued).reason(body.reason.get()?).build())
    }
}

/// The terms of a revocation.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RevocationTermsView {
    provider: Provider,
    issued_from: CalendarDate,
    issued_until: CalendarDate,
    reason: VerifierNote,
}

impl From<RevocationTerms> for RevocationTermsView {
    fn from(RevocationTerms { provider, issued, reason, .. }: RevocationTerms) -> Self {
        Self { provider, issued_from: issued.start(), issued_until: issued.last(), reason }
    }
}

/// A revocation of a provider's certifications.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RevocationView {
    id: RevocationId,
    #[serde(flatten)]
    terms: RevocationTermsView,
    /// The certifications that it has revoked; without those that were revoked before.
    count: u32,
    /// Null while it stands.
    undone_at: Option<Timestamp>,
    /// The certifications that got back the trust from before; null while it stands.
    undone_count: Option<u32>,
    created_at: Timestamp,
}

impl From<Revocation> for RevocationView {
    fn from(revocation: Revocation) -> Self {
        Self {
            id: revocation.id,
            terms: revocation.terms.into(),
            count: revocation.count,
            undone_at: revocation.undone.map(|undone| undone.at.into()),
            undone_count: revocation.undone.map(|undone| undone.count),
            created_at: revocation.created_at.into(),
        }
    }
}
