//! The arguments of the command line, with their help.

#![expect(clippy::doc_markdown, reason = "the texts are shown on a terminal")]

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use super::scale::Scale;

/// The section on settings of every help.
const SETTINGS: &str = "\
Settings:
  Variables of the environment, or of a file .env in the current folder (or the
  nearest one above). `repower check-config` lists and checks them.

Exit codes:
  0  done
  1  failed; the error is on the standard error
  2  the arguments or the settings are missing or invalid; nothing was done";

const NONE_NEEDED: &str = "\
Settings: none.

Exit codes:
  0  done
  2  the arguments are invalid";

/// The backend of the Re.Power recruitment marketplace.
#[derive(Debug, Parser)]
#[command(name = "repower", version)]
#[command(after_help = "`repower help COMMAND` shows the help of a command, with examples.")]
#[command(after_long_help = format!("\
Examples:
  repower check-config        check the settings
  repower migrate             migrate the database
  repower serve               serve until SIGTERM or Ctrl-C
  repower help migrate        show the help of a command

Progress, logs and errors go to the standard error, results to the standard output.

{SETTINGS}"))]
pub(super) struct Repower {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the API (the default command).
    ///
    /// Listens at once on HOST and PORT. Unless RUN_MIGRATIONS is false, it migrates
    /// the database in the background. Until then, and while the database is down,
    /// /health/ready returns 503; the server recovers by itself.
    ///
    /// After SIGTERM or SIGINT and SHUTDOWN_DRAIN, requests in progress have 30
    /// seconds to finish. A second signal ends the server at once.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower serve
  PORT=8080 LOG_LEVEL=debug repower serve

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    Serve,

    /// Run the background jobs alone.
    ///
    /// They remove expired rows every ten minutes, from the moment at which the database
    /// is ready. `repower serve` runs them too, unless RUN_BACKGROUND_JOBS is false. Any
    /// number of processes may run them at once. It does not migrate.
    ///
    /// Listens on HOST and PORT for /health/live, /health/ready and /metrics. SIGTERM and
    /// SIGINT end it as they end `repower serve`.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower work
  PORT=3001 repower work      beside `RUN_BACKGROUND_JOBS=false repower serve`

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    Work,

    /// Migrate the database, show its migrations, or revert some.
    ///
    /// Runs the pending migrations, oldest first, each in a transaction of its own,
    /// and prints their names. Several processes can do this at once: one migrates,
    /// the others wait for it.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower migrate                     run the pending migrations
  repower migrate --status            list all migrations: applied or pending
  repower migrate --status --check    the same; exit code 1 while one is pending
  repower migrate --down 1            revert the newest one, with its data

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET. A server with RUN_MIGRATIONS=true runs reverted
migrations again at its next start."))]
    Migrate(Migrate),

    /// Load demo data, and print the logins.
    ///
    /// Migrates the database first. Loading it again adds only what is missing.
    /// The passwords are public, so it fails where APP_ENV is production.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower demo
  repower demo | grep TECHNICIAN      the technicians' logins only

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    Demo,

    /// Load a large amount of data, for measurements.
    ///
    /// Migrates the database first. It must be empty; one transaction fills it, so
    /// that an interrupted load leaves no rows. The same seed on the same day loads
    /// the same rows. The password is public (load-data-1), so it fails where APP_ENV
    /// is production.
    ///
    /// Logins: technician1@load.example and so on; company1@load.example and so on,
    /// each the ADMIN of a company (the first of a very large one); member1@... and so
    /// on, another member of each company; admin@load.example, the SUPER_ADMIN.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower load-data --scale 0.01
  repower load-data --seed 7 --jobs 10000 --applications 0 --threads 0 --messages 0
  repower load-data           minutes, and some gigabytes

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    LoadData(LoadData),

    /// Create a SUPER_ADMIN.
    ///
    /// The password is the first line of the standard input, so that no list of
    /// processes shows it. Migrates the database first.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower create-admin --email ops@example.com --password-stdin < password.txt
  pass show repower | repower create-admin --email ops@example.com --password-stdin

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    CreateAdmin(CreateAdmin),

    /// Let a user log in again after too many failed attempts.
    ///
    /// Clears the counts of failed logins to the account, from everywhere and from
    /// each client address, and of wrong passwords in changes of the password. The
    /// counts of client addresses stay. Prints how many were cleared: 0 also for an
    /// email that nobody tried. Whether there is such a user does not matter.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower unlock --email ops@example.com

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    Unlock(Unlock),

