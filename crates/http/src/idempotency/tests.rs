use std::sync::Mutex;

use actix_web::{http::header::HeaderValue, test::TestRequest};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use repower_ports::{RepositoryError, idempotency::Work};
use serde_json::json;

use super::*;
use crate::{
    reply::{Created, Success},
    schema::ResponseSchema,
};

/// Stores responses in memory, each with its request.
#[derive(Default)]
struct Memory(Mutex<Vec<(KeyedRequest, StoredResponse)>>);

impl IdempotencyRepository for Memory {
    fn once(&self, request: &KeyedRequest, work: Work<'_>) -> Result<KeyedOutcome, KeyedError> {
        let mut stored = self.0.try_lock().map_err(|_locked| KeyedError::InProgress)?;
        if let Some(response) = known(&stored, request)? {
            return Ok(KeyedOutcome::Replayed(response));
        }
        stored.extend(work().map(|response| (request.clone(), response)));
        Ok(KeyedOutcome::Executed)
    }

    fn find(&self, request: &KeyedRequest) -> Result<Option<StoredResponse>, KeyedError> {
        known(&self.0.lock().unwrap(), request)
    }
}

fn known(
    stored: &[(KeyedRequest, StoredResponse)],
    request: &KeyedRequest,
) -> Result<Option<StoredResponse>, KeyedError> {
    match stored.iter().find(|(known, _)| (&known.owner, &known.key) == (&request.owner, &request.key)) {
        Some((known, response)) if known.fingerprint == request.fingerprint => Ok(Some(response.clone())),
        Some(_) => Err(KeyedError::Mismatch),
        None => Ok(None),
    }
}

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }
}

fn store() -> (Data<IdempotencyStore>, Arc<Memory>) {
    let fingerprint = |parts: &[&[u8]]| {
        let mut digest = [0; 32];
        for (byte, place) in parts.concat().iter().zip(0..) {
            digest[place % 32] ^= byte.rotate_left(u32::from(place > 31));
        }
        digest
    };
    let responses = Arc::<Memory>::default();
    let store = IdempotencyStore {
        responses: Arc::<Memory>::clone(&responses),
        fingerprint: Arc::new(fingerprint),
        clock: Arc::new(StoppedClock),
        limit: 1_000,
    };
    (Data::new(store), responses)
}

async fn key_of(store: &Data<IdempotencyStore>, path: &str, keys: &[&str]) -> IdempotencyKey {
    let request = keys.iter().fold(TestRequest::post().uri(path), |request, key| request.append_header((NAME, *key)));
    IdempotencyKey::extract(&request.app_data(store.clone()).to_http_request()).await.unwrap()
}

fn user(number: u128) -> IdempotencyScope {
    IdempotencyScope::User(Uuid::from_u128(number).into())
}

fn created(number: u32) -> Created<Number> {
    Created::new("Created", Number(number))
}

