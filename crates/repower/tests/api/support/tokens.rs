use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;

use super::JWT_SECRET;

/// What a token claims; its signature is not looked at.
pub(crate) fn claims_of(token: &str) -> Value {
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "{token}");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap()
}

/// A token with these claims, as the server itself would sign it.
pub(crate) fn signed(claims: &Value) -> String {
    signed_with(JWT_SECRET, claims)
}

/// A token with these claims that somebody else signed.
pub(crate) fn signed_with(secret: &str, claims: &Value) -> String {
    signed_as(Algorithm::HS256, secret, claims)
}

/// A token with these claims, signed in some way.
pub(crate) fn signed_as(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}
