use chrono::{DateTime, Utc};
use typed_builder::TypedBuilder;

use super::AuditAct;
use crate::{
    RequestIds,
    ids::{AuditEventId, UserId},
};

/// An entry of the audit log. It is never changed.
///
/// ```
/// use repower_domain::{
///     RequestIds,
///     admin::{AuditAct, AuditAction, AuditEvent},
///     chrono::DateTime,
///     uuid::Uuid,
/// };
///
/// let event = AuditEvent::builder()
///     .id(Uuid::from_u128(1).into())
///     .actor_id(Uuid::from_u128(2).into())
///     .act(AuditAct::DeactivateUser(Uuid::from_u128(3).into()))
///     .request(RequestIds::builder()
///         .own("7c1f".to_owned())
///         .caller(Some("support-42".to_owned()))
///         .build())
///     .created_at(DateTime::UNIX_EPOCH)
///     .build();
/// assert_eq!(event.act.action(), AuditAction::UserDeactivated);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct AuditEvent {
    /// The id.
    pub id: AuditEventId,
    /// The user of the act.
    pub actor_id: UserId,
    /// The act.
    pub act: AuditAct,
    /// The ids of the request.
    pub request: RequestIds,
    /// The time of the act.
    pub created_at: DateTime<Utc>,
}
