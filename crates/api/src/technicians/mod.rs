//! Technicians and their passports.

pub mod candidates;
pub mod dto;
pub mod routes;
