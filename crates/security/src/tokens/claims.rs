//! The claims of tokens, as they are written and as they are read.

use chrono::{DateTime, Utc};
use repower_domain::ids::SessionId;
use repower_ports::accounts::{Bearer, TokenClaims, TokenKind};
use serde::{Deserialize, Serialize, de::IgnoredAny};

/// The claims that are written. Times are whole seconds since 1970.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignedClaims {
    sub: String,
    sid: String,
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
            sid: claims.session.to_string(),
            role: claims.role.as_str(),
            technician_id: claims.technician_id.map(|id| id.to_string()),
            company_id: claims.company_id.map(|id| id.to_string()),
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        }
    }
}

/// The claims that are read. Times must be whole numbers, and no claim may be
/// repeated. Tokens of the release before have a generation in microseconds, and no session.
#[derive(Deserialize)]
pub(super) struct ReceivedClaims {
    sub: String,
    sid: Option<String>,
    generation: Option<i64>,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    aud: Option<IgnoredAny>,
}

impl ReceivedClaims {
    /// The bearer, if the token is valid at `now`. `iat` may be in the future: the clock of
    /// another instance may be ahead.
    pub(super) fn bearer(&self, now: DateTime<Utc>) -> Option<Bearer> {
        // RFC 7519 section 4.1.3: the server has no audience, so a token with one is rejected.
        let has_audience = self.aud.is_some();
        let is_begun = self.nbf.is_none_or(|begin| begin <= now.timestamp());
        let is_unexpired = now.timestamp() < self.exp;
        if has_audience || !is_begun || !is_unexpired {
            return None;
        }
        let issued_at = DateTime::from_timestamp(self.iat, 0)?;
        let token = if let Some(session) = &self.sid {
            TokenKind::OfSession(session.parse::<SessionId>().ok()?)
        } else {
            TokenKind::Sessionless(self.generation.map_or(Some(issued_at), DateTime::from_timestamp_micros)?)
        };
        Some(Bearer { user_id: self.sub.parse().ok()?, token })
    }
}
