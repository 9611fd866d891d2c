use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_domain::ids::{InvitationId, UserId};
use repower_ports::{
    RepositoryError,
    idempotency::{KeptAnswer, KeptSecret, KeyedRequest},
};
use uuid::Uuid;

use crate::{
    schema::kept_answers,
    stored::{corrupt, count},
};

const SIGN_IN: &str = "SIGN_IN";
const INVITATION: &str = "INVITATION";

/// What an answer is found by.
#[derive(Insertable)]
#[diesel(table_name = kept_answers)]
pub(super) struct KeyColumns<'a> {
    owner: &'a str,
    key: &'a str,
}

impl<'a> From<&'a KeyedRequest> for KeyColumns<'a> {
    fn from(request: &'a KeyedRequest) -> Self {
        Self { owner: &request.owner, key: &request.key }
    }
}

/// What is kept of a request and its answer.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = kept_answers, treat_none_as_null = true)]
pub(super) struct AnswerColumns<'a> {
    request_digest: &'a [u8],
    status: i32,
    body: &'a [u8],
    secret_kind: Option<&'static str>,
    secret_of: Option<Uuid>,
    created_at: DateTime<Utc>,
}

impl<'a> AnswerColumns<'a> {
    pub(super) fn new(request: &'a KeyedRequest, answer: &'a KeptAnswer) -> Self {
        let (secret_kind, secret_of) = match answer.secret {
            KeptSecret::None => (None, None),
            KeptSecret::SignIn(user) => (Some(SIGN_IN), Some(user.uuid())),
            KeptSecret::Invitation(invitation) => (Some(INVITATION), Some(invitation.uuid())),
        };
        Self {
            request_digest: &request.digest,
            status: answer.status.into(),
            body: &answer.body,
            secret_kind,
            secret_of,
            created_at: request.now,
        }
    }
}

/// An answer that is kept.
#[derive(Queryable, Selectable)]
#[diesel(table_name = kept_answers, check_for_backend(Pg))]
pub(super) struct AnswerRow {
    request_digest: Vec<u8>,
    status: i32,
    body: Vec<u8>,
    secret_kind: Option<String>,
    secret_of: Option<Uuid>,
}

impl AnswerRow {
    /// Whether it is the answer to this request and no other with its key.
    pub(super) fn is_of(&self, request: &KeyedRequest) -> bool {
        self.request_digest == request.digest
    }
}

impl TryFrom<AnswerRow> for KeptAnswer {
    type Error = RepositoryError;

    fn try_from(row: AnswerRow) -> Result<Self, RepositoryError> {
        let secret = match (row.secret_kind.as_deref(), row.secret_of) {
            (None, None) => KeptSecret::None,
            (Some(SIGN_IN), Some(id)) => KeptSecret::SignIn(UserId::from(id)),
            (Some(INVITATION), Some(id)) => KeptSecret::Invitation(InvitationId::from(id)),
            (kind, _) => return Err(corrupt("kept_answers.secret_kind", format!("{kind:?}"))),
        };
        Ok(Self { status: count("kept_answers.status", row.status.into())?, body: row.body, secret })
    }
}
