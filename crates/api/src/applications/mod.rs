//! Applications of technicians for jobs.

mod docs;
pub mod dto;
pub mod routes;
