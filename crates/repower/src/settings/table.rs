//! The table of settings: one row for each. The fields of [`Settings`], the list
//! [`SETTINGS`] and the reading follow from it.

use std::{net::IpAddr, time::Duration};

use repower_http::{Cors, TrustedProxies};

use super::{
    parse::{self, Environment, number, optional},
    reader::SettingsReader,
    secret::Secret,
    setting::{
        Setting,
        Unset::{Default, Follows, Nothing, Required},
        Visibility::{Plain, Secret as Hidden, Url},
    },
};

/// The letters of `port` in upper case: `PORT`.
const fn upper_case<const N: usize>(name: &str) -> [u8; N] {
    let mut letters = [0; N];
    letters.copy_from_slice(name.as_bytes());
    letters.make_ascii_uppercase();
    letters
}

macro_rules! settings {
    ($(
        #[doc = $about:literal]
        $field:ident: $type:ty = $unset:expr, $visibility:expr, $parse:expr;
    )+) => {
        /// The settings. A field has the name of its variable in lower case.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Settings {$(
            #[doc = $about]
            pub $field: $type,
        )+}

        /// All settings, in the order in which they are reported.
        pub const SETTINGS: &[Setting] = &[$(Setting {
            name: {
                const NAME: [u8; stringify!($field).len()] = upper_case(stringify!($field));
                match str::from_utf8(&NAME) {
                    Ok(name) => name,
                    Err(_) => "",
                }
            },
            unset: $unset,
            visibility: $visibility,
            about: $about.trim_ascii(),
        }),+];

        /// Reads one setting each.
        pub(super) mod read {
            use super::*;

            $(pub(in super::super) fn $field(reader: &mut SettingsReader<'_>) -> Option<$type> {
                let name = stringify!($field);
                let setting = SETTINGS.iter().find(|setting| setting.name.eq_ignore_ascii_case(name))?;
                reader.read(setting, $parse)
            })+
        }

        /// Reads all settings before the first error counts.
        pub(super) fn read_all(reader: &mut SettingsReader<'_>) -> Option<Settings> {
            $(let $field = read::$field(reader);)+
            Some(Settings { $($field: $field?),+ })
        }
    };
}

