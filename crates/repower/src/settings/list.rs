//! The table of all settings: their names, what holds where they are not set,
//! and what they mean. The README's table is held to it.

/// A setting, as an operator sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The name of the variable.
    pub name: &'static str,
    /// What holds where it is not set.
    pub unset: Unset,
    /// How much of its value may be shown.
    pub showing: Showing,
    /// What it means, in a sentence; Markdown.
    pub meaning: &'static str,
}

/// What holds where a setting is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// Nothing: it has to be set.
    Required,
    /// Nothing: what it switches on stays off.
    Nothing,
    /// This value.
    Is(&'static str),
    /// The value of another setting; where that is not set either, this one.
    Follows {
        /// The other one's name.
        other: &'static str,
        /// What holds where neither is set.
        otherwise: &'static str,
    },
}

/// How much of a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// All of it.
    Plain,
    /// A URL without its password.
    Url,
    /// Only how long it is.
    Secret,
}

impl Setting {
    const fn new(name: &'static str, unset: Unset, meaning: &'static str) -> Self {
        Self { name, unset, showing: Showing::Plain, meaning }
    }

    const fn showing(self, showing: Showing) -> Self {
        Self { showing, ..self }
    }

    /// The setting of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// The value that holds where nothing is set.
    pub const fn default(&self) -> Option<&'static str> {
        match self.unset {
            Unset::Required | Unset::Nothing => None,
            Unset::Is(value) | Unset::Follows { otherwise: value, .. } => Some(value),
        }
    }
}

use Unset::{Follows, Is, Nothing, Required};

/// All settings, in the order in which they are told.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    Setting::new("DATABASE_URL", Required, "where PostgreSQL is: `postgres://user:password@host:port/name`")
        .showing(Showing::Url),
    Setting::new("JWT_SECRET", Required, "signs tokens; in production at least 32 bytes and not the example's")
        .showing(Showing::Secret),
    Setting::new("JWT_EXPIRES_IN", Is("7d"), "how long a token holds: a number with `s`, `m`, `h`, `d` or `w`"),
    Setting::new("APP_ENV", Follows { other: "NODE_ENV", otherwise: "development" },
        "`development`, `production` or `test`"),
    Setting::new("NODE_ENV", Nothing, "is read where `APP_ENV` is not set"),
    Setting::new("HOST", Is("0.0.0.0"), "the address the server listens on"),
    Setting::new("PORT", Is("3000"), "the port the server listens on; 0 takes a free one"),
    Setting::new("DATABASE_POOL_SIZE", Is("10"),
        "connections at most; also how many requests are served from the database at once"),
    Setting::new("MAX_CONNECTIONS", Is("10000"),
        "connections of clients at most; when all are taken, one that is idle makes room"),
    Setting::new("DATABASE_DIRECT_URL", Nothing,
        "where PostgreSQL itself is, when `DATABASE_URL` names a PgBouncer in transaction mode")
        .showing(Showing::Url),
    Setting::new("RUN_MIGRATIONS", Is("true"), "whether `repower serve` brings the database up to date"),
    Setting::new("CORS_ALLOWED_ORIGINS", Is("*"), "origins of pages that may call, with commas between them; `*` is any"),
    Setting::new("TRUSTED_PROXIES", Nothing,
        "networks (`10.0.0.0/8`, with commas) whose `X-Forwarded-For` tells the client's address"),
    Setting::new("RATE_LIMIT_ENABLED", Is("true"), "whether failed logins and registrations are limited"),
    Setting::new("RATE_LIMIT_WINDOW", Is("15m"), "the window in which they are counted, from the first one on"),
    Setting::new("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", Is("10"), "failed logins for one account from one address"),
    Setting::new("RATE_LIMIT_LOGIN_ADDRESS", Is("50"), "failed logins from one address"),
    Setting::new("RATE_LIMIT_LOGIN_ACCOUNT", Is("100"), "failed logins for one account from everywhere"),
    Setting::new("RATE_LIMIT_REGISTER_ADDRESS", Is("30"), "registrations from one address"),
    Setting::new("BCRYPT_COST", Is("12"), "cost of hashing a password, 4 to 15; in production at least 10"),
    Setting::new("RESPONSE_CACHE_BYTES", Is("16777216"),
        "memory for public pages given again within a second, at most 1073741824; 0 keeps none"),
    Setting::new("SHUTDOWN_DRAIN", Is("0s"),
        "how long the server goes on serving, not ready, before it stops accepting"),
    Setting::new("METRICS_TOKEN", Nothing, "the bearer token that `GET /metrics` asks for; not set, it asks for none")
        .showing(Showing::Secret),
    Setting::new("RUST_LOG", Nothing, "what is logged, by module: `info,repower_http=debug`; goes before `LOG_LEVEL`"),
    Setting::new("LOG_LEVEL", Is("info"), "what is logged: `error`, `warn`, `info`, `debug` or `trace`"),
];
