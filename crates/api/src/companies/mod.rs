//! Companies and their members.

mod docs;
pub mod dto;
pub mod routes;
pub mod team;
