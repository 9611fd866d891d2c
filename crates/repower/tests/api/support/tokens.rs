use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;

use super::JWT_SECRET;

/// The claims of a token; the signature is not verified.
pub(crate) fn claims_of(token: &str) -> Value {
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "{token}");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap()
}

/// A token with these claims and the signature of the server.
pub(crate) fn signed(claims: &Value) -> String {
    signed_with(JWT_SECRET, claims)
}

/// A token with these claims, signed with another secret.
pub(crate) fn signed_with(secret: &str, claims: &Value) -> String {
    signed_as(Algorithm::HS256, secret, claims)
}

/// A token with these claims, signed with an algorithm and a secret.
pub(crate) fn signed_as(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}
