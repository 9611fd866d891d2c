use std::str::FromStr;

use repower_application::admin::Activation;
use repower_domain::{
    Edit,
    accounts::{CompanyRole, Role},
    admin::{AuditAction, AuditEvent, AuditState, SubjectType},
    applications::ApplicationStatus,
    companies::CompanyChanges,
    ids::{AuditEventId, RevocationId, UserId},
    jobs::JobStatus,
    letters,
    technicians::Trust,
    trust::Judgement,
    values::{
        AppealText, CalendarDate, CompanyDescription, CompanyName, Country, Email, Invalid, SearchText, VerifierNote,
        WebUrl,
    },
    wire::{Described, Form, FromWire, Input, ToWire},
};
use repower_http::{
    CursorText, PageLimit, Timestamp,
    input::{Defaulted, Required},
    schema::{Property, RequestSchema, ResponseSchema, SchemaRef, Schemas, nullable, object_with, property, written},
};
use repower_ports::{
    admin::{AuditFilter, UserFilter, UserRecord},
    technicians::EvaluationRecord,
};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::AnyOfBuilder;
use uuid::Uuid;
use validator::Validate;

use crate::{accounts::UserView, error::Error, technicians::EvaluationView, trust::RevocationTermsView};

/// A user, and whether they may act.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct UserRecordView {
    #[serde(flatten)]
    user: UserView,
    active: bool,
}

impl From<UserRecord> for UserRecordView {
    fn from(UserRecord { user, active }: UserRecord) -> Self {
        Self { user: user.into(), active }
    }
}

/// An activated or deactivated user.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActivationView {
    #[serde(flatten)]
    user: UserView,
    active: bool,
    /// Whether the user is a deactivated ADMIN whose company has no active one.
    last_admin: bool,
}

impl From<Activation> for ActivationView {
    fn from(Activation { record: UserRecord { user, active }, last_admin }: Activation) -> Self {
        Self { user: user.into(), active, last_admin }
    }
}

/// An evaluation, and whether it is hidden.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct EvaluationRecordView {
    #[serde(flatten)]
    evaluation: EvaluationView,
    hidden: bool,
}

impl From<EvaluationRecord> for EvaluationRecordView {
    fn from(record: EvaluationRecord) -> Self {
        Self { hidden: record.hidden, evaluation: record.into() }
    }
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditEventView {
    id: AuditEventId,
    actor_id: UserId,
    action: AuditAction,
    subject_type: SubjectType,
    /// The id of the subject; null for a whole list.
    subject_id: Option<SubjectId>,
    before: AuditStateView,
    after: AuditStateView,
    /// The id that the server gave the request.
    request_id: String,
    /// The `X-Request-Id` that the caller sent.
    caller_request_id: Option<String>,
    created_at: Timestamp,
}

/// The changed fields, before or after the act.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AuditStateView {
    User { active: bool },
    Job { status: JobStatus },
    Evaluation { hidden: bool },
    Verification { verified: bool },
    Application { status: ApplicationStatus },
    Users { q: Option<String>, role: Option<Role> },
    Member { role: CompanyRole },
    Invitation { email: Email, role: CompanyRole },
    Company(EditedFieldsView),
    Certifications { trust: Option<Trust>, appealed: Option<bool> },
    Judgement(JudgementView),
    Appeal { appeal: Option<AppealText> },
    Revocation(RevocationTermsView),
    Nothing {},
}

/// The judgement of a certification by a verifier.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
struct JudgementView {
    trust: Trust,
    note: Option<VerifierNote>,
    voided_on: Option<CalendarDate>,
    appeal: Option<AppealText>,
    revocation_id: Option<RevocationId>,
}

/// The edited fields of a company; the others are absent.
#[derive(Debug, Serialize)]
struct EditedFieldsView {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<CompanyName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<Country>,
    #[serde(skip_serializing_if = "Edit::is_leave")]
    website: Edit<WebUrl>,
    #[serde(skip_serializing_if = "Edit::is_leave")]
    description: Edit<CompanyDescription>,
}

impl ResponseSchema for AuditStateView {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        let user = object_with([property("active", written(bool::WRITTEN, schemas))]);
        let job = object_with([property("status", written(JobStatus::WRITTEN, schemas))]);
        let evaluation = object_with([property("hidden", written(bool::WRITTEN, schemas))]);
        let verification = object_with([property("verified", written(bool::WRITTEN, schemas))]);
        let application = object_with([property("status", written(ApplicationStatus::WRITTEN, schemas))]);
        let (text, role) = (written(String::WRITTEN, schemas), written(Role::WRITTEN, schemas));
        let users = object_with([property("q", nullable(text)), property("role", nullable(role))]);
        let role = written(CompanyRole::WRITTEN, schemas);
        let member = object_with([property("role", role.clone())]);
        let invitation = object_with([property("email", written(Email::WRITTEN, schemas)), property("role", role)]);
        let (website, description) = (written(WebUrl::WRITTEN, schemas), written(CompanyDescription::WRITTEN, schemas));
        // Without required fields: the states where there is nothing too.
        let company = [
            property("name", written(CompanyName::WRITTEN, schemas)),
            property("country", written(Country::WRITTEN, schemas)),
            property("website", nullable(website)),
            property("description", nullable(description)),
        ];
        let company = object_with(company.map(|field| Property { is_required: false, ..field }));
        let (trust, appeal) = (written(Trust::WRITTEN, schemas), written(AppealText::WRITTEN, schemas));
        let appealed = property("appealed", nullable(written(bool::WRITTEN, schemas)));
        let certifications = object_with([property("trust", nullable(trust)), appealed]);
        let appeal = object_with([property("appeal", nullable(appeal))]);
        let states = [user, job, evaluation, verification, application, users, member, invitation, certifications];
        let states = states.into_iter().chain([appeal]).map(SchemaRef::from);
        let whole = [JudgementView::schema(schemas), RevocationTermsView::schema(schemas), company.into()];
        states.chain(whole).fold(AnyOfBuilder::new(), AnyOfBuilder::item).into()
    }
}

