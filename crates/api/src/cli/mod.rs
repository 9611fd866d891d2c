//! The command line, `repower`.

mod admin;
mod demo;
mod serve;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use repower_postgres::Database;

use crate::{logging, openapi, settings::Settings};

/// The settings are missing or wrong.
const SETTINGS_WRONG: u8 = 2;

/// The backend of the Re.Power recruitment marketplace.
///
/// Settings are read from the environment, and from a file `.env` in the
/// present folder for what the environment does not say.
#[derive(Debug, Parser)]
#[command(name = "repower", version, about)]
struct Repower {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (what is done without a command).
    Serve,
    /// Bring the database up to date, and end.
    Migrate,
    /// Load demo data, as often as you like, and print the logins.
    Demo,
    /// Print the OpenAPI document of the API.
    Openapi,
    /// Make a user who runs the marketplace.
    CreateAdmin(CreateAdmin),
}

#[derive(Debug, Args)]
struct CreateAdmin {
    /// The address to sign in with.
    #[arg(long)]
    email: String,
    /// Read the password from the first line of the standard input.
    #[arg(long, required = true)]
    password_stdin: bool,
}

/// What a command ends with.
type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Reads the command line and the settings, and does what was asked.
pub fn run() -> ExitCode {
    let command = Repower::parse().command.unwrap_or(Command::Serve);
    if matches!(command, Command::Openapi) {
        return match print(openapi::json()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(1, &error.to_string()),
        };
    }
    let dotenv = dotenvy::dotenv();
    let settings = match Settings::read(|name| std::env::var(name).ok()) {
        Ok(settings) => settings,
        Err(wrong) => return fail(SETTINGS_WRONG, &wrong.to_string()),
    };
    logging::to_stderr(&settings);
    if let Err(error) = dotenv
        && !error.not_found()
    {
        tracing::warn!(%error, "the file .env was not read");
    }
    match carry_out(&command, &settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &error.to_string()),
    }
}

fn carry_out(command: &Command, settings: &Settings) -> Outcome {
    let database = Database::new(settings.database_url.reveal(), settings.database_pool_size);
    match command {
        Command::Serve => serve::serve(settings, &database),
        Command::Migrate => migrate(&database),
        Command::Openapi => print(openapi::json()),
        Command::Demo => demo::load(settings, &database),
        Command::CreateAdmin(CreateAdmin { email, .. }) => admin::create(settings, &database, email),
    }
}

fn migrate(database: &Database) -> Outcome {
    database.run_migrations()?;
    say("The database is up to date.")
}

/// Hands a program something.
fn print(text: &str) -> Outcome {
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// Tells a person something.
fn say(text: &str) -> Outcome {
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}

fn fail(code: u8, message: &str) -> ExitCode {
    // Where the standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr(), "repower: {message}");
    ExitCode::from(code)
}
