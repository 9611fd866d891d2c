//! Companies and their members.

use repower_domain::{
    companies::{Company, Member},
    ids::CompanyId,
    values::{CompanyName, Country},
};

use crate::{Page, PageRequest, RepositoryError};

/// A company as it is shown beside its things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanySummary {
    /// Its identity.
    pub id: CompanyId,
    /// Its name.
    pub name: CompanyName,
    /// Where it sits.
    pub country: Country,
}

/// Where companies are kept.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait CompanyRepository: Send + Sync {
    /// The company, or `None` when there is none.
    fn find(&self, id: CompanyId) -> Result<Option<Company>, RepositoryError>;

    /// Replaces its profile; its jobs show the new name at once. Must answer
    /// [`RepositoryError::Stale`] when its revision moved on meanwhile.
    fn update(&self, company: &Company) -> Result<(), RepositoryError>;

    /// Its members, oldest first.
    fn members(&self, id: CompanyId, page: PageRequest) -> Result<Page<Member>, RepositoryError>;
}
