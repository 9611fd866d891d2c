//! The availability of technicians.

use std::sync::Arc;

use repower_domain::{accounts::Actor, availability::Availability};
use repower_ports::availability::AvailabilityRepository;

use crate::AccessError;

/// The use cases of availability.
pub struct AvailabilityService {
    /// Stores what technicians say about their time.
    pub availability: Arc<dyn AvailabilityRepository>,
}

impl AvailabilityService {
    /// The periods of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a passport; the storage failed.
    pub fn own(&self, actor: &Actor) -> Result<Availability, AccessError> {
        Ok(self.availability.find(actor.technician()?)?)
    }

    /// Replaces the periods of the actor.
    ///
    /// # Errors
    ///
    /// Those of [`Self::own`].
    pub fn replace_own(&self, actor: &Actor, availability: Availability) -> Result<Availability, AccessError> {
        self.availability.replace(actor.technician()?, &availability)?;
        Ok(availability)
    }
}

#[cfg(test)]
mod tests {
    use repower_domain::availability::{AvailabilityKind, Period};
    use repower_ports::{RepositoryError, availability::MockAvailabilityRepository};

    use super::*;
    use crate::testing::{actors_without_a_passport, assert_matches, technician, the_technician, unavailable, value};

    fn service(availability: MockAvailabilityRepository) -> AvailabilityService {
        AvailabilityService { availability: Arc::new(availability) }
    }

    fn a_week() -> Availability {
        let week = Period::new(value("2027-03-01"), value("2027-03-07"), AvailabilityKind::Busy).unwrap();
        Availability::new(vec![week]).unwrap()
    }

    #[test]
    fn a_technician_reads_and_replaces_their_own_periods() {
        let mut stored = MockAvailabilityRepository::new();
        stored.expect_find().once().withf(|id| *id == the_technician()).return_once(|_| Ok(a_week()));
        stored.expect_replace().once().return_once(|id, availability| {
            assert_eq!((id, availability), (the_technician(), &a_week()));
            Ok(())
        });
        let service = service(stored);
        assert_eq!(service.own(&technician()).unwrap(), a_week());
        assert_eq!(service.replace_own(&technician(), a_week()).unwrap(), a_week());
    }

    #[test]
    fn an_actor_without_a_passport_has_no_periods() {
        for actor in actors_without_a_passport() {
            let service = service(MockAvailabilityRepository::new());
            assert_matches!(service.own(&actor), Err(AccessError::Forbidden(_)));
            assert_matches!(service.replace_own(&actor, a_week()), Err(AccessError::Forbidden(_)));
        }
    }

    #[test]
    fn periods_that_cannot_be_stored_are_an_error() {
        let mut stored = MockAvailabilityRepository::new();
        stored.expect_replace().return_once(|_, _| Err(unavailable()));
        let replaced = service(stored).replace_own(&technician(), a_week());
        assert_matches!(replaced, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
    }
}
