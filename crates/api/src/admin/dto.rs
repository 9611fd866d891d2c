//! What is sent and answered.

use std::str::FromStr;

use repower_domain::{
    accounts::Role,
    admin::{AuditAction, AuditEvent, AuditState, SubjectType},
    ids::UserId,
    jobs::JobStatus,
    values::{Invalid, SearchText},
};
use repower_ports::admin::{AuditFilter, UserFilter, UserRecord};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::OneOfBuilder;
use uuid::Uuid;
use validator::Validate;

use crate::{
    accounts::dto::UserView,
    described,
    http::{
        ApiError, CursorText, PageLimit, Timestamp,
        input::{Defaulted, Required, read_from_text},
    },
    openapi::{Described, Flat, SchemaRef, Schemas, Shown, Taken, formatted, object_with, property, text},
};

described! {
    "UserRecord",
    /// A user as those see them who run the marketplace.
    #[derive(Debug, Serialize)]
    pub struct UserRecordView {
        #[serde(flatten)]
        user: Flat<UserView>,
        active: bool,
    }
}

impl From<UserRecord> for UserRecordView {
    fn from(UserRecord { user, active }: UserRecord) -> Self {
        Self { user: Flat(user.into()), active }
    }
}

described! {
    "AuditEvent",
    /// An entry of the audit log.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct AuditEventView {
        id: Uuid,
        actor_id: Uuid,
        action: Shown<AuditAction>,
        subject_type: Shown<SubjectType>,
        subject_id: Uuid,
        before: AuditStateView,
        after: AuditStateView,
        /// The `X-Request-Id` of the request that did it.
        request_id: String,
        created_at: Timestamp,
    }
}

/// What an act changed, by the name it has elsewhere.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AuditStateView {
    User { active: bool },
    Job { status: Shown<JobStatus> },
}

impl Described for AuditStateView {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        let user = object_with([property("active", bool::schema(schemas))]);
        let job = object_with([property("status", JobStatus::schema(schemas))]);
        OneOfBuilder::new().item(user).item(job).into()
    }
}

impl From<AuditEvent> for AuditEventView {
    fn from(event: AuditEvent) -> Self {
        let (subject_type, subject_id) = event.act.subject();
        Self {
            id: event.id.uuid(),
            actor_id: event.actor_id.uuid(),
            action: Shown(event.act.action()),
            subject_type: Shown(subject_type),
            subject_id,
            before: event.act.before().into(),
            after: event.act.after().into(),
            request_id: event.request_id,
            created_at: event.created_at.into(),
        }
    }
}

impl From<AuditState> for AuditStateView {
    fn from(state: AuditState) -> Self {
        match state {
            AuditState::UserActive(active) => Self::User { active },
            AuditState::JobStatus(status) => Self::Job { status: Shown(status) },
        }
    }
}

described! {
    "SetActiveBody",
    /// `PATCH /api/admin/users/{id}`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct SetActiveBody {
        /// Whether the user may act from now on.
        pub active: Required<bool>,
    }
}

described! {
    "CloseJobBody",
    /// `PATCH /api/admin/jobs/{id}/status`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct CloseJobBody {
        /// The only status there is a way to.
        pub status: Required<Closed>,
    }
}

/// `CLOSED`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl FromStr for Closed {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.trim() {
            "CLOSED" => Ok(Self),
            "" => Err(Invalid::Empty),
            _ => Err(Invalid::NotAllowed("must be CLOSED")),
        }
    }
}

/// The identity of a thing of whatever kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectId(Uuid);

impl FromStr for SubjectId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse::<UserId>().map(|id| Self(id.uuid()))
    }
}

read_from_text! { Closed, SubjectId }

impl Taken for Closed {
    fn taken(_: &mut Schemas) -> SchemaRef {
        text().enum_values(Some(["CLOSED"])).into()
    }
}

impl Taken for SubjectId {
    fn taken(_: &mut Schemas) -> SchemaRef {
        formatted("uuid").into()
    }
}

described! {
    "UsersQuery",
    /// `GET /api/admin/users`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct UsersQuery {
        /// A part of the email, in any case.
        q: Defaulted<SearchText>,
        role: Defaulted<Role>,
        limit: Defaulted<PageLimit>,
        cursor: Defaulted<CursorText>,
    }
}

impl UsersQuery {
    /// Which users are wanted, and which part of the list.
    pub fn filter(self) -> Result<(UserFilter, Option<PageLimit>, Option<CursorText>), ApiError> {
        let filter = UserFilter { text: self.q.get()?.map(|text| text.to_string()), role: self.role.get()? };
        Ok((filter, self.limit.get()?, self.cursor.get()?))
    }
}

described! {
    "CompaniesQuery",
    /// `GET /api/admin/companies`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct CompaniesQuery {
        /// How many rows.
        pub limit: Defaulted<PageLimit>,
        /// Where to go on.
        pub cursor: Defaulted<CursorText>,
    }
}

described! {
    "AuditQuery",
    /// `GET /api/admin/audit`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct AuditQuery {
        actor_id: Defaulted<UserId>,
        action: Defaulted<AuditAction>,
        subject_type: Defaulted<SubjectType>,
        subject_id: Defaulted<SubjectId>,
        limit: Defaulted<PageLimit>,
        cursor: Defaulted<CursorText>,
    }
}

impl AuditQuery {
    /// Which entries are wanted, and which part of the list.
    pub fn filter(self) -> Result<(AuditFilter, Option<PageLimit>, Option<CursorText>), ApiError> {
        let filter = AuditFilter {
            actor_id: self.actor_id.get()?,
            action: self.action.get()?,
            subject_type: self.subject_type.get()?,
            subject_id: self.subject_id.get()?.map(|SubjectId(id)| id),
        };
        Ok((filter, self.limit.get()?, self.cursor.get()?))
    }
}
