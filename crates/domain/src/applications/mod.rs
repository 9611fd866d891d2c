//! Applications of technicians for jobs.

mod application;
mod status;

pub use application::{Application, ApplicationEvent, ApplicationMove};
pub use status::{ApplicationStatus, InvalidTransition};
