//! Users, registrations, sessions, roles and their permissions, actors, and the limits of
//! attempts.
//!
//! A [`Role`] has permissions. An [`Actor`] has a role, and the ids by which the
//! owner of a resource is checked.
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
//! let managers: Vec<_> = Role::ALL.iter().filter(|role| role.permits(Permission::ManageMembers)).collect();
//! assert_eq!(managers, [&Role::CompanyAdmin]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`ThrottleLimits`] has the number of attempts that are allowed in each scope, and at
//! each [`Rate`].
//!
//! ```
//! use repower_domain::accounts::{Limit, ThrottleLimits, ThrottleScope};
//!
//! let Limit { attempts, window } = ThrottleLimits::default().of(ThrottleScope::LoginAccountAddress);
//! assert_eq!((attempts, window.num_minutes()), (10, 15));
//! ```
//!
//! A [`Session`] begins with a login, and is live until it is ended, expires or was not used
//! for too long.
//!
//! ```
//! use repower_domain::{
//!     accounts::{SessionClient, SessionLimits},
//!     chrono::{DateTime, TimeDelta},
//!     ids::SessionId,
//! };
//!
//! let limits = SessionLimits { lifetime: TimeDelta::days(7), idle: Some(TimeDelta::hours(1)) };
//! let client = SessionClient { address: "203.0.113.7".parse()?, user_agent: None };
//! let id: SessionId = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a15".parse()?;
//! let now = DateTime::UNIX_EPOCH;
//! let session = limits.begin(id, "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a13".parse()?, client, now);
//! assert!(limits.live_at(now + TimeDelta::minutes(60)).include(&session));
//! assert!(!limits.live_at(now + TimeDelta::minutes(62)).include(&session));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Registration`] is a new account as one value to store.
//!
//! ```
//! use repower_domain::{
//!     accounts::{Actor, NewUser, Registration, Role},
//!     companies::CompanyProfile,
//!     values::PasswordHash,
//! };
//!
//! let user = NewUser::builder()
//!     .id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a13".parse()?)
//!     .email("hr@nordwind.example".parse()?)
//!     .password_hash(PasswordHash::new("a hash"))
//!     .now(chrono::DateTime::UNIX_EPOCH)
//!     .build();
//! let profile = CompanyProfile::builder()
//!     .name("Nordwind Service".parse()?)
//!     .country("DK".parse()?)
//!     .website(None)
//!     .description(None)
//!     .build();
//! let (company, member) =
//!     ("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?, "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a14".parse()?);
//! let registration = Registration::company(user, company, member, profile).named("Hanne Rask".parse().ok());
//! assert!(registration.creates_company);
//! assert_eq!(registration.account.actor().role(), Role::CompanyAdmin);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod actor;
mod known_address;
mod new_password;
mod permissions;
mod registration;
mod role;
mod session;
mod throttle;

pub use account::{Account, Attachment, User};
pub use actor::{Actor, Forbidden, Side};
pub use known_address::KnownAddress;
pub use new_password::{AcceptablePassword, OwnWords, TooCommon};
pub use permissions::Permission;
pub use registration::{NewUser, Registration};
pub use role::{CompanyRole, RegistrableRole, Role};
pub use session::{AddressPrefix, LiveSessions, Session, SessionClient, SessionLimits};
pub use throttle::{Limit, Rate, ThrottleLimits, ThrottleScope, network};
