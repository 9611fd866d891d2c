//! Running the marketplace.

pub mod dto;
pub mod routes;
