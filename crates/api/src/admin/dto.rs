//! What is sent and answered.

use std::str::FromStr;

use repower_domain::{
    accounts::Role,
    admin::{AuditAction, AuditEvent, AuditState, SubjectType},
    ids::UserId,
    values::{Invalid, SearchText},
};
use repower_ports::admin::{AuditFilter, UserFilter, UserRecord};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::{
    accounts::dto::UserView,
    http::{
        ApiError, CursorText, PageLimit, Timestamp,
        input::{Defaulted, Required, read_from_text},
    },
};

/// A user as those see them who run the marketplace.
#[derive(Debug, Serialize)]
pub struct UserRecordView {
    #[serde(flatten)]
    user: UserView,
    active: bool,
}

impl From<UserRecord> for UserRecordView {
    fn from(UserRecord { user, active }: UserRecord) -> Self {
        Self { user: user.into(), active }
    }
}

/// An entry of the audit log.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEventView {
    id: Uuid,
    actor_id: Uuid,
    action: &'static str,
    subject_type: &'static str,
    subject_id: Uuid,
    before: AuditStateView,
    after: AuditStateView,
    request_id: String,
    created_at: Timestamp,
}

/// What an act changed, by the name it has elsewhere.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AuditStateView {
    User { active: bool },
    Job { status: &'static str },
}

impl From<AuditEvent> for AuditEventView {
    fn from(event: AuditEvent) -> Self {
        let (subject_type, subject_id) = event.act.subject();
        Self {
            id: event.id.uuid(),
            actor_id: event.actor_id.uuid(),
            action: event.act.action().as_str(),
            subject_type: subject_type.as_str(),
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
            AuditState::JobStatus(status) => Self::Job { status: status.as_str() },
        }
    }
}

/// `PATCH /api/admin/users/{id}`
#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub struct SetActiveBody {
    /// Whether the user may act from now on.
    pub active: Required<bool>,
}

/// `PATCH /api/admin/jobs/{id}/status`
#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub struct CloseJobBody {
    /// The only status there is a way to.
    pub status: Required<Closed>,
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

/// `GET /api/admin/users`
#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub struct UsersQuery {
    q: Defaulted<SearchText>,
    role: Defaulted<Role>,
    limit: Defaulted<PageLimit>,
    cursor: Defaulted<CursorText>,
}

impl UsersQuery {
    /// Which users are wanted, and which part of the list.
    pub fn filter(self) -> Result<(UserFilter, Option<PageLimit>, Option<CursorText>), ApiError> {
        let filter = UserFilter { text: self.q.get()?.map(|text| text.to_string()), role: self.role.get()? };
        Ok((filter, self.limit.get()?, self.cursor.get()?))
    }
}

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
