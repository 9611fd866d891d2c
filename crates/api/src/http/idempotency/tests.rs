use std::sync::Mutex;

use actix_web::{http::header::HeaderValue, test::TestRequest};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use repower_ports::{RepositoryError, idempotency::Work};
use serde_json::json;
use uuid::Uuid;

use super::{
    super::{Identify, Lanes, Pages, TrustedProxies},
    *,
};

/// Keeps answers in memory, each with its request.
#[derive(Default)]
struct Memory(Mutex<Vec<(KeyedRequest, KeptAnswer)>>);

impl IdempotencyRepository for Memory {
    fn once(&self, request: &KeyedRequest, work: Work<'_>) -> Result<Outcome, KeyedError> {
        let mut kept = self.0.try_lock().map_err(|_locked| KeyedError::UnderWay)?;
        match kept.iter().find(|(known, _)| (&known.owner, &known.key) == (&request.owner, &request.key)) {
            Some((known, answer)) if known.digest == request.digest => Ok(Outcome::Repeated(answer.clone())),
            Some(_) => Err(KeyedError::Mismatch),
            None => {
                kept.extend(work().map(|answer| (request.clone(), answer)));
                Ok(Outcome::Done)
            }
        }
    }
}

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }
}

struct Nobody;

impl Identify for Nobody {
    fn actor(&self, _: &str) -> Result<Actor, ApiError> {
        Err(ApiError::unauthenticated())
    }
}

/// Knows requests again for as long as it lives.
pub(in crate::http) fn in_memory() -> Repeats {
    let digest = |parts: &[&[u8]]| {
        let mut digest = [0; 32];
        parts
            .concat()
            .iter()
            .zip(0..)
            .for_each(|(byte, place)| digest[place % 32] ^= byte.rotate_left(u32::from(place > 31)));
        digest
    };
    Repeats { kept: Arc::<Memory>::default(), digest: Arc::new(digest), clock: Arc::new(StoppedClock) }
}

fn gate() -> Data<Gate> {
    Data::new(Gate::new(
        Arc::new(Nobody),
        Lanes::new(1, 1, 10).unwrap(),
        Pages::new(0),
        in_memory(),
        TrustedProxies::default(),
    ))
}

async fn key_of(gate: &Data<Gate>, path: &str, keys: &[&str]) -> IdempotencyKey {
    let request = keys.iter().fold(TestRequest::post().uri(path), |request, key| request.append_header((NAME, *key)));
    IdempotencyKey::extract(&request.app_data(gate.clone()).to_http_request()).await.unwrap()
}

async fn body(text: &'static str) -> Body<()> {
    let (request, mut payload) = TestRequest::post().app_data(gate()).set_payload(text).to_http_parts();
    Body::from_request(&request, &mut payload).await.unwrap()
}

fn somebody(number: u128) -> Owner {
    Owner::User(Uuid::from_u128(number).into())
}

fn made(number: u32) -> Success {
    Success::created("Made", json!({ "number": number }))
}

fn parsed(answer: Answer) -> Value {
    serde_json::from_slice(answer.unwrap().body()).unwrap()
}

#[actix_web::test]
async fn a_repeated_request_gets_the_first_answer_and_does_nothing() {
    let (gate, body) = (gate(), body("{}").await);
    let key = key_of(&gate, "/jobs", &["k"]).await;
    let first = key.once(somebody(1), &body, || Ok(made(1))).unwrap();
    let second = key.once(somebody(1), &body, || panic!("done twice")).unwrap();
    assert_eq!((second.status(), second.body()), (first.status(), first.body()));
    assert_eq!((first.is_repeated(), second.is_repeated()), (false, true));
}

#[actix_web::test]
async fn without_a_key_the_work_is_done_each_time() {
    let (gate, body) = (gate(), body("{}").await);
    let key = key_of(&gate, "/jobs", &[]).await;
    assert_eq!(key.once(somebody(1), &body, || Ok(made(1))), Ok(made(1)));
    assert_eq!(key.once(somebody(1), &body, || Ok(made(2))), Ok(made(2)));
}

#[actix_web::test]
async fn a_key_is_good_for_one_path_and_one_body_of_one_owner() {
    let (gate, one, other) = (gate(), body("{}").await, body("[]").await);
    let key = key_of(&gate, "/jobs", &["k"]).await;
    key.once(somebody(1), &one, || Ok(made(1))).unwrap();
    let mismatch = key.once(somebody(1), &other, || Ok(made(2))).unwrap_err();
    assert_eq!(mismatch.code(), Code::IdempotencyMismatch);
    let elsewhere = key_of(&gate, "/jobs/x", &["k"]).await.once(somebody(1), &one, || Ok(made(2))).unwrap_err();
    assert_eq!(elsewhere.code(), Code::IdempotencyMismatch);
    assert_eq!(key.once(somebody(2), &one, || Ok(made(3))), Ok(made(3)));
}

#[actix_web::test]
async fn what_failed_is_not_kept() {
    let (gate, body) = (gate(), body("{}").await);
    let key = key_of(&gate, "/jobs", &["k"]).await;
    let failed = key.once(somebody(1), &body, || Err(ApiError::forbidden())).unwrap_err();
    assert_eq!(failed.code(), Code::Forbidden);
    assert_eq!(key.once(somebody(1), &body, || Ok(made(1))), Ok(made(1)));
}

