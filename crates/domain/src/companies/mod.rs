//! Companies and their members.

mod company;

pub use company::{Company, CompanyChanges, CompanyProfile, Member};
