//! Registering and signing in.

pub mod dto;
pub mod routes;