impl ResponseSchema for Value {
    fn schema(_: &mut crate::schema::Schemas) -> crate::schema::SchemaRef {
        crate::schema::text().into()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Number(u32);

impl ResponseSchema for Number {
    fn schema(_: &mut crate::schema::Schemas) -> crate::schema::SchemaRef {
        crate::schema::whole(0, None).into()
    }
}

type Response = Result<Created<Value>, ApiError>;

fn data(response: Response) -> Value {
    let body: Value = serde_json::from_slice(Written::from(response.unwrap()).body()).unwrap();
    body["data"].clone()
}

#[actix_web::test]
async fn a_repeated_request_gets_the_stored_response_and_runs_no_work() {
    let (store, _) = store();
    let key = key_of(&store, "/jobs", &["k"]).await;
    let first = key.once(user(1), b"{}", || Ok::<_, ApiError>(created(1))).unwrap();
    let second = key.once::<Created<Number>, ApiError>(user(1), b"{}", || panic!("ran twice")).unwrap();
    let (first, second) = (Written::from(first), Written::from(second));
    assert_eq!((second.status(), second.body()), (first.status(), first.body()));
    assert_ne!(first, second, "the second is marked as a replay");
}

#[actix_web::test]
async fn without_a_key_the_work_runs_each_time() {
    let (store, _) = store();
    let key = key_of(&store, "/jobs", &[]).await;
    for number in [1, 2] {
        assert_eq!(key.once(user(1), b"{}", || Ok::<_, ApiError>(created(number))), Ok(created(number)));
    }
}

#[actix_web::test]
async fn a_key_is_valid_for_one_path_and_one_body_of_one_scope() {
    let (store, _) = store();
    let key = key_of(&store, "/jobs", &["k"]).await;
    let once =
        |key: &IdempotencyKey, scope, body: &[u8], number| key.once(scope, body, || Ok::<_, ApiError>(created(number)));
    once(&key, user(1), b"{}", 1).unwrap();
    assert_eq!(once(&key, user(1), b"[]", 2).unwrap_err().code(), Code::IDEMPOTENCY_MISMATCH);
    let elsewhere = key_of(&store, "/jobs/x", &["k"]).await;
    assert_eq!(once(&elsewhere, user(1), b"{}", 2).unwrap_err().code(), Code::IDEMPOTENCY_MISMATCH);
    assert_eq!(once(&key, user(2), b"{}", 3), Ok(created(3)));
}

#[actix_web::test]
async fn an_error_is_not_stored() {
    let (store, _) = store();
    let key = key_of(&store, "/jobs", &["k"]).await;
    let failed = key.once::<Created<Number>, _>(user(1), b"{}", || Err(ApiError::overloaded())).unwrap_err();
    assert_eq!(failed.code(), Code::OVERLOADED);
    assert_eq!(key.once(user(1), b"{}", || Ok::<_, ApiError>(created(1))), Ok(created(1)));
}

#[actix_web::test]
async fn a_request_that_is_in_progress_is_a_conflict() {
    let (store, _) = store();
    let key = key_of(&store, "/jobs", &["k"]).await;
    let response = key.once(user(1), b"{}", || {
        let meanwhile = key.once(user(1), b"{}", || Ok::<_, ApiError>(created(2))).unwrap_err();
        assert_eq!(meanwhile, ApiError::from(KeyedError::InProgress));
        Ok::<_, ApiError>(created(1))
    });
    assert_eq!(response, Ok(created(1)));
    assert_eq!(ApiError::from(KeyedError::InProgress).code(), Code::CONFLICT);
}

const KIND: SecretKind = SecretKind { name: "TOKEN", fields: &["token", "expiresAt"] };

fn secret_of(key: &IdempotencyKey) -> KeyedSecret {
    key.with_secret(&user(1), b"{}", KIND).unwrap()
}

#[actix_web::test]
async fn a_secret_is_not_stored_and_renewed_for_each_replay() {
    let (store, memory) = store();
    let key = key_of(&store, "/register", &["k"]).await;
    let of = Uuid::from_u128(7);
    let work = || {
        let shown = json!({"token": "first", "expiresAt": "soon", "user": {"token": "no secret"}});
        Ok((Created::<Value>::new("Registered", shown), of))
    };
    let renew = |renewed| {
        assert_eq!(renewed, of);
        Ok(Some(json!({"token": "second", "expiresAt": "later"})))
    };
    let first = data(secret_of(&key).once(work, renew));
    assert_eq!(first["token"], "first");
    let second: Response = secret_of(&key).once(|| panic!("ran twice"), renew);
    assert_eq!(Written::from(second.clone().unwrap()).status(), 201);
    assert_eq!(data(second), json!({"user": {"token": "no secret"}, "token": "second", "expiresAt": "later"}));
    let stored = memory.0.lock().unwrap()[0].1.clone();
    assert!(!String::from_utf8(stored.body).unwrap().contains("first"));
    assert_eq!(stored.secret, Some(OmittedSecret { kind: "TOKEN".into(), of }));
}

#[actix_web::test]
async fn a_response_with_a_secret_is_replayed_before_the_work() {
    let (store, _) = store();
    let key = key_of(&store, "/register", &["k"]).await;
    let renew = |_| Ok(Some(json!({"token": "second"})));
    let replayed = |key: &IdempotencyKey| secret_of(key).replayed::<Created<Value>, ApiError, _>(renew);
    assert_eq!(replayed(&key), Ok(None));
    let work = || Ok((Created::<Value>::new("Registered", json!({"token": "first", "name": "T"})), Uuid::nil()));
    let first: Response = secret_of(&key).once(work, renew);
    assert!(first.is_ok());
    assert_eq!(data(Ok(replayed(&key).unwrap().unwrap())), json!({"token": "second", "name": "T"}));
    let other = key.with_secret(&user(1), b"{\"a\": 1}", KIND).unwrap();
    let mismatch = other.replayed::<Created<Value>, ApiError, _>(renew).unwrap_err();
    assert_eq!(mismatch.code(), Code::IDEMPOTENCY_MISMATCH);
    assert_eq!(replayed(&key_of(&store, "/register", &[]).await), Ok(None));
}

#[actix_web::test]
async fn a_secret_that_cannot_be_renewed_is_a_conflict() {
    let (store, _) = store();
    let key = key_of(&store, "/invitations", &["k"]).await;
    let work = || Ok((Created::<Value>::new("Invited", json!({"token": "first"})), Uuid::nil()));
    let once = |renewed: Option<Value>| -> Response { secret_of(&key).once(work, |_| Ok(renewed)) };
    once(None).unwrap();
    assert_eq!(once(None).unwrap_err().code(), Code::CONFLICT);
    assert_eq!(data(once(Some(json!({"token": "second"})))), json!({"token": "second"}));
}

#[actix_web::test]
async fn a_response_without_an_object_cannot_hide_a_secret() {
    let (store, memory) = store();
    let key = key_of(&store, "/jobs", &["k"]).await;
    let work = || Ok((Success::<Number>::new("Number", Number(7)), Uuid::nil()));
    let failed = secret_of(&key).once(work, |_| Ok(None::<()>)).unwrap_err();
    assert_eq!((ApiError::code(&failed), memory.0.lock().unwrap().len()), (Code::INTERNAL, 0));
}

#[actix_web::test]
async fn a_key_is_one_header_of_visible_ascii() {
    let (store, _) = store();
    let longest = "k".repeat(128);
    for valid in ["k", "!~", "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11", &longest] {
        assert_eq!(key_of(&store, "/", &[valid]).await.parse(), Ok(Some(valid.to_owned())));
    }
    for (invalid, code) in [
        (&[""] as &[&str], FieldCode::Required),
        (&[format!("{longest}k").as_str()], FieldCode::TooLong),
        (&["a b"], FieldCode::InvalidFormat),
        (&["ø"], FieldCode::InvalidFormat),
        (&["k", "k"], FieldCode::Duplicate),
    ] {
        let rejected = key_of(&store, "/", invalid).await.parse().unwrap_err();
        assert_eq!(rejected.code(), Code::VALIDATION_FAILED, "{invalid:?}");
        assert!(format!("{rejected:?}").contains(&format!("code: {code:?}")), "{invalid:?}: {rejected:?}");
    }
}

#[test]
fn scopes_of_different_kinds_are_never_equal() {
    let (store, _) = store();
    let stored = |scope: IdempotencyScope| scope.stored(&*store.fingerprint);
    assert_eq!(stored(IdempotencyScope::Email("Ana@Example.com".parse().unwrap())), "ana@example.com");
    assert_eq!(stored(user(1)), Uuid::from_u128(1).to_string());
    let digest = stored(IdempotencyScope::Secret("secret".to_owned()));
    assert!(digest.len() == 43 && !digest.contains("secret"), "{digest}");
}

#[test]
fn an_unavailable_storage_is_reported() {
    let unavailable = RepositoryError::Unavailable("connection refused".into());
    assert_eq!(ApiError::from(KeyedError::from(unavailable)).code(), Code::DATABASE_UNAVAILABLE);
}

proptest! {
    #[test]
    fn a_key_is_some_visible_characters_or_rejected(bytes in prop_oneof![
        prop::collection::vec(b'!'..=b'~', 0..140),
        prop::collection::vec(any::<u8>(), 0..40),
    ]) {
        let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
        let request = TestRequest::post().append_header((NAME, value)).app_data(store().0).to_http_request();
        let key = IdempotencyKey::extract(&request).into_inner().unwrap().parse();
        let is_valid = (1..=MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
        prop_assert_eq!(key.ok(), is_valid.then(|| String::from_utf8(bytes).ok()));
    }
}
