//! Digests of requests, by which a repeated request is recognised.

use std::fmt;

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key, sign};

/// The purpose of the derived key, which differs from the key that signs tokens.
const PURPOSE: &[u8] = b"repower: digests of requests";

/// A keyed digest (HMAC-SHA-256) of requests.
///
/// A request may contain a password. A digest without a key would allow a reader of
/// the database to test passwords quickly.
pub struct RequestDigest(Key);

impl RequestDigest {
    /// Creates a digest whose key is derived from a secret.
    pub fn new(secret: &str) -> Self {
        let derived = sign(&Key::new(HMAC_SHA256, secret.as_bytes()), PURPOSE);
        Self(Key::new(HMAC_SHA256, derived.as_ref()))
    }

    /// The digest of these parts. Their order and their boundaries matter.
    pub fn of(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = Context::with_key(&self.0);
        for part in parts {
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
        first_32(context.sign().as_ref())
    }
}

impl fmt::Debug for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestDigest(…)")
    }
}

/// The 32 bytes of a SHA-256 digest.
pub(crate) fn first_32(digest: &[u8]) -> [u8; 32] {
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(secret: &str, parts: &[&str]) -> [u8; 32] {
        let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).collect();
        RequestDigest::new(secret).of(&parts)
    }

    #[test]
    fn the_same_parts_have_the_same_digest() {
        assert_eq!(of("secret", &["POST", "/api/jobs"]), of("secret", &["POST", "/api/jobs"]));
    }

    #[test]
    fn different_parts_or_secrets_have_different_digests() {
        let one = of("secret", &["POST", "/api/jobs", "{}"]);
        for other in [
            of("secret", &["POST", "/api/jobs", "{ }"]),
            of("secret", &["POST", "/api/jobs{}", ""]),
            of("secret", &["POST", "/api/jobs{}"]),
            of("secret", &["POST", "/api/job", "s{}"]),
            of("another secret", &["POST", "/api/jobs", "{}"]),
        ] {
            assert_ne!(other, one);
        }
    }

    #[test]
    fn the_debug_text_contains_no_key() {
        assert_eq!(format!("{:?}", RequestDigest::new("secret")), "RequestDigest(…)");
    }
}
