//! The OpenAPI 3.1 document, made from the table of routes.
//!
//! A row of the table has the name, summary, access and errors of a route. The
//! signature of its handler has the body, parameters and response. The other parts
//! follow: 401 from the access, 415 from a body, 404 from an id in the path.

mod document;
mod errors;
mod examples;
mod operation;

pub use document::{Document, Tag};
pub use examples::{Examples, Recorded};
