use chrono::{DateTime, Utc};

use crate::{
    Revision,
    accounts::CompanyRole,
    ids::{CompanyId, MemberId, UserId},
    values::{CompanyDescription, CompanyName, Country, Email, WebUrl},
};

/// What a company says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyProfile {
    /// Its name.
    pub name: CompanyName,
    /// Where it sits.
    pub country: Country,
    /// Its page.
    pub website: Option<WebUrl>,
    /// What it does.
    pub description: Option<CompanyDescription>,
}

/// A company that hires technicians.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its identity.
    pub id: CompanyId,
    /// What it says of itself.
    pub profile: CompanyProfile,
    /// The revision it was loaded at.
    pub revision: Revision,
    /// When it registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is to change about a company: `None` leaves a field as it is, and
/// `Some(None)` clears one that may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompanyChanges {
    /// A new name.
    pub name: Option<CompanyName>,
    /// A new country.
    pub country: Option<Country>,
    /// Another page, or none.
    pub website: Option<Option<WebUrl>>,
    /// Another description, or none.
    pub description: Option<Option<CompanyDescription>>,
}

impl Company {
    /// The company with the changes made; `None` when there are none.
    pub fn edit(&self, changes: CompanyChanges, now: DateTime<Utc>) -> Option<Self> {
        if changes == CompanyChanges::default() {
            return None;
        }
        let old = &self.profile;
        let profile = CompanyProfile {
            name: changes.name.unwrap_or_else(|| old.name.clone()),
            country: changes.country.unwrap_or(old.country),
            website: changes.website.unwrap_or_else(|| old.website.clone()),
            description: changes.description.unwrap_or_else(|| old.description.clone()),
        };
        Some(Self { profile, updated_at: now, ..self.clone() })
    }
}

/// A user's membership in a company. A user belongs to one company at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its identity.
    pub id: MemberId,
    /// Whose it is.
    pub user_id: UserId,
    /// The company.
    pub company_id: CompanyId,
    /// The user's address.
    pub email: Email,
    /// What the user is in the company.
    pub role: CompanyRole,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn company() -> Company {
        let founded = DateTime::UNIX_EPOCH;
        Company {
            id: Uuid::from_u128(1).into(),
            profile: CompanyProfile {
                name: "Nordwind".parse().unwrap(),
                country: "DK".parse().unwrap(),
                website: "https://nordwind.example".parse().ok(),
                description: None,
            },
            revision: Revision::FIRST,
            created_at: founded,
            updated_at: founded,
        }
    }

    #[test]
    fn no_change_leaves_the_company_as_it_was() {
        assert_eq!(company().edit(CompanyChanges::default(), DateTime::<Utc>::MAX_UTC), None);
    }

    #[test]
    fn a_change_reaches_its_field_only() {
        let changes = CompanyChanges { country: "DE".parse().ok(), website: Some(None), ..Default::default() };
        let edited = company().edit(changes, DateTime::<Utc>::MAX_UTC).unwrap();
        assert_eq!(edited.profile.country.alpha2(), "DE");
        assert_eq!(edited.profile.website, None);
        assert_eq!(edited.profile.name, company().profile.name);
        assert_eq!(edited.updated_at, DateTime::<Utc>::MAX_UTC);
    }
}
