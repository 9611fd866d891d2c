//! JSON schemas of response views and request bodies, by the wire forms of the
//! domain's values in their fields. The OpenAPI document is made of them.

mod components;
mod request;
mod response;
mod shapes;

pub use components::{SchemaRef, Schemas};
pub use repower_http_derive::{RequestSchema, ResponseSchema};
pub use request::{RequestField, RequestFields, RequestSchema};
pub use response::{FieldSchema, ResponseFields, ResponseObject, ResponseSchema};
pub use shapes::{Property, accepted, formatted, nullable, object_with, property, text, whole, written};
#[cfg(test)]
mod tests;

pub(crate) use shapes::{constant, description, id, maybe_empty};
