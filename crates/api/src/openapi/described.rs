use utoipa::openapi::{
    Array, ArrayBuilder, Components, Header, Object as ObjectSchema, ObjectBuilder, OneOfBuilder, Ref, RefOr, Response,
    Schema, SchemaFormat, Type,
    schema::{AdditionalProperties, AnyOfBuilder, SchemaType},
};
use uuid::Uuid;

/// What a part of the document says about a value.
pub type SchemaRef = RefOr<Schema>;

/// The schemas that have a name of their own, collected while the operations
/// are described.
#[derive(Default)]
pub struct Schemas(Components);

impl Schemas {
    /// A reference to the schema with this name, which is described when it is
    /// come across for the first time.
    pub fn named(&mut self, name: &str, describe: impl FnOnce(&mut Self) -> SchemaRef) -> SchemaRef {
        if !self.0.schemas.contains_key(name) {
            let schema = describe(self);
            self.0.schemas.insert(name.to_owned(), schema);
        }
        Ref::from_schema_name(name).into()
    }

    /// A reference to the response with this name, which is described when it is
    /// come across for the first time.
    pub(super) fn response(&mut self, name: &str, describe: impl FnOnce(&mut Self) -> Response) -> RefOr<Response> {
        if !self.0.responses.contains_key(name) {
            let response = describe(self);
            self.0.responses.insert(name.to_owned(), response.into());
        }
        Ref::from_response_name(name).into()
    }

    /// A reference to the header with this name.
    pub(super) fn header(&mut self, name: &str, describe: impl FnOnce() -> Header) -> Ref {
        if !self.0.headers.contains_key(name) {
            self.0.headers.insert(name.to_owned(), describe().into());
        }
        Ref::new(format!("#/components/headers/{name}"))
    }

    /// What was collected.
    pub fn into_components(self) -> Components {
        self.0
    }
}

/// Something that stands in an answer.
pub trait Described {
    /// What it looks like.
    fn schema(schemas: &mut Schemas) -> SchemaRef;
}

/// Something that a client may send.
pub trait Taken {
    /// What is taken for it.
    fn taken(schemas: &mut Schemas) -> SchemaRef;
}

/// A struct with its fields, as [`described!`](crate::described) defines it.
pub trait Object {
    /// The name of its schema.
    const NAME: &'static str;
    /// What it is, in a sentence.
    const ABOUT: &'static str;

    /// Its fields, in their order.
    fn fields(fields: &mut Fields<'_>);
}

/// A field of an [`Object`]: one property, or as many as it has where it is
/// flattened, or none where the route takes no such field.
pub trait Field {
    /// Adds what the field comes to.
    fn describe(fields: &mut Fields<'_>, name: &str, about: &str);
}

impl<T: Described> Field for T {
    fn describe(fields: &mut Fields<'_>, name: &str, about: &str) {
        let schema = T::schema(fields.schemas);
        fields.add(name, about, schema, true);
    }
}

/// One property of an object, or one parameter.
pub struct Property {
    /// The name, in camelCase.
    pub name: String,
    /// What it looks like.
    pub schema: SchemaRef,
    /// Whether it must be there.
    pub is_required: bool,
}

/// The properties of an object, collected field by field.
pub struct Fields<'s> {
    schemas: &'s mut Schemas,
    properties: Vec<Property>,
}

impl<'s> Fields<'s> {
    /// The properties of `T`.
    pub fn of<T: Object>(schemas: &'s mut Schemas) -> Vec<Property> {
        let mut fields = Self { schemas, properties: Vec::new() };
        T::fields(&mut fields);
        fields.properties
    }

    /// Where named schemas are kept.
    pub const fn schemas(&mut self) -> &mut Schemas {
        self.schemas
    }

