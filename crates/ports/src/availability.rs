//! The availability of technicians.

use repower_domain::{availability::Availability, ids::TechnicianId};

use crate::RepositoryError;

/// Stores what technicians say about their time.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait AvailabilityRepository: Send + Sync {
    /// The periods of a technician; none for an unknown one.
    fn find(&self, technician: TechnicianId) -> Result<Availability, RepositoryError>;

    /// Replaces all periods of a technician. Concurrent calls never mix their periods.
    fn replace(&self, technician: TechnicianId, availability: &Availability) -> Result<(), RepositoryError>;
}
