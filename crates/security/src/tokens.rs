//! JSON Web Tokens, signed with HMAC-SHA-256.

mod claims;
mod cryptography;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use repower_domain::{accounts::Role, ids::UserId};
use repower_ports::accounts::{Bearer, InvalidToken, SigningError, TokenClaims, TokenKind, TokenSigner};
use thiserror::Error;
use uuid::Uuid;

use claims::{ReceivedClaims, SignedClaims};

/// The only algorithm.
const ALGORITHM: Algorithm = Algorithm::HS256;

/// The greatest length of a token, in bytes. Tokens of this signer have fewer than 500.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Signs and verifies tokens with HS256, and accepts no other algorithm.
///
/// Another service with the secret can sign tokens too. `sub`, `iat` and `exp` are
/// enough. `sid` and, without it, `generation` are read where they are there; the other
/// claims are never read.
pub struct JwtSigner {
    encoding_key: EncodingKey,
    decoding_key: DecodingKey,
    validation: Validation,
}

impl JwtSigner {
    /// Creates a signer whose key is the UTF-8 bytes of a secret. It signs and verifies
    /// one token, to detect defective cryptography at startup.
    ///
    /// The crate jsonwebtoken has one provider of cryptography for the whole process; this
    /// installs one with HS256 alone, unless the process has installed another one before.
    ///
    /// # Errors
    ///
    /// [`SignerError`] for an empty secret, or if the test fails.
    pub fn new(secret: &str) -> Result<Self, SignerError> {
        if secret.is_empty() {
            return Err(SignerError::EmptySecret);
        }
        cryptography::install();
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
        let (technician_id, company_id, session) = (None, None, Uuid::max().into());
        let claims = TokenClaims { user_id, role, technician_id, company_id, session, issued_at, expires_at };
        let token = self.sign(&claims)?;
        match self.verify(&token, issued_at) {
            Ok(bearer) if bearer == (Bearer { user_id, token: TokenKind::OfSession(session) }) => Ok(()),
            Ok(_) | Err(InvalidToken) => Err(SignerError::SelfTest),
        }
    }

    /// The claims of a token with the right algorithm and signature.
    fn verified_claims(&self, token: &str) -> Option<ReceivedClaims> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let token = jsonwebtoken::decode::<ReceivedClaims>(token, &self.decoding_key, &self.validation).ok()?;
        // RFC 7515 section 4.1.11: a token with an unknown critical extension must be rejected.
        token.header.crit.is_none().then_some(token.claims)
    }
}

/// The validation by the library. [`ReceivedClaims::bearer`] validates the times and the
/// audience: the library would read the system's clock, and accept an audience of the
/// wrong type.
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
        self.verified_claims(token).and_then(|claims| claims.bearer(now)).ok_or(InvalidToken)
    }
}

impl fmt::Debug for JwtSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSigner(…)")
    }
}

/// The reason why a signer is not created.
#[derive(Debug, Error)]
pub enum SignerError {
    /// The secret is empty.
    #[error("the secret that signs tokens must not be empty")]
    EmptySecret,
    /// A token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// A token that was just signed does not verify.
    #[error("a token that was just signed does not verify")]
    SelfTest,
}
