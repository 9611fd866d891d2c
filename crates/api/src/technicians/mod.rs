//! Technicians and their passports.

pub mod candidates;
mod docs;
pub mod dto;
pub mod routes;
