//! `/api/companies`: one's own company and its members.

mod members;
mod profile;

const ME: &str = "/api/companies/me";
const MEMBERS: &str = "/api/companies/me/members";