#[actix_web::test]
async fn a_request_that_is_under_way_is_told_so() {
    let (gate, body) = (gate(), body("{}").await);
    let key = key_of(&gate, "/jobs", &["k"]).await;
    let answer = key.once(somebody(1), &body, || {
        let meanwhile = key.once(somebody(1), &body, || Ok(made(2))).unwrap_err();
        assert_eq!(meanwhile, ApiError::from(KeyedError::UnderWay));
        Ok(made(1))
    });
    assert_eq!(answer, Ok(made(1)));
    assert_eq!(ApiError::from(KeyedError::UnderWay).code(), Code::Conflict);
}

#[actix_web::test]
async fn a_secret_is_not_kept_and_made_anew_for_each_repeated_request() {
    let (gate, body) = (gate(), body("{}").await);
    let key = key_of(&gate, "/register", &["k"]).await;
    let user = Uuid::from_u128(7).into();
    let work = || {
        let data = json!({"token": "first", "expiresAt": "soon", "user": {"token": "no secret"}});
        Ok((Success::created("Registered", data), KeptSecret::SignIn(user)))
    };
    let renew = |secret| {
        assert_eq!(secret, KeptSecret::SignIn(user));
        Ok(Some(json!({"token": "second", "expiresAt": "later"})))
    };
    let first = parsed(key.once_with_secret(somebody(1), &body, work, renew));
    assert_eq!(first["data"]["token"], "first");
    let second = key.once_with_secret(somebody(1), &body, || panic!("done twice"), renew).unwrap();
    assert_eq!((second.status().as_u16(), second.is_repeated()), (201, true));
    let data = json!({"token": "second", "expiresAt": "later", "user": {"token": "no secret"}});
    assert_eq!(parsed(Ok(second)), json!({"success": true, "message": "Registered", "data": data}));
    let kept = keep(&work().unwrap().0, KeptSecret::SignIn(user)).unwrap().body;
    assert!(!String::from_utf8(kept).unwrap().contains("first"));
}

#[actix_web::test]
async fn a_secret_that_cannot_be_renewed_is_a_conflict() {
    let (gate, body) = (gate(), body("{}").await);
    let key = key_of(&gate, "/invitations", &["k"]).await;
    let work = || {
        let secret = KeptSecret::Invitation(Uuid::from_u128(7).into());
        Ok((Success::created("Invited", json!({"token": "first", "expiresAt": "soon"})), secret))
    };
    key.once_with_secret(somebody(1), &body, work, |_| Ok(None::<()>)).unwrap();
    let gone = key.once_with_secret(somebody(1), &body, work, |_| Ok(None::<()>)).unwrap_err();
    assert_eq!(gone.code(), Code::Conflict);
    let fresh = key.once_with_secret(somebody(1), &body, work, |_| Ok(Some(json!({"token": "second"}))));
    assert_eq!(parsed(fresh)["data"], json!({"token": "second", "expiresAt": "soon"}));
}

#[actix_web::test]
async fn a_key_is_one_header_of_visible_ascii() {
    let gate = gate();
    let longest = "k".repeat(128);
    for good in ["k", "!~", "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11", &longest] {
        assert_eq!(key_of(&gate, "/", &[good]).await.parse(), Ok(Some(good.to_owned())));
    }
    for (wrong, code) in [
        (&[""] as &[&str], FieldCode::Required),
        (&[format!("{longest}k").as_str()], FieldCode::TooLong),
        (&["a b"], FieldCode::InvalidFormat),
        (&["ø"], FieldCode::InvalidFormat),
        (&["k", "k"], FieldCode::Duplicate),
    ] {
        let refused = key_of(&gate, "/", wrong).await.parse().unwrap_err();
        assert_eq!(refused.code(), Code::ValidationFailed, "{wrong:?}");
        assert!(format!("{refused:?}").contains(&format!("code: {code:?}")), "{wrong:?}: {refused:?}");
    }
}

#[test]
fn owners_of_different_kinds_are_never_taken_for_each_other() {
    let email = Owner::Registrant("Ana@Example.com".parse().unwrap());
    assert_eq!(email.to_string(), "ana@example.com");
    assert_eq!(Owner::Bearer(SecretDigest([0xab; 32])).to_string(), "ab".repeat(32));
    assert_eq!(somebody(1).to_string(), Uuid::from_u128(1).to_string());
}

#[test]
fn a_storage_that_is_away_is_told() {
    let away = RepositoryError::Unavailable("connection refused".into());
    assert_eq!(ApiError::from(KeyedError::from(away)).code(), Code::DatabaseUnavailable);
}

proptest! {
    #[test]
    fn a_key_is_some_visible_characters_or_refused(bytes in prop_oneof![
        prop::collection::vec(b'!'..=b'~', 0..140),
        prop::collection::vec(any::<u8>(), 0..40),
    ]) {
        let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
        let request = TestRequest::post().append_header((NAME, value)).app_data(gate()).to_http_request();
        let key = IdempotencyKey::extract(&request).into_inner().unwrap().parse();
        let is_good = (1..=MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
        prop_assert_eq!(key.ok(), is_good.then(|| String::from_utf8(bytes).ok()));
    }
}
