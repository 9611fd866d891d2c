use std::io;

use repower_application::accounts::NewCredentials;
use repower_domain::values::{Email, Password};
use repower_postgres::Database;

use super::{Outcome, args::CreateAdmin, migrate, say};
use crate::{settings::Settings, wiring};

/// Makes a user who runs the marketplace; the password is the first line of the
/// standard input.
pub(super) fn create(settings: &Settings, database: &Database, asked: &CreateAdmin) -> Outcome {
    let email: Email = asked.email.parse().map_err(|invalid| format!("--email {invalid}"))?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    let password: Password =
        line.strip_suffix('\r').unwrap_or(line).parse().map_err(|invalid| format!("the password {invalid}"))?;
    migrate::run(database)?;
    let made = wiring::services(settings, database)?.accounts.register_super_admin(NewCredentials { email, password })?;
    say(&format!("{} runs the marketplace now.", made.account.user.email))
}
