use utoipa::openapi::{Components, Header, Ref, RefOr, Response, Schema};

/// The schema of a value: in place, or a reference to a named one.
pub type SchemaRef = RefOr<Schema>;

/// The named components of the document, collected while its operations are
/// described.
#[derive(Default)]
pub struct Schemas(Components);

impl Schemas {
    /// A reference to the schema with this name; `describe` makes it at the first
    /// reference.
    pub fn named(&mut self, name: &str, describe: impl FnOnce(&mut Self) -> SchemaRef) -> SchemaRef {
        if !self.0.schemas.contains_key(name) {
            let schema = describe(self);
            self.0.schemas.insert(name.to_owned(), schema);
        }
        Ref::from_schema_name(name).into()
    }

    /// A reference to the response with this name; `describe` makes it at the
    /// first reference.
    pub(crate) fn response(&mut self, name: &str, describe: impl FnOnce(&mut Self) -> Response) -> RefOr<Response> {
        if !self.0.responses.contains_key(name) {
            let response = describe(self);
            self.0.responses.insert(name.to_owned(), response.into());
        }
        Ref::from_response_name(name).into()
    }

    /// A reference to the header with this name.
    pub(crate) fn header(&mut self, name: &str, describe: impl FnOnce() -> Header) -> Ref {
        if !self.0.headers.contains_key(name) {
            self.0.headers.insert(name.to_owned(), describe().into());
        }
        Ref::new(format!("#/components/headers/{name}"))
    }

    /// The collected components.
    pub fn into_components(self) -> Components {
        self.0
    }
}
