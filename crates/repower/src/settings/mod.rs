//! What the environment says. Everything that is missing or wrong is told at
//! once, by name.

mod limits;
mod list;
mod parse;
mod report;
mod secret;
mod sources;

use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

pub use list::{SETTINGS, Setting, Showing, Unset};
use parse::Reader;
pub use report::{Finding, findings};
use repower_domain::accounts::ThrottleLimits;
pub use secret::Secret;
pub use sources::{Origin, Sources};
use tracing_subscriber::EnvFilter;

use repower_http::{Cors, TrustedProxies};

/// The secret that `.env.example` shows; in production it is refused.
pub const EXAMPLE_JWT_SECRET: &str = "change-me-to-at-least-32-random-bytes";
const MIN_SECRET_BYTES: usize = 32;
const MIN_PRODUCTION_BCRYPT_COST: u32 = 10;
const MAX_RESPONSE_CACHE_BYTES: usize = 1 << 30;

/// What the server runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// On somebody's desk.
    Development,
    /// In earnest: weak secrets are refused.
    Production,
    /// In tests.
    Test,
}

impl Environment {
    /// The name as it is set.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// All settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `APP_ENV`, or `NODE_ENV` where it is absent; `development`.
    pub environment: Environment,
    /// `DATABASE_URL`, required: a `postgres://` URL, password included.
    pub database_url: Secret,
    /// `DATABASE_POOL_SIZE`: how many connections at most, 1 to 1000; 10.
    pub database_pool_size: u32,
    /// `DATABASE_DIRECT_URL`: the way past a pooler that lends connections for a
    /// transaction only; none.
    pub database_direct_url: Option<Secret>,
    /// `RUN_MIGRATIONS`: whether the server migrates the database; true.
    pub run_migrations: bool,
    /// `JWT_SECRET`, required: what tokens are signed with.
    pub jwt_secret: Secret,
    /// `JWT_EXPIRES_IN`: how long tokens hold, a second to ten years; `7d`.
    pub jwt_expires_in: Duration,
    /// `BCRYPT_COST`: 4 to 15, in production at least 10; 12.
    pub bcrypt_cost: u32,
    /// How many failed logins and registrations are let through, unless
    /// `RATE_LIMIT_ENABLED` is false: `RATE_LIMIT_WINDOW` (`15m`, a second to a
    /// day), `RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS` (10),
    /// `RATE_LIMIT_LOGIN_ACCOUNT` (100), `RATE_LIMIT_LOGIN_ADDRESS` (50),
    /// `RATE_LIMIT_REGISTER_ADDRESS` (30), each 1 to 1,000,000.
    pub rate_limits: Option<ThrottleLimits>,
    /// `TRUSTED_PROXIES`: networks in CIDR notation with commas between them;
    /// none.
    pub trusted_proxies: TrustedProxies,
    /// `HOST`: the address to listen on; `0.0.0.0`.
    pub host: IpAddr,
    /// `PORT`: 3000. 0 takes a free one.
    pub port: u16,
    /// `CORS_ALLOWED_ORIGINS`: origins with commas between them; any.
    pub cors: Cors,
    /// `RESPONSE_CACHE_BYTES`: how much memory public pages take that are given
    /// again within a second, 0 to 1,073,741,824; 16,777,216. 0 keeps none.
    pub response_cache_bytes: usize,
    /// `MAX_CONNECTIONS`: how many clients may be connected, 1 to 1,000,000;
    /// 10,000.
    pub max_connections: usize,
    /// `SHUTDOWN_DRAIN`: how long the server goes on serving, not ready, before
    /// it stops; `0s`.
    pub shutdown_drain: Duration,
    /// `METRICS_TOKEN`: the bearer token that `/metrics` asks for; none.
    pub metrics_token: Option<Secret>,
    /// `RUST_LOG`, or `LOG_LEVEL` where it is absent: a filter for the log;
    /// `info`.
    pub log_filter: String,
}

impl Settings {
    /// The settings that `lookup` finds, or everything that is wrong with them.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(&lookup);
        let settings = read(&mut reader);
        reader.finish(settings)
    }
}

/// The address to listen on, which `HOST` and `PORT` tell alone.
pub fn listening_address(lookup: impl Fn(&str) -> Option<String>) -> Result<SocketAddr, SettingsError> {
    let mut reader = Reader::new(&lookup);
    let (host, port) = (host(&mut reader), port(&mut reader));
    reader.finish(host.zip(port).map(SocketAddr::from))
}

