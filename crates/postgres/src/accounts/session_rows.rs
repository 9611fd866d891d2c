use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_domain::{
    accounts::{AddressPrefix, Session},
    ids::{SessionId, UserId},
};
use repower_ports::RepositoryError;
use uuid::Uuid;

use crate::{schema::sessions, stored::optional_text};

/// The columns of a new session.
#[derive(Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(super) struct NewSessionRow<'a> {
    id: Uuid,
    user_id: Uuid,
    user_agent: Option<&'a str>,
    address: &'a str,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl<'a> From<&'a Session> for NewSessionRow<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            id: session.id.uuid(),
            user_id: session.user_id.uuid(),
            user_agent: session.user_agent.as_ref().map(AsRef::as_ref),
            address: session.address.as_str(),
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
        }
    }
}

/// The columns of a session.
#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(Pg))]
pub(super) struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    user_agent: Option<String>,
    address: String,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl TryFrom<SessionRow> for Session {
    type Error = RepositoryError;

    fn try_from(row: SessionRow) -> Result<Self, RepositoryError> {
        Ok(Self::builder()
            .id(SessionId::from(row.id))
            .user_id(UserId::from(row.user_id))
            .user_agent(optional_text("sessions.user_agent", row.user_agent.as_deref())?)
            .address(AddressPrefix::stored(row.address))
            .created_at(row.created_at)
            .last_used_at(row.last_used_at)
            .expires_at(row.expires_at)
            .build())
    }
}
