//! What refused requests look like: one schema for each code, so that clients
//! tell them apart by it.

use serde_json::json;
use utoipa::openapi::{ArrayBuilder, Discriminator, OneOfBuilder, Type, schema::ObjectBuilder};

use super::described::{Described, SchemaRef, Schemas, nullable, object_with, property, text};
use crate::http::{Code, FieldCode, health::NotReadyDetails, input::MOST_TOLD};

/// The schema of an error with this code.
pub(super) fn refusal(code: Code, schemas: &mut Schemas) -> SchemaRef {
    schemas.named(&name(code), |schemas| {
        let details = details(code, schemas);
        let properties = [
            property("success", constant(json!(false))),
            property("code", constant(json!(code.as_str()))),
            property("message", text().description(Some("One sentence for people."))),
            property("details", details),
        ];
        object_with(properties).description(Some(format!("{}: {}", code.status().as_u16(), code.about()))).into()
    })
}

/// One of several errors, told apart by their code.
pub(super) fn one_of(codes: &[Code], schemas: &mut Schemas) -> SchemaRef {
    if let [only] = codes {
        return refusal(*only, schemas);
    }
    let mapping = codes.iter().map(|code| (code.as_str(), format!("#/components/schemas/{}", name(*code))));
    let discriminator = Discriminator::with_mapping("code", mapping);
    let union = codes.iter().fold(OneOfBuilder::new(), |union, code| union.item(refusal(*code, schemas)));
    union.discriminator(Some(discriminator)).into()
}

/// Every error, as a schema with the name `Error`.
pub(super) fn any(schemas: &mut Schemas) {
    schemas.named("Error", |schemas| one_of(Code::ALL, schemas));
}

/// `not_found` is described as `NotFoundError`.
pub(super) fn name(code: Code) -> String {
    let words = code.as_str().split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    words.chain(["Error".to_owned()]).collect()
}

fn details(code: Code, schemas: &mut Schemas) -> SchemaRef {
    match code {
        Code::ValidationFailed => ArrayBuilder::new().items(field_error(schemas)).max_items(Some(MOST_TOLD)).into(),
        Code::DatabaseUnavailable | Code::Overloaded => nullable(NotReadyDetails::schema(schemas)),
        _ => <()>::schema(schemas),
    }
}

fn field_error(schemas: &mut Schemas) -> SchemaRef {
    schemas.named("FieldError", |schemas| {
        let code = schemas.named("FieldCode", |_| {
            let codes = FieldCode::ALL.iter().map(|code| code.as_str());
            text().enum_values(Some(codes)).description(Some("What is wrong with a field, for programs.")).into()
        });
        let field = "The field as the client wrote it: `dayRateTo`, `skills[0].name`; empty for the body as a whole.";
        let properties = [
            property("field", text().description(Some(field))),
            property("code", code),
            property("message", text().description(Some("What is wrong, for people."))),
        ];
        object_with(properties).description(Some("What is wrong with one field or parameter.")).into()
    })
}

/// A value that is always the same.
pub(super) fn constant(value: serde_json::Value) -> SchemaRef {
    let kind = if value.is_boolean() { Type::Boolean } else { Type::String };
    ObjectBuilder::new().schema_type(kind).enum_values(Some([value])).into()
}
