//! What may be asked on the command line, and the help that explains it.

#![expect(clippy::doc_markdown, reason = "the texts are shown on a terminal")]

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use super::load_data::Scale;

/// How the settings are found, for every help.
const SETTINGS: &str = "\
Settings:
  Read from the environment, and from a file .env in the present folder (or the
  nearest one above) for what the environment does not say.
  `repower check-config` tells each of them.

Exit codes:
  0  done
  1  failed; the reason is on the standard error
  2  the arguments or the settings are missing or wrong; nothing was done";

const NONE_NEEDED: &str = "\
Settings: none are needed.

Exit codes:
  0  done
  2  the arguments are wrong";

/// The backend of the Re.Power recruitment marketplace.
#[derive(Debug, Parser)]
#[command(name = "repower", version)]
#[command(after_help = "`repower help COMMAND` tells more about a command, with examples.")]
#[command(after_long_help = format!("\
Examples:
  repower check-config        is everything set?
  repower migrate             bring the database up to date
  repower serve               serve until SIGTERM or Ctrl-C
  repower help migrate        tells more about a command

Progress, logs and errors go to the standard error, results to the standard output.

{SETTINGS}"))]
pub(super) struct Repower {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the API (what is done without a command).
    ///
    /// Listens at once on HOST and PORT. Unless RUN_MIGRATIONS is false, the
    /// database is brought up to date in the background; until then, and while it
    /// is away, /health/ready answers 503 and everything comes back by itself.
    ///
    /// SIGTERM or SIGINT lets requests under way finish, for 30 seconds at most and
    /// after SHUTDOWN_DRAIN; a second signal ends it at once.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower serve
  PORT=8080 LOG_LEVEL=debug repower serve

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    Serve,

    /// Bring the database up to date, show where it stands, or go back.
    ///
    /// Runs the migrations that have not run yet, the oldest first, each in a
    /// transaction of its own, and prints their names. Several processes may do so
    /// at once: one migrates, the others wait for it.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower migrate                     run what has not run yet
  repower migrate --status            list all migrations: applied or pending
  repower migrate --status --check    the same; ends with 1 while one is pending
  repower migrate --down 1            take the newest one back, with its data

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET. A server that runs with RUN_MIGRATIONS=true
runs again at its next start what was taken back."))]
    Migrate(Migrate),

    /// Load demo data, as often as you like, and print the logins.
    ///
    /// Brings the database up to date first. What is there already is left alone.
    /// The passwords are known to everyone, so it refuses where APP_ENV is production.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower demo
  repower demo | grep TECHNICIAN      the technicians' logins only

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    Demo,

    /// Load as much data as a success brings, to measure with.
    ///
    /// Brings the database up to date first. Takes an empty database, fills it in
    /// one transaction, and leaves nothing behind where it is interrupted. The same
    /// seed on the same day loads the same rows. Does not load where APP_ENV is
    /// production, as everybody knows the password: load-data-1.
    ///
    /// Logins: technician1@load.example and so on; company1@load.example and so on,
    /// each the ADMIN of a company, the first one of a very big one; member1@... and
    /// so on, one more of each company; admin@load.example, who runs the marketplace.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower load-data --scale 0.01
  repower load-data --seed 7 --jobs 10000 --applications 0 --threads 0 --messages 0
  repower load-data           minutes, and some gigabytes

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    LoadData(LoadData),

    /// Make a user who runs the marketplace.
    ///
    /// The password is the first line of the standard input, so that it shows in no
    /// list of processes. Brings the database up to date first.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower create-admin --email ops@example.com --password-stdin < password.txt
  pass show repower | repower create-admin --email ops@example.com --password-stdin

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    CreateAdmin(CreateAdmin),

    /// Tell every setting, where it comes from and whether it holds.
    ///
    /// Secrets are masked: of a secret only its length is shown, of DATABASE_URL
    /// everything but the password. Connects to nothing.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower check-config
  repower check-config --json | jq '.[] | select(.problem)'
  repower check-config >/dev/null && repower serve

{SETTINGS}"))]
    CheckConfig(CheckConfig),

    /// Hold all that is stored against the rules it must obey.
    ///
    /// Reads the whole database as it is at one moment, while servers go on, and
    /// writes nothing. Tells each rule with how much breaks it; ends with 1 where
    /// anything does. After a restore, or now and then. Takes minutes where there
    /// are millions of rows.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower check-data
  repower check-data --json | jq '.[] | select(.violations > 0)'

{SETTINGS}

Needs DATABASE_URL and JWT_SECRET."))]
    CheckData(CheckData),

    /// Ask the server on this machine whether it is up.
    ///
    /// Asks /health/live at the address that HOST and PORT tell, and gives up after
    /// two seconds. For health checks of containers and services.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower health              is the process up?
  repower health --ready      is the database there and migrated, too?
  PORT=8080 repower health

{SETTINGS}

Needs none; reads HOST and PORT."))]
    Health(Health),

    /// Print the OpenAPI 3.1 document of the API.
    ///
    /// The same as a server of this version answers at /api/openapi.json, for
    /// generators of clients and for comparing versions.
    #[command(verbatim_doc_comment, after_long_help = format!("\
Examples:
  repower openapi > openapi.json
  repower openapi | jq '.paths | keys'

{NONE_NEEDED}"))]
    Openapi,

    /// Print what completes commands with the Tab key.
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
    /// With --status: end with 1 while a migration is pending.
    #[arg(long, requires = "status")]
    pub(super) check: bool,
    /// Take the newest N migrations back. Where fewer have run, nothing is done.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) down: Option<u16>,
}

#[derive(Debug, Args)]
pub(super) struct LoadData {
    /// How many companies, of very different sizes.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    pub(super) companies: u64,
    /// How many technicians.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(super) technicians: u64,
    /// How many certifications all technicians have together.
    #[arg(long, value_name = "N", default_value_t = 500_000)]
    pub(super) certifications: u64,
    /// How many jobs, in every status; the newest tenth are drafts.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(super) jobs: u64,
    /// How many applications, with their histories and some evaluations.
    #[arg(long, value_name = "N", default_value_t = 3_000_000)]
    pub(super) applications: u64,
    /// How many threads: one for an application, at most.
    #[arg(long, value_name = "N", default_value_t = 300_000)]
    pub(super) threads: u64,
    /// How many messages all threads have together.
    #[arg(long, value_name = "N", default_value_t = 3_000_000)]
    pub(super) messages: u64,
    /// What all chance follows from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Multiplies all of these numbers; what is not 0 stays 1 at least.
    #[arg(long, value_name = "FACTOR", default_value = "1")]
    pub(super) scale: Scale,
}

#[derive(Debug, Args)]
pub(super) struct CreateAdmin {
    /// The address to sign in with.
    #[arg(long)]
    pub(super) email: String,
    /// Read the password from the first line of the standard input.
    #[arg(long, required = true)]
    password_stdin: bool,
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
    /// Ask /health/ready instead of /health/live.
    #[arg(long)]
    pub(super) ready: bool,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Completions {
    /// The shell that is to complete.
    pub(super) shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_holds() {
        Repower::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_by_examples_and_exit_codes() {
        for mut command in Repower::command().get_subcommands().cloned() {
            let help = command.render_long_help().to_string();
            for heading in ["Usage:", "Examples:", "Settings:", "Exit codes:"] {
                assert!(help.contains(heading), "{heading} is not in\n{help}");
            }
            assert!(help.lines().all(|line| line.chars().count() <= 90), "{help}");
        }
    }
}
