//! Tokens: JSON Web Tokens, signed with HMAC-SHA-256 and a secret.

mod claims;
#[cfg(test)]
mod guessed;

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use repower_domain::{accounts::Role, ids::UserId};
use repower_ports::accounts::{Bearer, InvalidToken, SigningError, TokenClaims, TokenSigner};
use thiserror::Error;
use uuid::Uuid;

use claims::{ReceivedClaims, SignedClaims};

/// The one algorithm that is signed with and accepted.
const ALGORITHM: Algorithm = Algorithm::HS256;

/// The longest token that is looked at, in bytes. Ours have fewer than 500.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Signs tokens with HS256 and accepts no other algorithm.
///
/// Whoever has the secret can mint a token: `sub`, `iat` and `exp` are enough,
/// the other claims of ours are neither required nor read.
pub struct JwtSigner {
    encoding_key: EncodingKey,
    decoding_key: DecodingKey,
    validation: Validation,
}

impl JwtSigner {
    /// A signer with this secret, whose UTF-8 bytes are the key.
    ///
    /// Signs and verifies one token, so that cryptography that does not work
    /// is known of at the start and not at the first login.
    pub fn new(secret: &str) -> Result<Self, SignerError> {
        if secret.is_empty() {
            return Err(SignerError::EmptySecret);
        }
        let signer = Self {
            encoding_key: EncodingKey::from_secret(secret.as_bytes()),
            decoding_key: DecodingKey::from_secret(secret.as_bytes()),
            validation: validation(),
        };
        signer.test()?;
        Ok(signer)
    }

    fn test(&self) -> Result<(), SignerError> {
        let (issued_at, expires_at) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH + TimeDelta::seconds(1));
        let user_id = UserId::from(Uuid::nil());
        let role = Role::Technician;
        let token =
            self.sign(&TokenClaims { user_id, role, technician_id: None, company_id: None, issued_at, expires_at })?;
        match self.verify(&token, issued_at) {
            Ok(bearer) if bearer == (Bearer { user_id, issued_at }) => Ok(()),
            Ok(_) | Err(InvalidToken) => Err(SignerError::SelfTest),
        }
    }

    /// The claims of a token whose algorithm and signature are right.
    fn authentic(&self, token: &str) -> Option<ReceivedClaims> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let token = jsonwebtoken::decode::<ReceivedClaims>(token, &self.decoding_key, &self.validation).ok()?;
        // RFC 7515 section 4.1.11: who does not understand an extension named here must refuse the token.
        token.header.crit.is_none().then_some(token.claims)
    }
}

/// What is asked of a token beside its shape. The moments and the audience are
/// left to [`ReceivedClaims::bearer`]: the library would ask the system's clock
/// for the former, and would let an audience of the wrong type pass.
fn validation() -> Validation {
    let mut validation = Validation::new(ALGORITHM);
    validation.set_required_spec_claims(&["sub", "exp"]);
    validation.leeway = 0;
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

impl TokenSigner for JwtSigner {
    fn sign(&self, claims: &TokenClaims) -> Result<String, SigningError> {
        jsonwebtoken::encode(&Header::new(ALGORITHM), &SignedClaims::from(claims), &self.encoding_key)
            .map_err(|error| SigningError(Box::new(error)))
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Bearer, InvalidToken> {
        self.authentic(token).and_then(|claims| claims.bearer(now)).ok_or(InvalidToken)
    }
}

impl fmt::Debug for JwtSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSigner(…)")
    }
}

/// Why there is no signer.
#[derive(Debug, Error)]
pub enum SignerError {
    /// The secret is empty: anybody could sign.
    #[error("the secret that signs tokens must not be empty")]
    EmptySecret,
    /// A token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// A token that was just signed does not verify.
    #[error("a token that was just signed does not verify")]
    SelfTest,
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::*;

    const SECRET: &str = "the secret of the tests";
    const USER: &str = "0198f2a0-0000-7000-8000-00000000000a";
    const ISSUED: i64 = 1_790_000_000;
    const EXPIRES: i64 = ISSUED + 3_600;

