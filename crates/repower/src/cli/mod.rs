//! The command line, `repower`.

mod admin;
mod args;
mod check_config;
mod check_data;
mod completions;
mod demo;
mod health;
mod load_data;
mod migrate;
mod output;
mod progress;
mod scale;
mod serve;
mod startup;
mod unlock;

use std::process::ExitCode;

use clap::Parser;
use repower_postgres::MigrateError;

use self::{
    args::{Command, Repower},
    output::{Failure, INVALID_SETTINGS, print},
    startup::{with_database, with_settings},
};
use crate::{
    logging::{self, Log},
    settings::SettingsError,
};

/// Parses the command line and runs the command.
pub fn run() -> ExitCode {
    let command = Repower::parse().command.unwrap_or(Command::Serve);
    let _log = Log;
    execute(&command).unwrap_or_else(|failure| {
        let is_pooled = matches!(failure.downcast_ref(), Some(MigrateError::Shared(_)));
        let code = if is_pooled || failure.is::<SettingsError>() { INVALID_SETTINGS } else { 1 };
        logging::tell_failure(&failure);
        ExitCode::from(code)
    })
}

fn execute(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve => with_settings(serve::serve)?,
        Command::Work => with_database(serve::work)?,
        Command::Migrate(arguments) => with_settings(|_, database| migrate::migrate(arguments, database))?,
        Command::Demo => with_database(demo::load)?,
        Command::LoadData(arguments) => {
            with_database(|settings, database| load_data::load(settings, database, arguments))?;
        }
        Command::CreateAdmin(arguments) => {
            with_database(|settings, database| admin::create(settings, database, arguments))?;
        }
        Command::Unlock(arguments) => {
            with_database(|settings, database| unlock::unlock(settings, database, arguments))?;
        }
        Command::CheckConfig(arguments) => return check_config::check(*arguments),
        Command::CheckData(arguments) => {
            return with_database(|_, database| check_data::check(*arguments, database));
        }
        Command::Health(arguments) => health::check(*arguments)?,
        Command::Openapi => print(repower_api::json().trim_end())?,
        Command::Completions(arguments) => completions::print(*arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}
