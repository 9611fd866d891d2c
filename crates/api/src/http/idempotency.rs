//! Requests that a client may send again: done once, answered alike.

use std::{fmt, future::Ready, sync::Arc};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{
        Method,
        header::{HeaderName, HeaderValue},
    },
    web::Data,
};
use repower_domain::{accounts::Actor, ids::UserId, values::Email};
use repower_ports::{
    Clock,
    accounts::SecretDigest,
    idempotency::{IdempotencyRepository, KeptAnswer, KeptSecret, KeyedError, KeyedRequest, Outcome},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Answer, ApiError, Body, Code, FieldCode, Gate, Success};

const NAME: &str = "Idempotency-Key";
const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const MAX: usize = 128;

/// How long to wait for a request that is under way, in seconds.
const RETRY_SOON: u32 = 1;

/// The keyed digest of some parts, each apart from the next.
pub type KeyedDigest = dyn Fn(&[&[u8]]) -> [u8; 32] + Send + Sync;

/// By what a request is known again.
#[derive(Clone)]
pub struct Repeats {
    /// Where answers are kept.
    pub kept: Arc<dyn IdempotencyRepository>,
    /// What tells one request from another.
    pub digest: Arc<KeyedDigest>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Whose key it is. Keys of one owner mean nothing to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Whoever is signed in.
    User(UserId),
    /// Somebody who registers.
    Registrant(Email),
    /// Somebody who has a secret.
    Bearer(SecretDigest),
}

