//! The audit log. Every entry is inserted in the transaction of its act.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_domain::{
    Edit, RequestIds,
    admin::{AuditAct, AuditAction, AuditEvent, AuditState},
    companies::CompanyChanges,
    ids::{AuditEventId, CompanyId, UserId},
    technicians::Trust,
    trust::{Judgement, RevocationTerms},
    values::{AppealText, DateRange, Invalid, VerifierNote},
};
use repower_ports::RepositoryError;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    schema::audit_events,
    stored::{corrupt, text},
};

/// Inserts an event about a company, or about none. Must run in the transaction of its act.
pub(crate) fn insert_event(
    connection: &mut PgConnection,
    company: Option<CompanyId>,
    event: &AuditEvent,
) -> QueryResult<()> {
    diesel::insert_into(audit_events::table).values(NewAuditRow::new(company, event)).execute(connection)?;
    Ok(())
}

/// A new event of the audit log.
#[derive(Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
struct NewAuditRow<'a> {
    id: Uuid,
    company_id: Option<Uuid>,
    actor_id: Uuid,
    action: &'static str,
    subject_type: &'static str,
    subject_id: Option<Uuid>,
    before: Value,
    after: Value,
    request_id: &'a str,
    caller_request_id: Option<String>,
    created_at: DateTime<Utc>,
}

impl<'a> NewAuditRow<'a> {
    fn new(company: Option<CompanyId>, event: &'a AuditEvent) -> Self {
        let (subject_type, subject_id) = event.act.subject();
        Self {
            id: event.id.uuid(),
            company_id: company.map(CompanyId::uuid),
            actor_id: event.actor_id.uuid(),
            action: event.act.action().as_str(),
            subject_type: subject_type.as_str(),
            subject_id,
            before: changed_fields(event.act.before()),
            after: changed_fields(event.act.after()),
            request_id: &event.request.own,
            caller_request_id: event.request.caller.clone(),
            created_at: event.created_at,
        }
    }
}

/// The fields that an act changes, with their names in the API.
fn changed_fields(state: AuditState) -> Value {
    match state {
        AuditState::UserActive(active) => json!({ "active": active }),
        AuditState::JobStatus(status) => json!({ "status": status.as_str() }),
        AuditState::CompanyVerified(verified) => json!({ "verified": verified }),
        AuditState::EvaluationHidden(hidden) => json!({ "hidden": hidden }),
        AuditState::ApplicationStatus(status) => json!({ "status": status.as_str() }),
        AuditState::UserFilter(text, role) => {
            json!({ "q": text, "role": role.map(repower_domain::accounts::Role::as_str) })
        }
        AuditState::MemberRole(role) => json!({ "role": role.as_str() }),
        AuditState::Invitation(email, role) => json!({ "email": email.as_str(), "role": role.as_str() }),
        AuditState::CompanyProfile(fields) => edited_fields(&fields),
        AuditState::CertificationFilter(trust, appealed) => {
            json!({ "trust": trust.map(Trust::as_str), "appealed": appealed })
        }
        AuditState::Judgement(Judgement { trust, note, voided_on, appeal, revocation_id }) => json!({
            "trust": trust.as_str(),
            "note": note.as_ref().map(VerifierNote::as_str),
            "voidedOn": voided_on.map(|day| day.to_string()),
            "appeal": appeal.as_ref().map(AppealText::as_str),
            "revocationId": revocation_id.map(|id| id.to_string()),
        }),
        AuditState::Appeal(text) => json!({ "appeal": text.as_ref().map(AppealText::as_str) }),
        AuditState::Revocation(terms) => json!({
            "provider": terms.provider.as_str(),
            "issuedFrom": terms.issued.start().to_string(),
            "issuedUntil": terms.issued.last().to_string(),
            "reason": terms.reason.as_str(),
        }),
        AuditState::Nothing => json!({}),
    }
}

fn edited_fields(CompanyChanges { name, country, website, description, .. }: &CompanyChanges) -> Value {
    let fields = [
        ("name", name.as_ref().map(|name| json!(name.as_str()))),
        ("country", country.map(|country| json!(country.alpha2()))),
        ("website", new_text(website)),
        ("description", new_text(description)),
    ];
    let edited = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(edited.collect::<Map<_, _>>())
}

/// The text that a field was set to, null if it was cleared; `None` if it was left.
fn new_text(edit: &Edit<impl AsRef<str>>) -> Option<Value> {
    match edit {
        Edit::Leave => None,
        Edit::Clear => Some(Value::Null),
        Edit::Set(text) => Some(json!(text.as_ref())),
    }
}

