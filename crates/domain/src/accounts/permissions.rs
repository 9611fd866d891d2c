use super::Role;

/// Something that only some roles may do at all. Whose thing it is done to is
/// another question, asked of the loaded thing. What comes of both, route by
/// route, stands in `matrix.txt` beside this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Create, edit, publish and close the company's jobs.
    ManageJobs,
    /// See candidates: applications, technicians and their passports.
    ViewCandidates,
    /// See the company, its members, and its jobs in every status.
    SeeCompany,
    /// Edit the company.
    EditCompany,
    /// Manage the company's members and invitations.
    ManageMembers,
    /// Evaluate technicians the company worked with.
    LeaveEvaluations,
    /// See and edit one's own passport.
    OwnPassport,
    /// Apply for jobs.
    Apply,
    /// See one's own applications.
    SeeOwnApplications,
    /// Change the status of an application, each side as far as it may.
    MoveApplications,
    /// See an application with its history, for either side of it.
    SeeApplications,
    /// Chat, for oneself or for the company.
    Chat,
    /// Run the marketplace.
    Administer,
}

impl Permission {
    /// Every permission.
    pub const ALL: &'static [Self] = &[
        Self::ManageJobs,
        Self::ViewCandidates,
        Self::SeeCompany,
        Self::EditCompany,
        Self::ManageMembers,
        Self::LeaveEvaluations,
        Self::OwnPassport,
        Self::Apply,
        Self::SeeOwnApplications,
        Self::MoveApplications,
        Self::SeeApplications,
        Self::Chat,
        Self::Administer,
    ];
}

impl Role {
    /// Whether this role may do such a thing at all.
    pub const fn permits(self, permission: Permission) -> bool {
        use Role::{CompanyAdmin, CompanyManager, CompanyRecruiter, CompanyViewer, SuperAdmin, Technician};
        match permission {
            Permission::ManageJobs | Permission::ViewCandidates => {
                matches!(self, CompanyAdmin | CompanyManager | CompanyRecruiter)
            }
            Permission::SeeCompany | Permission::LeaveEvaluations => {
                matches!(self, CompanyAdmin | CompanyManager | CompanyRecruiter | CompanyViewer)
            }
            Permission::EditCompany => matches!(self, CompanyAdmin | CompanyManager),
            Permission::ManageMembers => matches!(self, CompanyAdmin),
            Permission::OwnPassport | Permission::Apply | Permission::SeeOwnApplications => {
                matches!(self, Technician)
            }
            Permission::MoveApplications | Permission::SeeApplications | Permission::Chat => {
                matches!(self, Technician | CompanyAdmin | CompanyManager | CompanyRecruiter)
            }
            Permission::Administer => matches!(self, SuperAdmin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the contract, section 3: T technician, then ADMIN, MANAGER,
    /// RECRUITER, VIEWER and `SUPER_ADMIN`.
    const TABLE: &[(Permission, &str)] = &[
        (Permission::ManageJobs, "-AMR--"),
        (Permission::ViewCandidates, "-AMR--"),
        (Permission::SeeCompany, "-AMRV-"),
        (Permission::EditCompany, "-AM---"),
        (Permission::ManageMembers, "-A----"),
        (Permission::LeaveEvaluations, "-AMRV-"),
        (Permission::OwnPassport, "T-----"),
        (Permission::Apply, "T-----"),
        (Permission::SeeOwnApplications, "T-----"),
        (Permission::MoveApplications, "TAMR--"),
        (Permission::SeeApplications, "TAMR--"),
        (Permission::Chat, "TAMR--"),
        (Permission::Administer, "-----S"),
    ];

    #[test]
    fn the_whole_table_is_the_one_of_the_contract() {
        assert_eq!(TABLE.iter().map(|(permission, _)| *permission).collect::<Vec<_>>(), Permission::ALL);
        for (permission, roles) in TABLE {
            for (role, mark) in Role::ALL.iter().zip(roles.chars()) {
                assert_eq!(role.permits(*permission), mark != '-', "{role} {permission:?}");
            }
        }
    }
}
