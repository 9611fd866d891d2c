//! What the environment says. Everything that is missing or wrong is told at
//! once, by name.

mod limits;
mod parse;
mod secret;

use std::{collections::BTreeSet, fmt, net::IpAddr, time::Duration};

use parse::Reader;
use repower_domain::accounts::ThrottleLimits;
pub use secret::Secret;

use crate::http::{Cors, TrustedProxies};

/// The secret that `.env.example` shows; in production it is refused.
pub const EXAMPLE_JWT_SECRET: &str = "change-me-to-at-least-32-random-bytes";
const MIN_SECRET_BYTES: usize = 32;
const MIN_PRODUCTION_BCRYPT_COST: u32 = 10;

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
        let environment = environment(&mut reader);
        let is_production = environment == Environment::Production;
        let settings = Self {
            environment,
            database_url: reader.required("DATABASE_URL", parse::database_url),
            database_pool_size: reader.optional("DATABASE_POOL_SIZE", 10, |text| parse::number(text, &(1..=1_000))),
            run_migrations: reader.optional("RUN_MIGRATIONS", true, parse::flag),
            jwt_secret: reader.required("JWT_SECRET", |text| jwt_secret(text, is_production)),
            jwt_expires_in: reader.optional("JWT_EXPIRES_IN", parse::days(7), |text| {
                parse::duration(text, Duration::from_secs(1), parse::days(3650))
            }),
            bcrypt_cost: reader.optional("BCRYPT_COST", 12, |text| bcrypt_cost(text, is_production)),
            rate_limits: limits::read(&mut reader),
            trusted_proxies: reader.optional("TRUSTED_PROXIES", TrustedProxies::default(), limits::proxies),
            host: reader.optional("HOST", IpAddr::from([0, 0, 0, 0]), parse::address),
            port: reader.optional("PORT", 3000, |text| parse::number(text, &(0..=u16::MAX))),
            cors: reader.optional("CORS_ALLOWED_ORIGINS", Cors::Any, origins),
            shutdown_drain: reader.optional("SHUTDOWN_DRAIN", Duration::ZERO, |text| {
                parse::duration(text, Duration::ZERO, Duration::from_hours(1))
            }),
            metrics_token: reader.optional("METRICS_TOKEN", None, |text| Ok(Some(Secret::new(text)))),
            log_filter: reader.first_of(["RUST_LOG", "LOG_LEVEL"]).unwrap_or_else(|| "info".to_owned()),
        };
        reader.finish(settings)
    }
}

fn environment(reader: &mut Reader<'_>) -> Environment {
    let name = if reader.first_of(["APP_ENV"]).is_some() { "APP_ENV" } else { "NODE_ENV" };
    reader.optional(name, Environment::Development, |text| match text {
        "development" => Ok(Environment::Development),
        "production" => Ok(Environment::Production),
        "test" => Ok(Environment::Test),
        _ => Err("must be development, production or test".to_owned()),
    })
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
        f.write_str("The settings are not complete:")?;
        self.0.iter().try_for_each(|(name, problem)| write!(f, "\n  {name} {problem}"))
    }
}

impl std::error::Error for SettingsError {}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "postgres://repower:hunter2@localhost/repower";

    fn read(set: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let required = [("DATABASE_URL", URL), ("JWT_SECRET", "secret")];
        let find = |name: &str| {
            set.iter().chain(&required).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::read(find)
    }

    fn names_told(set: &[(&str, &str)]) -> Vec<&'static str> {
        read(set).err().map(|error| error.0.into_iter().map(|(name, _)| name).collect()).unwrap_or_default()
    }

    #[test]
    fn two_settings_are_enough() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.environment, Environment::Development);
        assert_eq!((settings.port, settings.host.to_string()), (3000, "0.0.0.0".to_owned()));
        assert_eq!((settings.database_pool_size, settings.bcrypt_cost), (10, 12));
        assert_eq!((settings.jwt_expires_in, settings.shutdown_drain), (parse::days(7), Duration::ZERO));
        assert_eq!((settings.cors, settings.run_migrations, settings.log_filter.as_str()), (Cors::Any, true, "info"));
    }

    #[test]
    fn everything_wrong_is_told_at_once_by_name() {
        let wrong = [
            ("PORT", "70000"),
            ("BCRYPT_COST", "3"),
            ("JWT_SECRET", ""),
            ("DATABASE_URL", "mysql://x"),
            ("APP_ENV", "prod"),
        ];
        assert_eq!(names_told(&wrong), ["APP_ENV", "DATABASE_URL", "JWT_SECRET", "BCRYPT_COST", "PORT"]);
    }

    #[test]
    fn an_empty_variable_counts_as_absent() {
        assert_eq!(names_told(&[("DATABASE_URL", " ")]), ["DATABASE_URL"]);
        assert_eq!(
            read(&[("PORT", ""), ("APP_ENV", ""), ("NODE_ENV", "test")]).unwrap().environment,
            Environment::Test
        );
    }

    #[test]
    fn production_refuses_weak_secrets_and_cheap_hashes() {
        let production = ("APP_ENV", "production");
        let long = "x".repeat(32);
        assert_eq!(names_told(&[production]), ["JWT_SECRET"]);
        assert_eq!(names_told(&[production, ("JWT_SECRET", EXAMPLE_JWT_SECRET)]), ["JWT_SECRET"]);
        assert_eq!(names_told(&[production, ("JWT_SECRET", &long), ("BCRYPT_COST", "9")]), ["BCRYPT_COST"]);
        assert!(read(&[production, ("JWT_SECRET", &long), ("BCRYPT_COST", "10")]).is_ok());
        assert!(EXAMPLE_JWT_SECRET.len() >= MIN_SECRET_BYTES);
    }

    #[test]
    fn app_env_goes_before_node_env() {
        let set = [("APP_ENV", "test"), ("NODE_ENV", "production")];
        assert_eq!(read(&set).unwrap().environment, Environment::Test);
    }

    #[test]
    fn origins_are_listed_with_commas() {
        let only = |set| read(&[("CORS_ALLOWED_ORIGINS", set)]).map(|settings| settings.cors);
        let two = ["https://a.example", "http://localhost:5173"].map(str::to_owned);
        assert_eq!(only("https://a.example, http://localhost:5173,"), Ok(Cors::Only(two.into())));
        assert_eq!(only("*"), Ok(Cors::Any));
        for wrong in ["a.example", "https://a.example/", "https://*.example", "*,https://a.example", "https://"] {
            assert!(only(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_secret_is_in_what_is_told() {
        let told = format!("{:?} {}", read(&[]).unwrap(), read(&[("DATABASE_URL", "hunter2")]).unwrap_err());
        assert!(!told.contains("hunter2") && !told.contains("\"secret\""), "{told}");
    }
}
