use chrono::{DateTime, Utc};
use typed_builder::TypedBuilder;

use crate::{
    Edit, Revision,
    accounts::CompanyRole,
    ids::{CompanyId, MemberId, UserId},
    values::{CompanyDescription, CompanyName, Country, Email, FullName, WebUrl},
};

/// The profile of a company.
///
/// See the example of [`Company`].
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct CompanyProfile {
    /// The name.
    pub name: CompanyName,
    /// The country.
    pub country: Country,
    /// The website.
    pub website: Option<WebUrl>,
    /// The description.
    pub description: Option<CompanyDescription>,
}

/// A company that hires technicians.
///
/// ```
/// use repower_domain::{
///     Revision,
///     chrono::DateTime,
///     companies::{Company, CompanyChanges, CompanyProfile},
///     uuid::Uuid,
/// };
///
/// let now = DateTime::UNIX_EPOCH;
/// let verified = Company::builder()
///     .id(Uuid::from_u128(1).into())
///     .profile(CompanyProfile::builder()
///         .name("Nordwind".parse()?)
///         .country("DK".parse()?)
///         .website(None)
///         .description(None)
///         .build())
///     .verified_at(Some(now))
///     .revision(Revision::FIRST)
///     .created_at(now)
///     .updated_at(now)
///     .build();
/// // A verification ends with the name that was verified.
/// let changes = CompanyChanges::builder().name("Sydwind".parse().ok()).build();
/// assert_eq!(verified.edit(changes, now).map(|renamed| renamed.verified_at), Some(None));
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Company {
    /// The id.
    pub id: CompanyId,
    /// The profile.
    pub profile: CompanyProfile,
    /// When it was verified; `None` for a company that is not.
    pub verified_at: Option<DateTime<Utc>>,
    /// The revision at the time of loading.
    pub revision: Revision,
    /// The time of the registration.
    pub created_at: DateTime<Utc>,
    /// The time of the last change.
    pub updated_at: DateTime<Utc>,
}

/// Changes of a company. `None` leaves a field unchanged, as [`Edit::Leave`] does.
///
/// ```
/// use repower_domain::{Edit, companies::CompanyChanges};
///
/// let changes = CompanyChanges::builder().website(Edit::Clear).build();
/// assert_ne!(changes, CompanyChanges::default());
/// assert_eq!((changes.name, changes.description), (None, Edit::Leave));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, TypedBuilder)]
#[builder(field_defaults(default))]
#[non_exhaustive]
pub struct CompanyChanges {
    /// The new name.
    pub name: Option<CompanyName>,
    /// The new country.
    pub country: Option<Country>,
    /// The new website.
    pub website: Edit<WebUrl>,
    /// The new description.
    pub description: Edit<CompanyDescription>,
}

impl Company {
    /// The company with the changes applied; `None` if they change nothing. A verification
    /// is of a name and a country, and ends with either.
    pub fn edit(&self, changes: CompanyChanges, now: DateTime<Utc>) -> Option<Self> {
        let old = &self.profile;
        let profile = CompanyProfile {
            name: changes.name.unwrap_or_else(|| old.name.clone()),
            country: changes.country.unwrap_or(old.country),
            website: changes.website.of(old.website.as_ref()),
            description: changes.description.of(old.description.as_ref()),
        };
        let is_same = (&profile.name, profile.country) == (&old.name, old.country);
        let verified_at = self.verified_at.filter(|_| is_same);
        (profile != *old).then(|| Self { profile, verified_at, updated_at: now.max(self.updated_at), ..self.clone() })
    }

    /// The values of this company's fields that differ from those of another one, of a long
    /// description the first 300 characters: the audit log keeps them for ever.
    pub fn difference_from(&self, other: &Self) -> CompanyChanges {
        fn new<T: Clone + PartialEq, E: From<T> + Default>(own: &T, others: &T) -> E {
            if own == others { E::default() } else { own.clone().into() }
        }
        let (own, others) = (&self.profile, &other.profile);
        CompanyChanges {
            name: new(&own.name, &others.name),
            country: new(&own.country, &others.country),
            website: new(&own.website, &others.website),
            description: match new(&own.description, &others.description) {
                Edit::Set(description) => beginning(&description).into(),
                edit => edit,
            },
        }
    }
}

