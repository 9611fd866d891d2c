//! The log on the standard error: readable lines in development, one JSON object a
//! line in production.
//!
//! A log that is not read stops or ends nothing: lines wait in a bounded buffer, and
//! what does not fit or cannot be written is dropped and counted.

mod json;
mod lines;
mod stderr;

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    panic,
    sync::OnceLock,
    time::Duration,
};

use repower_ports::Clock;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use self::{
    json::{JsonLine, JsonMembers},
    lines::Lines,
    stderr::Redirected,
};
use crate::{
    environment::SystemClock,
    settings::{Environment, Settings, Sources},
};

/// The module that logs each malformed request head as an error. Any client could
/// fill the log with it, so only a filter that names it turns it on.
const NOISY_MODULE: &str = "actix_http::h1";

/// The time in which the last lines are written when the program ends.
const LAST_LINES: Duration = Duration::from_millis(500);

static LINES: OnceLock<Lines> = OnceLock::new();
static REDIRECTED: OnceLock<Redirected> = OnceLock::new();

/// The log of this program. Its last lines are written when it is dropped.
pub(crate) struct Log;

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(redirected) = REDIRECTED.get() {
            redirected.end(LAST_LINES);
        }
        if let Some(lines) = LINES.get() {
            lines.flush(LAST_LINES);
        }
    }
}

/// Writes the log to the standard error from now on. Call it once.
///
/// In production each line is one JSON object: `timestamp`, `level`, `target`,
/// `message` and the fields of the event are its members, and `span` has the id of
/// the request and its `actor`.
///
/// # Errors
///
/// The system has no threads or file descriptors.
pub(crate) fn to_stderr(settings: &Settings) -> io::Result<()> {
    let filter = EnvFilter::builder().parse_lossy(without_noise(settings.log_filter()));
    let is_terminal = io::stderr().is_terminal();
    let tell = |lines| tracing::warn!(lines, "lines of the log were dropped");
    let written = Lines::written_by(stderr::writer()?, tell)?;
    let lines = LINES.get_or_init(|| written);
    let log = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    match settings.app_env {
        Environment::Production => {
            log.event_format(JsonLine).fmt_fields(JsonMembers).with_writer(|| lines.clone()).init();
            panic::set_hook(Box::new(log_panic));
            if !is_terminal {
                redirect_stderr()?;
            }
        }
        Environment::Development | Environment::Test => {
            log.with_writer(|| lines.clone()).with_ansi(is_terminal).init();
        }
    }
    Ok(())
}

/// Leads what libraries write to the standard error into the log from now on.
///
/// # Errors
///
/// The system has no threads or file descriptors.
pub(crate) fn redirect_stderr() -> io::Result<()> {
    if REDIRECTED.get().is_none() {
        let redirected = Redirected::begin()?;
        REDIRECTED.get_or_init(|| redirected);
    }
    Ok(())
}

/// Whether lines on the standard error are for programs, and so JSON.
pub(crate) fn is_json() -> bool {
    let is_production = || {
        let sources = Sources::of_this_process();
        let environment = sources.find("APP_ENV").or_else(|| sources.find("NODE_ENV"));
        environment.is_some_and(|(text, _)| text == "production")
    };
    !io::stderr().is_terminal() && is_production()
}

/// Tells why the program ends: a line for people, or one JSON object.
pub(crate) fn tell_failure(failure: &dyn Display) {
    let line = if is_json() {
        let (now, message) = (SystemClock.now().to_rfc3339(), failure.to_string());
        json!({"timestamp": now, "level": "ERROR", "target": "repower", "message": message}).to_string()
    } else {
        format!("repower: {failure}")
    };
    match LINES.get() {
        Some(lines) => lines.add(format!("{line}\n").as_bytes()),
        // A closed standard error has no reader.
        None => drop(writeln!(io::stderr(), "{line}")),
    }
}

/// The number of lines that were dropped.
pub(crate) fn dropped_lines() -> u64 {
    LINES.get().map_or(0, Lines::dropped)
}

fn without_noise(filter: &str) -> String {
    if filter.contains("actix_http") { filter.to_owned() } else { format!("{filter},{NOISY_MODULE}=off") }
}

/// Logs the location of a panic. Its message may quote input of a client.
fn log_panic(panic: &panic::PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    tracing::error!(location, "panicked");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_request_heads_are_logged_only_where_the_filter_names_their_module() {
        assert_eq!(without_noise("info"), "info,actix_http::h1=off");
        assert_eq!(without_noise("info,actix_http=debug"), "info,actix_http=debug");
    }
}
