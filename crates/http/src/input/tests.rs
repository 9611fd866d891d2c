use repower_domain::{
    Edit,
    ids::JobId,
    technicians::{Mobility, SkillLevel},
    values::{Amount, Bio, Currency, FullName, Password, PasswordAttempt, SkillName, YearsExperience},
};
use serde::Deserialize;
use validator::{Validate, ValidationError};

use super::*;
use crate::{
    code::{FieldCode, FieldCode as Code},
    pagination::{CursorText, PageLimit},
};

#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "rates_agree", skip_on_field_errors = false))]
struct Thing {
    full_name: Required<FullName>,
    bio: Optional<Bio>,
    mobility: Defaulted<Mobility>,
    years_experience: Defaulted<YearsExperience>,
    day_rate_min: Optional<Amount>,
    day_rate_max: Optional<Amount>,
    password: Defaulted<Password>,
}

fn rates_agree(thing: &Thing) -> Result<(), ValidationError> {
    let rates = thing.day_rate_min.valid().copied().flatten().zip(thing.day_rate_max.valid().copied().flatten());
    let is_reversed = rates.is_some_and(|(min, max)| min > max);
    reject_inconsistent("dayRateMax", "dayRateMin", is_reversed.then_some("must not be below the lower one"))
}

#[derive(Debug, Deserialize, Validate)]
#[validate(nest_all_fields, schema(function = "names_differ", skip_on_field_errors = false))]
struct Skills {
    skills: Items<SkillBody, 3>,
}

#[derive(Debug, Deserialize, Validate)]
#[validate(nest_all_fields)]
struct SkillBody {
    name: Required<SkillName>,
    level: Required<SkillLevel>,
}

fn names_differ(body: &Skills) -> Result<(), ValidationError> {
    let names: Vec<_> = body.skills.iter().filter_map(|(index, skill)| Some((index, skill.name.valid()?))).collect();
    let is_repeated =
        |(index, name): &&(usize, &SkillName)| names.iter().any(|(former, other)| former < index && other == name);
    let fields = names.iter().filter(is_repeated).map(|(index, _)| format!("skills[{index}].name"));
    reject(fields, Code::Duplicate, "is named twice")
}

#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
struct EditBody {
    full_name: Change<FullName>,
    bio: Clearable<Bio>,
}

#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
struct Filter {
    job_id: Defaulted<JobId>,
    q: Defaulted<SkillName>,
    limit: Defaulted<PageLimit>,
}

type Reported = Vec<(String, FieldCode)>;

fn reported<T>(read: FieldErrors<T>) -> Reported {
    read.err().unwrap_or_default().into_iter().map(|error| (error.field, error.code)).collect()
}

fn thing(json: &str) -> Reported {
    reported(read::<Thing>(&read_json(json.as_bytes()).unwrap()))
}

fn skills(json: &str) -> Reported {
    reported(read::<Skills>(&read_json(json.as_bytes()).unwrap()))
}

fn filter(query: &str) -> Reported {
    reported(read::<Filter>(&read_query(query)))
}

fn all<const N: usize>(errors: [(&str, FieldCode); N]) -> Reported {
    errors.map(|(field, code)| (field.to_owned(), code)).into()
}

