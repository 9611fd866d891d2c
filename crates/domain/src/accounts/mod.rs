//! Who signs in, and who may do what.
//!
//! A [`Permission`] is asked of a [`Role`], or of an [`Actor`], who also knows
//! whose things they may reach. `None` and [`Forbidden`] are all that a stranger
//! learns.
//!
//! ```
//! use repower_domain::accounts::{Actor, CompanyRole, Permission, Role, Side};
//!
//! let (company, technician) =
//!     ("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?, "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a12".parse()?);
//! let user_id = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a13".parse()?;
//! let viewer = Actor::Member { user_id, company_id: company, role: CompanyRole::Viewer };
//! assert_eq!(viewer.side_between(company, technician), Some(Side::Company));
//! assert!(viewer.may(Permission::Chat).is_err());
//!
//! let who_manages_members: Vec<_> = Role::ALL.iter().filter(|role| role.permits(Permission::ManageMembers)).collect();
//! assert_eq!(who_manages_members, [&Role::CompanyAdmin]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Tries are counted by whoever stores them; how many there may be stands in
//! [`ThrottleLimits`].
//!
//! ```
//! use repower_domain::accounts::{Limit, ThrottleLimits, ThrottleScope};
//!
//! let Limit { tries, window } = ThrottleLimits::default().of(ThrottleScope::LoginAccountAddress);
//! assert_eq!((tries, window.num_minutes()), (10, 15));
//! ```
//!
//! A new account comes with all that belongs to it, as one value to store.
//!
//! ```
//! use repower_domain::{
//!     accounts::{Actor, NewUser, Registration, Role},
//!     companies::CompanyProfile,
//!     values::PasswordHash,
//! };
//!
//! let user = NewUser {
//!     id: "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a13".parse()?,
//!     email: "hr@nordwind.example".parse()?,
//!     password_hash: PasswordHash::new("what the hasher made"),
//!     now: chrono::DateTime::UNIX_EPOCH,
//! };
//! let profile = CompanyProfile {
//!     name: "Nordwind Service".parse()?,
//!     country: "DK".parse()?,
//!     website: None,
//!     description: None,
//! };
//! let (company, member) =
//!     ("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?, "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a14".parse()?);
//! let registration = Registration::company(user, company, member, profile);
//! assert!(registration.founds_company);
//! assert_eq!(registration.account.actor().role(), Role::CompanyAdmin);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
