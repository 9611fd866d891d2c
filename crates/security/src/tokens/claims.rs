//! What a token says: as we write it, and as much of it as we read.

use chrono::{DateTime, Utc};
use repower_ports::accounts::{Bearer, TokenClaims};
use serde::{Deserialize, Serialize, de::IgnoredAny};

/// The claims of our tokens. Moments are whole seconds since 1970.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignedClaims {
    sub: String,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    technician_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<String>,
    iat: i64,
    exp: i64,
}

impl From<&TokenClaims> for SignedClaims {
    fn from(claims: &TokenClaims) -> Self {
        Self {
            sub: claims.user_id.to_string(),
            role: claims.role.as_str(),
            technician_id: claims.technician_id.map(|id| id.to_string()),
            company_id: claims.company_id.map(|id| id.to_string()),
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        }
    }
}

/// The claims that are read. A moment that is no whole number is refused, and
/// so is a claim that is told twice.
#[derive(Deserialize)]
pub(super) struct ReceivedClaims {
    sub: String,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    aud: Option<IgnoredAny>,
}

impl ReceivedClaims {
    /// Whose token it is, if it holds now. `iat` may lie ahead: a token issued
    /// right after a change of password does, and so may another instance's.
    pub(super) fn bearer(&self, now: DateTime<Utc>) -> Option<Bearer> {
        // RFC 7519 section 4.1.3: a token for some audience is not for who has no such name.
        let ours = self.aud.is_none();
        let begun = self.nbf.is_none_or(|begin| begin <= now.timestamp());
        let lasting = now.timestamp() < self.exp;
        if !(ours && begun && lasting) {
            return None;
        }
        let issued_at = DateTime::from_timestamp(self.iat, 0)?;
        Some(Bearer { user_id: self.sub.parse().ok()?, issued_at })
    }
}
