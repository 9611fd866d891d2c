use std::sync::Arc;

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::{ThrottleLimits, ThrottleScope},
    ids::CompanyId,
    technicians::{Contact, Viewer, Visibility},
};
use repower_ports::{
    accounts::{ThrottleKey, ThrottleRepository},
    companies::CompanyRepository,
};

use crate::AccessError;

/// Decides which technicians a company may see.
#[derive(Clone)]
pub struct CandidateAccess {
    /// Stores companies and their members.
    pub companies: Arc<dyn CompanyRepository>,
    /// Whether a company that is not verified sees only technicians who have applied or
    /// written to it.
    pub requires_verification: bool,
}

impl CandidateAccess {
    /// Checks that a company may see technicians without contact.
    ///
    /// # Errors
    ///
    /// [`AccessError::Unverified`]; the storage failed.
    pub(crate) fn check(&self, company: CompanyId) -> Result<(), AccessError> {
        if self.requires_verification && !self.companies.is_verified(company)? {
            return Err(AccessError::Unverified);
        }
        Ok(())
    }

    /// The view of a company on a technician with this visibility and contact, or on one
    /// that does not exist. A company that must be verified does not learn which exist.
    ///
    /// # Errors
    ///
    /// [`AccessError::NotFound`], also for a technician whom the company may not know of;
    /// those of [`Self::check`].
    pub(crate) fn view(
        &self,
        company_id: CompanyId,
        technician: Option<(Visibility, Contact)>,
    ) -> Result<Viewer, AccessError> {
        let contact = technician.map_or(Contact::Nothing, |(_, contact)| contact);
        let viewer = Viewer::builder().company_id(company_id).contact(contact).build();
        if viewer.needs_verification() {
            self.check(company_id)?;
        }
        let is_known = technician.is_some_and(|(visibility, _)| viewer.may_know_of(visibility));
        is_known.then_some(viewer).ok_or(AccessError::NotFound)
    }
}

/// Counts a look of a company at passports, of which it has a limited number in a day.
///
/// # Errors
///
/// [`AccessError::TooManyAttempts`]; the storage failed.
pub(crate) fn count_passport(
    throttle: &dyn ThrottleRepository,
    limits: Option<ThrottleLimits>,
    company: CompanyId,
    now: DateTime<Utc>,
) -> Result<(), AccessError> {
    let Some(limits) = limits else { return Ok(()) };
    let scope = ThrottleScope::PassportsCompany;
    let key = ThrottleKey { scope, subject: company.to_string(), client_address: None, limit: limits.of(scope) };
    throttle.count(&[key], now).map_err(|error| AccessError::of(error, now))
}

#[cfg(test)]
mod tests {
    use repower_ports::{RepositoryError, companies::MockCompanyRepository};

    use super::*;
    use crate::testing::{access_if_verified, assert_matches, open_access, the_company, unavailable};

    const FOUND: (Visibility, Contact) = (Visibility::Companies, Contact::Nothing);
    const HIDDEN: (Visibility, Contact) = (Visibility::Applied, Contact::Nothing);

    fn view(access: &CandidateAccess, technician: Option<(Visibility, Contact)>) -> Result<Contact, AccessError> {
        access.view(the_company(), technician).map(|viewer| viewer.contact)
    }

    #[test]
    fn a_verified_company_sees_all_but_hidden_technicians_without_contact() {
        for access in [open_access(), access_if_verified(true)] {
            assert_matches!(access.check(the_company()), Ok(()));
            assert_matches!(view(&access, Some(FOUND)), Ok(Contact::Nothing));
            assert_matches!(view(&access, Some(HIDDEN)), Err(AccessError::NotFound));
            assert_matches!(view(&access, None), Err(AccessError::NotFound));
            for contact in [Contact::ByCompany, Contact::ByTechnician] {
                assert_matches!(view(&access, Some((Visibility::Applied, contact))), Ok(seen) if seen == contact);
            }
        }
    }

    #[test]
    fn an_unverified_company_sees_who_turned_to_it_and_does_not_learn_who_else_exists() {
        let access = access_if_verified(false);
        assert_matches!(access.check(the_company()), Err(AccessError::Unverified));
        for technician in [Some(FOUND), Some(HIDDEN), Some((Visibility::Companies, Contact::ByCompany)), None] {
            assert_matches!(view(&access, technician), Err(AccessError::Unverified));
        }
        for visibility in [Visibility::Companies, Visibility::Applied] {
            assert_matches!(view(&access, Some((visibility, Contact::ByTechnician))), Ok(Contact::ByTechnician));
        }
    }

    #[test]
    fn nobody_is_shown_if_the_verification_cannot_be_read() {
        let mut companies = MockCompanyRepository::new();
        companies.expect_is_verified().once().return_once(|_| Err(unavailable()));
        let access = CandidateAccess { companies: Arc::new(companies), requires_verification: true };
        assert_matches!(view(&access, Some(FOUND)), Err(AccessError::Repository(RepositoryError::Unavailable(_))));
    }
}