/// The first 300 characters of a description.
fn beginning(description: &CompanyDescription) -> Option<CompanyDescription> {
    description.as_str().chars().take(300).collect::<String>().parse().ok()
}

/// A user's membership in a company. A user belongs to one company at most.
///
/// See the example of [`TeamChange`](super::TeamChange).
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Member {
    /// The id.
    pub id: MemberId,
    /// The user.
    pub user_id: UserId,
    /// The company.
    pub company_id: CompanyId,
    /// The email of the user.
    pub email: Email,
    /// The name of the user.
    pub full_name: FullName,
    /// The role in the company.
    pub role: CompanyRole,
    /// The time when the user joined.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn company() -> Company {
        let created = DateTime::UNIX_EPOCH;
        Company {
            id: Uuid::from_u128(1).into(),
            profile: CompanyProfile {
                name: "Nordwind".parse().unwrap(),
                country: "DK".parse().unwrap(),
                website: "https://nordwind.example".parse().ok(),
                description: None,
            },
            verified_at: None,
            revision: Revision::FIRST,
            created_at: created,
            updated_at: created,
        }
    }

    #[test]
    fn without_changes_an_edit_returns_none() {
        assert_eq!(company().edit(CompanyChanges::default(), DateTime::<Utc>::MAX_UTC), None);
        let same = CompanyChanges { name: "Nordwind".parse().ok(), description: Edit::Clear, ..Default::default() };
        assert_eq!(company().edit(same, DateTime::<Utc>::MAX_UTC), None);
    }

    #[test]
    fn a_change_affects_its_field_only() {
        let changes = CompanyChanges { country: "DE".parse().ok(), website: Edit::Clear, ..Default::default() };
        let edited = company().edit(changes, DateTime::<Utc>::MAX_UTC).unwrap();
        assert_eq!(edited.profile.country.alpha2(), "DE");
        assert_eq!(edited.profile.website, None);
        assert_eq!(edited.profile.name, company().profile.name);
        assert_eq!(edited.updated_at, DateTime::<Utc>::MAX_UTC);
    }

    #[test]
    fn a_verification_ends_with_the_name_or_the_country_only() {
        let verified = Company { verified_at: Some(DateTime::UNIX_EPOCH), ..company() };
        let after = |changes| verified.edit(changes, DateTime::<Utc>::MAX_UTC).unwrap().verified_at;
        assert_eq!(after(CompanyChanges { name: "Vestas".parse().ok(), ..Default::default() }), None);
        assert_eq!(after(CompanyChanges { country: "DE".parse().ok(), ..Default::default() }), None);
        let rest =
            CompanyChanges { website: Edit::Clear, description: Edit::Set("x".parse().unwrap()), ..Default::default() };
        assert_eq!(after(rest), Some(DateTime::UNIX_EPOCH));
    }

    #[test]
    fn the_difference_of_an_edit_is_its_changes_without_those_to_the_same_value() {
        let name = "Nordwind".parse().ok();
        let changes = CompanyChanges { name, country: "DE".parse().ok(), website: Edit::Clear, ..Default::default() };
        let edited = company().edit(changes.clone(), DateTime::<Utc>::MAX_UTC).unwrap();
        assert_eq!(edited.difference_from(&company()), CompanyChanges { name: None, ..changes });
        let old = company().difference_from(&edited);
        assert_eq!((old.country, old.website), ("DK".parse().ok(), Edit::from(company().profile.website)));
    }

    #[test]
    fn the_difference_has_the_beginning_of_a_description() {
        let description = |length: usize| Edit::Set("ø".repeat(length).parse().unwrap());
        let changes = CompanyChanges { description: description(10_000), ..Default::default() };
        let edited = company().edit(changes, DateTime::<Utc>::MAX_UTC).unwrap();
        assert_eq!(edited.difference_from(&company()).description, description(300));
        let cleared = CompanyChanges { description: Edit::Clear, ..Default::default() };
        let cleared = edited.edit(cleared, DateTime::<Utc>::MAX_UTC).unwrap();
        assert_eq!(cleared.difference_from(&edited).description, Edit::Clear);
    }
}