    fn signer() -> JwtSigner {
        JwtSigner::new(SECRET).unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn bearer() -> Bearer {
        Bearer { user_id: USER.parse().unwrap(), issued_at: at(ISSUED) }
    }

    fn claims() -> TokenClaims {
        TokenClaims {
            user_id: USER.parse().unwrap(),
            role: Role::CompanyAdmin,
            technician_id: None,
            company_id: Some(Uuid::from_u128(7).into()),
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

    /// A token of these texts whose signature is right by HS256 with our secret.
    fn mint_text(header: &str, claims: &str) -> String {
        let message = format!("{}.{}", part(header), part(claims));
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, ALGORITHM).unwrap();
        format!("{message}.{signature}")
    }

    fn mint(claims: &Value) -> String {
        mint_text(r#"{"alg":"HS256"}"#, &claims.to_string())
    }

    fn verify(token: &str) -> Result<Bearer, InvalidToken> {
        signer().verify(token, at(ISSUED))
    }

    fn claims_of(token: &str) -> Value {
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }

    #[test]
    fn a_signed_token_tells_whose_it_is() {
        assert_eq!(verify(&signer().sign(&claims()).unwrap()), Ok(bearer()));
    }

    #[test]
    fn the_claims_are_those_of_the_contract() {
        let member = claims_of(&signer().sign(&claims()).unwrap());
        let company = "00000000-0000-0000-0000-000000000007";
        let role = "COMPANY_ADMIN";
        assert_eq!(member, json!({"sub": USER, "role": role, "companyId": company, "iat": ISSUED, "exp": EXPIRES}));

        let technician = TokenClaims { technician_id: Some(Uuid::from_u128(8).into()), company_id: None, ..claims() };
        let technician = claims_of(&signer().sign(&technician).unwrap());
        assert_eq!(technician["technicianId"], "00000000-0000-0000-0000-000000000008");
        assert_eq!(technician.get("companyId"), None);
    }

    #[test]
    fn a_token_of_an_outside_party_needs_three_claims_only() {
        assert_eq!(verify(&mint(&minimal())), Ok(bearer()));
    }

    #[test]
    fn the_other_claims_are_not_believed() {
        let claims = minimal_with("role", json!(["SUPER_ADMIN", 7]));
        assert_eq!(verify(&mint(&claims)), Ok(bearer()));
    }

    #[test]
    fn a_token_holds_until_its_expiry_is_reached_by_the_moment_given() {
        let token = signer().sign(&claims()).unwrap();
        assert!(signer().verify(&token, at(EXPIRES) - TimeDelta::microseconds(1)).is_ok());
        assert_eq!(signer().verify(&token, at(EXPIRES)), Err(InvalidToken));
        assert_eq!(signer().verify(&token, at(EXPIRES + 30)), Err(InvalidToken));
    }

    #[test]
    fn a_token_of_long_ago_held_long_ago() {
        let token = mint(&json!({"sub": USER, "iat": 5, "exp": 10}));
        assert!(signer().verify(&token, at(9)).is_ok());
    }

    #[test]
    fn a_token_issued_a_little_ahead_holds() {
        assert!(signer().verify(&mint(&minimal()), at(ISSUED - 2)).is_ok());
    }

    #[test]
    fn a_token_does_not_hold_before_its_begin() {
        let token = mint(&minimal_with("nbf", json!(ISSUED + 10)));
        assert_eq!(signer().verify(&token, at(ISSUED + 10) - TimeDelta::microseconds(1)), Err(InvalidToken));
        assert!(signer().verify(&token, at(ISSUED + 10)).is_ok());
    }

    #[test]
    fn a_token_for_some_audience_is_not_ours() {
        for audience in [json!("another service"), json!(["another"]), json!([]), json!(7)] {
            assert_eq!(verify(&mint(&minimal_with("aud", audience.clone()))), Err(InvalidToken), "{audience}");
        }
    }

    #[test]
    fn a_signature_by_another_secret_is_refused() {
        let token = JwtSigner::new("another secret").unwrap().sign(&claims()).unwrap();
        assert_eq!(verify(&token), Err(InvalidToken));
    }

    #[test]
    fn changed_claims_are_refused() {
        let token = mint(&minimal());
        let changed = part(&minimal_with("exp", json!(EXPIRES + 1)).to_string());
        let parts: Vec<_> = token.split('.').collect();
        assert_eq!(verify(&format!("{}.{changed}.{}", parts[0], parts[2])), Err(InvalidToken));
    }

    #[test]
    fn a_token_without_algorithm_is_refused() {
        for alg in ["none", "None", "NONE", ""] {
            let token = mint_text(&json!({ "alg": alg }).to_string(), &minimal().to_string());
            let (message, _) = token.rsplit_once('.').unwrap();
            assert_eq!(verify(&token), Err(InvalidToken), "{alg} signed");
            assert_eq!(verify(&format!("{message}.")), Err(InvalidToken), "{alg} unsigned");
        }
        assert_eq!(verify(&mint_text(r#"{"typ":"JWT"}"#, &minimal().to_string())), Err(InvalidToken));
    }

    #[test]
    fn our_secret_with_a_stronger_hash_is_refused() {
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            let key = EncodingKey::from_secret(SECRET.as_bytes());
            let token = jsonwebtoken::encode(&Header::new(algorithm), &minimal(), &key).unwrap();
            assert_eq!(verify(&token), Err(InvalidToken), "{algorithm:?}");
        }
    }

    #[test]
    fn an_asymmetric_algorithm_is_refused() {
        for alg in ["RS256", "PS256", "ES256", "EdDSA", "hs256"] {
            let token = mint_text(&json!({ "alg": alg }).to_string(), &minimal().to_string());
            assert_eq!(verify(&token), Err(InvalidToken), "{alg}");
        }
    }

    #[test]
    fn an_extension_that_must_be_understood_is_refused() {
        let header = r#"{"alg":"HS256","crit":["b64"],"b64":true}"#;
        assert_eq!(verify(&mint_text(header, &minimal().to_string())), Err(InvalidToken));
    }

    #[test]
    fn missing_and_extra_parts_are_refused() {
        let token = mint(&minimal());
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
    fn bad_base64_is_refused() {
        let token = mint(&minimal());
        for malformed in [format!("{token}="), format!("{token}!"), format!(" {token}"), token.replacen('.', "=.", 1)] {
            assert_eq!(verify(&malformed), Err(InvalidToken), "{malformed}");
        }
    }

    #[test]
    fn garbage_is_refused() {
        for garbage in ["garbage", "a.b.c", "ø.ø.ø", "\0.\0.\0", "Bearer x"] {
            assert_eq!(verify(garbage), Err(InvalidToken), "{garbage}");
        }
        let header = r#"{"alg":"HS256"}"#;
        for claims in ["", "7", "null", "[]", "{", r#""text""#, &"[".repeat(2_000)] {
            assert_eq!(verify(&mint_text(header, claims)), Err(InvalidToken), "{claims}");
        }
    }

    #[test]
    fn a_huge_token_is_refused_even_when_signed() {
        let padded = |length: usize| mint(&minimal_with("padding", json!("a".repeat(length))));
        assert!(verify(&padded(5_000)).is_ok());
        assert_eq!(verify(&padded(7_000)), Err(InvalidToken));
    }

    #[test]
    fn a_missing_claim_is_refused() {
        for claim in ["sub", "iat", "exp"] {
            let mut claims = minimal();
            claims.as_object_mut().unwrap().remove(claim);
            assert_eq!(verify(&mint(&claims)), Err(InvalidToken), "{claim}");
            assert_eq!(verify(&mint(&minimal_with(claim, Value::Null))), Err(InvalidToken), "{claim} null");
        }
    }

    #[test]
    fn a_moment_that_is_no_whole_number_is_refused() {
        for claim in ["iat", "exp", "nbf"] {
            for moment in [json!(1_790_000_100.5), json!("1790000100"), json!(true), json!(u64::MAX), json!(1e300)] {
                assert_eq!(verify(&mint(&minimal_with(claim, moment.clone()))), Err(InvalidToken), "{claim} {moment}");
            }
        }
    }

    #[test]
    fn a_moment_beyond_every_calendar_does_not_overflow() {
        for issued in [i64::MAX, i64::MIN] {
            assert_eq!(verify(&mint(&minimal_with("iat", json!(issued)))), Err(InvalidToken), "{issued}");
        }
        assert!(verify(&mint(&minimal_with("exp", json!(i64::MAX)))).is_ok());
        assert_eq!(verify(&mint(&minimal_with("exp", json!(i64::MIN)))), Err(InvalidToken));
    }

    #[test]
    fn a_subject_that_is_no_user_id_is_refused() {
        for subject in [json!(""), json!("admin"), json!(7), json!(["admin"]), json!(USER.replace('-', ""))] {
            assert_eq!(verify(&mint(&minimal_with("sub", subject.clone()))), Err(InvalidToken), "{subject}");
        }
    }

    #[test]
    fn a_claim_told_twice_is_refused() {
        let claims = format!(r#"{{"sub":"{USER}","iat":{ISSUED},"exp":{EXPIRES},"exp":{}}}"#, EXPIRES + 1);
        assert_eq!(verify(&mint_text(r#"{"alg":"HS256"}"#, &claims)), Err(InvalidToken));
    }

    #[test]
    fn an_empty_secret_makes_no_signer() {
        assert!(matches!(JwtSigner::new(""), Err(SignerError::EmptySecret)));
    }

    #[test]
    fn a_debug_text_shows_no_secret() {
        let shown = format!("{:?}", signer());
        assert_eq!(shown, "JwtSigner(…)");
    }
}
