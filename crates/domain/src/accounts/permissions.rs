use super::Role;

/// A permission of some roles. The owner of a resource is checked separately, on
/// the loaded resource.
///
/// `matrix.txt`, in the same folder, has the result of both for every route.
///
/// ```
/// use repower_domain::accounts::{Permission, Role};
///
/// let editors = Role::ALL.iter().filter(|role| role.permits(Permission::EditCompany));
/// assert!(editors.eq(&[Role::CompanyAdmin, Role::CompanyManager]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Permission {
    /// Create, edit, publish and close the company's jobs.
    ManageJobs,
    /// Read candidates: applications, technicians and their passports.
    ViewCandidates,
    /// Read the company, its members, and its jobs in every status.
    SeeCompany,
    /// Edit the company.
    EditCompany,
    /// Manage the company's members and invitations.
    ManageMembers,
    /// Evaluate technicians after a job.
    LeaveEvaluations,
    /// Read and edit the own passport.
    OwnPassport,
    /// Compare a technician with a job: the own passport, or that of a candidate.
    SeeCompliance,
    /// Apply for jobs.
    Apply,
    /// Read the own applications.
    SeeOwnApplications,
    /// Change the status of an application, by the transitions of the own side.
    MoveApplications,
    /// Read an application with its history.
    SeeApplications,
    /// Chat as a technician or for the company.
    Chat,
    /// Administer the marketplace.
    Administer,
    /// Judge certifications, and revoke those of a provider.
    VerifyCertifications,
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
        Self::SeeCompliance,
        Self::Apply,
        Self::SeeOwnApplications,
        Self::MoveApplications,
        Self::SeeApplications,
        Self::Chat,
        Self::Administer,
        Self::VerifyCertifications,
    ];
}

impl Role {
    /// Whether the role has a permission.
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
            Permission::SeeCompliance => {
                self.permits(Permission::OwnPassport) || self.permits(Permission::ViewCandidates)
            }
            Permission::MoveApplications | Permission::SeeApplications | Permission::Chat => {
                matches!(self, Technician | CompanyAdmin | CompanyManager | CompanyRecruiter)
            }
            Permission::Administer | Permission::VerifyCertifications => matches!(self, SuperAdmin),
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
        (Permission::SeeCompliance, "TAMR--"),
        (Permission::Apply, "T-----"),
        (Permission::SeeOwnApplications, "T-----"),
        (Permission::MoveApplications, "TAMR--"),
        (Permission::SeeApplications, "TAMR--"),
        (Permission::Chat, "TAMR--"),
        (Permission::Administer, "-----S"),
        (Permission::VerifyCertifications, "-----S"),
    ];

    #[test]
    fn the_permissions_are_those_of_the_contract() {
        assert_eq!(TABLE.iter().map(|(permission, _)| *permission).collect::<Vec<_>>(), Permission::ALL);
        for (permission, roles) in TABLE {
            for (role, mark) in Role::ALL.iter().zip(roles.chars()) {
                assert_eq!(role.permits(*permission), mark != '-', "{role} {permission:?}");
            }
        }
    }
}