/// The errors of a thing that is valid but for these fields.
fn named(fields: &str) -> Reported {
    thing(&format!(r#"{{"fullName": "Ada", {fields}}}"#))
}

#[test]
fn valid_values_are_read_and_trimmed() {
    let json =
        br#"{"fullName": "  Ada  ", "bio": " ", "mobility": "GLOBAL", "yearsExperience": 7.0, "dayRateMin": 1e2}"#;
    let thing = read::<Thing>(&read_json(json).unwrap()).unwrap();
    assert_eq!(thing.full_name.get().unwrap().as_str(), "Ada");
    assert_eq!(thing.bio.get().unwrap(), None);
    assert_eq!(thing.mobility.get().unwrap(), Some(Mobility::Global));
    assert_eq!(thing.years_experience.get().unwrap().map(YearsExperience::get), Some(7));
    assert_eq!(thing.day_rate_min.get().unwrap().map(Amount::get), Some(100));
    assert_eq!(thing.day_rate_max.get().unwrap(), None);
}

#[test]
fn all_invalid_fields_are_reported_at_once_in_the_order_of_the_declaration() {
    let json =
        r#"{"tilte": 1, "password": "short", "dayRateMin": 5.5, "yearsExperience": 71, "mobility": "MARS", "bio": 5}"#;
    let expected = [
        ("fullName", Code::Required),
        ("bio", Code::WrongType),
        ("mobility", Code::NotAllowed),
        ("yearsExperience", Code::OutOfRange),
        ("dayRateMin", Code::WrongType),
        ("password", Code::TooShort),
        ("tilte", Code::UnknownField),
    ];
    assert_eq!(thing(json), all(expected));
    assert!((0..20).all(|_| thing(json) == all(expected)));
}

#[test]
fn a_body_that_is_no_object_is_fields_without_a_name() {
    for json in ["[]", "5", "\"text\"", "null", "true", "[{\"fullName\": \"Ada\"}]"] {
        assert_eq!(thing(json), all([("", Code::WrongType)]), "{json}");
    }
}

#[test]
fn unknown_fields_are_reported_by_name_in_the_order_in_which_they_were_sent() {
    assert_eq!(
        named(r#""z": 1, "a": {"b": "\u0000"}, "z": 2, "": 0"#),
        all([("z", Code::UnknownField), ("a", Code::UnknownField), ("", Code::UnknownField)])
    );
    assert_eq!(
        named(r#""full_name": "Ada", "FULLNAME": 1"#),
        all([("full_name", Code::UnknownField), ("FULLNAME", Code::UnknownField)])
    );
    assert_eq!(named(r#""a\u0000": 1"#), all([("a\0", Code::UnknownField)]));
}

#[test]
fn the_same_key_twice_is_a_duplicate_and_nothing_else() {
    assert_eq!(named(r#""bio": 5, "bio": "x", "bio": "y""#), all([("bio", Code::Duplicate)]));
    assert_eq!(named(r#""bio": "x", "bio": "x""#), all([("bio", Code::Duplicate)]));
    assert_eq!(named(r#""fullName": "Ada""#), all([("fullName", Code::Duplicate)]));
    assert_eq!(named(r#""\u0062io": "x", "bio": "x""#), all([("bio", Code::Duplicate)]));
}

#[test]
fn null_is_accepted_only_where_a_field_may_be_null() {
    assert_eq!(named(r#""bio": null, "dayRateMin": null"#), []);
    assert_eq!(
        thing(r#"{"fullName": null, "mobility": null}"#),
        all([("fullName", Code::WrongType), ("mobility", Code::WrongType)])
    );
}

#[test]
fn a_required_text_that_is_blank_is_missing_and_an_optional_one_is_null() {
    assert_eq!(thing(r#"{"fullName": " \t\u00a0 ", "bio": ""}"#), all([("fullName", Code::Required)]));
}

#[test]
fn a_field_with_a_default_may_be_absent_but_not_empty() {
    assert_eq!(named(r#""mobility": "  ""#), all([("mobility", Code::WrongType)]));
}

#[test]
fn the_character_nul_is_rejected_by_field() {
    assert_eq!(
        named(r#""bio": "a\u0000b", "password": "12345678\u0000""#),
        all([("bio", Code::InvalidFormat), ("password", Code::InvalidFormat)])
    );
    assert_eq!(named(r#""mobility": "LOCAL\u0000""#), all([("mobility", Code::InvalidFormat)]));
}

#[test]
fn whole_numbers_are_whole_numbers() {
    for right in ["5", "5.0", "50e-1", "0", "-0"] {
        assert_eq!(named(&format!(r#""dayRateMin": {right}"#)), [], "{right}");
    }
    for wrong in ["\"5\"", "5.5", "true", "[5]", "{}", "\"\"", "1e-999"] {
        let fields = named(&format!(r#""dayRateMin": {wrong}"#));
        assert_eq!(fields, all([("dayRateMin", Code::WrongType)]), "{wrong}");
    }
    for beyond in ["-1", "10000001", "1e999", "-1e999", "123456789012345678901234567890", "1e99999999999999999999"] {
        assert_eq!(named(&format!(r#""dayRateMin": {beyond}"#)), all([("dayRateMin", Code::OutOfRange)]), "{beyond}");
    }
}

#[test]
fn a_text_is_not_a_number_or_a_list() {
    for wrong in ["5", "true", "[]", "{\"a\": 1}", "[{\"a\": [1]}]"] {
        assert_eq!(thing(&format!(r#"{{"fullName": {wrong}}}"#)), all([("fullName", Code::WrongType)]), "{wrong}");
    }
}

#[test]
fn lengths_count_characters() {
    let name = |count| format!(r#"{{"fullName": "{}"}}"#, "ø".repeat(count));
    assert_eq!(thing(&name(120)), []);
    assert_eq!(thing(&name(121)), all([("fullName", Code::TooLong)]));
}

#[test]
fn contradictions_are_reported_beside_other_errors_where_both_values_are_valid() {
    let fields = thing(r#"{"dayRateMin": 2, "dayRateMax": 1, "password": "x"}"#);
    assert_eq!(
        fields,
        all([("fullName", Code::Required), ("dayRateMax", Code::Inconsistent), ("password", Code::TooShort)])
    );
    assert_eq!(named(r#""dayRateMin": 2, "dayRateMax": -1"#), all([("dayRateMax", Code::OutOfRange)]));
}

#[test]
fn nested_fields_are_reported_by_path() {
    let json = r#"{"skills": [{"name": "Rope", "level": "EXPERT"}, {"level": "GURU", "x": 1}, 5], "y": 0}"#;
    let expected = [
        ("skills[1].name", Code::Required),
        ("skills[1].level", Code::NotAllowed),
        ("skills[1].x", Code::UnknownField),
        ("skills[2]", Code::WrongType),
        ("y", Code::UnknownField),
    ];
    assert_eq!(skills(json), all(expected));
}

#[test]
fn a_rule_over_entries_names_each_of_them() {
    let json = r#"{"skills": [{"name": "A", "level": "EXPERT"}, {"name": "A", "level": 1}, {"name": " A", "level": "EXPERT"}]}"#;
    let expected = [
        ("skills[1].name", Code::Duplicate),
        ("skills[1].level", Code::WrongType),
        ("skills[2].name", Code::Duplicate),
    ];
    assert_eq!(skills(json), all(expected));
}

#[test]
fn a_list_is_required_and_bounded() {
    assert_eq!(skills("{}"), all([("skills", Code::Required)]));
    for wrong in ["null", "5", "\"x\"", "{}"] {
        assert_eq!(skills(&format!(r#"{{"skills": {wrong}}}"#)), all([("skills", Code::WrongType)]), "{wrong}");
    }
    assert_eq!(skills(r#"{"skills": []}"#), []);
    assert_eq!(skills(r#"{"skills": [{}, {}, {}, {}]}"#), all([("skills", Code::TooLong)]));
    assert_eq!(
        skills(r#"{"skills": [{"name": "a", "name": "b", "level": "EXPERT"}]}"#),
        all([("skills[0].name", Code::Duplicate)])
    );
}

#[test]
fn a_patch_distinguishes_absent_from_null() {
    let edit = |json: &str| read::<EditBody>(&read_json(json.as_bytes()).unwrap());
    let nothing = edit("{}").unwrap();
    assert!(nothing.full_name.get().unwrap().is_none() && nothing.bio.get().unwrap().is_leave());
    assert_eq!(edit(r#"{"bio": null}"#).unwrap().bio.get().unwrap(), Edit::Clear);
    assert_eq!(edit(r#"{"bio": " "}"#).unwrap().bio.get().unwrap(), Edit::Clear);
    assert!(matches!(edit(r#"{"bio": "x"}"#).unwrap().bio.get(), Ok(Edit::Set(_))));
    assert_eq!(reported(edit(r#"{"fullName": null}"#)), all([("fullName", Code::WrongType)]));
    assert_eq!(reported(edit(r#"{"fullName": ""}"#)), all([("fullName", Code::Required)]));
}

#[test]
fn parameters_are_texts_that_may_represent_numbers() {
    let right = "limit=7&q=blade+repair&jobId=0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";
    let read = read::<Filter>(&read_query(right)).unwrap();
    assert_eq!(read.q.get().unwrap().unwrap().as_str(), "blade repair");
    assert!(read.job_id.get().unwrap().is_some());
    assert_eq!(filter("limit=20.0&q=&jobId=&unknown="), []);
    assert_eq!(filter("limit=+20%20&q=%20"), []);
}

#[test]
fn invalid_parameters_are_reported_by_name() {
    assert_eq!(filter("limit=abc"), all([("limit", Code::WrongType)]));
    assert_eq!(filter("limit=5.5"), all([("limit", Code::WrongType)]));
    for beyond in ["0", "101", "-1", "1e999", "99999999999999999999"] {
        assert_eq!(filter(&format!("limit={beyond}")), all([("limit", Code::OutOfRange)]), "{beyond}");
    }
    let wrong = "zap=1&jobId=5&q=a%00b&limit=1&limit=2&q2=x";
    let expected = [
        ("jobId", Code::InvalidFormat),
        ("q", Code::InvalidFormat),
        ("limit", Code::Duplicate),
        ("zap", Code::UnknownField),
        ("q2", Code::UnknownField),
    ];
    assert_eq!(filter(wrong), all(expected));
}

#[test]
fn a_parameter_that_is_not_utf_8_is_rejected() {
    assert_eq!(filter("q=%ff&limit=%ff"), all([("q", Code::InvalidFormat), ("limit", Code::InvalidFormat)]));
    assert_eq!(filter("%ff=1"), all([("\u{fffd}", Code::UnknownField)]));
}

#[test]
fn what_shows_nothing_is_trimmed_of_numbers_and_cursors_too() {
    assert_eq!(filter("limit=%E2%80%8B5%E3%80%80"), []);
    assert_eq!("\u{feff}abc\u{2060}".parse(), "abc".parse::<CursorText>());
}

#[test]
fn a_field_can_be_read_before_the_shape_is_known() {
    let tree = read_json(br#"{"mobility": "LOCAL", "level": "GURU", "currency": " eur "}"#).unwrap();
    assert_eq!(peek(&tree, "mobility"), Some(Mobility::Local));
    assert_eq!(peek::<SkillLevel>(&tree, "level"), None);
    assert!(peek::<Currency>(&tree, "absent").is_none());
    assert_eq!(peek::<Mobility>(&JsonTree::Null, "mobility"), None);
}

#[test]
fn an_attempted_password_may_be_any_text() {
    #[derive(Debug, Deserialize, Validate)]
    #[validate(nest_all_fields)]
    struct Login {
        password: Required<PasswordAttempt>,
        note: Ignored,
    }
    let read = |json: &str| read::<Login>(&read_json(json.as_bytes()).unwrap());
    for text in ["", " ", "x"] {
        let login = read(&format!(r#"{{"password": "{text}", "note": [1]}}"#)).unwrap();
        assert!(login.password.get().is_ok() && matches!(login.note, Ignored));
    }
    assert_eq!(reported(read("{}")), all([("password", Code::Required)]));
    assert_eq!(reported(read(r#"{"password": 5}"#)), all([("password", Code::WrongType)]));
}

#[test]
fn a_list_of_values_may_be_absent_and_is_empty_then() {
    #[derive(Debug, Deserialize, Validate)]
    #[validate(nest_all_fields)]
    struct Wanted {
        ids: OptionalValues<JobId, 2>,
    }
    let read = |json: &str| read::<Wanted>(&read_json(json.as_bytes()).unwrap());
    for json in ["{}", r#"{"ids": []}"#] {
        let wanted = read(json).unwrap();
        assert!(wanted.ids.is_empty() && wanted.ids.get().unwrap().is_empty(), "{json}");
    }
    let id = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";
    let wanted = read(&format!(r#"{{"ids": ["{id}", "{id}"]}}"#)).unwrap();
    assert!(!wanted.ids.is_empty() && wanted.ids.get().unwrap().len() == 2);
    assert_eq!(reported(read(&format!(r#"{{"ids": ["{id}", "5"]}}"#))), all([("ids[1]", Code::InvalidFormat)]));
    assert_eq!(reported(read(&format!(r#"{{"ids": ["{id}", "{id}", "{id}"]}}"#))), all([("ids", Code::TooLong)]));
    for wrong in ["null", "5", r#""5""#] {
        assert_eq!(reported(read(&format!(r#"{{"ids": {wrong}}}"#))), all([("ids", Code::WrongType)]), "{wrong}");
    }
}
