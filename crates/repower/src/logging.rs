//! The log on the standard error: readable lines in development, one JSON object a
//! line in production.

use std::{
    io::{self, IsTerminal},
    panic,
};

use tracing_subscriber::EnvFilter;

use crate::settings::{Environment, Settings};

/// The module that logs each malformed request head as an error. Any client could
/// fill the log with it, so only a filter that names it turns it on.
const NOISY_MODULE: &str = "actix_http::h1";

/// Writes the log to the standard error from now on. Call it once.
///
/// In production each line is one JSON object: `timestamp`, `level`, `target`,
/// `message` and the fields of the event are its members, and `span` has the id of
/// the request and its `actor`.
pub(crate) fn to_stderr(settings: &Settings) {
    let filter = EnvFilter::builder().parse_lossy(without_noise(settings.log_filter()));
    match settings.app_env {
        Environment::Production => {
            let log = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(|| Stderr);
            log.flatten_event(true).with_current_span(true).with_span_list(false).init();
            panic::set_hook(Box::new(log_panic));
        }
        Environment::Development | Environment::Test => {
            let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Stderr);
            log.with_ansi(io::stderr().is_terminal()).init();
        }
    }
}

/// The standard error without the lock of the standard library, for which workers
/// would wait. The operating system does not mix lines that are written at once.
struct Stderr;

impl io::Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(rustix::stdio::stderr(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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
