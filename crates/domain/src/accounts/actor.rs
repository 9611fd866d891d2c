use thiserror::Error;

use super::{CompanyRole, Permission, Role};
use crate::{
    ids::{CompanyId, TechnicianId, UserId},
    named::named_enum,
};

named_enum! {
    /// One of the two sides that meet in an application and in a chat.
    Side {
        /// The company, whoever acts for it.
        Company = "COMPANY",
        /// The technician.
        Technician = "TECHNICIAN",
    }
}

/// Who is asking, as the database knows them at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A technician.
    Technician {
        /// Their account.
        user_id: UserId,
        /// Their passport.
        technician_id: TechnicianId,
    },
    /// A member of a company.
    Member {
        /// Their account.
        user_id: UserId,
        /// Their company.
        company_id: CompanyId,
        /// What they are in it.
        role: CompanyRole,
    },
    /// Who runs the marketplace.
    SuperAdmin {
        /// Their account.
        user_id: UserId,
    },
}

/// The role may not do this at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("your role does not allow this")]
pub struct Forbidden;

impl Actor {
    /// The account.
    pub const fn user_id(&self) -> UserId {
        match self {
            Self::Technician { user_id, .. } | Self::Member { user_id, .. } | Self::SuperAdmin { user_id } => *user_id,
        }
    }

    /// What they are.
    pub fn role(&self) -> Role {
        match self {
            Self::Technician { .. } => Role::Technician,
            Self::Member { role, .. } => Role::from(*role),
            Self::SuperAdmin { .. } => Role::SuperAdmin,
        }
    }

    /// Whether their role may do such a thing at all.
    pub fn may(&self, permission: Permission) -> Result<(), Forbidden> {
        if self.role().permits(permission) { Ok(()) } else { Err(Forbidden) }
    }

    /// Their passport.
    ///
    /// # Errors
    ///
    /// [`Forbidden`] for an actor who is no technician.
    pub const fn technician(&self) -> Result<TechnicianId, Forbidden> {
        match self {
            Self::Technician { technician_id, .. } => Ok(*technician_id),
            Self::Member { .. } | Self::SuperAdmin { .. } => Err(Forbidden),
        }
    }

    /// Their company.
    ///
    /// # Errors
    ///
    /// [`Forbidden`] for an actor who is no member of a company.
    pub const fn company(&self) -> Result<CompanyId, Forbidden> {
        match self {
            Self::Member { company_id, .. } => Ok(*company_id),
            Self::Technician { .. } | Self::SuperAdmin { .. } => Err(Forbidden),
        }
    }

    /// Their passport, where they are a technician who may do such a thing.
    pub fn technician_who_may(&self, permission: Permission) -> Result<TechnicianId, Forbidden> {
        self.may(permission)?;
        self.technician()
    }

    /// Their company, where they are a member who may do such a thing for it.
    pub fn company_for_which_may(&self, permission: Permission) -> Result<CompanyId, Forbidden> {
        self.may(permission)?;
        self.company()
    }

    /// The side they stand on between this company and this technician; `None`
    /// for strangers.
    pub fn side_between(&self, company: CompanyId, technician: TechnicianId) -> Option<Side> {
        match self {
            Self::Technician { technician_id, .. } => (*technician_id == technician).then_some(Side::Technician),
            Self::Member { company_id, .. } => (*company_id == company).then_some(Side::Company),
            Self::SuperAdmin { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id<T: From<Uuid>>(number: u128) -> T {
        Uuid::from_u128(number).into()
    }

    fn member(company: u128, role: CompanyRole) -> Actor {
        Actor::Member { user_id: id(1), company_id: id(company), role }
    }

    fn technician(number: u128) -> Actor {
        Actor::Technician { user_id: id(2), technician_id: id(number) }
    }

    #[test]
    fn a_member_acts_for_their_own_company_as_far_as_the_role_goes() {
        let recruiter = member(7, CompanyRole::Recruiter);
        assert_eq!(recruiter.company_for_which_may(Permission::ManageJobs), Ok(id(7)));
        assert_eq!(recruiter.company_for_which_may(Permission::EditCompany), Err(Forbidden));
        assert_eq!(recruiter.technician_who_may(Permission::Chat), Err(Forbidden));
    }

    #[test]
    fn a_technician_has_a_passport_and_no_company() {
        assert_eq!(technician(3).technician_who_may(Permission::OwnPassport), Ok(id(3)));
        assert_eq!(technician(3).company_for_which_may(Permission::Chat), Err(Forbidden));
    }

    #[test]
    fn a_stranger_stands_on_no_side() {
        assert_eq!(technician(3).side_between(id(7), id(3)), Some(Side::Technician));
        assert_eq!(technician(4).side_between(id(7), id(3)), None);
        assert_eq!(member(7, CompanyRole::Viewer).side_between(id(7), id(3)), Some(Side::Company));
        assert_eq!(member(8, CompanyRole::Admin).side_between(id(7), id(3)), None);
        assert_eq!(Actor::SuperAdmin { user_id: id(9) }.side_between(id(7), id(3)), None);
    }
}
