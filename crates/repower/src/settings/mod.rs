//! The settings of the program, from the environment and a file `.env`. All errors
//! are reported at once, by name.

mod parse;
mod reader;
mod report;
mod secret;
mod setting;
mod sources;
mod table;
mod warnings;

use std::net::SocketAddr;

use chrono::TimeDelta;
pub use parse::{EXAMPLE_JWT_SECRET, Environment};
pub use reader::SettingsError;
use reader::SettingsReader;
pub use report::{Report, report};
use repower_domain::{
    accounts::{SessionLimits, ThrottleLimits},
    quotas::{OpenJobs, Quotas},
};
use repower_http::Scrapers;
pub use secret::Secret;
pub use setting::{Setting, Unset, Visibility};
pub use sources::{Origin, Sources};
pub use table::{SETTINGS, Settings};
pub use warnings::warnings;

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    ///
    /// All errors of the settings.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut reader = SettingsReader::new(&lookup);
        let settings = table::read_all(&mut reader);
        reader.finish(settings)
    }

    /// How long sessions are live.
    pub fn session_limits(&self) -> SessionLimits {
        // The settings are at most ten years.
        let time = |time| TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
        SessionLimits { lifetime: time(self.jwt_expires_in), idle: self.session_idle.map(time) }
    }

    /// The limits of attempts and rates; `None` where they are disabled.
    pub fn rate_limits(&self) -> Option<ThrottleLimits> {
        self.rate_limit_enabled.then(|| {
            ThrottleLimits::builder()
                // The setting is at most a day.
                .window(TimeDelta::from_std(self.rate_limit_window).unwrap_or(TimeDelta::MAX))
                .login_account_address(self.rate_limit_login_account_address)
                .login_account(self.rate_limit_login_account)
                .login_address(self.rate_limit_login_address)
                .register_address(self.rate_limit_register_address)
                .invitations_per_day(self.rate_invitations_per_day)
                .passports_per_day(self.rate_passports_per_day)
                .writes_per_minute(self.rate_writes_per_minute)
                .messages_per_minute(self.rate_messages_per_minute)
                .build()
        })
    }

    /// Who may read the metrics: with a token, who sends it; without one anyone, but in
    /// production only this machine.
    pub fn scrapers(&self) -> Scrapers {
        match &self.metrics_token {
            Some(token) => Scrapers::with_token(token.reveal()),
            None if self.app_env == Environment::Production => Scrapers::ThisMachine,
            None => Scrapers::Anyone,
        }
    }

    /// The most things of each kind that an owner has at once.
    pub fn quotas(&self) -> Quotas {
        Quotas::builder()
            .certifications(self.max_certifications)
            .open_jobs(OpenJobs { verified: self.max_open_jobs, unverified: self.max_open_jobs_unverified })
            .pending_invitations(self.max_pending_invitations)
            .build()
    }

    /// The log filter.
    pub fn log_filter(&self) -> &str {
        self.rust_log.as_deref().unwrap_or(&self.log_level)
    }
}

/// The address that the server listens on, from `HOST` and `PORT` alone.
///
/// # Errors
///
/// All errors of the two settings.
pub fn listening_address(lookup: impl Fn(&str) -> Option<String>) -> Result<SocketAddr, SettingsError> {
    let mut reader = SettingsReader::new(&lookup);
    let (host, port) = (table::read::host(&mut reader), table::read::port(&mut reader));
    reader.finish(host.zip(port).map(SocketAddr::from))
}

#[cfg(test)]
mod tests;
