//! Values as JSON, with the feature `serde`: a written value is read back, and a
//! value that its parser rejects is not read.
#![cfg(feature = "serde")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::{
    fmt::{Debug, Display},
    str::FromStr,
};

use proptest::prelude::*;
use repower_domain::{
    Edit, Revision,
    accounts::Role,
    each_text_on_the_wire,
    ids::JobId,
    jobs::JobStatus,
    technicians::SkillSet,
    values::{
        Amount, CalendarDate, Country, Currency, DateRange, DayRateRange, Email, MinimumRating, Password,
        PasswordAttempt, Rating, RatingSummary, RatingTotals, Title, Validity, WebUrl, YearsExperience,
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, from_value, json, to_value};

/// Asserts that a JSON text is read exactly if the parser accepts it, and that
/// the error is the parser's. A value must be written as its own text.
fn text_obeys<T>(text: &str)
where
    T: FromStr<Err: Display> + Display + Debug + PartialEq + Serialize + DeserializeOwned,
{
    match (text.parse::<T>(), from_value::<T>(json!(text))) {
        (Ok(parsed), Ok(read)) => {
            assert_eq!(parsed, read);
            assert_eq!(to_value(&read).unwrap(), json!(parsed.to_string()));
            assert_eq!(from_value::<T>(to_value(&read).unwrap()).unwrap(), parsed);
        }
        (Err(expected), Err(error)) => assert_eq!(error.to_string(), expected.to_string()),
        (parsed, read) => panic!("parsed {}, read {}", parsed.is_ok(), read.is_ok()),
    }
}

fn only_text_is_read<T: DeserializeOwned>() {
    for other in [json!(null), json!(5), json!(true), json!(["DK"]), json!({"text": "DK"})] {
        assert!(from_value::<T>(other).is_err());
    }
}

proptest! {
    #[test]
    fn every_text_is_read_back_or_rejected_with_the_error_of_its_parser(
        text in prop_oneof![
            any::<String>(),
            "\\PC{0,200}",
            "[ A-Z_]{0,12}",
            "[A-Za-z]{2,3}",
            "2[0-9]{3}-[01][0-9]-[0-3][0-9]",
            "[a-z]{1,9}@[a-z]{1,9}\\.[a-z]{2,3}",
            "https?://[a-z.]{1,20}",
            "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        ],
    ) {
        each_text_on_the_wire!(text_obeys(&text));
    }

    #[test]
    fn a_secret_is_read_if_its_parser_accepts_it_and_no_error_contains_it(
        text in prop_oneof!["\\PC{0,80}", "[0-9]{6,12}", "[a-zA-Z0-9]{6,80}"],
        number in 100_000..i64::MAX,
    ) {
        let read = from_value::<Password>(json!(text));
        let parsed = text.parse::<Password>().ok();
        prop_assert_eq!(read.as_ref().ok(), parsed.as_ref());
        if let Err(error) = read {
            prop_assert!(text.len() < 4 || !error.to_string().contains(&text));
        }
        prop_assert_eq!(from_value::<PasswordAttempt>(json!(text)).unwrap().plausible().cloned(), parsed);
        for other in [json!(number), json!([text]), json!({ "password": text })] {
            prop_assert_eq!(from_value::<Password>(other.clone()).unwrap_err().to_string(), "must be a text");
            prop_assert_eq!(from_value::<PasswordAttempt>(other).unwrap_err().to_string(), "must be a text");
        }
    }

    #[test]
    fn a_number_is_read_back_exactly_within_its_bounds(
        number in prop_oneof![-3_i64..90, 9_999_990_i64..10_000_010, any::<i64>()],
    ) {
        fn obeys<T: TryFrom<i64> + Debug + PartialEq + Serialize + DeserializeOwned>(number: i64) {
            let read = from_value::<T>(json!(number)).ok();
            assert_eq!(read, T::try_from(number).ok());
            if let Some(read) = read {
                assert_eq!(to_value(read).unwrap(), json!(number));
            }
        }
        obeys::<Amount>(number);
        obeys::<Rating>(number);
        obeys::<YearsExperience>(number);
        let revision = from_value::<Revision>(json!(number)).ok();
        prop_assert_eq!(revision, i32::try_from(number).ok().map(Revision::stored));
    }

    #[test]
    fn a_minimum_rating_is_read_back(hundredths in 0_u16..700) {
        let number = f64::from(hundredths) / 100.0;
        match from_value::<MinimumRating>(json!(number)) {
            Ok(minimum) => {
                prop_assert_eq!(minimum.hundredths(), hundredths);
                prop_assert_eq!(to_value(minimum).unwrap(), json!(number));
            }
            Err(_) => prop_assert!(!(100..=500).contains(&hundredths)),
        }
    }

    #[test]
    fn days_and_rates_are_read_back_unless_they_contradict_each_other(
        first in "2[0-9]{3}-(0[1-9]|1[0-2])-[0-2][1-8]",
        last in prop::option::of("2[0-9]{3}-(0[1-9]|1[0-2])-[0-2][1-8]"),
        from in prop::option::of(0..1_000),
        to in prop::option::of(0..1_000),
    ) {
        let days = json!({ "startDate": first, "endDate": last });
        let is_reversed = last.as_ref().is_some_and(|last| *last < first);
        is_read_back_unless::<DateRange>(&days, is_reversed);
        is_read_back_unless::<Validity>(&json!({ "validFrom": first, "validUntil": last }), is_reversed);
        let rates = json!({ "dayRateFrom": from, "dayRateTo": to, "currency": "DKK" });
        is_read_back_unless::<DayRateRange>(&rates, from.zip(to).is_some_and(|(from, to)| from > to));
    }
}

fn is_read_back_unless<T: DeserializeOwned + Serialize>(wire: &Value, is_wrong: bool) {
    match from_value::<T>(wire.clone()) {
        Ok(value) => assert!(!is_wrong && to_value(value).unwrap() == *wire, "{wire}"),
        Err(_) => assert!(is_wrong, "{wire}"),
    }
}

#[test]
fn other_json_types_are_not_read_as_text() {
    each_text_on_the_wire!(only_text_is_read());
}

#[test]
fn values_are_written_as_the_contract_says() {
    let country: Country = "Denmark".parse().unwrap();
    let day: CalendarDate = "2026-11-22T23:30:00-02:00".parse().unwrap();
    let average = RatingSummary::of([RatingTotals { count: 3, sum: 14 }]).average();
    let written = to_value((country, day, Currency::default(), Role::CompanyAdmin, average)).unwrap();
    assert_eq!(written, json!(["DK", "2026-11-23", "EUR", "COMPANY_ADMIN", 4.67]));
}

#[test]
fn an_invalid_value_is_rejected_with_the_reason() {
    fn error_of<T: DeserializeOwned>(json: &str) -> String {
        serde_json::from_str::<T>(json).err().map(|error| error.to_string()).unwrap_or_default()
    }
    let errors = [
        (error_of::<Title>(r#"" ""#), "must not be empty"),
        (error_of::<Title>(r#""a\u0000b""#), "must not contain the character U+0000"),
        (error_of::<Email>(r#""ana@localhost""#), "must be an email"),
        (error_of::<Rating>("6"), "must be between 1 and 5"),
        (error_of::<Rating>("4.5"), "expected i64"),
        (error_of::<MinimumRating>("4.123"), "must be a number with up to two decimals"),
        (error_of::<MinimumRating>("5.5"), "must be between 1 and 5"),
        (error_of::<JobStatus>(r#""open""#), "must be one of DRAFT OPEN CLOSED"),
        (error_of::<JobId>(r#""5""#), "must be a UUID"),
        (error_of::<CalendarDate>(r#""2026-02-30""#), "must be a date, YYYY-MM-DD"),
        (error_of::<Password>("12345678"), "must be a text"),
        (error_of::<Password>(r#""short""#), "must have at least 8 characters"),
        (error_of::<DateRange>(r#"{"endDate": "2026-01-01"}"#), "missing field `startDate`"),
        (
            error_of::<Validity>(r#"{"validFrom": "2026-01-02", "validUntil": "2026-01-01"}"#),
            "must not be before the first day",
        ),
        (error_of::<DayRateRange>(r#"{"dayRateFrom": 2, "dayRateTo": 1}"#), "must not be below the lower day rate"),
        (
            error_of::<SkillSet>(r#"[{"name": "Torque", "level": "EXPERT"}, {"name": "torque", "level": "EXPERT"}]"#),
            "must not be named twice",
        ),
    ];
    for (error, expected) in errors {
        assert!(error.contains(expected), "{error:?} instead of {expected:?}");
    }
}

#[test]
fn a_field_of_an_edit_is_left_if_absent_and_cleared_by_null() {
    #[derive(Serialize, Deserialize)]
    struct Patch {
        #[serde(default, skip_serializing_if = "Edit::is_leave")]
        website: Edit<WebUrl>,
    }
    let url = "https://nordwind.example/";
    let edits = [Edit::Leave, Edit::Clear, Edit::Set(url.parse().unwrap())];
    for (wire, edit) in [json!({}), json!({ "website": null }), json!({ "website": url })].into_iter().zip(edits) {
        let patch: Patch = from_value(wire.clone()).unwrap();
        assert_eq!(patch.website, edit);
        assert_eq!(to_value(patch).unwrap(), wire);
    }
    assert!(from_value::<Patch>(json!({ "website": "nowhere" })).is_err());
}

#[test]
fn the_names_of_the_day_rates_of_a_technician_are_read_too() {
    let rates: DayRateRange = from_value(json!({ "dayRateMin": 300, "dayRateMax": null })).unwrap();
    assert_eq!(rates.lower(), Amount::try_from(300).ok());
    assert_eq!((rates.upper(), rates.currency()), (None, Currency::default()));
}

#[test]
fn skills_are_read_back() {
    let wire = json!([{ "name": "Lamination", "level": "EXPERT" }, { "name": "Torque", "level": "BEGINNER" }]);
    let skills: SkillSet = from_value(wire.clone()).unwrap();
    assert_eq!(to_value(skills).unwrap(), wire);
}
