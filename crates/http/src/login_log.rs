use std::{fmt::Write, future::Ready, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use repower_domain::values::Email;

use crate::{
    error::ApiError,
    idempotency::{IdempotencyStore, RequestFingerprint},
    middleware::record_account,
    signature::Describe,
};

/// The number of bytes of a digest in the log: enough to tell all accounts apart.
const DIGEST: usize = 16;

/// Separates the digests of accounts from those of requests and secrets.
const PURPOSE: &[u8] = b"account of a failed login";

/// Logs the accounts of failed logins, as keyed digests.
///
/// The log then shows which failed logins were for one account, and nobody without the
/// key can find its email, not even by trying all emails.
pub struct LoginLog(Arc<RequestFingerprint>);

impl LoginLog {
    /// Adds the digest of the account to the log context of the request.
    pub fn failed(&self, email: &str) {
        record_account(&self.digest(email));
    }

    fn digest(&self, email: &str) -> String {
        let digest = (self.0)(&[PURPOSE, Email::login_account(email).as_bytes()]);
        digest.iter().take(DIGEST).fold(String::new(), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl Describe for LoginLog {}

impl FromRequest for LoginLog {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let store = request.app_data::<Data<IdempotencyStore>>().ok_or_else(ApiError::internal);
        std::future::ready(store.map(|store| Self(Arc::clone(&store.fingerprint))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(key: u8, email: &str) -> String {
        let sum = move |parts: &[&[u8]]| {
            parts.concat().iter().fold([key; 32], |sum, byte| sum.map(|old| old.wrapping_mul(31) ^ byte))
        };
        LoginLog(Arc::new(sum)).digest(email)
    }

    #[test]
    fn an_account_has_one_digest_in_any_spelling_and_another_one_with_another_key() {
        assert_eq!(digest(1, "Ana@Example.com "), digest(1, "ana@example.com"));
        assert_eq!(digest(1, "ana@bücher.example"), digest(1, r#""ana"@xn--bcher-kva.example"#));
        assert_ne!(digest(1, "ana@example.com"), digest(1, "bo@example.com"));
        assert_ne!(digest(1, "ana@example.com"), digest(2, "ana@example.com"));
        assert_eq!(digest(1, "ana@example.com").len(), 2 * DIGEST);
    }
}
