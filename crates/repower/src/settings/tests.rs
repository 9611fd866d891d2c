use std::{cell::RefCell, collections::BTreeSet, time::Duration};

use proptest::prelude::*;
use repower_http::Cors;

use super::*;

const URL: &str = "postgres://repower:hunter2@localhost/repower";
const SECRET: &str = "correct-horse-battery-staple-0123456789";

fn read(set: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let required = [("DATABASE_URL", URL), ("JWT_SECRET", "secret")];
    let find =
        |name: &str| set.iter().chain(&required).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Settings::read(find)
}

fn invalid(set: &[(&str, &str)]) -> Vec<&'static str> {
    read(set).err().map(|error| error.0.into_iter().map(|(name, _)| name).collect()).unwrap_or_default()
}

#[test]
fn two_settings_are_enough() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.app_env, Environment::Development);
    assert_eq!((settings.port, settings.host.to_string()), (3000, "0.0.0.0".to_owned()));
    assert_eq!((settings.database_pool_size, settings.bcrypt_cost), (10, 12));
    assert_eq!((settings.jwt_expires_in, settings.shutdown_drain), (parse::days(7), Duration::ZERO));
    assert_eq!(settings.response_cache_bytes, 8 * 1024 * 1024);
    assert_eq!(settings.log_filter(), "info");
    assert!(settings.run_migrations && settings.run_background_jobs);
    assert_eq!(settings.rate_limits(), Some(ThrottleLimits::default()));
    assert_eq!(settings.cors_allowed_origins, Cors::Any);
}

#[test]
fn all_errors_are_reported_at_once_by_name() {
    let wrong = [
        ("PORT", "70000"),
        ("BCRYPT_COST", "3"),
        ("JWT_SECRET", ""),
        ("DATABASE_URL", "mysql://x"),
        ("APP_ENV", "prod"),
    ];
    assert_eq!(invalid(&wrong), ["DATABASE_URL", "JWT_SECRET", "APP_ENV", "PORT", "BCRYPT_COST"]);
}

#[test]
fn an_empty_variable_counts_as_absent() {
    assert_eq!(invalid(&[("DATABASE_URL", " ")]), ["DATABASE_URL"]);
    assert_eq!(read(&[("PORT", ""), ("APP_ENV", ""), ("NODE_ENV", "test")]).unwrap().app_env, Environment::Test);
}

#[test]
fn production_rejects_weak_secrets_and_cheap_hashes() {
    let production = ("APP_ENV", "production");
    let long = "0123456789abcdef".repeat(2);
    assert_eq!(invalid(&[production]), ["JWT_SECRET"]);
    assert_eq!(invalid(&[production, ("JWT_SECRET", EXAMPLE_JWT_SECRET)]), ["JWT_SECRET"]);
    assert_eq!(invalid(&[production, ("JWT_SECRET", &long), ("BCRYPT_COST", "9")]), ["BCRYPT_COST"]);
    assert!(read(&[production, ("JWT_SECRET", &long), ("BCRYPT_COST", "10")]).is_ok());
    assert!(read(&[("JWT_SECRET", EXAMPLE_JWT_SECRET)]).is_ok());
}

#[test]
fn production_rejects_a_secret_that_repeats_and_a_short_token_of_the_metrics() {
    let in_production = |name, value| invalid(&[("APP_ENV", "production"), ("JWT_SECRET", SECRET), (name, value)]);
    for secret in ["a".repeat(32), "password".repeat(4), "0123456789".repeat(4), "01".repeat(128)] {
        assert_eq!(in_production("METRICS_TOKEN", ""), Vec::<&str>::new());
        assert_eq!(invalid(&[("APP_ENV", "production"), ("JWT_SECRET", &secret)]), ["JWT_SECRET"], "{secret}");
        assert_eq!(invalid(&[("JWT_SECRET", &secret)]), Vec::<&str>::new());
    }
    assert_eq!(in_production("METRICS_TOKEN", "x"), ["METRICS_TOKEN"]);
    assert_eq!(in_production("METRICS_TOKEN", &"x".repeat(16)), Vec::<&str>::new());
    assert_eq!(invalid(&[("METRICS_TOKEN", "x")]), Vec::<&str>::new());
}

