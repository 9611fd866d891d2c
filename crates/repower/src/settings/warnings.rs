use std::time::Duration;

use repower_http::Cors;

use super::{parse, reader::SettingsReader, table::read};

/// The lifetime of a token without a warning: 30 days.
const LONG_LIFETIME: Duration = parse::days(30);

/// What is valid and seldom right in production, by the name of its setting. There is
/// none outside production, and none about an invalid setting.
pub fn warnings(lookup: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, &'static str)> {
    let mut reader = SettingsReader::new(&lookup);
    let found = [
        (
            "JWT_EXPIRES_IN",
            read::jwt_expires_in(&mut reader).is_some_and(|lifetime| lifetime > LONG_LIFETIME),
            "lets a stolen token sign in for more than 30 days",
        ),
        (
            "CORS_ALLOWED_ORIGINS",
            read::cors_allowed_origins(&mut reader) == Some(Cors::Any),
            "lets the pages of any web site call the API",
        ),
        (
            "TRUSTED_PROXIES",
            read::trusted_proxies(&mut reader).is_some_and(|proxies| proxies.include_strangers()),
            "trusts a part of the Internet: clients choose their own address, and pass the limits by it",
        ),
        (
            "RATE_LIMIT_ENABLED",
            read::rate_limit_enabled(&mut reader) == Some(false),
            "leaves passwords open to guessing without end",
        ),
        (
            "REQUIRE_VERIFIED_COMPANY",
            read::require_verified_company(&mut reader) == Some(false),
            "shows all technicians to anybody who registers a company",
        ),
    ];
    let is_production = reader.is_production();
    found.into_iter().filter(|(_, applies, _)| is_production && *applies).map(|(name, _, text)| (name, text)).collect()
}
