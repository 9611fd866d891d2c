//! The wire form of every value: values are read and written as they declare.

use std::{
    any::type_name,
    collections::BTreeSet,
    fmt::{Debug, Display},
    str::FromStr,
};

use proptest::prelude::*;
use repower_domain::{
    each_text_on_the_wire, letters,
    values::{Amount, Invalid, MinimumRating, Password, PasswordAttempt, Rating, RequirementCount, YearsExperience},
    wire::{Form, FromWire, Input, ToWire},
};

const PUBLIC_API: &str = include_str!("../public-api.txt");

macro_rules! each_number_on_the_wire {
    ($call:ident $arguments:tt) => {
        each_number_on_the_wire! { @ $call $arguments Amount Rating RequirementCount YearsExperience }
    };
    (@ $call:ident $arguments:tt $($number:ty)+) => { $($call::<$number> $arguments;)+ };
}

/// The types of the crate that implement all these traits, by module and name.
fn implementing(traits: &[&str]) -> BTreeSet<String> {
    let implements =
        |name: &str, of: &str| PUBLIC_API.lines().any(|line| line == format!("impl {of} for repower_domain::{name}"));
    let types = PUBLIC_API.lines().filter_map(|line| line.strip_prefix("impl repower_domain::"));
    let types = types.filter_map(|rest| rest.rsplit_once(" for repower_domain::")).map(|(_, name)| name);
    types.filter(|name| traits.iter().all(|of| implements(name, of))).map(str::to_owned).collect()
}

/// Adds a type by its public module and its name.
fn insert<T>(names: &mut BTreeSet<String>) {
    let mut path = type_name::<T>().split("::").skip(1);
    names.extend(path.next().zip(path.last()).map(|(module, name)| format!("{module}::{name}")));
}

#[test]
fn every_text_value_of_the_public_interface_is_listed() {
    let mut listed = BTreeSet::new();
    each_text_on_the_wire!(insert(&mut listed));
    let of = ["repower_domain::wire::ToWire", "repower_domain::wire::FromWire", "core::str::traits::FromStr"];
    assert_eq!(listed, implementing(&of));
}

#[test]
fn every_whole_number_of_the_public_interface_is_listed() {
    let mut listed = BTreeSet::new();
    each_number_on_the_wire!(insert(&mut listed));
    let of = ["repower_domain::wire::ToWire", "repower_domain::wire::FromWire", "core::convert::TryFrom<i64>"];
    assert_eq!(listed, implementing(&of));
}

/// Asserts that a text is read exactly if the parser accepts it, and that the
/// value is written in the declared form.
fn text_obeys<T>(text: &str)
where
    T: FromStr<Err = Invalid> + TryFrom<String, Error = Invalid> + Display + Debug + PartialEq + ToWire + FromWire,
    T: for<'a> TryFrom<&'a str, Error = Invalid>,
{
    let read = T::from_wire(Input::Text(text));
    assert_eq!(read, text.parse());
    assert_eq!(read, T::try_from(text));
    assert_eq!(read, T::try_from(text.to_owned()));
    let trimmed = letters::canonical(text).chars().count();
    if let Form::Text { min, max, .. } = T::ACCEPTED.form
        && (trimmed < min || max.is_some_and(|max| trimmed > max))
    {
        assert!(read.is_err(), "{text:?} is shorter or longer than declared");
    }
    if let Form::Name { all, .. } = T::ACCEPTED.form {
        assert_eq!(read.is_ok(), all.contains(&letters::trim(text)), "{text:?}");
    }
    if let Ok(value) = read {
        assert!(has_form(&value.to_string(), T::WRITTEN.form), "{value} is not {:?}", T::WRITTEN.form);
    }
}

fn has_form(text: &str, form: Form) -> bool {
    let length = text.chars().count();
    match form {
        Form::Text { min, max, format } => {
            let has_format = match format {
                None => true,
                Some("idn-email") => text.contains('@') && text == text.to_lowercase(),
                Some("uri") => text.starts_with("http"),
                Some(_) => false,
            };
            has_format && length >= min && max.is_none_or(|max| length <= max)
        }
        Form::Pattern("^[A-Z]{2}$") => length == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        Form::Pattern("^[A-Z]{3}$") => length == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        Form::Pattern("^[A-Z][A-Z0-9_]*$") => {
            let is_of_code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            text.starts_with(|first: char| first.is_ascii_uppercase()) && text.bytes().all(is_of_code)
        }
        Form::Pattern("^[0-9A-Z]{4,20}$") => {
            (4..=20).contains(&length) && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        }
        Form::Pattern("^([1-3]/)?[0-9]{3,10}$") => {
            let number = text.split_once('/').map_or(text, |(_, number)| number);
            (3..=10).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        Form::Id(_) => length == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]),
        Form::Name { all, .. } => all.contains(&text),
        Form::Date => length == 10 && text.split('-').map(str::len).eq([4, 2, 2]),
        Form::Pattern(_) | Form::Whole { .. } | Form::Decimal { .. } | Form::Flag | Form::DateOrMoment => false,
    }
}

