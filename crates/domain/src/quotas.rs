//! How much an owner may have at once.
//!
//! ```
//! use repower_domain::quotas::Quotas;
//!
//! let generous = Quotas { open_jobs: 2_000, ..Quotas::default() };
//! assert_eq!(generous.certifications, 100);
//! ```

/// The most things of each kind that an owner has at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// The certifications of a technician.
    pub certifications: u32,
    /// The open jobs of a company.
    pub open_jobs: u32,
    /// The pending invitations of a company.
    pub pending_invitations: u32,
}

impl Default for Quotas {
    /// The quotas of the contract, section 11a.
    fn default() -> Self {
        Self { certifications: 100, open_jobs: 500, pending_invitations: 100 }
    }
}
