use serde_json::{Value, json};
use utoipa::openapi::{ArrayBuilder, Discriminator, ObjectBuilder, OneOfBuilder, Type};

use super::examples::Examples;
use crate::{
    code::{Code, FieldCode},
    error::LimitDetails,
    input::MAX_REPORTED,
    schema::{Property, ResponseSchema, SchemaRef, Schemas, constant, nullable, object_with, property, text},
    signature::MakeSchema,
};

/// The schemas of error responses: one for each code, by which clients
/// distinguish them.
pub(super) struct Errors<'d> {
    /// The schemas of `details`, for the codes that have any.
    pub(super) details: &'d [(Code, MakeSchema)],
    /// Examples of requests and responses.
    pub(super) examples: &'d Examples,
}

impl Errors<'_> {
    /// The schema of one of several codes.
    pub(super) fn one_of(&self, codes: &[Code], schemas: &mut Schemas) -> SchemaRef {
        if let [only] = codes {
            return self.error(*only, schemas);
        }
        let mapping = codes.iter().map(|code| (code.as_str(), format!("#/components/schemas/{}", name(*code))));
        let discriminator = Discriminator::with_mapping("code", mapping);
        let union = codes.iter().fold(OneOfBuilder::new(), |union, code| union.item(self.error(*code, schemas)));
        union.discriminator(Some(discriminator)).into()
    }

    /// Adds the schema `ApiError`: any of these codes.
    pub(super) fn any(&self, codes: &[Code], schemas: &mut Schemas) {
        schemas.named("ApiError", |schemas| self.one_of(codes, schemas));
    }

    fn error(&self, code: Code, schemas: &mut Schemas) -> SchemaRef {
        schemas.named(&name(code), |schemas| {
            let properties = [
                property("success", constant(json!(false))),
                property("code", constant(json!(code.as_str()))),
                property("message", text().description(Some("One sentence for people."))),
                property("details", self.details(code, schemas)),
            ];
            let shared = Code::SHARED.iter().find(|shared| **shared == code).unwrap_or(&code);
            object_with(properties).description(Some(format!("{}: {}", code.status().as_u16(), shared.about()))).into()
        })
    }

    fn details(&self, code: Code, schemas: &mut Schemas) -> SchemaRef {
        if code == Code::VALIDATION_FAILED {
            return ArrayBuilder::new().items(field_error(schemas)).max_items(Some(MAX_REPORTED)).into();
        }
        if code == Code::LIMIT_REACHED {
            return LimitDetails::schema(schemas);
        }
        match self.details.iter().find(|(known, _)| *known == code) {
            Some((_, details)) => nullable(details(schemas)),
            None => <()>::schema(schemas),
        }
    }

    /// An example of an error with this code: of the operation, or of any.
    pub(super) fn example(&self, operation: Option<&str>, code: Code) -> Option<&Value> {
        match operation {
            Some(operation) => self.examples.of(operation)?.error(code),
            None => self.examples.error(code),
        }
    }
}

fn field_error(schemas: &mut Schemas) -> SchemaRef {
    schemas.named("FieldError", |schemas| {
        let code = schemas.named("FieldCode", |_| {
            let codes = FieldCode::ALL.iter().map(|code| code.as_str());
            text().enum_values(Some(codes)).description(Some("The reason, for programs.")).into()
        });
        let field = "The field as the client wrote it: `dayRateTo`, `skills[0].name`; empty for the body as a whole.";
        let properties = [
            property("field", text().description(Some(field))),
            property("code", code),
            property("message", text().description(Some("The reason, for people."))),
            property("params", params(schemas)),
        ];
        object_with(properties).description(Some("The error of one field or parameter.")).into()
    })
}

fn params(schemas: &mut Schemas) -> SchemaRef {
    schemas.named("FieldParams", |_| {
        let about = |text: &str| Some(text.to_owned());
        let number = || ObjectBuilder::new().schema_type(Type::Integer);
        let optional = |name: &str, schema: SchemaRef| Property { is_required: false, ..property(name, schema) };
        let names = ArrayBuilder::new().items(text()).description(about("The values that are allowed."));
        let units = text().enum_values(Some(["characters", "bytes", "words", "entries"]));
        let properties = [
            optional("min", number().description(about("The least number or count.")).into()),
            optional("max", number().description(about("The greatest number or count.")).into()),
            optional("unit", units.description(about("What `min` and `max` count.")).into()),
            optional("other", text().description(about("The field that it contradicts.")).into()),
            optional("allowed", names.into()),
        ];
        let about = "What a text in another language needs, by `code`; empty where it needs nothing.";
        object_with(properties).description(Some(about)).into()
    })
}

/// `not_found` has the schema `NotFoundError`.
pub(super) fn name(code: Code) -> String {
    // Java has an `InternalError` of its own.
    let code = if code == Code::INTERNAL { "internal_server" } else { code.as_str() };
    let words = code.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    words.chain(["Error".to_owned()]).collect()
}
