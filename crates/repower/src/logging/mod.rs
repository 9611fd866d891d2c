//! The log: readable lines in development, one JSON object a line in production.

mod json;

use std::{
    io::{self, IsTerminal},
    panic,
};

use tracing_subscriber::EnvFilter;

use self::json::{JsonLines, JsonMembers};
use crate::settings::{Environment, Settings};

/// What calls each head that a client got wrong an error of its own, and is told
/// only to who asks for it by name: any client could fill the log with it.
const LOUD: &str = "actix_http::h1";

/// Writes the log to the standard error from now on. To be called once.
///
/// In production each line is one JSON object: `timestamp`, `level`, `target`,
/// `message` and what else is told stand side by side, and `span` says for which
/// request (`id`) and user (`actor`).
pub(crate) fn to_stderr(settings: &Settings) {
    let filter = EnvFilter::builder().parse_lossy(without_noise(&settings.log_filter));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Stderr);
    match settings.environment {
        Environment::Production => {
            log.fmt_fields(JsonMembers).event_format(JsonLines).init();
            panic::set_hook(Box::new(log_panic));
        }
        Environment::Development | Environment::Test => log.with_ansi(io::stderr().is_terminal()).init(),
    }
}

/// The standard error without the lock of the standard library's, for which the
/// workers would wait: the system keeps lines apart that are written at once.
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
    if filter.contains("actix_http") { filter.to_owned() } else { format!("{filter},{LOUD}=off") }
}

/// Logs where it happened. What a panic says may quote what somebody sent.
fn log_panic(panic: &panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(place, "panicked");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_that_clients_get_wrong_are_told_only_to_who_asks_for_them() {
        assert_eq!(without_noise("info"), "info,actix_http::h1=off");
        assert_eq!(without_noise("info,actix_http=debug"), "info,actix_http=debug");
    }
}