/// An event of the audit log.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(Pg))]
pub(crate) struct AuditRow {
    id: Uuid,
    actor_id: Uuid,
    action: String,
    subject_id: Option<Uuid>,
    before: Value,
    after: Value,
    request_id: String,
    caller_request_id: Option<String>,
    created_at: DateTime<Utc>,
}

impl TryFrom<AuditRow> for AuditEvent {
    type Error = RepositoryError;

    fn try_from(row: AuditRow) -> Result<Self, RepositoryError> {
        let action = text("audit_events.action", &row.action)?;
        let act = AuditAct::stored(action, row.subject_id, state(action, &row.before)?, state(action, &row.after)?);
        Ok(Self::builder()
            .id(AuditEventId::from(row.id))
            .actor_id(UserId::from(row.actor_id))
            .act(act.ok_or_else(|| corrupt("audit_events.after", "not the states of the action"))?)
            .request(RequestIds::builder().own(row.request_id).caller(row.caller_request_id).build())
            .created_at(row.created_at)
            .build())
    }
}

/// The state that an action stores; nothing where the action determines it.
fn state(action: AuditAction, fields: &Value) -> Result<AuditState, RepositoryError> {
    Ok(match action {
        AuditAction::UserDeactivated
        | AuditAction::UserActivated
        | AuditAction::JobClosed
        | AuditAction::EvaluationHidden
        | AuditAction::EvaluationShown
        | AuditAction::CompanyVerified
        | AuditAction::CompanyUnverified
        | AuditAction::UserRead
        | AuditAction::EvaluationRead
        | AuditAction::CertificationRead
        | AuditAction::SessionsEnded
        | AuditAction::AcceptanceRecorded => AuditState::Nothing,
        AuditAction::CertificationsListed => {
            AuditState::CertificationFilter(field(fields, "trust")?, fields.get("appealed").and_then(Value::as_bool))
        }
        AuditAction::CertificationJudged => match field(fields, "trust")? {
            Some(trust) => {
                let (note, voided_on) = (field(fields, "note")?, field(fields, "voidedOn")?);
                let (appeal, revocation_id) = (field(fields, "appeal")?, field(fields, "revocationId")?);
                AuditState::Judgement(Judgement { trust, note, voided_on, appeal, revocation_id })
            }
            None => AuditState::Nothing,
        },
        AuditAction::CertificationAppealed => AuditState::Appeal(field(fields, "appeal")?),
        AuditAction::RevocationCreated | AuditAction::RevocationUndone => {
            terms(fields)?.map_or(AuditState::Nothing, AuditState::Revocation)
        }
        AuditAction::UsersListed => {
            let text = fields.get("q").and_then(Value::as_str).map(str::to_owned);
            AuditState::UserFilter(text, field(fields, "role")?)
        }
        AuditAction::MemberRoleChanged | AuditAction::MemberRemoved => {
            field(fields, "role")?.map_or(AuditState::Nothing, AuditState::MemberRole)
        }
        AuditAction::InvitationCreated | AuditAction::InvitationRevoked | AuditAction::InvitationAccepted => {
            let invitation = field(fields, "email")?.zip(field(fields, "role")?);
            invitation.map_or(AuditState::Nothing, |(email, role)| AuditState::Invitation(email, role))
        }
        AuditAction::CompanyEdited => AuditState::CompanyProfile(
            CompanyChanges::builder()
                .name(field(fields, "name")?)
                .country(field(fields, "country")?)
                .website(edit(fields, "website")?)
                .description(edit(fields, "description")?)
                .build(),
        ),
    })
}

/// The terms of a revocation; `None` if they are not whole.
fn terms(fields: &Value) -> Result<Option<RevocationTerms>, RepositoryError> {
    let days = (field(fields, "issuedFrom")?, field(fields, "issuedUntil")?);
    let texts = (field(fields, "provider")?, field(fields, "reason")?);
    let ((Some(from), until), (Some(provider), Some(reason))) = (days, texts) else { return Ok(None) };
    let issued = DateRange::new(from, until).map_err(|why| corrupt("audit_events.after", why))?;
    Ok(Some(RevocationTerms::builder().provider(provider).issued(issued).reason(reason).build()))
}

/// The edit of a field, which is absent if it was left, and null if it was cleared.
fn edit<T: FromStr<Err = Invalid>>(fields: &Value, name: &str) -> Result<Edit<T>, RepositoryError> {
    if fields.get(name).is_some() { field(fields, name).map(Edit::from) } else { Ok(Edit::Leave) }
}

/// A field; `None` if it is absent or null.
fn field<T: FromStr<Err = Invalid>>(fields: &Value, name: &str) -> Result<Option<T>, RepositoryError> {
    fields.get(name).and_then(Value::as_str).map(|value| text("audit_events.after", value)).transpose()
}
