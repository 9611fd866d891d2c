use repower_domain::{
    accounts::OwnWords,
    companies::CompanyProfile,
    technicians::TechnicianProfile,
    values::{Email, FullName, Password},
};

/// The credentials of a new user, whom a command of the server registers.
#[derive(Debug, Clone)]
pub struct NewCredentials {
    /// The email.
    pub email: Email,
    /// The password.
    pub password: Password,
}

/// A user who registers.
#[derive(Debug, Clone)]
pub enum Registrant {
    /// A technician with a profile.
    Technician(Email, TechnicianProfile),
    /// A company with its first ADMIN, whom the email names where there is no name.
    Company(Email, Option<FullName>, CompanyProfile),
}

impl Registrant {
    /// The email of the new account.
    pub const fn email(&self) -> &Email {
        match self {
            Self::Technician(email, _) | Self::Company(email, _, _) => email,
        }
    }

    /// The words that the password must not be made of.
    pub fn own_words(&self) -> OwnWords {
        let own = OwnWords::of(self.email());
        match self {
            Self::Technician(_, profile) => own.and_name(&profile.full_name),
            Self::Company(_, full_name, profile) => {
                full_name.iter().fold(own.and_company(&profile.name), OwnWords::and_name)
            }
        }
    }
}
