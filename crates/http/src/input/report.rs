use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use serde_json::Value;
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use super::value::ValueError;
use crate::{
    code::FieldCode,
    error::{FieldError, Params},
};

/// The name under which a wrapper reports the error of its own value.
const ITSELF: &str = "";
/// The name under which `validator` reports the errors of a struct's rules.
const WHOLE: &str = "__all__";
/// The parameter in which the error of a rule has the fields that it rejects.
const FIELDS: &str = "fields";

/// The maximum number of errors of fields in one response.
pub const MAX_REPORTED: usize = 100;

/// The result of a rule that ties fields together: an error for each of the
/// `fields`; none where there are none. For `#[validate(schema(function = …,
/// skip_on_field_errors = false))]`.
///
/// # Errors
///
/// The error of the rule.
pub fn reject(
    fields: impl IntoIterator<Item = String>,
    code: FieldCode,
    message: impl Into<Cow<'static, str>>,
) -> Result<(), ValidationError> {
    reject_with(fields, code, message, &Params::new())
}

fn reject_with(
    fields: impl IntoIterator<Item = String>,
    code: FieldCode,
    message: impl Into<Cow<'static, str>>,
    params: &Params,
) -> Result<(), ValidationError> {
    let fields: Vec<_> = fields.into_iter().collect();
    if fields.is_empty() {
        return Ok(());
    }
    let mut error = collected(code, message.into(), params);
    error.add_param(Cow::Borrowed(FIELDS), &fields);
    Err(error)
}

/// The result of a rule that finds two fields in contradiction: an `inconsistent`
/// error of `field`, which contradicts `other`, where there is one.
///
/// # Errors
///
/// The error of the rule.
pub fn reject_inconsistent(field: &str, other: &str, cause: Option<impl ToString>) -> Result<(), ValidationError> {
    let Some(cause) = cause else { return Ok(()) };
    let FieldError { code, message, params, .. } = FieldError::inconsistent(field, other, &cause.to_string());
    reject_with([field.to_owned()], code, message, &params)
}

/// An error as `validator` collects it.
fn collected(code: FieldCode, message: Cow<'static, str>, params: &Params) -> ValidationError {
    let mut error = ValidationError::new(code.as_str()).with_message(message);
    for (name, value) in params {
        error.add_param(Cow::Owned(name.clone()), value);
    }
    error
}

/// The error of a value, as `validator` collects it.
pub(super) fn of_value(error: &ValueError) -> ValidationErrors {
    let error = collected(error.code, error.message.clone(), &error.params);
    own(ValidationErrorsKind::Field(vec![error]))
}

/// The errors of the entries of a list, as `validator` collects them.
pub(super) fn of_items(items: BTreeMap<usize, ValidationErrors>) -> Result<(), ValidationErrors> {
    if items.is_empty() {
        return Ok(());
    }
    Err(own(ValidationErrorsKind::List(items.into_iter().map(|(index, errors)| (index, Box::new(errors))).collect())))
}

fn own(kind: ValidationErrorsKind) -> ValidationErrors {
    ValidationErrors(HashMap::from([(Cow::Borrowed(ITSELF), kind)]))
}

/// One step from a value into a part of it.
#[derive(Clone, Copy)]
pub(super) enum PathSegment<'s> {
    Root,
    /// The rank of a field among those of its struct, and its name.
    Field(usize, &'s str),
    Item(usize),
}

/// The errors of an input, each with its rank: declared fields in the order of
/// their declaration, then unknown fields in the order of the input.
#[derive(Default)]
pub(super) struct Report {
    errors: Vec<(Vec<usize>, FieldError)>,
    /// The fields of each struct, by its path without indices.
    declared: BTreeMap<String, &'static [&'static str]>,
}

