//! Values on the wire, with the feature `serde`: what is written reads back,
//! and what no parser takes cannot be read.
#![cfg(feature = "serde")]
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::{
    fmt::{Debug, Display},
    str::FromStr,
};

use proptest::prelude::*;
use repower_domain::{
    Revision,
    accounts::{CompanyRole, RegistrableRole, Role, Side, ThrottleScope},
    admin::{AuditAction, SubjectType},
    applications::ApplicationStatus,
    ids::{
        ApplicationId, AuditEventId, CertificationId, CompanyId, EvaluationId, InvitationId, JobId, MemberId,
        MessageId, TechnicianId, ThreadId, UserId,
    },
    jobs::{ContractType, InitialStatus, JobStatus},
    technicians::{CertificationStatus, Discipline, Mobility, SkillLevel, SkillSet},
    values::{
        Amount, ApplicationMessage, Bio, CalendarDate, CertificationName, ChatText, ClientMessageId, Comment,
        CompanyDescription, CompanyName, Country, Currency, DateRange, DayRateRange, Email, FullName, JobDescription,
        Location, MinimumRating, Password, PasswordAttempt, ProjectName, Provider, Rating, RatingTotals, SearchText,
        SkillName, Title, Validity, WebUrl, YearsExperience,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_value, json, to_value};

/// Read from JSON exactly where the parser takes the text, with the parser's
/// words where it does not, and written as the value's own text.
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
        (Err(wrong), Err(told)) => assert_eq!(told.to_string(), wrong.to_string()),
        (parsed, read) => panic!("parsed {}, read {}", parsed.is_ok(), read.is_ok()),
    }
}

/// Other kinds of JSON are no text.
fn only_text<T: DeserializeOwned>() {
    for other in [json!(null), json!(5), json!(true), json!(["DK"]), json!({"text": "DK"})] {
        assert!(from_value::<T>(other).is_err());
    }
}

macro_rules! each {
    ($call:ident $arguments:tt: $($name:ty),+ $(,)?) => { $($call::<$name> $arguments;)+ };
}

macro_rules! each_text {
    ($call:ident $arguments:tt) => {
        each!($call $arguments: ApplicationId, AuditEventId, CertificationId, CompanyId, EvaluationId,
            InvitationId, JobId, MemberId, MessageId, TechnicianId, ThreadId, UserId);
        each!($call $arguments: ApplicationMessage, Bio, CertificationName, ChatText, ClientMessageId, Comment,
            CompanyDescription, CompanyName, FullName, JobDescription, Location, ProjectName, Provider, SearchText,
            SkillName, Title);
        each!($call $arguments: CalendarDate, Country, Currency, Email, WebUrl);
        each!($call $arguments: ApplicationStatus, AuditAction, CertificationStatus, CompanyRole, ContractType,
            Discipline, InitialStatus, JobStatus, Mobility, RegistrableRole, Role, Side, SkillLevel, SubjectType,
            ThrottleScope);
    };
}

