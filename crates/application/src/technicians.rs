//! Technicians, their passports and evaluations.

mod candidates;
mod passport;
mod service;

pub use candidates::{AnswerError, EvaluateError, NewEvaluation};
pub(crate) use passport::assess;
pub use passport::{AssessedCertification, Passport, Timeline};
pub use service::{CertifyError, TechnicianService};

#[cfg(test)]
mod tests;