    /// List the settings with their sources, and check them.
    ///
    /// Secrets are masked: only the length of a secret is shown, and DATABASE_URL
    /// without its password. Connects to nothing.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower check-config
  repower check-config --json | jq '.[] | select(.problem)'
  repower check-config >/dev/null && repower serve

{SETTINGS}"))]
    CheckConfig(CheckConfig),

    /// Check the integrity of the stored data.
    ///
    /// Reads the whole database in one snapshot, while servers run, and writes
    /// nothing. Lists each rule with its violations; exit code 1 where there are any.
    /// For use after a restore, or regularly. Millions of rows take minutes.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower check-data
  repower check-data --json | jq '.[] | select(.violations > 0)'

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    CheckData(CheckData),

    /// Check the health of the server on this machine.
    ///
    /// Requests /health/live at the address of HOST and PORT, with a timeout of two
    /// seconds. For health checks of containers and services.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower health              check that the process serves
  repower health --ready      check its database and migrations too
  PORT=8080 repower health

{SETTINGS}

Reads HOST and PORT; needs none."))]
    Health(Health),

    /// Print the OpenAPI 3.1 document of the API.
    ///
    /// A server of this version returns the same at /api/openapi.json. For generators
    /// of clients, and to compare versions.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower openapi > openapi.json
  repower openapi | jq '.paths | keys'

{NONE_NEEDED}"))]
    Openapi,

    /// Print a script that completes commands in a shell.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  source <(repower completions bash)                                   this shell
  repower completions bash > ~/.local/share/bash-completion/completions/repower
  repower completions zsh  > ~/.zfunc/_repower                         fpath+=~/.zfunc
  repower completions fish > ~/.config/fish/completions/repower.fish

{NONE_NEEDED}"))]
    Completions(Completions),
}

#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// List all migrations, applied or pending; change nothing.
    #[arg(long, conflicts_with = "down")]
    pub(super) status: bool,
    /// With --status: exit code 1 while a migration is pending.
    #[arg(long, requires = "status")]
    pub(super) check: bool,
    /// Revert the newest N migrations. Fails where fewer have run.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) down: Option<u16>,
}

#[derive(Debug, Args)]
pub(super) struct LoadData {
    /// Companies, of very different sizes.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    pub(super) companies: u64,
    /// Technicians.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(super) technicians: u64,
    /// Certifications of all technicians.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(super) certifications: u64,
    /// Jobs, in every status; the newest tenth are drafts.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(super) jobs: u64,
    /// Applications, with their histories and some evaluations.
    #[arg(long, value_name = "N", default_value_t = 3_000_000)]
    pub(super) applications: u64,
    /// Threads: at most one for each application.
    #[arg(long, value_name = "N", default_value_t = 300_000)]
    pub(super) threads: u64,
    /// Messages of all threads.
    #[arg(long, value_name = "N", default_value_t = 3_000_000)]
    pub(super) messages: u64,
    /// The seed of the random numbers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// The factor of all numbers; one that is not 0 stays at least 1.
    #[arg(long, value_name = "FACTOR", default_value = "1")]
    pub(super) scale: Scale,
}

#[derive(Debug, Args)]
pub(super) struct CreateAdmin {
    /// The email of the user.
    #[arg(long)]
    pub(super) email: String,
    /// Read the password from the first line of the standard input.
    #[arg(long, required = true)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct Unlock {
    /// The email of the user.
    #[arg(long)]
    pub(super) email: String,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct CheckConfig {
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct CheckData {
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Health {
    /// Request /health/ready instead of /health/live.
    #[arg(long)]
    pub(super) ready: bool,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Completions {
    /// The shell.
    pub(super) shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Repower::command().debug_assert();
    }

    #[test]
    fn every_help_has_examples_settings_and_exit_codes() {
        for mut command in Repower::command().get_subcommands().cloned() {
            let help = command.render_long_help().to_string();
            for heading in ["Usage:", "Examples:", "Settings:", "Exit codes:"] {
                assert!(help.contains(heading), "{heading} is not in\n{help}");
            }
            assert!(help.lines().all(|line| line.chars().count() <= 90), "{help}");
        }
    }
}
