use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use super::Fault;
use crate::http::{FieldCode, FieldError};

/// Under this name a wrapper keeps what is wrong with itself.
const ITSELF: &str = "";
/// Under this name `validator` keeps what the rules of a struct say.
const WHOLE: &str = "__all__";
/// Under this parameter a rule of a struct keeps the errors it tells.
const ERRORS: &str = "errors";

/// Refuses a struct in a rule of its own, `#[validate(schema(function = …,
/// skip_on_field_errors = false))]`, by naming what is wrong with its fields.
pub fn refuse(errors: &[FieldError]) -> Result<(), ValidationError> {
    if errors.is_empty() {
        return Ok(());
    }
    let mut refused = ValidationError::new("schema");
    refused.add_param(Cow::Borrowed(ERRORS), &errors);
    Err(refused)
}

pub(super) fn keep(fault: &Fault) -> ValidationErrors {
    let error = ValidationError::new(fault.code.as_str()).with_message(fault.message.clone());
    kept(ValidationErrorsKind::Field(vec![error]))
}

pub(super) fn keep_items(items: BTreeMap<usize, ValidationErrors>) -> Result<(), ValidationErrors> {
    if items.is_empty() {
        return Ok(());
    }
    Err(kept(ValidationErrorsKind::List(items.into_iter().map(|(place, errors)| (place, Box::new(errors))).collect())))
}

fn kept(kind: ValidationErrorsKind) -> ValidationErrors {
    ValidationErrors(HashMap::from([(Cow::Borrowed(ITSELF), kind)]))
}

/// How much that is wrong is told in one answer.
pub const MOST_TOLD: usize = 100;

/// One step from the whole into a part.
#[derive(Clone, Copy)]
pub(super) enum Step<'s> {
    Root,
    /// Its rank among the fields of its struct, and its name.
    Field(usize, &'s str),
    Item(usize),
}

/// Everything that is wrong, with the place of each in the order in which it is
/// told: that of the declared fields, then unknown ones as they were sent.
#[derive(Default)]
pub(super) struct Report {
    errors: Vec<(Vec<usize>, FieldError)>,
    /// The fields of each struct, by its path without places.
    declared: BTreeMap<String, &'static [&'static str]>,
}

impl Report {
    pub(super) fn declare(&mut self, steps: &[Step<'_>], fields: &'static [&'static str]) {
        self.declared.insert(Place::of(steps).pattern, fields);
    }

    pub(super) fn tell(&mut self, steps: &[Step<'_>], code: FieldCode, message: &'static str) {
        let place = Place::of(steps);
        self.errors.push((place.rank, FieldError::new(place.path, code, message)));
    }

    /// What is wrong in all, one error a field: its shape before its value
    /// before what ties it to others. The first [`MOST_TOLD`] are enough.
    pub(super) fn conclude(mut self, validated: Option<&ValidationErrors>) -> Result<(), Vec<FieldError>> {
        if let Some(errors) = validated {
            self.collect(errors, &Place::default());
        }
        self.errors.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.errors.dedup_by(|(_, later), (_, former)| later.field == former.field);
        self.errors.truncate(MOST_TOLD);
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors.into_iter().map(|(_, error)| error).collect()) }
    }

    fn collect(&mut self, errors: &ValidationErrors, place: &Place) {
        for (name, kind) in errors.errors().iter().filter(|(name, _)| *name != WHOLE) {
            let place = if name == ITSELF { place.clone() } else { self.field(place, &camel_case(name)) };
            self.collect_kind(kind, &place);
        }
        if let Some(ValidationErrorsKind::Field(rules)) = errors.errors().get(WHOLE) {
            for error in rules.iter().flat_map(told) {
                let rank = self.rank(place, &error.field);
                let field = place.join(&error.field);
                self.errors.push((rank, FieldError { field, ..error }));
            }
        }
    }

    fn collect_kind(&mut self, kind: &ValidationErrorsKind, place: &Place) {
        match kind {
            ValidationErrorsKind::Struct(errors) => self.collect(errors, place),
            ValidationErrorsKind::List(items) => {
                for (index, errors) in items {
                    self.collect(errors, &place.clone().step(Step::Item(*index)));
                }
            }
            ValidationErrorsKind::Field(errors) => {
                for error in errors {
                    let code = FieldCode::named(&error.code).unwrap_or(FieldCode::InvalidFormat);
                    let message = error.message.clone().unwrap_or(Cow::Borrowed("is not valid"));
                    self.errors.push((place.rank.clone(), FieldError::new(place.path.clone(), code, message)));
                }
            }
        }
    }

    fn field(&self, place: &Place, name: &str) -> Place {
        let fields = self.declared.get(&place.pattern).copied().unwrap_or_default();
        let rank = fields.iter().position(|field| *field == name).unwrap_or(fields.len());
        place.clone().step(Step::Field(rank, name))
    }

    /// The rank of a field that a rule named: `dayRateTo`, `skills[0].name`.
    fn rank(&self, place: &Place, path: &str) -> Vec<usize> {
        let steps = path.split(['.', '[']).filter(|step| !step.is_empty());
        let place = steps.fold(place.clone(), |place, step| match step.trim_end_matches(']').parse() {
            Ok(index) => place.step(Step::Item(index)),
            Err(_) => self.field(&place, step),
        });
        place.rank
    }
}

fn told(rule: &ValidationError) -> Vec<FieldError> {
    let errors = rule.params.get(ERRORS).cloned().unwrap_or_default();
    serde_json::from_value(errors).unwrap_or_default()
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

#[derive(Default, Clone)]
struct Place {
    /// `skills[0].name`
    path: String,
    /// `skills[].name`
    pattern: String,
    rank: Vec<usize>,
}

impl Place {
    fn of(steps: &[Step<'_>]) -> Self {
        steps.iter().copied().fold(Self::default(), Self::step)
    }

    fn step(mut self, step: Step<'_>) -> Self {
        match step {
            Step::Root => {}
            Step::Field(rank, name) => {
                self.path = self.join(name);
                self.pattern =
                    if self.pattern.is_empty() { name.to_owned() } else { format!("{}.{name}", self.pattern) };
                self.rank.push(rank);
            }
            Step::Item(index) => {
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
