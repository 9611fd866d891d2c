use crate::named::named_enum;

named_enum! {
    /// What a user is. A member of a company is `COMPANY_` and their role in it.
    Role {
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
        /// Who runs the marketplace.
        SuperAdmin = "SUPER_ADMIN",
    }
}

named_enum! {
    /// What a member is in their company.
    CompanyRole {
        /// Runs the company's account, its members included.
        Admin = "ADMIN",
        /// Recruits, and edits the company.
        Manager = "MANAGER",
        /// Recruits.
        Recruiter = "RECRUITER",
        /// Looks on, and evaluates.
        Viewer = "VIEWER",
    }
}

named_enum! {
    /// What anybody may register as; all other roles are given.
    RegistrableRole {
        /// A technician.
        Technician = "TECHNICIAN",
        /// The first administrator of a new company.
        CompanyAdmin = "COMPANY_ADMIN",
    }
}

impl Role {
    /// The role in the company; `None` for those who belong to none.
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
    fn a_members_role_is_company_and_the_role_in_it() {
        for role in CompanyRole::ALL {
            assert_eq!(Role::from(*role).as_str(), format!("COMPANY_{role}"));
            assert_eq!(Role::from(*role).in_company(), Some(*role));
        }
    }

    #[test]
    fn a_role_reads_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
    }
}
