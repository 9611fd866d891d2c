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
mod progress;
mod serve;

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use repower_postgres::Database;

use crate::{
    logging,
    settings::{Settings, SettingsError, Sources},
    wiring,
};
use args::{Command, Repower};

/// The settings are missing or wrong.
const SETTINGS_WRONG: u8 = 2;

/// A failure, for people.
type Failure = Box<dyn Error + Send + Sync>;

/// What a command ends with.
type Outcome = Result<(), Failure>;

/// Reads the command line, and does what was asked.
pub fn run() -> ExitCode {
    let command = Repower::parse().command.unwrap_or(Command::Serve);
    carry_out(&command).unwrap_or_else(|failure| {
        let code = if failure.is::<SettingsError>() { SETTINGS_WRONG } else { 1 };
        // Where the standard error is closed there is nobody left to tell.
        let _ = writeln!(io::stderr(), "repower: {failure}");
        ExitCode::from(code)
    })
}

fn carry_out(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve => with_settings(serve::serve)?,
        Command::Migrate(asked) => with_settings(|_, database| migrate::migrate(asked, database))?,
        Command::Demo => with_settings(demo::load)?,
        Command::LoadData(asked) => with_settings(|settings, database| load_data::load(settings, database, asked))?,
        Command::CreateAdmin(asked) => with_settings(|settings, database| admin::create(settings, database, asked))?,
        Command::CheckConfig(asked) => return check_config::tell(*asked),
        Command::CheckData(asked) => return with_settings(|_, database| check_data::tell(*asked, database)),
        Command::Health(asked) => health::ask(*asked)?,
        Command::Openapi => say(repower_api::json().trim_end())?,
        Command::Completions(asked) => completions::print(*asked)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Does what needs settings and a database.
fn with_settings<T>(work: impl FnOnce(&Settings, &Database) -> Result<T, Failure>) -> Result<T, Failure> {
    let settings = settings(|lookup| Settings::read(lookup))?;
    logging::to_stderr(&settings);
    work(&settings, &wiring::database(&settings))
}

/// What is read from the environment and the file `.env`. A file that cannot be
/// read is one more problem.
fn settings<T>(
    read: impl FnOnce(&dyn Fn(&str) -> Option<String>) -> Result<T, SettingsError>,
) -> Result<T, SettingsError> {
    let sources = Sources::of_this_process();
    let read = read(&|name| sources.find(name).map(|(text, _)| text.to_owned()));
    match sources.problem() {
        None => read,
        Some(problem) => {
            let mut problems = vec![(".env", problem.to_owned())];
            problems.extend(read.err().map(|error| error.0).unwrap_or_default());
            Err(SettingsError(problems))
        }
    }
}

/// Tells a person something. Whoever has closed the other end has heard enough.
fn say(text: &str) -> Outcome {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
