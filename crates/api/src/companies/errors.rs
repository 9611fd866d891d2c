use repower_application::companies::{InviteError, MemberError};
use repower_http::Code;

use crate::error::{Error, LAST_ADMIN};

/// The email has an account.
pub(super) const ALREADY_MEMBER: Code = Code::new(409, "already_member", "The email has an account already.");

/// The company has as many pending invitations as there may be.
pub(super) const TOO_MANY_PENDING: Code =
    Code::LIMIT_REACHED.when("The company has as many pending invitations as there may be; `details` has the limit.");

/// The company has invited too many people, or the user has written too often.
pub(super) const TOO_MANY_INVITATIONS: Code = Code::TOO_MANY_REQUESTS
    .when("The company has invited too many people today, or the user has sent too many requests that write.");

impl From<InviteError> for Error {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Access(cause) => cause.into(),
            InviteError::AlreadyMember => Self::of(ALREADY_MEMBER, &error),
            InviteError::Secret(cause) => cause.into(),
        }
    }
}

impl From<MemberError> for Error {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::Access(cause) => cause.into(),
            MemberError::LastAdmin(cause) => Self::of(LAST_ADMIN, &cause),
        }
    }
}
