//! Running the marketplace, and the log of what was done to run it.

mod audit;

pub use audit::{AuditAct, AuditAction, AuditEvent, AuditState, SubjectType};
