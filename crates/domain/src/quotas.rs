//! How much an owner may have at once.
//!
//! ```
//! use repower_domain::quotas::{OpenJobs, Quotas};
//!
//! let generous = Quotas::builder().open_jobs(OpenJobs { verified: 2_000, unverified: 20 }).build();
//! assert_eq!(generous.certifications, 100);
//! assert_eq!((generous.open_jobs.of(true), generous.open_jobs.of(false)), (2_000, 20));
//! ```

use typed_builder::TypedBuilder;

/// The most things of each kind that an owner has at once.
///
/// ```
/// use repower_domain::quotas::Quotas;
///
/// let quotas = Quotas::builder().certifications(10).build();
/// assert_eq!(quotas.certifications, 10);
/// assert_eq!(quotas.pending_invitations, Quotas::default().pending_invitations);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Quotas {
    /// The certifications of a technician.
    #[builder(default = 100)]
    pub certifications: u32,
    /// The open jobs of a company.
    #[builder(default = OpenJobs { verified: 500, unverified: 20 })]
    pub open_jobs: OpenJobs,
    /// The pending invitations of a company.
    #[builder(default = 100)]
    pub pending_invitations: u32,
}

impl Default for Quotas {
    /// The quotas of the contract, section 11a.
    fn default() -> Self {
        Self::builder().build()
    }
}

/// The most open jobs of a company.
///
/// ```
/// use repower_domain::quotas::OpenJobs;
///
/// // An unverified company never has more than a verified one.
/// let quota = OpenJobs { verified: 5, unverified: 20 };
/// assert_eq!((quota.of(true), quota.of(false)), (5, 5));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a company is verified or not")]
pub struct OpenJobs {
    /// Of a verified company.
    pub verified: u32,
    /// Of another one; where it is more, that of a verified company.
    pub unverified: u32,
}

impl OpenJobs {
    /// The most open jobs of a company that is verified, or not.
    pub fn of(self, is_verified: bool) -> u32 {
        if is_verified { self.verified } else { self.unverified.min(self.verified) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unverified_company_never_has_more_open_jobs_than_a_verified_one() {
        for (verified, unverified, expected) in [(500, 20, 20), (2, 20, 2), (20, 20, 20)] {
            let quota = OpenJobs { verified, unverified };
            assert_eq!((quota.of(true), quota.of(false)), (verified, expected));
        }
    }
}
