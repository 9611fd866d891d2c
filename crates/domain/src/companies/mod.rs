//! Companies, their members and invitations.
//!
//! An edit of a [`Company`] changes only the given fields.
//!
//! ```
//! use chrono::{DateTime, TimeDelta};
//! use repower_domain::{
//!     Edit, Revision,
//!     companies::{Company, CompanyChanges, CompanyProfile},
//! };
//!
//! let now = DateTime::UNIX_EPOCH;
//! let company = Company::builder()
//!     .id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?)
//!     .profile(CompanyProfile::builder()
//!         .name("Nordwind".parse()?)
//!         .country("DK".parse()?)
//!         .website("https://nordwind.example".parse().ok())
//!         .description(None)
//!         .build())
//!     .verified_at(None)
//!     .revision(Revision::FIRST)
//!     .created_at(now)
//!     .updated_at(now)
//!     .build();
//! let changes = CompanyChanges::builder().website(Edit::Clear).build();
//! let edited = company.edit(changes, now + TimeDelta::hours(1)).ok_or("nothing changed")?;
//! assert_eq!((edited.profile.website, edited.profile.name.as_str()), (None, "Nordwind"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An [`Invitation`] is valid for seven days, and a [`Team`] has at least one ADMIN.
//!
//! ```
//! use chrono::{DateTime, TimeDelta};
//! use repower_domain::{
//!     Revision,
//!     accounts::CompanyRole,
//!     companies::{Invitation, LastAdmin, Member, Team, TeamChange},
//! };
//!
//! let now = DateTime::UNIX_EPOCH;
//! let company_id = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11".parse()?;
//! let id = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a12".parse()?;
//! let invitation = Invitation::new(id, company_id, "bo@nordwind.example".parse()?, CompanyRole::Manager, now);
//! assert!(invitation.is_pending(now + TimeDelta::days(6)));
//! assert!(!invitation.is_pending(now + TimeDelta::days(7)));
//!
//! let admin = Member::builder()
//!     .id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a13".parse()?)
//!     .user_id("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a14".parse()?)
//!     .company_id(company_id)
//!     .email("hr@nordwind.example".parse()?)
//!     .full_name("Hanne Rask".parse()?)
//!     .role(CompanyRole::Admin)
//!     .created_at(now)
//!     .build();
//! let team = Team::builder()
//!     .company_id(company_id)
//!     .admins(vec![admin.user_id])
//!     .revision(Revision::FIRST)
//!     .build();
//! assert_eq!(team.change_role(&admin, CompanyRole::Viewer), Err(LastAdmin));
//! let mut viewer = admin;
//! viewer.id = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a15".parse()?;
//! viewer.role = CompanyRole::Viewer;
//! assert_eq!(team.remove(&viewer), Ok(TeamChange::Removal(viewer)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod company;
mod invitation;
mod team;

pub use company::{Company, CompanyChanges, CompanyProfile, Member};
pub use invitation::Invitation;
pub use team::{LastAdmin, Team, TeamChange};
