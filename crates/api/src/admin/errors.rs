use repower_application::admin::SetActiveError;
use repower_http::Code;

use crate::error::{Error, LAST_ADMIN};

/// A user cannot deactivate their own account.
pub(super) const OWN_ACCOUNT: Code = Code::CONFLICT.when("A user cannot deactivate their own account.");

/// A super admin must remain.
pub(super) const LAST_SUPER_ADMIN: Code = LAST_ADMIN.when("The user is the last active SUPER_ADMIN.");

impl From<SetActiveError> for Error {
    fn from(error: SetActiveError) -> Self {
        match error {
            SetActiveError::Access(cause) => cause.into(),
            SetActiveError::LastAdmin => Self::of(LAST_SUPER_ADMIN, &error),
            SetActiveError::OwnUser => Self::of(OWN_ACCOUNT, &error),
        }
    }
}
