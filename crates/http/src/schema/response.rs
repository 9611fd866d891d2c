use repower_domain::wire::ToWire;
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, Type};

use super::{
    components::{SchemaRef, Schemas},
    shapes::{Property, described, nullable, object_with, written},
};

/// A struct of a response, with its fields. Derived.
pub trait ResponseObject {
    /// The name of its schema.
    const NAME: &'static str;
    /// A sentence about it.
    const ABOUT: &'static str;

    /// Adds its fields, in their order.
    fn fields(fields: &mut ResponseFields<'_>);
}

/// The `data` of a response.
pub trait ResponseSchema {
    /// Its schema.
    fn schema(schemas: &mut Schemas) -> SchemaRef;
}

impl<T: ResponseObject> ResponseSchema for T {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        schemas
            .named(T::NAME, |schemas| object_with(ResponseFields::of::<T>(schemas)).description(Some(T::ABOUT)).into())
    }
}

impl<T: ResponseSchema> ResponseSchema for Vec<T> {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        ArrayBuilder::new().items(T::schema(schemas)).into()
    }
}

/// `null`: the `data` of a response without any.
impl ResponseSchema for () {
    fn schema(_: &mut Schemas) -> SchemaRef {
        ObjectBuilder::new().schema_type(Type::Null).into()
    }
}

/// The type of a field. `Kind` distinguishes the implementations and is inferred.
pub trait FieldSchema<Kind> {
    /// Its schema.
    fn schema(schemas: &mut Schemas) -> SchemaRef;
}

/// The kind of a field with a value of the domain.
pub struct Value;

/// The kind of a field with an object or a list of objects.
pub struct Object;

/// The kind of a field with a list of values of the domain.
pub struct Values;

/// The kind of a field that may be null.
pub struct Nullable<Kind>(Kind);

impl<T: ToWire> FieldSchema<Value> for T {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        written(T::WRITTEN, schemas)
    }
}

impl<T: ToWire> FieldSchema<Values> for Vec<T> {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        ArrayBuilder::new().items(written(T::WRITTEN, schemas)).into()
    }
}

impl<T: ResponseSchema> FieldSchema<Object> for T {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        <T as ResponseSchema>::schema(schemas)
    }
}

impl<T: FieldSchema<Kind>, Kind> FieldSchema<Nullable<Kind>> for Option<T> {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        nullable(T::schema(schemas))
    }
}

/// The fields of a struct of a response, collected one by one.
pub struct ResponseFields<'s> {
    schemas: &'s mut Schemas,
    properties: Vec<Property>,
}

impl<'s> ResponseFields<'s> {
    fn of<T: ResponseObject>(schemas: &'s mut Schemas) -> Vec<Property> {
        let mut fields = Self { schemas, properties: Vec::new() };
        T::fields(&mut fields);
        fields.properties
    }

    /// Adds a field; `name` is the one on the wire.
    pub fn add<T: FieldSchema<Kind>, Kind>(&mut self, name: &str, about: &str) {
        let schema = T::schema(self.schemas);
        self.properties.push(described(name, about, schema, true));
    }

    /// Adds a field that may be absent.
    pub fn add_optional<T: FieldSchema<Kind>, Kind>(&mut self, name: &str, about: &str) {
        let schema = T::schema(self.schemas);
        self.properties.push(described(name, about, schema, false));
    }

    /// Adds the fields of a flattened struct.
    pub fn flatten<T: ResponseObject>(&mut self) {
        T::fields(self);
    }
}
