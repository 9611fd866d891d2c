use utoipa::openapi::{ObjectBuilder, schema::AdditionalProperties};

use super::{
    components::{SchemaRef, Schemas},
    shapes::{Property, described, object_with},
};

/// A struct of a body or of query parameters, with its fields. Derived.
pub trait RequestSchema {
    /// The name of its schema.
    const NAME: &'static str;
    /// A sentence about it.
    const ABOUT: &'static str;

    /// Adds its fields, in their order.
    fn fields(fields: &mut RequestFields<'_>);

    /// The schema of a body, which accepts no other properties.
    fn body(schemas: &mut Schemas) -> SchemaRef {
        schemas.named(Self::NAME, |schemas| {
            let closed = AdditionalProperties::FreeForm(false);
            let object: ObjectBuilder = object_with(Self::properties(schemas));
            object.description(Some(Self::ABOUT)).additional_properties(Some(closed)).into()
        })
    }

    /// Its properties: the parameters of a query.
    fn properties(schemas: &mut Schemas) -> Vec<Property> {
        let mut fields = RequestFields { schemas, properties: Vec::new() };
        Self::fields(&mut fields);
        fields.properties
    }
}

/// A field of a body or a query: one property, or none where the route ignores
/// or rejects it.
pub trait RequestField {
    /// Adds its property.
    fn describe(fields: &mut RequestFields<'_>, name: &str, about: &str);
}

/// The fields of a body or a query, collected one by one.
pub struct RequestFields<'s> {
    schemas: &'s mut Schemas,
    properties: Vec<Property>,
}

impl RequestFields<'_> {
    /// The components that named schemas are added to.
    pub const fn schemas(&mut self) -> &mut Schemas {
        self.schemas
    }

    /// Adds a property; `name` is the one on the wire.
    pub fn add(&mut self, name: &str, about: &str, schema: SchemaRef, is_required: bool) {
        self.properties.push(described(name, about, schema, is_required));
    }
}