impl From<&Actor> for Owner {
    fn from(actor: &Actor) -> Self {
        Self::User(actor.user_id())
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Registrant(email) => email.fmt(f),
            Self::Bearer(SecretDigest(bytes)) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// The `Idempotency-Key` of a request, not looked at yet: that comes after the
/// questions who is asking and for what.
pub struct IdempotencyKey {
    values: Vec<HeaderValue>,
    method: Method,
    path: String,
    gate: Data<Gate>,
}

impl IdempotencyKey {
    /// Does the work, once for all requests of the owner with this key and
    /// body: a repeated one gets the first answer again. What fails is not kept.
    /// Without a key the work is just done; with one it holds a connection to
    /// the database from its beginning to its end.
    pub fn once<T>(&self, owner: impl Into<Owner>, body: &Body<T>, work: impl FnOnce() -> Answer) -> Answer {
        let without_secret = || Ok((work()?, KeptSecret::None));
        self.once_with_secret(owner, body, without_secret, |_| Ok(None::<()>))
    }

    /// The same for work whose answer holds a secret among its `data`, which is
    /// not kept. A repeated request gets one that `renew` makes; where there is
    /// none any more, because what the secret was for is gone, it is told so
    /// with a 409 `conflict`.
    pub fn once_with_secret<T, S: Serialize>(
        &self,
        owner: impl Into<Owner>,
        body: &Body<T>,
        work: impl FnOnce() -> Result<(Success, KeptSecret), ApiError>,
        renew: impl FnOnce(KeptSecret) -> Result<Option<S>, ApiError>,
    ) -> Answer {
        let Some(key) = self.parse()? else { return work().map(|(answer, _)| answer) };
        let repeats = self.gate.repeats();
        let digest = (repeats.digest)(&[self.method.as_str().as_bytes(), self.path.as_bytes(), body.bytes()]);
        let request = KeyedRequest { owner: owner.into().to_string(), key, digest, now: repeats.clock.now() };
        let (mut work, mut done) = (Some(work), None);
        let outcome = repeats.kept.once(&request, &mut || {
            let answer = work.take()?().and_then(|(answer, secret)| Ok((keep(&answer, secret)?, answer)));
            let (kept, answer) =
                answer.map_or_else(|error| (None, Err(error)), |(kept, answer)| (Some(kept), Ok(answer)));
            done = Some(answer);
            kept
        })?;
        match outcome {
            Outcome::Done => done.unwrap_or_else(|| Err(ApiError::internal())),
            Outcome::Repeated(kept) => repeat(kept, renew),
        }
    }

    /// The key, `None` without the header.
    fn parse(&self) -> Result<Option<String>, ApiError> {
        let refused = |code, message: &'static str| Err(ApiError::field(NAME, code, message));
        match self.values.as_slice() {
            [] => Ok(None),
            [value] if value.is_empty() => refused(FieldCode::Required, "must not be empty"),
            [value] if !value.as_bytes().iter().all(u8::is_ascii_graphic) => {
                refused(FieldCode::InvalidFormat, "must be visible ASCII characters")
            }
            [value] if value.len() > MAX => refused(FieldCode::TooLong, "must have at most 128 characters"),
            [value] => Ok(value.to_str().ok().map(str::to_owned)),
            [_, ..] => refused(FieldCode::Duplicate, "must be sent once"),
        }
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let values = request.headers().get_all(HEADER).cloned().collect();
        let (method, path) = (request.method().clone(), request.path().to_owned());
        let gate = request.app_data::<Data<Gate>>().cloned().ok_or_else(ApiError::internal);
        std::future::ready(gate.map(|gate| Self { values, method, path, gate }))
    }
}

impl From<KeyedError> for ApiError {
    fn from(error: KeyedError) -> Self {
        match error {
            KeyedError::Mismatch => {
                Self::new(Code::IdempotencyMismatch, "This Idempotency-Key was used for another request")
            }
            KeyedError::UnderWay => {
                Self::new(Code::Conflict, "A request with this Idempotency-Key is under way").retry_after(RETRY_SOON)
            }
            KeyedError::Repository(cause) => cause.into(),
        }
    }
}

/// The fields of `data` in which a secret is handed out.
const fn fields(secret: KeptSecret) -> &'static [&'static str] {
    match secret {
        KeptSecret::None => &[],
        KeptSecret::SignIn(_) => &["token", "expiresAt"],
        KeptSecret::Invitation(_) => &["token"],
    }
}

/// The answer as it is kept. One that could not be written is not.
fn keep(answer: &Success, secret: KeptSecret) -> Result<KeptAnswer, ApiError> {
    if !answer.status().is_success() {
        return Err(ApiError::internal());
    }
    let body = match secret {
        KeptSecret::None => answer.body().to_vec(),
        KeptSecret::SignIn(_) | KeptSecret::Invitation(_) => with_data(answer.body(), |data| {
            data.retain(|field, _| !fields(secret).contains(&field.as_str()));
        })?,
    };
    Ok(KeptAnswer { status: answer.status().as_u16(), body, secret })
}

fn repeat<S: Serialize>(kept: KeptAnswer, renew: impl FnOnce(KeptSecret) -> Result<Option<S>, ApiError>) -> Answer {
    let body = match kept.secret {
        KeptSecret::None => kept.body,
        KeptSecret::SignIn(_) | KeptSecret::Invitation(_) => {
            let gone =
                || ApiError::new(Code::Conflict, "What this request made has changed since; it cannot be repeated");
            let fresh = serde_json::to_value(renew(kept.secret)?.ok_or_else(gone)?).map_err(unreadable)?;
            with_data(&kept.body, |data| data.extend(fresh.as_object().cloned().unwrap_or_default()))?
        }
    };
    Success::repeated(kept.status, body).ok_or_else(ApiError::internal)
}

/// The body with its `data` changed.
fn with_data(body: &[u8], change: impl FnOnce(&mut Map<String, Value>)) -> Result<Vec<u8>, ApiError> {
    let mut body: Value = serde_json::from_slice(body).map_err(unreadable)?;
    body.get_mut("data").and_then(Value::as_object_mut).map(change).ok_or_else(ApiError::internal)?;
    serde_json::to_vec(&body).map_err(unreadable)
}

fn unreadable(cause: impl fmt::Display) -> ApiError {
    tracing::error!(%cause, "a kept answer could not be read or written");
    ApiError::internal()
}

#[cfg(test)]
pub(super) mod tests;
