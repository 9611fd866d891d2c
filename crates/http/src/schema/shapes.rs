use repower_domain::wire::{Described, Form};
use serde_json::Value;
use utoipa::openapi::{
    ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type,
    extensions::Extensions,
    schema::{AnyOfBuilder, SchemaType},
};

use super::components::{SchemaRef, Schemas};

/// One property of an object, or one query parameter.
pub struct Property {
    /// The name on the wire.
    pub name: String,
    /// The schema.
    pub schema: SchemaRef,
    /// Whether it must be present.
    pub is_required: bool,
}

/// A property that is always present.
pub fn property(name: &str, schema: impl Into<SchemaRef>) -> Property {
    Property { name: name.to_owned(), schema: schema.into(), is_required: true }
}

/// An object with these properties.
pub fn object_with(properties: impl IntoIterator<Item = Property>) -> ObjectBuilder {
    properties.into_iter().fold(ObjectBuilder::new(), |object, property| {
        let object = if property.is_required { object.required(&*property.name) } else { object };
        object.property(property.name, property.schema)
    })
}

/// The schema of a value that is written in this form.
pub fn written(value: Described, schemas: &mut Schemas) -> SchemaRef {
    shape(value, None, schemas)
}

/// The schema of a value that is accepted in this form. A text is trimmed first,
/// so it needs a visible character.
pub fn accepted(value: Described, schemas: &mut Schemas) -> SchemaRef {
    shape(value, Some("\\S"), schemas)
}

fn shape(Described { form, about }: Described, visible: Option<&str>, schemas: &mut Schemas) -> SchemaRef {
    let about = Some(about).filter(|about| !about.is_empty());
    match form {
        Form::Text { min, max, format } => {
            let text = text().min_length(Some(min).filter(|min| *min > 0)).max_length(max);
            let pattern = visible.filter(|_| min > 0 && format.is_none());
            let format = format.map(|format| SchemaFormat::Custom(format.to_owned()));
            text.pattern(pattern).format(format).description(about).into()
        }
        Form::Pattern(pattern) => text().pattern(Some(pattern)).description(about).into(),
        Form::Id(of) => id(of).description(about).into(),
        Form::Name { of, all } => {
            let names = text().enum_values(Some(all.iter().copied())).description(about).into();
            // A constant has no schema of its own.
            if all.len() == 1 { names } else { schemas.named(of, |_| names) }
        }
        Form::Whole { min, max } => whole(min, max).description(about).into(),
        Form::Decimal { min, max } => ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(min))
            .maximum(Some(max))
            .description(about)
            .into(),
        Form::Flag => ObjectBuilder::new().schema_type(Type::Boolean).description(about).into(),
        // Generators make an empty class of a choice between two formats, so that a moment
        // is described in words only.
        Form::Date | Form::DateOrMoment => formatted("date").description(about).into(),
    }
}

/// A string.
pub fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A string in a format that JSON Schema names.
pub fn formatted(format: &str) -> ObjectBuilder {
    text().format(Some(SchemaFormat::Custom(format.to_owned())))
}

/// A UUID, the id of this type. `x-id` names the type for generators of clients.
pub(crate) fn id(of: &str) -> ObjectBuilder {
    formatted("uuid").extensions(Some(Extensions::from_iter([("x-id", of)])))
}

/// A whole number.
pub fn whole(min: i64, max: Option<i64>) -> ObjectBuilder {
    let number = |number: i64| isize::try_from(number).unwrap_or(isize::MAX);
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(number(min))).maximum(max.map(number))
}

/// A value that is always the same.
pub(crate) fn constant(value: Value) -> SchemaRef {
    let kind = if value.is_boolean() { Type::Boolean } else { Type::String };
    ObjectBuilder::new().schema_type(kind).enum_values(Some([value])).into()
}

/// The same value, or null.
pub fn nullable(schema: SchemaRef) -> SchemaRef {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    match schema {
        RefOr::T(Schema::Object(object @ Object { enum_values: None, .. })) => match object.schema_type.clone() {
            SchemaType::Type(one) => {
                ObjectBuilder::from(object).schema_type(SchemaType::Array(vec![one, Type::Null])).into()
            }
            SchemaType::Array(_) | SchemaType::AnyValue => object.into(),
        },
        RefOr::T(Schema::AnyOf(any)) => AnyOfBuilder::from(any).item(null).into(),
        schema => OneOfBuilder::new().item(schema).item(null).into(),
    }
}

/// The same text, or one without a visible character, which counts as absent.
pub(crate) fn maybe_empty(schema: SchemaRef) -> SchemaRef {
    match schema {
        RefOr::T(Schema::Object(object)) => ObjectBuilder::from(object).min_length(None).pattern(None::<String>).into(),
        schema => schema,
    }
}

/// The same schema with another description.
pub(super) fn with_description(schema: SchemaRef, about: &str) -> SchemaRef {
    match schema {
        RefOr::Ref(mut reference) => {
            about.clone_into(&mut reference.description);
            reference.into()
        }
        RefOr::T(Schema::Object(object)) => ObjectBuilder::from(object).description(Some(about)).into(),
        RefOr::T(Schema::Array(array)) => ArrayBuilder::from(array).description(Some(about)).into(),
        RefOr::T(Schema::OneOf(one)) => OneOfBuilder::from(one).description(Some(about)).into(),
        RefOr::T(Schema::AnyOf(any)) => AnyOfBuilder::from(any).description(Some(about)).into(),
        schema @ RefOr::T(_) => schema,
    }
}

/// The description of a schema.
pub(crate) fn description(schema: &SchemaRef) -> Option<&str> {
    let description = match schema {
        RefOr::Ref(reference) => Some(&reference.description),
        RefOr::T(Schema::Object(object)) => object.description.as_ref(),
        RefOr::T(Schema::Array(array)) => array.description.as_ref(),
        RefOr::T(Schema::OneOf(one)) => one.description.as_ref(),
        RefOr::T(Schema::AnyOf(any)) => any.description.as_ref(),
        RefOr::T(_) => None,
    };
    description.map(String::as_str).filter(|text| !text.is_empty())
}

/// A property whose description is that of the field, followed by that of its
/// value.
pub(super) fn described(name: &str, about: &str, schema: SchemaRef, is_required: bool) -> Property {
    let both = format!("{about} {}", description(&schema).unwrap_or_default());
    let schema = if about.is_empty() { schema } else { with_description(schema, both.trim()) };
    Property { name: name.to_owned(), schema, is_required }
}
