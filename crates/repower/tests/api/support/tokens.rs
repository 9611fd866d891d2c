use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

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
    signed_as::<Hmac<Sha256>>("HS256", secret, claims)
}

/// A token with these claims, signed with an algorithm of this name and a secret.
pub(crate) fn signed_as<M: Mac + KeyInit>(algorithm: &str, secret: &str, claims: &Value) -> String {
    let header = json!({"alg": algorithm, "typ": "JWT"});
    let message = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let signature = signature_by::<M>(secret, &message);
    format!("{message}.{signature}")
}

/// The signature of a message by HS256 in base64url.
pub(crate) fn signature_of(secret: &str, message: &str) -> String {
    signature_by::<Hmac<Sha256>>(secret, message)
}

fn signature_by<M: Mac + KeyInit>(secret: &str, message: &str) -> String {
    let mac = M::new_from_slice(secret.as_bytes()).unwrap().chain_update(message);
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}
