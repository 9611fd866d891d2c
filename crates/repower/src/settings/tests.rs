use std::cell::RefCell;

use proptest::prelude::*;

use super::*;

const URL: &str = "postgres://repower:hunter2@localhost/repower";

fn read(set: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let required = [("DATABASE_URL", URL), ("JWT_SECRET", "secret")];
    let find =
        |name: &str| set.iter().chain(&required).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
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
    assert_eq!(settings.response_cache_bytes, 16 * 1024 * 1024);
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
    assert_eq!(read(&[("PORT", ""), ("APP_ENV", ""), ("NODE_ENV", "test")]).unwrap().environment, Environment::Test);
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
fn the_memory_for_pages_may_be_nothing_and_a_gibibyte_at_most() {
    let bytes = |text: &str| read(&[("RESPONSE_CACHE_BYTES", text)]).map(|settings| settings.response_cache_bytes);
    assert_eq!((bytes("0"), bytes("1073741824")), (Ok(0), Ok(1 << 30)));
    for wrong in ["1073741825", "-1", "16M", "1e6"] {
        assert_eq!(names_told(&[("RESPONSE_CACHE_BYTES", wrong)]), ["RESPONSE_CACHE_BYTES"], "{wrong}");
    }
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
    let settings = read(&[("METRICS_TOKEN", "hunter2"), ("DATABASE_DIRECT_URL", URL)]).unwrap();
    let wrong = read(&[("DATABASE_URL", "hunter2"), ("DATABASE_DIRECT_URL", "hunter2")]).unwrap_err();
    let told = format!("{settings:?} {wrong}");
    assert!(!told.contains("hunter2") && !told.contains("\"secret\""), "{told}");
}

/// The names that reading asks for, whatever is found.
fn names_asked_for(found: &[(&str, &str)]) -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    let _ = Settings::read(|name| {
        asked.borrow_mut().insert(name.to_owned());
        found.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    });
    asked.into_inner()
}

#[test]
fn the_table_has_all_settings_that_are_read_and_no_other() {
    let table: BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name.to_owned()).collect();
    assert_eq!(table.len(), SETTINGS.len());
    assert_eq!(names_asked_for(&[]), table);
    assert!(names_asked_for(&[("RUST_LOG", "debug"), ("APP_ENV", "test"), ("PORT", "x")]).is_subset(&table));
}

#[test]
fn the_settings_that_the_table_calls_required_are() {
    let required: Vec<_> =
        SETTINGS.iter().filter(|setting| setting.unset == Unset::Required).map(|setting| setting.name).collect();
    let told: Vec<_> = Settings::read(|_| None).unwrap_err().0.into_iter().map(|(name, _)| name).collect();
    assert_eq!(told, required);
}

#[test]
fn a_default_that_is_written_out_changes_nothing() {
    let written: Vec<_> =
        SETTINGS.iter().filter_map(|setting| setting.default().map(|text| (setting.name, text))).collect();
    assert_eq!(read(&written), read(&[]));
}

#[test]
fn where_to_listen_is_told_by_two_settings_alone() {
    let address = |set: &'static [(&str, &str)]| {
        listening_address(move |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    };
    assert_eq!(address(&[]), Ok("0.0.0.0:3000".parse().unwrap()));
    assert_eq!(address(&[("HOST", "::1"), ("PORT", "80")]), Ok("[::1]:80".parse().unwrap()));
    assert_eq!(address(&[("PORT", "x")]).unwrap_err().0.len(), 1);
}

#[test]
fn a_filter_for_the_log_has_to_be_one() {
    let filter = |set: &[_]| read(set).map(|settings| settings.log_filter);
    assert_eq!(filter(&[("LOG_LEVEL", "warn")]), Ok("warn".to_owned()));
    assert_eq!(
        filter(&[("LOG_LEVEL", "warn"), ("RUST_LOG", "info,repower_http=debug")]),
        Ok("info,repower_http=debug".to_owned())
    );
    assert_eq!(names_told(&[("RUST_LOG", "repower_http=loud")]), ["RUST_LOG"]);
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
    fn whatever_is_set_is_read_or_refused_and_no_secret_is_told(
        values in prop::collection::vec(prop::option::of(any_value()), SETTINGS.len()),
        scheme in "(postgres://u:|mysql://|)",
    ) {
        let settings = SETTINGS.iter().zip(&values);
        let lookup = |name: &str| {
            let (setting, value) = settings.clone().find(|(setting, _)| setting.name == name)?;
            let value = value.clone()?;
            Some(match setting.showing {
                Showing::Plain => value,
                Showing::Url => format!("{scheme}canary{value}"),
                Showing::Secret => format!("canary{value}"),
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
