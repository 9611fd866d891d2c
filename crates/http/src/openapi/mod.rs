//! The OpenAPI 3.1 document, made from the table of routes.
//!
//! A row of the table says what is its own: name, summary, access and errors. The
//! signature of its handler gives body, parameters and response. Everything else
//! follows: 401 from the access, 415 from a body, 404 from an id in the path.

mod document;
mod errors;
mod examples;
mod operation;

pub use document::{Document, Tag};
pub use examples::{Examples, Recorded};