#[test]
fn what_is_seldom_right_in_production_is_a_warning_by_name() {
    let unwise = [
        ("JWT_EXPIRES_IN", "500w"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,0.0.0.0/0"),
        ("RATE_LIMIT_ENABLED", "false"),
        ("CORS_ALLOWED_ORIGINS", "*"),
        ("REQUIRE_VERIFIED_COMPANY", "false"),
    ];
    let wise = [
        ("APP_ENV", "production"),
        ("JWT_EXPIRES_IN", "30d"),
        ("TRUSTED_PROXIES", "10.0.0.0/8"),
        ("CORS_ALLOWED_ORIGINS", "https://app.example"),
    ];
    let warned = |set: &[(&str, &str)]| {
        let find = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        warnings(find).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(warned(&wise), Vec::<&str>::new());
    assert_eq!(warned(&unwise), Vec::<&str>::new());
    for (name, value) in unwise {
        assert_eq!(warned(&[&[(name, value)], &wise[..]].concat()), [name]);
    }
}

#[test]
fn a_company_must_be_verified_in_production_or_where_it_is_set() {
    let required = |set: &[_]| read(&[set, &[("JWT_SECRET", SECRET)]].concat()).unwrap().require_verified_company;
    for environment in ["production", "development", "test"] {
        let environment = ("APP_ENV", environment);
        assert_eq!(required(&[environment]), environment.1 == "production");
        assert!(required(&[environment, ("REQUIRE_VERIFIED_COMPANY", "true")]));
        assert!(!required(&[environment, ("REQUIRE_VERIFIED_COMPANY", "false")]));
    }
}

#[test]
fn the_metrics_in_production_need_a_token_or_this_machine() {
    let scrapers = |set: &[_]| read(&[set, &[("JWT_SECRET", SECRET)]].concat()).unwrap().scrapers();
    let (production, token) = (("APP_ENV", "production"), ("METRICS_TOKEN", "let-prometheus-in"));
    assert_eq!((scrapers(&[]), scrapers(&[production])), (Scrapers::Anyone, Scrapers::ThisMachine));
    let with_token = Scrapers::with_token("let-prometheus-in");
    assert_eq!((scrapers(&[token]), scrapers(&[production, token])), (with_token, with_token));
}

/// A secret as programs generate it.
fn a_random_secret() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9]{32}", "[0-9a-f]{32}", "[0-9a-f]{64}", "[A-Za-z0-9+/]{43}="]
}

#[test]
fn the_memory_of_cached_responses_is_0_to_a_gibibyte() {
    let bytes = |text: &str| read(&[("RESPONSE_CACHE_BYTES", text)]).map(|settings| settings.response_cache_bytes);
    assert_eq!((bytes("0"), bytes("1073741824")), (Ok(0), Ok(1 << 30)));
    for wrong in ["1073741825", "-1", "16M", "1e6"] {
        assert_eq!(invalid(&[("RESPONSE_CACHE_BYTES", wrong)]), ["RESPONSE_CACHE_BYTES"], "{wrong}");
    }
}

#[test]
fn each_limit_of_attempts_is_a_setting() {
    let own = [
        ("RATE_LIMIT_WINDOW", "90s"),
        ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "1"),
        ("RATE_LIMIT_LOGIN_ACCOUNT", "2"),
        ("RATE_LIMIT_LOGIN_ADDRESS", "3"),
        ("RATE_LIMIT_REGISTER_ADDRESS", "4"),
        ("RATE_INVITATIONS_PER_DAY", "5"),
        ("RATE_PASSPORTS_PER_DAY", "6"),
        ("RATE_WRITES_PER_MINUTE", "7"),
        ("RATE_MESSAGES_PER_MINUTE", "8"),
    ];
    let limits = ThrottleLimits::builder()
        .window(TimeDelta::seconds(90))
        .login_account_address(1)
        .login_account(2)
        .login_address(3)
        .register_address(4)
        .invitations_per_day(5)
        .passports_per_day(6)
        .writes_per_minute(7)
        .messages_per_minute(8)
        .build();
    assert_eq!(read(&own).unwrap().rate_limits(), Some(limits));
}

#[test]
fn each_quota_is_a_setting_and_holds_without_the_limits_of_attempts() {
    assert_eq!(read(&[]).unwrap().quotas(), Quotas::default());
    let own = [
        ("RATE_LIMIT_ENABLED", "false"),
        ("MAX_CERTIFICATIONS", "1"),
        ("MAX_OPEN_JOBS", "2"),
        ("MAX_OPEN_JOBS_UNVERIFIED", "5"),
        ("MAX_PENDING_INVITATIONS", "3"),
        ("MAX_KEPT_ANSWERS", "4"),
    ];
    let settings = read(&own).unwrap();
    let open_jobs = OpenJobs { verified: 2, unverified: 5 };
    assert_eq!(
        settings.quotas(),
        Quotas::builder().certifications(1).open_jobs(open_jobs).pending_invitations(3).build()
    );
    assert_eq!((settings.max_kept_answers, read(&[]).unwrap().max_kept_answers), (4, 1_000));
    let wrong = own.map(|(name, _)| (name, "0"));
    assert_eq!(invalid(&wrong[1..]), own.map(|(name, _)| name)[1..]);
}