/// Reads all of them before the first problem counts.
fn read(reader: &mut Reader<'_>) -> Option<Settings> {
    let environment = environment(reader);
    let is_production = environment == Some(Environment::Production);
    let database_url = reader.read("DATABASE_URL", parse::database_url);
    let database_pool_size = reader.read("DATABASE_POOL_SIZE", |text| parse::number(text, &(1..=1_000)));
    let database_direct_url = reader.read_if_set("DATABASE_DIRECT_URL", parse::database_url);
    let run_migrations = reader.read("RUN_MIGRATIONS", parse::flag);
    let jwt_secret = reader.read("JWT_SECRET", |text| jwt_secret(text, is_production));
    let jwt_expires_in =
        reader.read("JWT_EXPIRES_IN", |text| parse::duration(text, Duration::from_secs(1), parse::days(3650)));
    let bcrypt_cost = reader.read("BCRYPT_COST", |text| bcrypt_cost(text, is_production));
    let rate_limits = limits::read(reader);
    let trusted_proxies = reader.read_if_set("TRUSTED_PROXIES", limits::proxies);
    let (host, port) = (host(reader), port(reader));
    let cors = reader.read("CORS_ALLOWED_ORIGINS", origins);
    let response_cache_bytes = reader.read("RESPONSE_CACHE_BYTES", |text| parse::number(text, &(0..=MAX_RESPONSE_CACHE_BYTES)));
    let max_connections = reader.read("MAX_CONNECTIONS", |text| parse::number(text, &(1..=1_000_000)));
    let shutdown_drain =
        reader.read("SHUTDOWN_DRAIN", |text| parse::duration(text, Duration::ZERO, Duration::from_hours(1)));
    let metrics_token = reader.read_if_set("METRICS_TOKEN", |text| Ok(Secret::new(text)));
    let by_module = reader.read_if_set("RUST_LOG", log_filter);
    let by_level = reader.read("LOG_LEVEL", log_filter);
    Some(Settings {
        environment: environment?,
        database_url: database_url?,
        database_pool_size: database_pool_size?,
        database_direct_url,
        run_migrations: run_migrations?,
        jwt_secret: jwt_secret?,
        jwt_expires_in: jwt_expires_in?,
        bcrypt_cost: bcrypt_cost?,
        rate_limits,
        trusted_proxies: trusted_proxies.unwrap_or_default(),
        host: host?,
        port: port?,
        cors: cors?,
        response_cache_bytes: response_cache_bytes?,
        max_connections: max_connections?,
        shutdown_drain: shutdown_drain?,
        metrics_token,
        log_filter: by_module.or(by_level)?,
    })
}

/// Told under the name that is set.
fn environment(reader: &mut Reader<'_>) -> Option<Environment> {
    let is_node = reader.set("APP_ENV").is_none() && reader.set("NODE_ENV").is_some();
    let name = if is_node { "NODE_ENV" } else { "APP_ENV" };
    reader.read(name, |text| match text {
        "development" => Ok(Environment::Development),
        "production" => Ok(Environment::Production),
        "test" => Ok(Environment::Test),
        _ => Err("must be development, production or test".to_owned()),
    })
}

fn host(reader: &mut Reader<'_>) -> Option<IpAddr> {
    reader.read("HOST", parse::address)
}

fn port(reader: &mut Reader<'_>) -> Option<u16> {
    reader.read("PORT", |text| parse::number(text, &(0..=u16::MAX)))
}

fn log_filter(text: &str) -> Result<String, String> {
    let parsed = EnvFilter::builder().parse(text);
    parsed.map(|_filter| text.to_owned()).map_err(|error| format!("is no filter for the log: {error}"))
}

fn jwt_secret(text: &str, is_production: bool) -> Result<Secret, String> {
    if is_production && text == EXAMPLE_JWT_SECRET {
        Err("is the example's; make one of your own".to_owned())
    } else if is_production && text.len() < MIN_SECRET_BYTES {
        Err(format!("must have at least {MIN_SECRET_BYTES} bytes in production"))
    } else {
        Ok(Secret::new(text))
    }
}

fn bcrypt_cost(text: &str, is_production: bool) -> Result<u32, String> {
    match parse::number(text, &(4..=15))? {
        cost if is_production && cost < MIN_PRODUCTION_BCRYPT_COST => {
            Err(format!("must be at least {MIN_PRODUCTION_BCRYPT_COST} in production"))
        }
        cost => Ok(cost),
    }
}

fn origins(text: &str) -> Result<Cors, String> {
    let origins: BTreeSet<_> = text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect();
    if origins == BTreeSet::from(["*"]) {
        return Ok(Cors::Any);
    }
    let is_origin = |origin: &&str| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', ' ']))
    };
    match origins.iter().find(|origin| !is_origin(origin)) {
        Some(wrong) => Err(format!("{wrong} is no origin; write https://app.example.com, without a path")),
        None => Ok(Cors::Only(origins.into_iter().map(str::to_owned).collect())),
    }
}

/// Everything that is wrong with the settings, each by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError(pub Vec<(&'static str, String)>);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("These settings are missing or wrong:")?;
        self.0.iter().try_for_each(|(name, problem)| write!(f, "\n  {name} {problem}"))
    }
}

impl std::error::Error for SettingsError {}

#[cfg(test)]
mod tests;
