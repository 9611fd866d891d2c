//! Companies, their members, and who is invited to join them.

mod company;
mod invitation;
mod team;

pub use company::{Company, CompanyChanges, CompanyProfile, Member};
pub use invitation::Invitation;
pub use team::{LastAdmin, Team, TeamChange};