settings! {
    /// The URL of PostgreSQL: `postgres://user:password@host:port/name`.
    database_url: Secret = Required, Url, parse::database_url;
    /// The secret that signs tokens; in production at least 32 bytes that do not repeat, and not that of the example.
    jwt_secret: Secret = Required, Hidden, parse::jwt_secret;
    /// The lifetime of a session and its tokens, `1s` to `3650d`: a number with `s`, `m`, `h`, `d` or `w`.
    jwt_expires_in: Duration = Default("7d"), Plain, |text, _| parse::duration(text, parse::SECOND, parse::days(3650));
    /// The time without a request after which a session ends, `5m` to `3650d`; without it, none ends so. A session is ended up to two minutes later.
    session_idle: Option<Duration> = Nothing, Plain, optional(|text, _| parse::duration(text, parse::FIVE_MINUTES, parse::days(3650)));
    /// The environment: `development`, `production` or `test`.
    app_env: Environment = Follows { other: "NODE_ENV", default: "development" }, Plain, parse::environment;
    /// The environment where `APP_ENV` is not set.
    node_env: () = Nothing, Plain, |_, _| Ok(());
    /// The address that the server listens on.
    host: IpAddr = Default("0.0.0.0"), Plain, parse::address;
    /// The port that the server listens on; 0 is any free port.
    port: u16 = Default("3000"), Plain, |text, _| number(text, 0..=u16::MAX);
    /// The maximum number of database connections, 1 to 1000: one for each request that runs on it at once, and up to four for batches of writes, look-ups of several requests and the readiness check.
    database_pool_size: u32 = Default("10"), Plain, |text, _| number(text, 1..=1_000);
    /// The maximum number of client connections, 1 to 1000000; at the limit, a new one evicts another.
    max_connections: usize = Default("6000"), Plain, |text, _| number(text, 1..=1_000_000);
    /// The URL of PostgreSQL itself, where `DATABASE_URL` is that of a `PgBouncer` in transaction mode.
    database_direct_url: Option<Secret> = Nothing, Url, optional(parse::database_url);
    /// The URL of a standby of PostgreSQL, which serves the public list of jobs, searches, single jobs and companies; without it the primary does.
    database_replica_url: Option<Secret> = Nothing, Url, optional(parse::database_url);
    /// The age of the data of the standby from which the primary is read, `1s` to `5m`.
    replica_max_lag: Duration = Default("1s"), Plain, |text, _| parse::duration(text, parse::SECOND, parse::FIVE_MINUTES);
    /// Whether `repower serve` migrates the database.
    run_migrations: bool = Default("true"), Plain, parse::flag;
    /// Whether `repower serve` runs the background jobs, as `repower work` does.
    run_background_jobs: bool = Default("true"), Plain, parse::flag;
    /// The origins of web pages that may call the API, separated by commas; `*` is any.
    cors_allowed_origins: Cors = Default("*"), Plain, parse::origins;
    /// The networks of proxies whose `X-Forwarded-For` is trusted: `10.0.0.0/8`, separated by commas.
    trusted_proxies: TrustedProxies = Nothing, Plain, parse::proxies;
    /// Whether failed logins, registrations and the rates below are limited; the `MAX_…` always are.
    rate_limit_enabled: bool = Default("true"), Plain, parse::flag;
    /// The window of the `RATE_LIMIT_…`, `1s` to `1d`, from the first attempt.
    rate_limit_window: Duration = Default("15m"), Plain, |text, _| parse::duration(text, parse::SECOND, parse::days(1));
    /// Failed logins for one account from one client address, and wrong passwords in changes of its password, 1 to 1000000.
    rate_limit_login_account_address: u32 = Default("10"), Plain, parse::limit;
    /// Failed logins from one client address, 1 to 1000000.
    rate_limit_login_address: u32 = Default("50"), Plain, parse::limit;
    /// Failed logins for one account from all client addresses; not held against those it signed in from, 1 to 1000000.
    rate_limit_login_account: u32 = Default("100"), Plain, parse::limit;
    /// Registrations from one client address, 1 to 1000000.
    rate_limit_register_address: u32 = Default("30"), Plain, parse::limit;
    /// Requests with POST, PATCH and PUT of a user in a minute, 1 to 1000000.
    rate_writes_per_minute: u32 = Default("120"), Plain, parse::limit;
    /// Messages of a user in a thread in a minute, 1 to 1000000.
    rate_messages_per_minute: u32 = Default("30"), Plain, parse::limit;
    /// Invitations into a company in a day, 1 to 1000000.
    rate_invitations_per_day: u32 = Default("50"), Plain, parse::limit;
    /// Passports of technicians that the members of a company read in a day, 1 to 1000000.
    rate_passports_per_day: u32 = Default("300"), Plain, parse::limit;
    /// Certifications of a technician, 1 to 1000000.
    max_certifications: u32 = Default("100"), Plain, parse::limit;
    /// Open jobs of a company, 1 to 1000000.
    max_open_jobs: u32 = Default("500"), Plain, parse::limit;
    /// Open jobs of a company that is not verified, 1 to 1000000; where it is more, `MAX_OPEN_JOBS`.
    max_open_jobs_unverified: u32 = Default("20"), Plain, parse::limit;
    /// Pending invitations of a company, 1 to 1000000.
    max_pending_invitations: u32 = Default("100"), Plain, parse::limit;
    /// Stored responses to requests of a user with an `Idempotency-Key`, 1 to 1000000.
    max_kept_answers: u32 = Default("1000"), Plain, parse::limit;
    /// Whether only companies that a `SUPER_ADMIN` verified see technicians who have not applied or written to them. Where it is not set, in production.
    require_verified_company: bool = Nothing, Plain, parse::flag_of_production;
    /// The cost of hashing a password, 4 to 15; in production at least 10.
    bcrypt_cost: u32 = Default("12"), Plain, parse::bcrypt_cost;
    /// The memory of cached public responses in bytes, at most 1073741824; 0 disables the cache.
    response_cache_bytes: usize = Default("8388608"), Plain, |text, _| number(text, 0..=1 << 30);
    /// How long the server still serves, not ready, after the signal to stop: `0s` to `1h`.
    shutdown_drain: Duration = Default("0s"), Plain, |text, _| parse::duration(text, Duration::ZERO, parse::HOUR);
    /// The bearer token that `GET /metrics` needs, in production at least 16 bytes. Without it none is needed, but in production only this machine is answered.
    metrics_token: Option<Secret> = Nothing, Hidden, optional(parse::metrics_token);
    /// The log filter by module: `info,repower_http=debug`; it overrides `LOG_LEVEL`.
    rust_log: Option<String> = Nothing, Plain, optional(parse::log_filter);
    /// The log level: `error`, `warn`, `info`, `debug` or `trace`.
    log_level: String = Default("info"), Plain, parse::log_filter;
}
