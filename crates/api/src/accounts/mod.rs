//! Registering and signing in.

mod docs;
pub mod dto;
pub mod routes;
