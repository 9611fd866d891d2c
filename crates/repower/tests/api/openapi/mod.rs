//! The OpenAPI document: the committed file is up to date, and its examples are
//! responses of a server. `support/document.rs` validates all requests and responses
//! of the tests against it.

mod committed;
mod examples;
mod recorder;
mod recording;
mod routes;

pub(crate) use recording::recorded;
