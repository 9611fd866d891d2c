use thiserror::Error;

use super::{CompanyRole, Permission, Role};
use crate::{
    ids::{CompanyId, TechnicianId, UserId},
    named::named_enum,
};

named_enum! {
    /// One of the two sides of an application or a chat.
    accounts::Side {
        /// The company, with all its members.
        Company = "COMPANY",
        /// The technician.
        Technician = "TECHNICIAN",
    }
}

/// The user of a request, as the database has them at the time of the request.
///
/// ```
/// use repower_domain::{accounts::{Actor, Permission, Side}, uuid::Uuid};
///
/// let (user_id, technician_id) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
/// let actor = Actor::Technician { user_id, technician_id };
/// assert!(actor.may(Permission::Apply).is_ok());
/// assert_eq!(actor.side_between(Uuid::from_u128(3).into(), technician_id), Some(Side::Technician));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the rules of each actor are a complete match")]
pub enum Actor {
    /// A technician.
    Technician {
        /// The user.
        user_id: UserId,
        /// The passport.
        technician_id: TechnicianId,
    },
    /// A member of a company.
    Member {
        /// The user.
        user_id: UserId,
        /// The company.
        company_id: CompanyId,
        /// The role in the company.
        role: CompanyRole,
    },
    /// An administrator of the marketplace.
    SuperAdmin {
        /// The user.
        user_id: UserId,
    },
}

/// The actor does not have the permission, or the resource belongs to another company.
///
/// ```
/// use repower_domain::{accounts::{Actor, Forbidden, Permission}, uuid::Uuid};
///
/// let actor = Actor::SuperAdmin { user_id: Uuid::from_u128(1).into() };
/// assert_eq!(actor.may(Permission::Apply), Err(Forbidden));
/// assert_eq!(Forbidden.to_string(), "your role does not allow this");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("your role does not allow this")]
#[expect(clippy::exhaustive_structs, reason = "it has no content")]
pub struct Forbidden;

impl Actor {
    /// The id of the user.
    pub const fn user_id(&self) -> UserId {
        match self {
            Self::Technician { user_id, .. } | Self::Member { user_id, .. } | Self::SuperAdmin { user_id } => *user_id,
        }
    }

    /// The role.
    pub fn role(&self) -> Role {
        match self {
            Self::Technician { .. } => Role::Technician,
            Self::Member { role, .. } => Role::from(*role),
            Self::SuperAdmin { .. } => Role::SuperAdmin,
        }
    }

    /// Checks that the role has a permission.
    ///
    /// # Errors
    ///
    /// [`Forbidden`] if it does not.
    pub fn may(&self, permission: Permission) -> Result<(), Forbidden> {
        if self.role().permits(permission) { Ok(()) } else { Err(Forbidden) }
    }

    /// The passport.
    ///
    /// # Errors
    ///
    /// [`Forbidden`] for an actor who is not a technician.
    pub const fn technician(&self) -> Result<TechnicianId, Forbidden> {
        match self {
            Self::Technician { technician_id, .. } => Ok(*technician_id),
            Self::Member { .. } | Self::SuperAdmin { .. } => Err(Forbidden),
        }
    }

    /// The company.
    ///
    /// # Errors
    ///
    /// [`Forbidden`] for an actor who is not a member of a company.
    pub const fn company(&self) -> Result<CompanyId, Forbidden> {
        match self {
            Self::Member { company_id, .. } => Ok(*company_id),
            Self::Technician { .. } | Self::SuperAdmin { .. } => Err(Forbidden),
        }
    }

    /// The company, if the role has a permission.
    ///
    /// # Errors
    ///
    /// [`Forbidden`] without the permission or the company.
    pub fn company_with(&self, permission: Permission) -> Result<CompanyId, Forbidden> {
        self.may(permission)?;
        self.company()
    }

    /// The side of the actor between a company and a technician; `None` for an
    /// actor on neither side.
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
    fn a_member_has_a_company_and_no_passport() {
        assert_eq!(member(7, CompanyRole::Viewer).company(), Ok(id(7)));
        assert_eq!(member(7, CompanyRole::Viewer).technician(), Err(Forbidden));
    }

    #[test]
    fn a_technician_has_a_passport_and_no_company() {
        assert_eq!(technician(3).technician(), Ok(id(3)));
        assert_eq!(technician(3).company(), Err(Forbidden));
    }

    #[test]
    fn a_super_admin_has_neither_a_company_nor_a_passport() {
        let super_admin = Actor::SuperAdmin { user_id: id(9) };
        assert_eq!(super_admin.company(), Err(Forbidden));
        assert_eq!(super_admin.technician(), Err(Forbidden));
    }

    #[test]
    fn an_actor_has_the_permissions_of_the_role() {
        let recruiter = member(7, CompanyRole::Recruiter);
        assert_eq!(recruiter.may(Permission::ManageJobs), Ok(()));
        assert_eq!(recruiter.may(Permission::EditCompany), Err(Forbidden));
        assert_eq!(recruiter.company_with(Permission::ManageJobs), Ok(id(7)));
        assert_eq!(recruiter.company_with(Permission::EditCompany), Err(Forbidden));
        assert_eq!(technician(3).company_with(Permission::Chat), Err(Forbidden));
    }

    #[test]
    fn an_actor_without_the_company_or_the_passport_is_on_neither_side() {
        assert_eq!(technician(3).side_between(id(7), id(3)), Some(Side::Technician));
        assert_eq!(technician(4).side_between(id(7), id(3)), None);
        assert_eq!(member(7, CompanyRole::Viewer).side_between(id(7), id(3)), Some(Side::Company));
        assert_eq!(member(8, CompanyRole::Admin).side_between(id(7), id(3)), None);
        assert_eq!(Actor::SuperAdmin { user_id: id(9) }.side_between(id(7), id(3)), None);
    }
}
