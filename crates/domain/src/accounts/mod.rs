//! Who signs in, and who may do what.

mod account;
mod actor;
mod permissions;
mod registration;
mod role;
mod throttle;

pub use account::{Account, Attachment, User};
pub use actor::{Actor, Forbidden, Side};
pub use permissions::Permission;
pub use registration::{NewUser, Registration};
pub use role::{CompanyRole, RegistrableRole, Role};
pub use throttle::{Limit, ThrottleLimits, ThrottleScope};
