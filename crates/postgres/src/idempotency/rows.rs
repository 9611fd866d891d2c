use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_ports::{
    RepositoryError,
    idempotency::{KeyedRequest, OmittedSecret, StoredResponse},
};
use uuid::Uuid;

use crate::{
    schema::kept_answers,
    stored::{corrupt, count},
};

/// The primary key of a stored response.
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

/// The stored columns of a request and its response.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = kept_answers, treat_none_as_null = true)]
pub(super) struct ResponseColumns<'a> {
    request_digest: &'a [u8],
    status: i32,
    body: &'a [u8],
    secret_kind: Option<&'a str>,
    secret_of: Option<Uuid>,
    created_at: DateTime<Utc>,
}

impl<'a> ResponseColumns<'a> {
    pub(super) fn new(request: &'a KeyedRequest, response: &'a StoredResponse) -> Self {
        Self {
            request_digest: &request.fingerprint,
            status: response.status.into(),
            body: &response.body,
            secret_kind: response.secret.as_ref().map(|secret| &*secret.kind),
            secret_of: response.secret.as_ref().map(|secret| secret.of),
            created_at: request.now,
        }
    }
}

/// A stored response.
#[derive(Queryable, Selectable)]
#[diesel(table_name = kept_answers, check_for_backend(Pg))]
pub(super) struct ResponseRow {
    request_digest: Vec<u8>,
    status: i32,
    body: Vec<u8>,
    secret_kind: Option<String>,
    secret_of: Option<Uuid>,
}

impl ResponseRow {
    /// Whether the response belongs to this request, and not to another with its key.
    pub(super) fn matches(&self, request: &KeyedRequest) -> bool {
        self.request_digest == request.fingerprint
    }
}

impl TryFrom<ResponseRow> for StoredResponse {
    type Error = RepositoryError;

    fn try_from(row: ResponseRow) -> Result<Self, RepositoryError> {
        let secret = match (row.secret_kind, row.secret_of) {
            (None, None) => None,
            (Some(kind), Some(of)) => Some(OmittedSecret { kind: kind.into(), of }),
            (kind, _) => return Err(corrupt("kept_answers.secret_kind", format!("{kind:?}"))),
        };
        Ok(Self { status: count("kept_answers.status", row.status.into())?, body: row.body, secret })
    }
}
