//! Idempotency keys: the work of a request runs once, and a repeated request gets
//! the stored response.

use std::{borrow::Cow, fmt, future::Ready, sync::Arc};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{
        Method,
        header::{HeaderName, HeaderValue},
    },
    web::Data,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use repower_domain::{accounts::Actor, ids::UserId, values::Email};
use repower_ports::{
    Clock,
    idempotency::{IdempotencyRepository, KeyedError, KeyedOutcome, KeyedRequest, OmittedSecret, StoredResponse},
};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    code::{Code, FieldCode},
    error::{ApiError, FieldError, RETRY_SOON},
    input::read_json,
    reply::{Reply, Written},
    signature::{Describe, Signature},
};

pub(crate) const NAME: &str = "Idempotency-Key";
const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// The maximum length of a key in characters.
const MAX: usize = 128;

/// A keyed digest of several parts, each delimited from the next.
pub type RequestFingerprint = dyn Fn(&[&[u8]]) -> [u8; 32] + Send + Sync;

/// The storage of responses, with the digest and the clock for requests.
#[derive(Clone)]
pub struct IdempotencyStore {
    /// The stored responses.
    pub responses: Arc<dyn IdempotencyRepository>,
    /// The digest that distinguishes requests.
    pub fingerprint: Arc<RequestFingerprint>,
    /// The time of requests.
    pub clock: Arc<dyn Clock>,
    /// The most responses that are stored for one scope at once.
    pub limit: u32,
}

/// The scope of a key: keys of different scopes are independent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdempotencyScope {
    /// An authenticated user.
    User(UserId),
    /// A registration, by its email.
    Email(Email),
    /// The bearer of a secret.
    Secret(String),
}

impl From<&Actor> for IdempotencyScope {
    fn from(actor: &Actor) -> Self {
        Self::User(actor.user_id())
    }
}

impl IdempotencyScope {
    /// The scope as it is stored; a secret is stored as its digest.
    fn stored(&self, fingerprint: &RequestFingerprint) -> String {
        match self {
            Self::User(id) => id.to_string(),
            Self::Email(email) => email.to_string(),
            Self::Secret(secret) => URL_SAFE_NO_PAD.encode(fingerprint(&[secret.as_bytes()])),
        }
    }
}

/// A secret of a response, which is shown once and not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretKind {
    /// Its name in the storage.
    pub name: &'static str,
    /// The fields of `data` that are omitted from the stored response.
    pub fields: &'static [&'static str],
}

/// The `Idempotency-Key` of a request, not validated yet: authentication and
/// validation of the body come first.
pub struct IdempotencyKey {
    values: Vec<HeaderValue>,
    method: Method,
    path: String,
    store: Data<IdempotencyStore>,
}

impl IdempotencyKey {
    /// Runs the work once for all requests of the scope with this key and body. A
    /// repeated request gets the stored response. An error is not stored.
    ///
    /// Without a key the work just runs. With a key it occupies a database connection
    /// until it ends.
    ///
    /// # Errors
    ///
    /// That of the work; 400 for a malformed key; 409 `idempotency_mismatch` for
    /// another request with the key, `conflict` while the first one runs.
    pub fn once<R: Reply, E: From<ApiError>>(
        &self,
        scope: impl Into<IdempotencyScope>,
        body: &[u8],
        work: impl FnOnce() -> Result<R, E>,
    ) -> Result<R, E> {
        self.keyed(&scope.into(), body, &[])?.execute(|| Ok((work()?, None)), |_| Ok(None::<()>))
    }

    /// The key of a request whose response shows a secret.
    ///
    /// # Errors
    ///
    /// 400 for a malformed key.
    pub fn with_secret(
        &self,
        scope: &IdempotencyScope,
        body: &[u8],
        kind: SecretKind,
    ) -> Result<KeyedSecret, ApiError> {
        Ok(KeyedSecret { keyed: self.keyed(scope, body, kind.fields)?, kind: kind.name })
    }

    fn keyed(
        &self,
        scope: &IdempotencyScope,
        body: &[u8],
        omitted: &'static [&'static str],
    ) -> Result<Keyed, ApiError> {
        let request = self.parse()?.map(|key| {
            // Clients that repeat a request may write the same JSON differently.
            let body = read_json(body).map_or(Cow::Borrowed(body), |json| json.canonical().into());
            let fingerprint = (self.store.fingerprint)(&[self.method.as_str().as_bytes(), self.path.as_bytes(), &body]);
            let owner = scope.stored(&*self.store.fingerprint);
            KeyedRequest { owner, key, fingerprint, now: self.store.clock.now(), limit: self.store.limit }
        });
        Ok(Keyed { request, responses: Arc::clone(&self.store.responses), omitted })
    }

    /// The key; `None` without the header.
    fn parse(&self) -> Result<Option<String>, ApiError> {
        let rejected = |code, message: &'static str| Err(ApiError::field(NAME, code, message));
        match self.values.as_slice() {
            [] => Ok(None),
            [value] if value.is_empty() => rejected(FieldCode::Required, "must not be empty"),
            [value] if !value.as_bytes().iter().all(u8::is_ascii_graphic) => {
                rejected(FieldCode::InvalidFormat, "must be visible ASCII characters")
            }
            [value] if value.len() > MAX => {
                let error = FieldError::new(NAME, FieldCode::TooLong, "must have at most 128 characters");
                Err(ApiError::validation(vec![error.with([("max", MAX.into()), ("unit", "characters".into())])]))
            }
            [value] => Ok(value.to_str().ok().map(str::to_owned)),
            [_, ..] => rejected(FieldCode::Duplicate, "must be sent once"),
        }
    }
}

