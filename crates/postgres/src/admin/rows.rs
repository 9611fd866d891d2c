use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_domain::{
    admin::{AuditAct, AuditEvent, AuditState},
    ids::{AuditEventId, UserId},
};
use repower_ports::RepositoryError;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{schema::audit_events, stored::text};

/// A new event of the audit log.
#[derive(Insertable)]
#[diesel(table_name = audit_events)]
pub(super) struct NewAuditRow<'a> {
    id: Uuid,
    actor_id: Uuid,
    action: &'static str,
    subject_type: &'static str,
    subject_id: Uuid,
    before: Value,
    after: Value,
    request_id: &'a str,
    created_at: DateTime<Utc>,
}

impl<'a> From<&'a AuditEvent> for NewAuditRow<'a> {
    fn from(event: &'a AuditEvent) -> Self {
        let (subject_type, subject_id) = event.act.subject();
        Self {
            id: event.id.uuid(),
            actor_id: event.actor_id.uuid(),
            action: event.act.action().as_str(),
            subject_type: subject_type.as_str(),
            subject_id,
            before: changed_fields(event.act.before()),
            after: changed_fields(event.act.after()),
            request_id: &event.request_id,
            created_at: event.created_at,
        }
    }
}

/// The fields that an act changes, with their names in the API.
fn changed_fields(state: AuditState) -> Value {
    match state {
        AuditState::UserActive(active) => json!({ "active": active }),
        AuditState::JobStatus(status) => json!({ "status": status.as_str() }),
        AuditState::EvaluationHidden(hidden) => json!({ "hidden": hidden }),
    }
}

/// An event of the audit log. The act determines the changed fields.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(Pg))]
pub(super) struct AuditRow {
    id: Uuid,
    actor_id: Uuid,
    action: String,
    subject_id: Uuid,
    request_id: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<AuditRow> for AuditEvent {
    type Error = RepositoryError;

    fn try_from(row: AuditRow) -> Result<Self, RepositoryError> {
        Ok(Self {
            id: AuditEventId::from(row.id),
            actor_id: UserId::from(row.actor_id),
            act: AuditAct::stored(text("audit_events.action", &row.action)?, row.subject_id),
            request_id: row.request_id,
            created_at: row.created_at,
        })
    }
}