/// Asserts that every declared name is read, also between blanks, and that no
/// name in lower case is. Orders of lists have the names of fields.
fn names_are_read<T: Display + FromWire + ToWire>(seen: &mut usize) {
    let Form::Name { of, all } = T::WRITTEN.form else { return };
    assert_eq!(T::ACCEPTED, T::WRITTEN);
    assert_eq!(type_name::<T>().rsplit("::").next(), Some(of));
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{of}");
    for name in all {
        let is_name = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
        let is_field = |byte: u8| byte.is_ascii_alphabetic() || byte == b'-';
        assert!(name.bytes().all(if of.ends_with("Sort") { is_field } else { is_name }), "{of}: {name}");
        let read = T::from_wire(Input::Text(&format!(" {name}\n"))).map(|value| value.to_string());
        assert_eq!(read.as_deref(), Ok(*name));
        assert!(T::from_wire(Input::Text(&name.to_lowercase())).is_err(), "{of}: {name}");
    }
    *seen += 1;
}

#[test]
fn every_declared_name_is_read_in_its_own_case() {
    let mut seen = 0;
    each_text_on_the_wire!(names_are_read(&mut seen));
    assert!(seen > 0);
}

/// Asserts that the longest declared text is read, and one more character is not.
fn longest_text_is_read<T: FromWire>(seen: &mut usize) {
    let Form::Text { max: Some(max), format: None, .. } = T::ACCEPTED.form else { return };
    assert!(T::from_wire(Input::Text(&"ø".repeat(max))).is_ok(), "{}", type_name::<T>());
    assert!(T::from_wire(Input::Text(&"ø".repeat(max + 1))).is_err(), "{}", type_name::<T>());
    *seen += 1;
}

#[test]
fn a_text_is_read_up_to_its_declared_length() {
    let mut seen = 0;
    each_text_on_the_wire!(longest_text_is_read(&mut seen));
    assert!(seen > 0);
}

fn only_text_is_read<T: FromWire>() {
    for other in [Input::Whole(5), Input::Flag(true)] {
        assert_eq!(T::from_wire(other).err(), Some(Invalid::Format("must be a text")), "{}", type_name::<T>());
    }
}

#[test]
fn numbers_and_booleans_are_no_texts() {
    each_text_on_the_wire!(only_text_is_read());
    only_text_is_read::<Password>();
    only_text_is_read::<PasswordAttempt>();
}

fn number_obeys<T>(number: i64)
where
    T: TryFrom<i64, Error = Invalid> + Debug + PartialEq + ToWire + FromWire,
{
    let read = T::from_wire(Input::Whole(number));
    assert_eq!(read, T::try_from(number));
    assert_eq!(T::ACCEPTED, T::WRITTEN);
    let is_declared = match T::ACCEPTED.form {
        Form::Whole { min, max } => number >= min && max.is_none_or(|max| number <= max),
        _ => false,
    };
    assert_eq!(read.is_ok(), is_declared, "{number}");
}

fn only_numbers_are_read<T: Debug + PartialEq + FromWire>() {
    for other in [Input::Text("5"), Input::Flag(true)] {
        assert_eq!(T::from_wire(other), Err(Invalid::Format("must be a whole number")));
    }
}

#[test]
fn texts_and_booleans_are_no_whole_numbers() {
    each_number_on_the_wire!(only_numbers_are_read());
}

proptest! {
    #[test]
    fn a_text_is_read_exactly_if_its_parser_accepts_it_and_written_in_its_form(
        text in prop_oneof![
            any::<String>(),
            "\\PC{0,200}",
            "[ A-Z_]{0,12}",
            "[A-Za-z]{2,3}",
            "2[0-9]{3}-[01][0-9]-[0-3][0-9]",
            "[A-Za-z]{1,9}@[A-Za-z]{1,9}\\.[a-z]{2,3}",
            "https?://[a-z.]{1,20}",
            "[A-Za-z]{2}[0-9]{6}[A-Za-z]{2}",
            "([0-4]/)?[0-9]{2,11}",
            "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        ],
    ) {
        each_text_on_the_wire!(text_obeys(&text));
        prop_assert_eq!(MinimumRating::from_wire(Input::Text(&text)), text.parse());
        prop_assert_eq!(Password::from_wire(Input::Text(&text)), text.parse());
        let attempt = PasswordAttempt::from_wire(Input::Text(&text)).map(|attempt| attempt.plausible().cloned());
        prop_assert_eq!(attempt, Ok(text.parse().ok()));
    }

    #[test]
    fn a_whole_number_is_read_exactly_within_its_declared_bounds(
        number in prop_oneof![-3_i64..90, 9_999_990_i64..10_000_010, any::<i64>()],
    ) {
        each_number_on_the_wire!(number_obeys(number));
    }
}
