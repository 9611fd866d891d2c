//! The OpenAPI 3.1 document of the API, made from the code that serves it.
//!
//! Each row of a feature's table of routes carries an [`Operation`]: what the
//! route is called, who may ask, and which types it takes and answers. Those
//! types are [`described!`](crate::described) where they are defined, by the
//! values of the domain in their fields, so that a limit in the document is the
//! limit in the code. What follows from all that (401 with a token, 415 with a
//! body, 404 with an id in the path …) is not said again.

mod described;
mod document;
mod examples;
mod fields;
mod operation;
mod paths;
mod refusals;
#[cfg(test)]
mod tests;
mod values;

use std::sync::OnceLock;

pub use described::{
    Described, Field, Fields, Object, Property, SchemaRef, Schemas, Taken, anything, body, formatted, object,
    object_with, property, text, whole,
};
pub use examples::{Examples, Recorded};
pub use operation::{Access, Operation, Tag};
use utoipa::openapi::OpenApi;
pub use values::{Flat, HandedOut, Show, Shown};

use crate::wiring;

/// The document of everything that is served.
pub fn document() -> OpenApi {
    document::document(wiring::all_routes())
}

/// The document as it is committed and served: JSON, with a line break at its
/// end.
pub fn json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| serde_json::to_string_pretty(&document()).unwrap_or_default() + "\n")
}