impl Report {
    pub(super) fn declare(&mut self, path: &[PathSegment<'_>], fields: &'static [&'static str]) {
        self.declared.insert(RankedPath::of(path).pattern, fields);
    }

    pub(super) fn add(&mut self, path: &[PathSegment<'_>], code: FieldCode, message: &'static str) {
        let place = RankedPath::of(path);
        self.errors.push((place.rank, FieldError::new(place.path, code, message)));
    }

    /// All errors, at most [`MAX_REPORTED`], and one for each field. An error of its
    /// shape precedes one of its value, which precedes one of a rule over several fields.
    pub(super) fn conclude(mut self, validated: Option<&ValidationErrors>) -> Result<(), Vec<FieldError>> {
        if let Some(errors) = validated {
            self.collect(errors, &RankedPath::default());
        }
        self.errors.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.errors.dedup_by(|(_, later), (_, former)| later.field == former.field);
        self.errors.truncate(MAX_REPORTED);
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors.into_iter().map(|(_, error)| error).collect()) }
    }

    fn collect(&mut self, errors: &ValidationErrors, place: &RankedPath) {
        for (name, kind) in errors.errors().iter().filter(|(name, _)| *name != WHOLE) {
            let place = if name == ITSELF { place.clone() } else { self.field(place, &camel_case(name)) };
            self.collect_kind(kind, &place);
        }
        if let Some(ValidationErrorsKind::Field(rules)) = errors.errors().get(WHOLE) {
            for rule in rules {
                self.collect_rule(rule, place);
            }
        }
    }

    fn collect_kind(&mut self, kind: &ValidationErrorsKind, place: &RankedPath) {
        match kind {
            ValidationErrorsKind::Struct(errors) => self.collect(errors, place),
            ValidationErrorsKind::List(items) => {
                for (index, errors) in items {
                    self.collect(errors, &place.clone().step(PathSegment::Item(*index)));
                }
            }
            ValidationErrorsKind::Field(errors) => {
                for error in errors {
                    self.errors.push((place.rank.clone(), field_error(place.path.clone(), error)));
                }
            }
        }
    }

    fn collect_rule(&mut self, rule: &ValidationError, place: &RankedPath) {
        let fields = rule.params.get(FIELDS).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for field in fields {
            self.errors.push((self.rank(place, field), field_error(place.join(field), rule)));
        }
    }

    fn field(&self, place: &RankedPath, name: &str) -> RankedPath {
        let fields = self.declared.get(&place.pattern).copied().unwrap_or_default();
        let rank = fields.iter().position(|field| *field == name).unwrap_or(fields.len());
        place.clone().step(PathSegment::Field(rank, name))
    }

    /// The rank of a field that a rule named: `dayRateTo`, `skills[0].name`.
    fn rank(&self, place: &RankedPath, path: &str) -> Vec<usize> {
        let segments = path.split(['.', '[']).filter(|segment| !segment.is_empty());
        let place = segments.fold(place.clone(), |place, segment| match segment.trim_end_matches(']').parse() {
            Ok(index) => place.step(PathSegment::Item(index)),
            Err(_) => self.field(&place, segment),
        });
        place.rank
    }
}

/// The error of a field that `validator` has collected.
fn field_error(field: String, error: &ValidationError) -> FieldError {
    let code = FieldCode::named(&error.code).unwrap_or(FieldCode::InvalidFormat);
    let message = error.message.clone().unwrap_or(Cow::Borrowed("is not valid"));
    let params = error.params.iter().filter(|(name, _)| *name != FIELDS);
    let sorted: BTreeMap<_, _> = params.map(|(name, value)| (name.to_string(), value.clone())).collect();
    FieldError { params: sorted.into_iter().collect(), ..FieldError::new(field, code, message) }
}

/// `day_rate_to` as the client knows it: `dayRateTo`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let initial = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &initial.into_iter().chain(letters).collect::<String>()
    })
}

/// The path of a field with its rank.
#[derive(Default, Clone)]
struct RankedPath {
    /// `skills[0].name`
    path: String,
    /// `skills[].name`
    pattern: String,
    rank: Vec<usize>,
}

impl RankedPath {
    fn of(path: &[PathSegment<'_>]) -> Self {
        path.iter().copied().fold(Self::default(), Self::step)
    }

    fn step(mut self, segment: PathSegment<'_>) -> Self {
        match segment {
            PathSegment::Root => {}
            PathSegment::Field(rank, name) => {
                self.path = self.join(name);
                self.pattern =
                    if self.pattern.is_empty() { name.to_owned() } else { format!("{}.{name}", self.pattern) };
                self.rank.push(rank);
            }
            PathSegment::Item(index) => {
                self.path = format!("{}[{index}]", self.path);
                self.pattern += "[]";
                self.rank.push(index);
            }
        }
        self
    }

    fn join(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}
