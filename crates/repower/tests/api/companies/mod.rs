//! `/api/companies`: the own company, its members, invitations and numbers.

mod audit;
mod dashboard;
mod invitations;
mod inviters;
mod inviting;
mod joining;
mod managing;
mod members;
mod profile;
mod public;

const ME: &str = "/api/companies/me";
const MEMBERS: &str = "/api/companies/me/members";
const INVITATIONS: &str = "/api/companies/me/invitations";