/// A request with a valid key, or without one.
#[derive(Clone)]
struct Keyed {
    request: Option<KeyedRequest>,
    responses: Arc<dyn IdempotencyRepository>,
    /// The fields of `data` that are omitted from the stored response.
    omitted: &'static [&'static str],
}

impl Keyed {
    fn execute<R: Reply, E: From<ApiError>, S: Serialize>(
        &self,
        work: impl FnOnce() -> Result<(R, Option<OmittedSecret>), E>,
        renew: impl FnOnce(Uuid) -> Result<Option<S>, E>,
    ) -> Result<R, E> {
        let Some(request) = &self.request else { return work().map(|(reply, _)| reply) };
        let (mut work, mut done) = (Some(work), None);
        let outcome = self.responses.once(request, &mut || {
            let reply = work.take()?().and_then(|(reply, secret)| {
                let written = reply.into();
                Ok((stored(&written, self.omitted, secret)?, R::from(written)))
            });
            let (response, reply) = match reply {
                Ok((response, reply)) => (Some(response), Ok(reply)),
                Err(error) => (None, Err(error)),
            };
            done = Some(reply);
            response
        });
        match outcome.map_err(ApiError::from)? {
            KeyedOutcome::Executed => done.unwrap_or_else(|| Err(ApiError::internal().into())),
            KeyedOutcome::Replayed(response) => replay(response, renew),
        }
    }
}

/// A request whose response shows a secret, with a valid key or without one.
#[derive(Clone)]
pub struct KeyedSecret {
    keyed: Keyed,
    kind: &'static str,
}

impl KeyedSecret {
    /// The response to the same request before, for requests with expensive work.
    /// `None` if there was none, or without a key.
    ///
    /// # Errors
    ///
    /// 409 `idempotency_mismatch` for another request with the key, `conflict` if the
    /// resource no longer exists; that of `renew`.
    pub fn replayed<R: Reply, E: From<ApiError>, S: Serialize>(
        &self,
        renew: impl FnOnce(Uuid) -> Result<Option<S>, E>,
    ) -> Result<Option<R>, E> {
        let Some(request) = &self.keyed.request else { return Ok(None) };
        let response = self.keyed.responses.find(request).map_err(ApiError::from)?;
        response.map(|response| replay(response, renew)).transpose()
    }

    /// As [`IdempotencyKey::once`]. `work` returns the id of the resource that the
    /// secret belongs to. For a repeated request, `renew` creates a new secret for that
    /// resource, or returns `None` if it no longer exists.
    ///
    /// # Errors
    ///
    /// As [`IdempotencyKey::once`]; 409 `conflict` if the resource no longer exists.
    pub fn once<R: Reply, E: From<ApiError>, S: Serialize>(
        &self,
        work: impl FnOnce() -> Result<(R, Uuid), E>,
        renew: impl FnOnce(Uuid) -> Result<Option<S>, E>,
    ) -> Result<R, E> {
        let work = || {
            let (reply, of) = work()?;
            Ok((reply, Some(OmittedSecret { kind: self.kind.into(), of })))
        };
        self.keyed.execute(work, renew)
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let values = request.headers().get_all(HEADER).cloned().collect();
        let (method, path) = (request.method().clone(), request.path().to_owned());
        let store = request.app_data::<Data<IdempotencyStore>>().cloned().ok_or_else(ApiError::internal);
        std::future::ready(store.map(|store| Self { values, method, path, store }))
    }
}

impl Describe for IdempotencyKey {
    fn describe(signature: &mut Signature) {
        signature.is_idempotent = true;
    }
}

impl From<KeyedError> for ApiError {
    fn from(error: KeyedError) -> Self {
        match error {
            KeyedError::Mismatch => Self::of(Code::IDEMPOTENCY_MISMATCH, &error),
            KeyedError::InProgress => Self::of(Code::CONFLICT, &error).retry_after(RETRY_SOON),
            KeyedError::Repository(cause) => cause.into(),
        }
    }
}

/// The response to store; an error for one that could not be serialised.
fn stored(reply: &Written, omitted: &[&str], secret: Option<OmittedSecret>) -> Result<StoredResponse, ApiError> {
    if !reply.status().is_success() {
        return Err(ApiError::internal());
    }
    let body = if omitted.is_empty() {
        reply.body().to_vec()
    } else {
        with_data(reply.body(), |data| data.retain(|field, _| !omitted.contains(&field.as_str())))?
    };
    Ok(StoredResponse { status: reply.status().as_u16(), body, secret })
}

fn replay<R: Reply, E: From<ApiError>, S: Serialize>(
    response: StoredResponse,
    renew: impl FnOnce(Uuid) -> Result<Option<S>, E>,
) -> Result<R, E> {
    let body = match response.secret {
        None => response.body,
        Some(secret) => {
            let missing = || ApiError::new(Code::CONFLICT, "The resource has changed since; it cannot be replayed");
            let renewed = serde_json::to_value(renew(secret.of)?.ok_or_else(missing)?).map_err(unreadable)?;
            with_data(&response.body, |data| data.extend(renewed.as_object().cloned().unwrap_or_default()))?
        }
    };
    Ok(Written::replay(response.status, body).ok_or_else(ApiError::internal)?.into())
}

/// The body with its `data` changed.
fn with_data(body: &[u8], change: impl FnOnce(&mut Map<String, Value>)) -> Result<Vec<u8>, ApiError> {
    let mut body: Value = serde_json::from_slice(body).map_err(unreadable)?;
    body.get_mut("data").and_then(Value::as_object_mut).map(change).ok_or_else(ApiError::internal)?;
    serde_json::to_vec(&body).map_err(unreadable)
}

fn unreadable(cause: impl fmt::Display) -> ApiError {
    tracing::error!(%cause, "a stored response could not be read or written");
    ApiError::internal()
}

#[cfg(test)]
mod tests;
