//! Digests by which a request is known again.

use std::fmt;

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key, sign};

/// What the key is derived for, so that it is not the one that signs tokens.
const PURPOSE: &[u8] = b"repower: digests of requests";

/// A keyed digest (HMAC-SHA-256). A request may hold a password, and a plain
/// digest of it would let whoever reads the database try passwords at no cost.
pub struct RequestDigest(Key);

impl RequestDigest {
    /// Digests under a key that is derived from this secret.
    pub fn new(secret: &str) -> Self {
        let derived = sign(&Key::new(HMAC_SHA256, secret.as_bytes()), PURPOSE);
        Self(Key::new(HMAC_SHA256, derived.as_ref()))
    }

    /// The digest of these parts in this order; where one ends and the next
    /// begins counts.
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

/// The bytes of a digest, of which SHA-256 has 32.
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
    fn other_parts_and_other_secrets_have_another_digest() {
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
    fn a_debug_text_shows_no_key() {
        assert_eq!(format!("{:?}", RequestDigest::new("secret")), "RequestDigest(…)");
    }
}
