//! Companies and their members.

mod members;

use std::sync::Arc;

pub use members::{InviteError, MemberError, MemberService, NewInvitation};

use repower_domain::{
    accounts::Actor,
    companies::{Company, CompanyChanges, Member},
    ids::CompanyId,
};
use repower_ports::{
    Clock, Page, PageRequest,
    companies::{CompanyRepository, Dashboard},
};

use crate::{AccessError, EditError};

/// The use cases of companies.
pub struct CompanyService {
    /// Where companies are kept.
    pub companies: Arc<dyn CompanyRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl CompanyService {
    /// The actor's company.
    pub fn own_company(&self, actor: &Actor) -> Result<Company, AccessError> {
        self.load(actor.company()?)
    }

    /// Edits the actor's company.
    pub fn edit_own_company(&self, actor: &Actor, changes: CompanyChanges) -> Result<Company, EditError> {
        let company = self.load(actor.company()?)?;
        match company.edit(changes, self.clock.now()) {
            None => Ok(company),
            Some(edited) => {
                self.companies.update(&edited)?;
                Ok(edited)
            }
        }
    }

    /// The members of the actor's company, oldest first.
    pub fn members(&self, actor: &Actor, page: PageRequest) -> Result<Page<Member>, AccessError> {
        let id = actor.company()?;
        Ok(self.companies.members(id, page)?)
    }

    /// The actor's company in numbers, at this moment.
    pub fn dashboard(&self, actor: &Actor) -> Result<Dashboard, AccessError> {
        Ok(self.companies.dashboard(actor.company()?)?)
    }

    fn load(&self, id: CompanyId) -> Result<Company, AccessError> {
        self.companies.find(id)?.ok_or(AccessError::NotFound)
    }
}

#[cfg(test)]
mod tests;
