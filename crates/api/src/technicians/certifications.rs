use repower_domain::{
    certification_types::{Classification, Course, Expiry, PrintedCode},
    ids::CertificationId,
    technicians::{CertificationChanges, CertificationError, NewCertification, Proposal},
    values::{CalendarDate, CertificationName, Provider, Validity, WebUrl},
};
use repower_http::{
    FieldCode,
    input::{Change, Clearable, Optional, Required, reject, reject_inconsistent},
    schema::{RequestSchema, ResponseSchema},
};
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::error::Error;

/// `POST /api/technicians/me/certifications`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(
    nest_all_fields,
    schema(function = "ends_after_it_begins", skip_on_field_errors = false),
    schema(function = "has_a_course_with_a_type", skip_on_field_errors = false)
)]
#[expect(clippy::duplicated_attributes, reason = "each rule has the option")]
pub(crate) struct AddCertificationBody {
    name: Required<CertificationName>,
    provider: Required<Provider>,
    /// The code of a refresher says that the course was one.
    type_code: Optional<PrintedCode>,
    /// INITIAL by default; needs a type.
    course: Optional<Course>,
    /// The day of completion.
    valid_from: Required<CalendarDate>,
    /// As the record prints it. With a type that does not print one, it is that of the type by default.
    valid_until: Optional<CalendarDate>,
    document_url: Optional<WebUrl>,
}

fn ends_after_it_begins(body: &AddCertificationBody) -> Result<(), ValidationError> {
    let (Some(until), Some(printed)) = (body.valid_until.valid(), body.type_code.valid()) else { return Ok(()) };
    let Some(last) = until else {
        let is_needed = printed.is_none_or(|printed| printed.type_code.details().expiry == Expiry::AsPrinted);
        let missing = is_needed.then(|| "validUntil".to_owned());
        return reject(missing, FieldCode::Required, CertificationError::EndMissing.to_string());
    };
    let days = body.valid_from.valid().map(|first| Validity::new(*first, Some(*last)));
    reject_inconsistent("validUntil", "validFrom", days.and_then(Result::err))
}

fn has_a_course_with_a_type(body: &AddCertificationBody) -> Result<(), ValidationError> {
    let is_alone = body.course.valid().is_some_and(Option::is_some) && body.type_code.valid() == Some(&None);
    reject_inconsistent("course", "typeCode", is_alone.then_some(CertificationError::CourseWithoutType))
}

impl TryFrom<AddCertificationBody> for NewCertification {
    type Error = Error;

    fn try_from(body: AddCertificationBody) -> Result<Self, Error> {
        let course = body.course.get()?;
        Ok(Self::builder()
            .name(body.name.get()?)
            .provider(body.provider.get()?)
            .classification(body.type_code.get()?.map(|printed| printed.classify(course)))
            .valid_from(body.valid_from.get()?)
            .valid_until(body.valid_until.get()?)
            .document_url(body.document_url.get()?)
            .build())
    }
}

/// `PATCH /api/technicians/me/certifications/{id}`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct EditCertificationBody {
    name: Change<CertificationName>,
    provider: Change<Provider>,
    /// Null clears it, and the course with it.
    type_code: Clearable<PrintedCode>,
    /// Null means that of the code, or INITIAL.
    course: Clearable<Course>,
    valid_from: Change<CalendarDate>,
    /// Null means that of the type.
    valid_until: Clearable<CalendarDate>,
    /// Null clears it.
    document_url: Clearable<WebUrl>,
}

impl TryFrom<EditCertificationBody> for CertificationChanges {
    type Error = Error;

    fn try_from(body: EditCertificationBody) -> Result<Self, Error> {
        Ok(Self::builder()
            .name(body.name.get()?)
            .provider(body.provider.get()?)
            .type_code(body.type_code.get()?)
            .course(body.course.get()?)
            .valid_from(body.valid_from.get()?)
            .valid_until(body.valid_until.get()?)
            .document_url(body.document_url.get()?)
            .build())
    }
}

/// `POST /api/technicians/me/certifications/proposal`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct ProposeBody {
    /// The code of a refresher says that the course was one.
    type_code: Required<PrintedCode>,
    /// INITIAL by default.
    course: Optional<Course>,
    /// The day of completion.
    valid_from: Required<CalendarDate>,
}

impl TryFrom<ProposeBody> for (Classification, CalendarDate) {
    type Error = Error;

    fn try_from(body: ProposeBody) -> Result<Self, Error> {
        Ok((body.type_code.get()?.classify(body.course.get()?), body.valid_from.get()?))
    }
}

/// The end that the rules of a type give a certification.
#[derive(Debug, Serialize, ResponseSchema)]
#[schema(name = "CertificationProposal")]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProposalView {
    /// Null for a type that never expires, or whose records print it.
    valid_until: Option<CalendarDate>,
    /// Whether it is counted from the end of the certification that it renews.
    keeps_cycle: bool,
    /// The certification that a refresher renews.
    replaces: Option<CertificationId>,
    /// The rule, as a sentence.
    note: String,
}

impl From<Proposal> for ProposalView {
    fn from(proposal: Proposal) -> Self {
        Self {
            valid_until: proposal.valid_until,
            keeps_cycle: proposal.keeps_cycle,
            replaces: proposal.replaces,
            note: proposal.note.sentence().to_owned(),
        }
    }
}
