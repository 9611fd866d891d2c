use repower_application::admin::SetActiveError;
use repower_http::Code;

use crate::error::Error;

/// A user cannot deactivate their own account.
pub(super) const OWN_ACCOUNT: Code = Code::CONFLICT.when("A user cannot deactivate their own account.");

impl From<SetActiveError> for Error {
    fn from(error: SetActiveError) -> Self {
        match error {
            SetActiveError::Access(cause) => cause.into(),
            SetActiveError::OwnUser => Self::of(OWN_ACCOUNT, &error),
        }
    }
}