#[test]
fn disabled_limits_are_none_and_their_settings_still_must_be_valid() {
    let off = ("RATE_LIMIT_ENABLED", "false");
    assert_eq!(read(&[off]).unwrap().rate_limits(), None);
    let wrong = [off, ("RATE_LIMIT_WINDOW", "2d"), ("RATE_LIMIT_REGISTER_ADDRESS", "0")];
    assert_eq!(invalid(&wrong), ["RATE_LIMIT_WINDOW", "RATE_LIMIT_REGISTER_ADDRESS"]);
}

#[test]
fn an_error_has_the_name_of_the_variable_that_is_set() {
    assert_eq!(invalid(&[("NODE_ENV", "prod")]), ["NODE_ENV"]);
    assert_eq!(invalid(&[("APP_ENV", "prod"), ("NODE_ENV", "test")]), ["APP_ENV"]);
}

#[test]
fn app_env_precedes_node_env() {
    let set = [("APP_ENV", "test"), ("NODE_ENV", "production")];
    assert_eq!(read(&set).unwrap().app_env, Environment::Test);
}

#[test]
fn origins_are_separated_by_commas() {
    let only = |set| read(&[("CORS_ALLOWED_ORIGINS", set)]).map(|settings| settings.cors_allowed_origins);
    let two = ["https://a.example", "http://localhost:5173"].map(str::to_owned);
    assert_eq!(only("https://a.example, http://localhost:5173,"), Ok(Cors::Only(two.into())));
    assert_eq!(only("*"), Ok(Cors::Any));
    for wrong in ["a.example", "https://a.example/", "https://*.example", "*,https://a.example", "https://"] {
        assert!(only(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_origin_is_brought_to_the_form_that_browsers_send() {
    let only = |set| read(&[("CORS_ALLOWED_ORIGINS", set)]).map(|settings| settings.cors_allowed_origins);
    for (set, sent) in [
        ("HTTPS://App.Example", "https://app.example"),
        ("https://app.example:443", "https://app.example"),
        ("http://app.example:80", "http://app.example"),
        ("http://app.example:443", "http://app.example:443"),
        ("https://bücher.example:8443", "https://xn--bcher-kva.example:8443"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("http://127.1:5173", "http://127.0.0.1:5173"),
        ("http://[0:0::1]:3000", "http://[::1]:3000"),
    ] {
        assert_eq!(only(set), Ok(Cors::Only([sent.to_owned()].into())), "{set}");
    }
    let two = "https://app.example,https://APP.example:443";
    assert_eq!(only(two), Ok(Cors::Only(["https://app.example".to_owned()].into())));
    for wrong in [
        "https://app.example/path",
        "https://app.example?x=1",
        "https://app.example#x",
        "https://user:hunter2@app.example",
        "https://app.example:65536",
        "https://app\\example",
        "https://a b.example",
        "https://[::1",
        "https://xn--a.example",
        "ftp://app.example",
        "null",
        "file:///",
    ] {
        let wrong = only(wrong).unwrap_err();
        assert!(wrong.0.len() == 1 && !wrong.to_string().contains("hunter2"), "{wrong}");
    }
}

#[test]
fn no_secret_is_in_the_debug_text_or_the_errors() {
    let settings = read(&[("METRICS_TOKEN", "hunter2"), ("DATABASE_DIRECT_URL", URL)]).unwrap();
    let wrong = read(&[("DATABASE_URL", "hunter2"), ("DATABASE_DIRECT_URL", "hunter2")]).unwrap_err();
    let shown = format!("{settings:?} {wrong}");
    assert!(!shown.contains("hunter2") && !shown.contains("\"secret\""), "{shown}");
}

/// The variables that are looked up.
fn looked_up(found: &[(&str, &str)]) -> BTreeSet<String> {
    let names = RefCell::new(BTreeSet::new());
    let _ = Settings::read(|name| {
        names.borrow_mut().insert(name.to_owned());
        found.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    });
    names.into_inner()
}

#[test]
fn exactly_the_settings_of_the_table_are_read() {
    let table: BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name.to_owned()).collect();
    assert_eq!(table.len(), SETTINGS.len());
    assert_eq!(looked_up(&[]), table);
    assert!(looked_up(&[("RUST_LOG", "debug"), ("APP_ENV", "test"), ("PORT", "x")]).is_subset(&table));
}

#[test]
fn exactly_the_required_settings_of_the_table_are_required() {
    let required: Vec<_> =
        SETTINGS.iter().filter(|setting| setting.unset == Unset::Required).map(|setting| setting.name).collect();
    let missing: Vec<_> = Settings::read(|_| None).unwrap_err().0.into_iter().map(|(name, _)| name).collect();
    assert_eq!(missing, required);
}

#[test]
fn a_default_that_is_set_changes_nothing() {
    let defaults: Vec<_> =
        SETTINGS.iter().filter_map(|setting| setting.default().map(|text| (setting.name, text))).collect();
    assert_eq!(read(&defaults), read(&[]));
}

#[test]
fn two_settings_are_enough_for_the_listening_address() {
    let address = |set: &'static [(&str, &str)]| {
        listening_address(move |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    };
    assert_eq!(address(&[]), Ok("0.0.0.0:3000".parse().unwrap()));
    assert_eq!(address(&[("HOST", "::1"), ("PORT", "80")]), Ok("[::1]:80".parse().unwrap()));
    assert_eq!(address(&[("HOST", "[::]")]), Ok("[::]:3000".parse().unwrap()));
    assert_eq!(address(&[("HOST", "[127.0.0.1]")]).unwrap_err().0.len(), 1);
    assert_eq!(address(&[("PORT", "x")]).unwrap_err().0.len(), 1);
}

#[test]
fn a_log_filter_must_be_valid() {
    let filter = |set: &[_]| read(set).map(|settings| settings.log_filter().to_owned());
    assert_eq!(filter(&[("LOG_LEVEL", "warn")]), Ok("warn".to_owned()));
    assert_eq!(
        filter(&[("LOG_LEVEL", "warn"), ("RUST_LOG", "info,repower_http=debug")]),
        Ok("info,repower_http=debug".to_owned())
    );
    assert_eq!(invalid(&[("RUST_LOG", "repower_http=loud")]), ["RUST_LOG"]);
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,20}",
        "[0-9]{1,22}[smhdw]?",
        "true|false|1|production|test|info|\\*",
        "([0-9a-f:.]{1,20}/[0-9]{1,3},?){1,3}",
        "(https?://[a-z.:0-9]{1,12},?){1,3}",
        "([a-z_:]{1,9}=[a-z]{1,5},?){1,3}",
    ]
}

proptest! {
    #[test]
    fn any_password_that_is_escaped_is_read_and_no_other_is_shown(password in "\\PC{1,20}", name in "[a-z]{1,9}") {
        let escaped = password.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        prop_assert_eq!(invalid(&[("DATABASE_URL", &format!("postgres://u:{escaped}@h/{name}"))]), Vec::<&str>::new());
        let raw = read(&[("DATABASE_URL", &format!("postgres://u:canary{password}canary@h/x"))]);
        let shown = raw.map_or_else(|error| error.to_string(), |settings| format!("{settings:?}"));
        prop_assert!(!shown.contains("canary"), "{}", shown);
    }

    #[test]
    fn production_accepts_any_random_secret(secret in a_random_secret()) {
        prop_assert_eq!(invalid(&[("APP_ENV", "production"), ("JWT_SECRET", &secret)]), Vec::<&str>::new());
    }

    #[test]
    fn any_value_is_read_or_rejected_and_no_secret_is_shown(
        values in prop::collection::vec(prop::option::of(any_value()), SETTINGS.len()),
        scheme in "(postgres://u:|mysql://|)",
    ) {
        let settings = SETTINGS.iter().zip(&values);
        let lookup = |name: &str| {
            let (setting, value) = settings.clone().find(|(setting, _)| setting.name == name)?;
            let value = value.clone()?;
            Some(match setting.visibility {
                Visibility::Plain => value,
                Visibility::Url => format!("{scheme}canary{value}"),
                Visibility::Secret => format!("canary{value}"),
            })
        };
        let read = Settings::read(lookup);
        let shown = format!("{read:?}");
        prop_assert!(!shown.contains("canary"), "{}", shown);
        if let Err(problems) = read {
            prop_assert!(!problems.0.is_empty() && !problems.to_string().contains("canary"), "{}", problems);
        }
    }
}
