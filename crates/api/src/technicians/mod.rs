//! Technicians and their passports.

pub mod dto;
pub mod routes;
