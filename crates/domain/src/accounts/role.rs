use crate::named::named_enum;

named_enum! {
    /// The role of a user. For a member of a company it is `COMPANY_` and the role in the company.
    accounts::Role {
        /// A technician with a passport.
        Technician = "TECHNICIAN",
        /// A company's [`CompanyRole::Admin`].
        CompanyAdmin = "COMPANY_ADMIN",
        /// A company's [`CompanyRole::Manager`].
        CompanyManager = "COMPANY_MANAGER",
        /// A company's [`CompanyRole::Recruiter`].
        CompanyRecruiter = "COMPANY_RECRUITER",
        /// A company's [`CompanyRole::Viewer`].
        CompanyViewer = "COMPANY_VIEWER",
        /// An administrator of the marketplace.
        SuperAdmin = "SUPER_ADMIN",
    }
}

named_enum! {
    /// The role of a member in their company.
    accounts::CompanyRole {
        /// Manages the company and its members.
        Admin = "ADMIN",
        /// Recruits, and edits the company.
        Manager = "MANAGER",
        /// Recruits.
        Recruiter = "RECRUITER",
        /// Reads, and evaluates technicians.
        Viewer = "VIEWER",
    }
}

named_enum! {
    /// A role that registration is open to. Other roles are assigned.
    accounts::RegistrableRole {
        /// A technician.
        Technician = "TECHNICIAN",
        /// The first ADMIN of a new company.
        CompanyAdmin = "COMPANY_ADMIN",
    }
}

impl Role {
    /// The role in the company; `None` for a role outside companies.
    pub const fn in_company(self) -> Option<CompanyRole> {
        match self {
            Self::CompanyAdmin => Some(CompanyRole::Admin),
            Self::CompanyManager => Some(CompanyRole::Manager),
            Self::CompanyRecruiter => Some(CompanyRole::Recruiter),
            Self::CompanyViewer => Some(CompanyRole::Viewer),
            Self::Technician | Self::SuperAdmin => None,
        }
    }
}

impl From<CompanyRole> for Role {
    fn from(role: CompanyRole) -> Self {
        match role {
            CompanyRole::Admin => Self::CompanyAdmin,
            CompanyRole::Manager => Self::CompanyManager,
            CompanyRole::Recruiter => Self::CompanyRecruiter,
            CompanyRole::Viewer => Self::CompanyViewer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_of_a_member_is_company_and_the_role_in_the_company() {
        for role in CompanyRole::ALL {
            assert_eq!(Role::from(*role).as_str(), format!("COMPANY_{role}"));
            assert_eq!(Role::from(*role).in_company(), Some(*role));
        }
    }

    #[test]
    fn a_role_is_read_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
    }
}