proptest! {
    #[test]
    fn every_text_reads_back_and_what_no_parser_takes_is_refused_in_its_words(
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
        each_text!(text_obeys(&text));
    }

    #[test]
    fn a_secret_is_read_where_its_parser_takes_it_and_never_told(
        text in prop_oneof!["\\PC{0,80}", "[0-9]{6,12}", "[a-zA-Z0-9]{6,80}"],
        number in 100_000..i64::MAX,
    ) {
        let read = from_value::<Password>(json!(text));
        let parsed = text.parse::<Password>().ok();
        prop_assert_eq!(read.as_ref().ok(), parsed.as_ref());
        if let Err(wrong) = read {
            prop_assert!(text.len() < 4 || !wrong.to_string().contains(&text));
        }
        prop_assert_eq!(from_value::<PasswordAttempt>(json!(text)).unwrap().plausible(), parsed);
        for other in [json!(number), json!([text]), json!({ "password": text })] {
            prop_assert_eq!(from_value::<Password>(other.clone()).unwrap_err().to_string(), "must be a text");
            prop_assert_eq!(from_value::<PasswordAttempt>(other).unwrap_err().to_string(), "must be a text");
        }
    }

    #[test]
    fn every_number_reads_back_exactly_within_its_bounds(
        number in prop_oneof![-3_i64..90, 9_999_990_i64..10_000_010, any::<i64>()],
    ) {
        fn obeys<T: TryFrom<i64> + Debug + PartialEq + Serialize + DeserializeOwned>(number: i64) {
            let read = from_value::<T>(json!(number)).ok();
            assert_eq!(read, T::try_from(number).ok());
            if let Some(read) = read {
                assert_eq!(to_value(read).unwrap(), json!(number));
            }
        }
        each!(obeys(number): Amount, Rating, YearsExperience);
        let revision = from_value::<Revision>(json!(number)).ok();
        prop_assert_eq!(revision, i32::try_from(number).ok().map(Revision::stored));
    }

    #[test]
    fn a_minimum_reads_back(hundredths in 0_u16..700) {
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
    fn days_and_rates_read_back_and_are_held_against_each_other(
        first in "2[0-9]{3}-(0[1-9]|1[0-2])-[0-2][1-8]",
        last in prop::option::of("2[0-9]{3}-(0[1-9]|1[0-2])-[0-2][1-8]"),
        from in prop::option::of(0..1_000),
        to in prop::option::of(0..1_000),
    ) {
        let days = json!({ "startDate": first, "endDate": last });
        let is_reversed = last.as_ref().is_some_and(|last| *last < first);
        reads_back_unless::<DateRange>(&days, is_reversed);
        if let Some(last) = &last {
            reads_back_unless::<Validity>(&json!({ "validFrom": first, "validUntil": last }), is_reversed);
        }
        let rates = json!({ "dayRateFrom": from, "dayRateTo": to, "currency": "DKK" });
        reads_back_unless::<DayRateRange>(&rates, from.zip(to).is_some_and(|(from, to)| from > to));
    }
}

fn reads_back_unless<T: DeserializeOwned + Serialize>(wire: &Value, is_wrong: bool) {
    match from_value::<T>(wire.clone()) {
        Ok(value) => assert!(!is_wrong && to_value(value).unwrap() == *wire, "{wire}"),
        Err(_) => assert!(is_wrong, "{wire}"),
    }
}

#[test]
fn what_is_no_text_is_read_as_none() {
    each_text!(only_text());
}

#[test]
fn what_is_written_is_what_the_contract_writes() {
    let country: Country = "Denmark".parse().unwrap();
    let day: CalendarDate = "2026-11-22T23:30:00-02:00".parse().unwrap();
    let average = RatingTotals { count: 3, sum: 14 }.average();
    let written = to_value((country, day, Currency::default(), Role::CompanyAdmin, average)).unwrap();
    assert_eq!(written, json!(["DK", "2026-11-23", "EUR", "COMPANY_ADMIN", 4.67]));
}

#[test]
fn illegal_values_cannot_be_read_and_are_told_why() {
    fn why<T: DeserializeOwned>(json: &str) -> String {
        serde_json::from_str::<T>(json).err().map(|wrong| wrong.to_string()).unwrap_or_default()
    }
    let told = [
        (why::<Title>(r#"" ""#), "must not be empty"),
        (why::<Title>(r#""a\u0000b""#), "must not contain the character U+0000"),
        (why::<Email>(r#""ana@localhost""#), "must be an e-mail address"),
        (why::<Rating>("6"), "must be between 1 and 5"),
        (why::<Rating>("4.5"), "expected i64"),
        (why::<MinimumRating>("4.123"), "must be a number with up to two decimals"),
        (why::<MinimumRating>("5.5"), "must be between 1 and 5"),
        (why::<JobStatus>(r#""open""#), "must be one of DRAFT OPEN CLOSED"),
        (why::<JobId>(r#""5""#), "must be a UUID"),
        (why::<CalendarDate>(r#""2026-02-30""#), "must be a date, YYYY-MM-DD"),
        (why::<Password>("12345678"), "must be a text"),
        (why::<Password>(r#""short""#), "must have at least 8 characters"),
        (why::<DateRange>(r#"{"endDate": "2026-01-01"}"#), "missing field `startDate`"),
        (
            why::<Validity>(r#"{"validFrom": "2026-01-02", "validUntil": "2026-01-01"}"#),
            "must not be before the first day",
        ),
        (why::<DayRateRange>(r#"{"dayRateFrom": 2, "dayRateTo": 1}"#), "must not be below the lower day rate"),
        (
            why::<SkillSet>(r#"[{"name": "Torque", "level": "EXPERT"}, {"name": "torque", "level": "EXPERT"}]"#),
            "must not be named twice",
        ),
    ];
    for (told, expected) in told {
        assert!(told.contains(expected), "{told:?} instead of {expected:?}");
    }
}

#[test]
fn a_technicians_day_rates_are_read_too() {
    let rates: DayRateRange = from_value(json!({ "dayRateMin": 300, "dayRateMax": null })).unwrap();
    assert_eq!(rates.from(), Amount::try_from(300).ok());
    assert_eq!((rates.to(), rates.currency()), (None, Currency::default()));
}

#[test]
fn skills_read_back_by_name() {
    let wire = json!([{ "name": "Lamination", "level": "EXPERT" }, { "name": "Torque", "level": "BEGINNER" }]);
    let skills: SkillSet = from_value(wire.clone()).unwrap();
    assert_eq!(to_value(skills).unwrap(), wire);
}
