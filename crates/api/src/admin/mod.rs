//! Running the marketplace.

mod docs;
pub mod dto;
pub mod routes;
