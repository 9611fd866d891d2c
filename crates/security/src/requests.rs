//! Digests of requests, by which a repeated request is recognised.

use std::fmt;

use hmac::Mac;

use crate::hmac::{HmacSha256, keyed};

/// The purpose of the derived key, which differs from the key that signs tokens.
const PURPOSE: &[u8] = b"repower: digests of requests";

/// A keyed digest (HMAC-SHA-256) of requests.
///
/// A request may contain a password. A digest without a key would allow a reader of
/// the database to test passwords quickly.
pub struct RequestDigest(HmacSha256);

impl RequestDigest {
    /// Creates a digest whose key is derived from a secret.
    pub fn new(secret: &str) -> Self {
        let derived = keyed(secret.as_bytes()).chain_update(PURPOSE).finalize().into_bytes();
        Self(keyed(&derived))
    }

    /// The digest of these parts. Their order and their boundaries matter.
    pub fn of(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&part.len().to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestDigest(…)")
    }
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

    /// Instances of different versions read each other's rows.
    #[test]
    fn the_digest_stays_the_same_from_version_to_version() {
        let digest = of("secret", &["POST", "/api/jobs", "{}"]);
        assert_eq!(digest[..4], [0x43, 0x82, 0xc0, 0x97]);
    }

    #[test]
    fn the_debug_text_contains_no_key() {
        assert_eq!(format!("{:?}", RequestDigest::new("secret")), "RequestDigest(…)");
    }
}
