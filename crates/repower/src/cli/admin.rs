use std::io;

use repower_application::accounts::NewCredentials;
use repower_domain::values::{Email, Password};
use repower_postgres::Database;

use super::{
    args::CreateAdmin,
    migrate,
    output::{CommandResult, print},
};
use crate::{settings::Settings, wiring};

/// Creates a `SUPER_ADMIN`. The password is the first line of the standard input.
pub(super) fn create(settings: &Settings, database: &Database, arguments: &CreateAdmin) -> CommandResult {
    let email: Email = arguments.email.parse().map_err(|invalid| format!("--email {invalid}"))?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    let password: Password =
        line.strip_suffix('\r').unwrap_or(line).parse().map_err(|invalid| format!("the password {invalid}"))?;
    migrate::run(database)?;
    database.check_rights()?;
    let created =
        wiring::services(settings, database)?.accounts.register_super_admin(NewCredentials { email, password })?;
    print(&format!("{} is a SUPER_ADMIN now.", created.user.email))
}
