//! Applications of technicians for jobs.

pub mod dto;
pub mod routes;