    /// Adds a property; `name` is the field's in Rust. What is said of the field goes
    /// before what is said of its value.
    pub fn add(&mut self, name: &str, about: &str, schema: SchemaRef, is_required: bool) {
        let told = format!("{} {}", about.trim(), description(&schema).unwrap_or_default());
        let schema = if about.is_empty() { schema } else { with_description(schema, told.trim()) };
        self.properties.push(Property { name: camel_case(name), schema, is_required });
    }
}

/// A reference to the schema of `T`.
pub fn object<T: Object>(schemas: &mut Schemas) -> SchemaRef {
    schemas.named(T::NAME, |schemas| object_of::<T>(schemas).into())
}

/// The same for a body, which takes no property that it does not know.
pub fn body<T: Object>(schemas: &mut Schemas) -> SchemaRef {
    schemas.named(T::NAME, |schemas| {
        let closed = AdditionalProperties::FreeForm(false);
        ObjectBuilder::from(object_of::<T>(schemas)).additional_properties(Some(closed)).into()
    })
}

fn object_of<T: Object>(schemas: &mut Schemas) -> ObjectSchema {
    object_with(Fields::of::<T>(schemas)).description(Some(T::ABOUT.trim())).build()
}

/// An object with these properties.
pub fn object_with(properties: impl IntoIterator<Item = Property>) -> ObjectBuilder {
    properties.into_iter().fold(ObjectBuilder::new(), |object, property| {
        let object = if property.is_required { object.required(&*property.name) } else { object };
        object.property(property.name, property.schema)
    })
}

/// A property that is always there.
pub fn property(name: &str, schema: impl Into<SchemaRef>) -> Property {
    Property { name: name.to_owned(), schema: schema.into(), is_required: true }
}

/// The same value or null.
pub(super) fn nullable(schema: SchemaRef) -> SchemaRef {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    match schema {
        RefOr::T(Schema::Object(object @ ObjectSchema { enum_values: None, .. })) => match object.schema_type.clone() {
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
pub(super) fn maybe_empty(schema: SchemaRef) -> SchemaRef {
    match schema {
        RefOr::T(Schema::Object(object)) => ObjectBuilder::from(object).min_length(None).pattern(None::<String>).into(),
        schema => schema,
    }
}

/// The same with another description.
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

/// What is said of a schema.
pub(super) fn description(schema: &SchemaRef) -> Option<&str> {
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

/// A text.
pub fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A whole number.
pub fn whole(min: i64, max: Option<i64>) -> ObjectBuilder {
    let number = |number: i64| isize::try_from(number).unwrap_or(isize::MAX);
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(number(min))).maximum(max.map(number))
}

/// An object of whatever fields.
pub fn anything(_: &mut Schemas) -> SchemaRef {
    ObjectBuilder::new().into()
}

/// A text in one of the formats that tools know.
pub fn formatted(format: &str) -> ObjectBuilder {
    text().format(Some(SchemaFormat::Custom(format.to_owned())))
}

/// `day_rate_from` is `dayRateFrom` to clients.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.into_iter().chain(letters).collect::<String>()
    })
}

impl<T: Described> Described for Option<T> {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        nullable(T::schema(schemas))
    }
}

impl<T: Described> Described for Vec<T> {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        Array::new(T::schema(schemas)).into()
    }
}

/// Nothing: `data` of an answer that has none.
impl Described for () {
    fn schema(_: &mut Schemas) -> SchemaRef {
        ObjectBuilder::new().schema_type(Type::Null).into()
    }
}

impl Described for bool {
    fn schema(_: &mut Schemas) -> SchemaRef {
        ObjectBuilder::new().schema_type(Type::Boolean).into()
    }
}

impl Described for Uuid {
    fn schema(_: &mut Schemas) -> SchemaRef {
        formatted("uuid").into()
    }
}

impl Described for String {
    fn schema(_: &mut Schemas) -> SchemaRef {
        text().into()
    }
}

macro_rules! counts {
    ($($number:ty),+) => {$(
        impl Described for $number {
            fn schema(_: &mut Schemas) -> SchemaRef {
                whole(0, None).into()
            }
        }
    )+};
}

// Every number in an answer that has no type of its own counts something.
counts! { u16, u32, u64, i64 }

/// Defines a struct of an answer or a body together with what the document says
/// of it: its name, and the documentation comments of the struct and its fields.
#[macro_export]
macro_rules! described {
    (
        $shown:expr,
        $(#[$($meta:tt)*])*
        $visibility:vis struct $name:ident {
            $($(#[$($field_meta:tt)*])* $field_visibility:vis $field:ident: $type:ty),+ $(,)?
        }
    ) => {
        $(#[$($meta)*])*
        $visibility struct $name {
            $($(#[$($field_meta)*])* $field_visibility $field: $type),+
        }

        impl $crate::openapi::Object for $name {
            const NAME: &'static str = $shown;
            const ABOUT: &'static str = $crate::doc_comment!($(#[$($meta)*])*);

            fn fields(fields: &mut $crate::openapi::Fields<'_>) {
                $(
                    <$type as $crate::openapi::Field>::describe(
                        fields,
                        stringify!($field),
                        $crate::doc_comment!($(#[$($field_meta)*])*),
                    );
                )+
            }
        }

        impl $crate::openapi::Described for $name {
            fn schema(schemas: &mut $crate::openapi::Schemas) -> $crate::openapi::SchemaRef {
                $crate::openapi::object::<Self>(schemas)
            }
        }
    };
}

/// The documentation comment among attributes, in one line.
#[doc(hidden)]
#[macro_export]
macro_rules! doc_comment {
    () => { "" };
    (#[doc = $first:literal] $(#[doc = $next:literal])+ $(#[$($other:tt)*])*) => {
        concat!($first, $($next),+)
    };
    (#[doc = $line:literal] $(#[$($other:tt)*])*) => { $line };
    (#[$($other:tt)*] $($rest:tt)*) => { $crate::doc_comment!($($rest)*) };
}
