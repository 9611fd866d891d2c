//! Companies and their members.

pub mod dto;
pub mod routes;
pub mod team;
