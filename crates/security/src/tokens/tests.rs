use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

use super::*;

const SECRET: &str = "the secret of the tests";
const USER: &str = "0198f2a0-0000-7000-8000-00000000000a";
const SESSION: &str = "0198f2a0-0000-7000-8000-00000000000b";
const ISSUED: i64 = 1_790_000_000;
const EXPIRES: i64 = ISSUED + 3_600;

fn signer() -> JwtSigner {
    JwtSigner::new(SECRET).unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// The bearer of a token with these claims.
fn bearer(token: TokenKind) -> Bearer {
    Bearer { user_id: USER.parse().unwrap(), token }
}

/// The bearer of a token of [`minimal`] claims.
fn sessionless() -> Bearer {
    bearer(TokenKind::Sessionless(at(ISSUED)))
}

fn claims() -> TokenClaims {
    TokenClaims {
        user_id: USER.parse().unwrap(),
        role: Role::CompanyAdmin,
        technician_id: None,
        company_id: Some(Uuid::from_u128(7).into()),
        session: SESSION.parse().unwrap(),
        issued_at: at(ISSUED),
        expires_at: at(EXPIRES),
    }
}

fn minimal() -> Value {
    json!({"sub": USER, "iat": ISSUED, "exp": EXPIRES})
}

fn minimal_with(claim: &str, value: Value) -> Value {
    let mut claims = minimal();
    claims[claim] = value;
    claims
}

fn part(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// A token of these texts, signed by HS256 with the secret.
fn sign_text(header: &str, claims: &str) -> String {
    sign_text_by::<Hmac<Sha256>>(header, claims)
}

/// A token of these texts, signed with the secret.
fn sign_text_by<M: Mac + KeyInit>(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = M::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(&message).finalize().into_bytes();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn sign_claims(claims: &Value) -> String {
    sign_text(r#"{"alg":"HS256"}"#, &claims.to_string())
}

fn verify(token: &str) -> Result<Bearer, InvalidToken> {
    signer().verify(token, at(ISSUED))
}

fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[test]
fn a_signed_token_is_verified() {
    let of_session = bearer(TokenKind::OfSession(SESSION.parse().unwrap()));
    assert_eq!(verify(&signer().sign(&claims()).unwrap()), Ok(of_session));
}

#[test]
fn the_claims_are_those_of_the_contract() {
    let member = claims_of(&signer().sign(&claims()).unwrap());
    let company = "00000000-0000-0000-0000-000000000007";
    let role = "COMPANY_ADMIN";
    let expected = json!({
        "sub": USER, "sid": SESSION, "role": role, "companyId": company, "iat": ISSUED, "exp": EXPIRES,
    });
    assert_eq!(member, expected);

    let technician = TokenClaims { technician_id: Some(Uuid::from_u128(8).into()), company_id: None, ..claims() };
    let technician = claims_of(&signer().sign(&technician).unwrap());
    assert_eq!(technician["technicianId"], "00000000-0000-0000-0000-000000000008");
    assert_eq!(technician.get("companyId"), None);
}

#[test]
fn a_token_needs_three_claims_only_and_has_the_generation_of_its_time_of_issue() {
    assert_eq!(verify(&sign_claims(&minimal())), Ok(sessionless()));
}

#[test]
fn a_token_without_a_session_has_the_generation_that_it_names() {
    let generation = at(ISSUED) - TimeDelta::microseconds(7);
    let claims = minimal_with("generation", json!(generation.timestamp_micros()));
    assert_eq!(verify(&sign_claims(&claims)), Ok(bearer(TokenKind::Sessionless(generation))));
}

#[test]
fn a_session_that_is_no_id_is_rejected_and_never_taken_for_none() {
    for session in [json!(""), json!("admin"), json!(7), json!([SESSION]), json!(SESSION.replace('-', ""))] {
        let claims = minimal_with("sid", session.clone());
        assert_eq!(verify(&sign_claims(&claims)), Err(InvalidToken), "{session}");
    }
}

#[test]
fn the_other_claims_are_ignored() {
    let claims = minimal_with("role", json!(["SUPER_ADMIN", 7]));
    assert_eq!(verify(&sign_claims(&claims)), Ok(sessionless()));
}

#[test]
fn a_token_is_valid_before_its_expiry_and_not_at_it() {
    let token = signer().sign(&claims()).unwrap();
    assert!(signer().verify(&token, at(EXPIRES) - TimeDelta::microseconds(1)).is_ok());
    assert_eq!(signer().verify(&token, at(EXPIRES)), Err(InvalidToken));
    assert_eq!(signer().verify(&token, at(EXPIRES + 30)), Err(InvalidToken));
}

#[test]
fn the_given_time_is_used_instead_of_the_clock() {
    let token = sign_claims(&json!({"sub": USER, "iat": 5, "exp": 10}));
    assert!(signer().verify(&token, at(9)).is_ok());
}

#[test]
fn a_token_that_was_issued_in_the_future_is_valid() {
    assert!(signer().verify(&sign_claims(&minimal()), at(ISSUED - 2)).is_ok());
}

#[test]
fn a_token_is_not_valid_before_nbf() {
    let token = sign_claims(&minimal_with("nbf", json!(ISSUED + 10)));
    assert_eq!(signer().verify(&token, at(ISSUED + 10) - TimeDelta::microseconds(1)), Err(InvalidToken));
    assert!(signer().verify(&token, at(ISSUED + 10)).is_ok());
}

#[test]
fn a_token_with_an_audience_is_rejected() {
    for audience in [json!("another service"), json!(["another"]), json!([]), json!(7)] {
        assert_eq!(verify(&sign_claims(&minimal_with("aud", audience.clone()))), Err(InvalidToken), "{audience}");
    }
}

#[test]
fn a_signature_by_another_secret_is_rejected() {
    let token = JwtSigner::new("another secret").unwrap().sign(&claims()).unwrap();
    assert_eq!(verify(&token), Err(InvalidToken));
}

#[test]
fn changed_claims_are_rejected() {
    let token = sign_claims(&minimal());
    let changed = part(&minimal_with("exp", json!(EXPIRES + 1)).to_string());
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(verify(&format!("{}.{changed}.{}", parts[0], parts[2])), Err(InvalidToken));
}

#[test]
fn a_token_without_an_algorithm_is_rejected() {
    for alg in ["none", "None", "NONE", ""] {
        let token = sign_text(&json!({ "alg": alg }).to_string(), &minimal().to_string());
        let (message, _) = token.rsplit_once('.').unwrap();
        assert_eq!(verify(&token), Err(InvalidToken), "{alg} signed");
        assert_eq!(verify(&format!("{message}.")), Err(InvalidToken), "{alg} unsigned");
    }
    assert_eq!(verify(&sign_text(r#"{"typ":"JWT"}"#, &minimal().to_string())), Err(InvalidToken));
}

#[test]
fn a_stronger_hash_with_the_same_secret_is_rejected() {
    let claims = minimal().to_string();
    for token in [
        sign_text_by::<Hmac<Sha384>>(r#"{"alg":"HS384"}"#, &claims),
        sign_text_by::<Hmac<Sha512>>(r#"{"alg":"HS512"}"#, &claims),
        sign_text_by::<Hmac<Sha512>>(r#"{"alg":"HS256"}"#, &claims),
    ] {
        assert_eq!(verify(&token), Err(InvalidToken), "{token}");
    }
}

#[test]
fn an_asymmetric_algorithm_is_rejected() {
    for alg in ["RS256", "PS256", "ES256", "EdDSA", "hs256"] {
        let token = sign_text(&json!({ "alg": alg }).to_string(), &minimal().to_string());
        assert_eq!(verify(&token), Err(InvalidToken), "{alg}");
    }
}

#[test]
fn a_critical_extension_is_rejected() {
    let header = r#"{"alg":"HS256","crit":["b64"],"b64":true}"#;
    assert_eq!(verify(&sign_text(header, &minimal().to_string())), Err(InvalidToken));
}

#[test]
fn missing_and_extra_parts_are_rejected() {
    let token = sign_claims(&minimal());
    let parts: Vec<_> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    for malformed in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{token}.{signature}"),
        format!("{header}.{token}"),
        format!(".{token}"),
        format!("{token}."),
    ] {
        assert_eq!(verify(&malformed), Err(InvalidToken), "{malformed}");
    }
}

#[test]
fn malformed_base64_is_rejected() {
    let token = sign_claims(&minimal());
    for malformed in [format!("{token}="), format!("{token}!"), format!(" {token}"), token.replacen('.', "=.", 1)] {
        assert_eq!(verify(&malformed), Err(InvalidToken), "{malformed}");
    }
}

#[test]
fn malformed_text_is_rejected() {
    for garbage in ["garbage", "a.b.c", "ø.ø.ø", "\0.\0.\0", "Bearer x"] {
        assert_eq!(verify(garbage), Err(InvalidToken), "{garbage}");
    }
    let header = r#"{"alg":"HS256"}"#;
    for claims in ["", "7", "null", "[]", "{", r#""text""#, &"[".repeat(2_000)] {
        assert_eq!(verify(&sign_text(header, claims)), Err(InvalidToken), "{claims}");
    }
}

#[test]
fn a_token_over_the_greatest_length_is_rejected() {
    let padded = |length: usize| sign_claims(&minimal_with("padding", json!("a".repeat(length))));
    assert!(verify(&padded(5_000)).is_ok());
    assert_eq!(verify(&padded(7_000)), Err(InvalidToken));
}

#[test]
fn a_missing_claim_is_rejected() {
    for claim in ["sub", "iat", "exp"] {
        let mut claims = minimal();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(verify(&sign_claims(&claims)), Err(InvalidToken), "{claim}");
        assert_eq!(verify(&sign_claims(&minimal_with(claim, Value::Null))), Err(InvalidToken), "{claim} null");
    }
}

#[test]
fn a_time_that_is_no_whole_number_is_rejected() {
    for claim in ["iat", "exp", "nbf"] {
        for time in [json!(1_790_000_100.5), json!("1790000100"), json!(true), json!(u64::MAX), json!(1e300)] {
            assert_eq!(verify(&sign_claims(&minimal_with(claim, time.clone()))), Err(InvalidToken), "{claim} {time}");
        }
    }
}

#[test]
fn a_time_beyond_the_calendar_does_not_overflow() {
    for issued in [i64::MAX, i64::MIN] {
        assert_eq!(verify(&sign_claims(&minimal_with("iat", json!(issued)))), Err(InvalidToken), "{issued}");
    }
    assert!(verify(&sign_claims(&minimal_with("exp", json!(i64::MAX)))).is_ok());
    assert_eq!(verify(&sign_claims(&minimal_with("exp", json!(i64::MIN)))), Err(InvalidToken));
}

#[test]
fn a_subject_that_is_no_user_id_is_rejected() {
    for subject in [json!(""), json!("admin"), json!(7), json!(["admin"]), json!(USER.replace('-', ""))] {
        assert_eq!(verify(&sign_claims(&minimal_with("sub", subject.clone()))), Err(InvalidToken), "{subject}");
    }
}

#[test]
fn a_repeated_claim_is_rejected() {
    let claims = format!(r#"{{"sub":"{USER}","iat":{ISSUED},"exp":{EXPIRES},"exp":{}}}"#, EXPIRES + 1);
    assert_eq!(verify(&sign_text(r#"{"alg":"HS256"}"#, &claims)), Err(InvalidToken));
}

#[test]
fn an_empty_secret_is_rejected() {
    assert!(matches!(JwtSigner::new(""), Err(SignerError::EmptySecret)));
}

#[test]
fn the_debug_text_contains_no_secret() {
    let shown = format!("{:?}", signer());
    assert_eq!(shown, "JwtSigner(…)");
}