impl From<AuditEvent> for AuditEventView {
    fn from(event: AuditEvent) -> Self {
        let (subject_type, subject_id) = event.act.subject();
        Self {
            id: event.id,
            actor_id: event.actor_id,
            action: event.act.action(),
            subject_type,
            subject_id: subject_id.map(SubjectId),
            before: event.act.before().into(),
            after: event.act.after().into(),
            request_id: event.request.own,
            caller_request_id: event.request.caller,
            created_at: event.created_at.into(),
        }
    }
}

impl From<AuditState> for AuditStateView {
    fn from(state: AuditState) -> Self {
        match state {
            AuditState::UserActive(active) => Self::User { active },
            AuditState::JobStatus(status) => Self::Job { status },
            AuditState::EvaluationHidden(hidden) => Self::Evaluation { hidden },
            AuditState::ApplicationStatus(status) => Self::Application { status },
            AuditState::UserFilter(q, role) => Self::Users { q, role },
            AuditState::MemberRole(role) => Self::Member { role },
            AuditState::Invitation(email, role) => Self::Invitation { email, role },
            AuditState::CompanyProfile(CompanyChanges { name, country, website, description, .. }) => {
                Self::Company(EditedFieldsView { name, country, website, description })
            }
            AuditState::Nothing => Self::Nothing {},
            AuditState::CompanyVerified(verified) => Self::Verification { verified },
            AuditState::CertificationFilter(trust, appealed) => Self::Certifications { trust, appealed },
            AuditState::Judgement(Judgement { trust, note, voided_on, appeal, revocation_id }) => {
                Self::Judgement(JudgementView { trust, note, voided_on, appeal, revocation_id })
            }
            AuditState::Appeal(appeal) => Self::Appeal { appeal },
            AuditState::Revocation(terms) => Self::Revocation(terms.into()),
        }
    }
}

/// `PATCH /api/admin/users/{id}`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct SetActiveBody {
    /// Whether the user may act.
    pub(crate) active: Required<bool>,
}

/// `PATCH /api/admin/evaluations/{id}`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct SetHiddenBody {
    /// Whether the evaluation is hidden.
    pub(crate) hidden: Required<bool>,
}

/// `PATCH /api/admin/companies/{id}`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct SetVerifiedBody {
    /// Whether the company may see candidates.
    pub(crate) verified: Required<bool>,
}

/// `PATCH /api/admin/jobs/{id}/status`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct CloseJobBody {
    /// The only status that can be set.
    pub(crate) status: Required<Closed>,
}

/// `CLOSED`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closed;

impl FromStr for Closed {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match letters::trim(text) {
            "CLOSED" => Ok(Self),
            "" => Err(Invalid::Empty),
            _ => Err(Invalid::NotAllowed("must be CLOSED")),
        }
    }
}

/// The id of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct SubjectId(Uuid);

impl FromStr for SubjectId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse::<UserId>().map(|id| Self(id.uuid()))
    }
}

impl FromWire for Closed {
    const ACCEPTED: Described = Form::Name { of: "Closed", all: &["CLOSED"] }.about("");

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.parse()
    }
}

impl FromWire for SubjectId {
    const ACCEPTED: Described = UserId::ACCEPTED;

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.parse()
    }
}

impl ToWire for SubjectId {
    const WRITTEN: Described = UserId::WRITTEN;
}

/// `GET /api/admin/users`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct UsersQuery {
    /// A part of the email, in any case and spelling: `malmo` finds `malmö`.
    q: Defaulted<SearchText>,
    role: Defaulted<Role>,
    limit: Defaulted<PageLimit>,
    cursor: Defaulted<CursorText>,
}

impl UsersQuery {
    /// The filter, and the page.
    pub(crate) fn filter(self) -> Result<(UserFilter, Defaulted<PageLimit>, Defaulted<CursorText>), Error> {
        let filter = UserFilter { text: self.q.get()?.map(|text| text.to_string()), role: self.role.get()? };
        Ok((filter, self.limit, self.cursor))
    }
}

/// `GET /api/admin/audit` and `GET /api/companies/me/audit`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct AuditQuery {
    actor_id: Defaulted<UserId>,
    action: Defaulted<AuditAction>,
    subject_type: Defaulted<SubjectType>,
    subject_id: Defaulted<SubjectId>,
    limit: Defaulted<PageLimit>,
    cursor: Defaulted<CursorText>,
}

impl AuditQuery {
    /// The filter, and the page.
    pub(crate) fn filter(self) -> Result<(AuditFilter, Defaulted<PageLimit>, Defaulted<CursorText>), Error> {
        let filter = AuditFilter {
            company_id: None,
            actor_id: self.actor_id.get()?,
            action: self.action.get()?,
            subject_type: self.subject_type.get()?,
            subject_id: self.subject_id.get()?.map(|SubjectId(id)| id),
        };
        Ok((filter, self.limit, self.cursor))
    }
}
