use repower_domain::values::Email;
use repower_postgres::Database;

use super::{
    args::Unlock,
    output::{CommandResult, print},
};
use crate::{settings::Settings, wiring};

/// Clears the counts of failed attempts of an account.
pub(super) fn unlock(settings: &Settings, database: &Database, arguments: &Unlock) -> CommandResult {
    let email: Email = arguments.email.parse().map_err(|invalid| format!("--email {invalid}"))?;
    let cleared = wiring::services(settings, database)?.accounts.unlock(&email)?;
    print(&format!("Counts of failed attempts of {email} that were cleared: {cleared}"))
}
