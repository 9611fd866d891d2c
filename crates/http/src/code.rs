use std::hash::{Hash, Hasher};

use actix_web::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The code of an error response: a stable name that clients compare, its status,
/// and a sentence for the document.
///
/// The codes that every route shares are constants here; those of a feature are
/// constants of the feature.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    name: &'static str,
    status: u16,
    about: &'static str,
    is_own: bool,
}

impl Code {
    /// The body is no JSON text.
    pub const MALFORMED_JSON: Self = Self::new(400, "malformed_json", "The body is no JSON text.");
    /// The request is no HTTP.
    pub const MALFORMED_REQUEST: Self =
        Self::new(400, "malformed_request", "The request is not HTTP/1.1: its head is wrong.");
    /// Fields or parameters are wrong.
    pub const VALIDATION_FAILED: Self =
        Self::new(400, "validation_failed", "Some fields or parameters are wrong; `details` names each.");
    /// The cursor belongs to another list or other filters.
    pub const INVALID_CURSOR: Self =
        Self::new(400, "invalid_cursor", "The cursor is not one of this list with these filters.");
    /// The token is missing or not valid.
    pub const UNAUTHENTICATED: Self = Self::new(401, "unauthenticated", "The token is missing or not valid.");
    /// The role lacks the permission.
    pub const FORBIDDEN: Self = Self::new(403, "forbidden", "The role lacks the permission.");
    /// The resource does not exist, or is not visible to the caller.
    pub const NOT_FOUND: Self =
        Self::new(404, "not_found", "The resource does not exist, or is not visible to the caller.");
    /// No route has this path.
    pub const ROUTE_NOT_FOUND: Self = Self::new(404, "route_not_found", "No route has this path.");
    /// The path has routes for other methods.
    pub const METHOD_NOT_ALLOWED: Self =
        Self::new(405, "method_not_allowed", "The path has routes for other methods only.");
    /// The head of the request did not arrive in time.
    pub const REQUEST_TIMEOUT: Self =
        Self::new(408, "request_timeout", "The head of the request took longer than 5 seconds to arrive.");
    /// The idempotency key belongs to another request.
    pub const IDEMPOTENCY_MISMATCH: Self =
        Self::new(409, "idempotency_mismatch", "The idempotency key was used for another request.");
    /// Another request changed the resource first.
    pub const CONFLICT: Self = Self::new(409, "conflict", "Another request changed the resource at the same time.");
    /// The owner has as many as they may have.
    pub const LIMIT_REACHED: Self =
        Self::new(409, "limit_reached", "There are as many already as there may be; `details` has the limit.");
    /// A technician would be booked twice.
    pub const ALREADY_BOOKED: Self =
        Self::new(409, "already_booked", "The technician has accepted another job that shares a day with this one.");
    /// The body exceeds the limit.
    pub const PAYLOAD_TOO_LARGE: Self = Self::new(413, "payload_too_large", "The body is larger than 256 KiB.");
    /// The body is not declared as JSON, or has a coding.
    pub const UNSUPPORTED_MEDIA_TYPE: Self = Self::new(
        415,
        "unsupported_media_type",
        "The body is not declared as `application/json`, or has a `Content-Encoding`.",
    );
    /// A rate limit is exceeded.
    pub const TOO_MANY_REQUESTS: Self = Self::new(429, "too_many_requests", "A rate limit is exceeded.");
    /// The head of the request exceeds the limit.
    pub const HEAD_TOO_LARGE: Self =
        Self::new(431, "head_too_large", "The head is larger than 32 KiB, or it has more than 96 headers.");
    /// The server has a defect.
    pub const INTERNAL: Self = Self::new(500, "internal", "The server has a defect; the log has the cause.");
    /// The database does not respond, or is not migrated.
    pub const DATABASE_UNAVAILABLE: Self =
        Self::new(503, "database_unavailable", "The database does not respond, or is not migrated yet.");
    /// A queue of the server is full.
    pub const OVERLOADED: Self = Self::new(503, "overloaded", "The server has more work than it can take on.");

    /// The codes that every route shares.
    pub const SHARED: &'static [Self] = &[
        Self::MALFORMED_JSON,
        Self::MALFORMED_REQUEST,
        Self::VALIDATION_FAILED,
        Self::INVALID_CURSOR,
        Self::UNAUTHENTICATED,
        Self::FORBIDDEN,
        Self::NOT_FOUND,
        Self::ROUTE_NOT_FOUND,
        Self::METHOD_NOT_ALLOWED,
        Self::REQUEST_TIMEOUT,
        Self::IDEMPOTENCY_MISMATCH,
        Self::CONFLICT,
        Self::LIMIT_REACHED,
        Self::PAYLOAD_TOO_LARGE,
        Self::UNSUPPORTED_MEDIA_TYPE,
        Self::TOO_MANY_REQUESTS,
        Self::HEAD_TOO_LARGE,
        Self::INTERNAL,
        Self::DATABASE_UNAVAILABLE,
        Self::OVERLOADED,
    ];

    /// A code; the sentence `about` describes when it is returned.
    pub const fn new(status: u16, name: &'static str, about: &'static str) -> Self {
        Self { name, status, about, is_own: false }
    }

    /// The same code with the sentence of a route that returns it for another reason.
    #[must_use]
    pub const fn when(self, about: &'static str) -> Self {
        Self { about, is_own: true, ..self }
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// The sentence that describes when it is returned.
    pub const fn about(self) -> &'static str {
        self.about
    }

    /// Whether a route has replaced the sentence.
    pub const fn is_own(self) -> bool {
        self.is_own
    }

    /// The status of the response.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Two codes are equal when their names are.
impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Code {}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

macro_rules! field_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal),+ $(,)?) => {
        /// The reason why one field is rejected, for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FieldCode {
            $($(#[doc = $doc])+ $variant),+
        }

        impl FieldCode {
            /// All field codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            /// The field code with this name on the wire.
            pub fn named(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

field_codes! {
    /// The field is missing or empty.
    Required = "required",
    /// The route has no such field or parameter.
    UnknownField = "unknown_field",
    /// The JSON type is wrong, or null is not allowed.
    WrongType = "wrong_type",
    /// The text does not have the format of such a value.
    InvalidFormat = "invalid_format",
    /// The value is none of those that are allowed.
    NotAllowed = "not_allowed",
    /// The text has too few characters.
    TooShort = "too_short",
    /// The password is one of the commonest, or made of names that belong to the user.
    TooCommon = "too_common",
    /// The text has too many characters, or the list too many entries.
    TooLong = "too_long",
    /// The number is outside its bounds.
    OutOfRange = "out_of_range",
    /// The field contradicts another field.
    Inconsistent = "inconsistent",
    /// The field or entry occurs twice.
    Duplicate = "duplicate",
    /// The value does not match the stored one.
    Mismatch = "mismatch",
}

impl Serialize for FieldCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FieldCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::named(&text).ok_or_else(|| de::Error::custom("no code of a field"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_field_code_is_found_by_its_name() {
        for code in FieldCode::ALL {
            assert_eq!(FieldCode::named(code.as_str()), Some(*code));
        }
    }

    #[test]
    fn the_shared_codes_differ_and_each_has_an_error_status() {
        let distinct: HashSet<_> = Code::SHARED.iter().collect();
        assert_eq!(distinct.len(), Code::SHARED.len());
        assert!(Code::SHARED.iter().all(|code| code.status().is_client_error() || code.status().is_server_error()));
    }

    #[test]
    fn a_code_with_another_sentence_is_the_same_code() {
        assert_eq!(Code::CONFLICT.when("The user is the caller."), Code::CONFLICT);
    }
}
