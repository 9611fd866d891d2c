//! The OpenAPI document: that it is the one of the code, and that its examples
//! are answers of a server. What route tests send and receive is held against
//! it in `support/document.rs`.

mod committed;
mod examples;
mod recorder;
mod routes;
mod story;

pub(crate) use story::played;
