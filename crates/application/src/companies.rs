//! Companies, their members and invitations.

mod members;

use std::sync::Arc;

pub use members::{InviteError, MemberError, MemberService, NewInvitation};

use repower_domain::{
    RequestIds,
    accounts::Actor,
    admin::AuditAct,
    companies::{Company, CompanyChanges, Member},
    ids::CompanyId,
};
use repower_ports::{
    Clock, IdGenerator, Page, PageRequest,
    companies::{CompanyRepository, Dashboard, PublicCompany},
};

use crate::{AccessError, EditError, audit};

/// The use cases of companies.
pub struct CompanyService {
    /// Stores companies and their members.
    pub companies: Arc<dyn CompanyRepository>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Generates ids.
    pub ids: Arc<dyn IdGenerator>,
}

impl CompanyService {
    /// The company of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a company; not found; the storage
    /// failed.
    pub fn own_company(&self, actor: &Actor) -> Result<Company, AccessError> {
        self.load(actor.company()?)
    }

    /// A company as anybody sees it.
    ///
    /// # Errors
    ///
    /// Not found; the storage failed.
    pub fn find(&self, id: CompanyId) -> Result<PublicCompany, AccessError> {
        self.companies.find_public(id)?.ok_or(AccessError::NotFound)
    }

    /// Edits the company of the actor.
    ///
    /// # Errors
    ///
    /// Stale; those of [`Self::own_company`].
    pub fn edit_own_company(
        &self,
        actor: &Actor,
        changes: CompanyChanges,
        request: &RequestIds,
    ) -> Result<Company, EditError> {
        let company = self.load(actor.company()?)?;
        match company.edit(changes, self.clock.now()) {
            None => Ok(company),
            Some(edited) => {
                let act = AuditAct::EditCompany(
                    company.id,
                    company.difference_from(&edited),
                    edited.difference_from(&company),
                );
                let event = audit::event((&*self.ids, &*self.clock), actor.user_id(), act, request);
                self.companies.update(&edited, &event)?;
                Ok(edited)
            }
        }
    }

    /// The members of the company of the actor, oldest first.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a company; the storage failed.
    pub fn members(&self, actor: &Actor, page: PageRequest) -> Result<Page<Member>, AccessError> {
        let id = actor.company()?;
        Ok(self.companies.members(id, page)?)
    }

    /// The present dashboard of the company of the actor.
    ///
    /// # Errors
    ///
    /// [`AccessError::Forbidden`] for an actor without a company; the storage failed.
    pub fn dashboard(&self, actor: &Actor) -> Result<Dashboard, AccessError> {
        Ok(self.companies.dashboard(actor.company()?)?)
    }

    fn load(&self, id: CompanyId) -> Result<Company, AccessError> {
        self.companies.find(id)?.ok_or(AccessError::NotFound)
    }
}

#[cfg(test)]
mod tests;
