use repower_domain::{
    RequestIds,
    admin::{AuditAct, AuditEvent},
    ids::UserId,
};
use repower_ports::{Clock, IdGenerator};

/// The entry of the audit log for an act of this moment.
pub(crate) fn event(
    (ids, clock): (&dyn IdGenerator, &dyn Clock),
    actor_id: UserId,
    act: AuditAct,
    request: &RequestIds,
) -> AuditEvent {
    AuditEvent::builder()
        .id(ids.generate().into())
        .actor_id(actor_id)
        .act(act)
        .request(request.clone())
        .created_at(clock.now())
        .build()
}
