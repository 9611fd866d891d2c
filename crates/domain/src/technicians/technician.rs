use chrono::{DateTime, Utc};
use typed_builder::TypedBuilder;

use crate::{
    Edit, Revision,
    ids::{TechnicianId, UserId},
    named::named_enum,
    values::{
        Amount, Bio, CalendarDate, Country, Currency, DayRateRange, FullName, Inconsistent, IrataNumber, WindaId,
        YearsExperience,
    },
};

named_enum! {
    /// The field of work of a technician or a job.
    technicians::Discipline(non_exhaustive) {
        /// Repair of rotor blades.
        BladeRepair = "BLADE_REPAIR",
        /// Inspection of turbines.
        Inspection = "INSPECTION",
        /// Work on ropes.
        RopeAccess = "ROPE_ACCESS",
        /// Electrical work.
        Electrical = "ELECTRICAL",
        /// Commissioning of turbines.
        Commissioning = "COMMISSIONING",
        /// Other work.
        Other = "OTHER",
    }
}

named_enum! {
    /// The region in which a technician works.
    technicians::Mobility {
        /// Near home.
        Local = "LOCAL",
        /// In the region.
        Regional = "REGIONAL",
        /// Worldwide.
        Global = "GLOBAL",
    }
}

named_enum! {
    /// Which companies a technician is visible to.
    technicians::Visibility {
        /// All that may see candidates.
        Companies = "COMPANIES",
        /// Those that the technician applied to or chats with.
        Applied = "APPLIED",
    }
}

named_enum! {
    /// The order of a search for technicians; `-` is descending.
    technicians::TechnicianSort(non_exhaustive) {
        /// The latest registration first.
        CreatedAt = "-createdAt",
        /// The highest average rating first; technicians without one are last.
        AverageRating = "-averageRating",
        /// The most years of experience first.
        YearsExperience = "-yearsExperience",
    }
}

/// The profile of a technician.
///
/// See the example of [`TechnicianChanges`].
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct TechnicianProfile {
    /// The name.
    pub full_name: FullName,
    /// The country of residence.
    pub country: Country,
    /// The main field of work.
    pub primary_discipline: Discipline,
    /// The years of experience in it.
    pub years_experience: YearsExperience,
    /// The description.
    pub bio: Option<Bio>,
    /// The region of work.
    pub mobility: Mobility,
    /// Which companies the technician is visible to.
    pub visibility: Visibility,
    /// The day rates.
    pub day_rate: DayRateRange,
    /// The first available day; `None` if it is not set.
    pub availability_from: Option<CalendarDate>,
    /// The id in the register of GWO; for the technician and verifiers only.
    #[builder(default)]
    pub winda_id: Option<WindaId>,
    /// The number at IRATA; for the technician and verifiers only.
    #[builder(default)]
    pub irata_number: Option<IrataNumber>,
}

/// A technician.
///
/// See the example of [`TechnicianChanges`].
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Technician {
    /// The id.
    pub id: TechnicianId,
    /// The user.
    pub user_id: UserId,
    /// The profile.
    pub profile: TechnicianProfile,
    /// The revision at the time of loading.
    pub revision: Revision,
    /// The time of the registration.
    pub created_at: DateTime<Utc>,
    /// The time of the last change of the profile.
    pub updated_at: DateTime<Utc>,
}

/// Changes of a profile. `None` leaves a field unchanged, as [`Edit::Leave`] does.
///
/// ```
/// use repower_domain::{
///     Edit, Revision,
///     chrono::DateTime,
///     technicians::{Discipline, Mobility, Technician, TechnicianChanges, TechnicianProfile, Visibility},
///     uuid::Uuid,
///     values::{Currency, DayRateRange, YearsExperience},
/// };
///
/// let technician = Technician::builder()
///     .id(Uuid::from_u128(1).into())
///     .user_id(Uuid::from_u128(2).into())
///     .profile(TechnicianProfile::builder()
///         .full_name("Ana Ruiz".parse()?)
///         .country("ES".parse()?)
///         .primary_discipline(Discipline::BladeRepair)
///         .years_experience(YearsExperience::try_from(4)?)
///         .bio(Some("Blades since 2020".parse()?))
///         .mobility(Mobility::Global)
///         .visibility(Visibility::Companies)
///         .day_rate(DayRateRange::unknown(Currency::default()))
///         .availability_from(None)
///         .build())
///     .revision(Revision::FIRST)
///     .created_at(DateTime::UNIX_EPOCH)
///     .updated_at(DateTime::UNIX_EPOCH)
///     .build();
/// let changes = TechnicianChanges::builder().bio(Edit::Clear).build();
/// let edited = technician.edit(changes, DateTime::UNIX_EPOCH)?;
/// assert_eq!(edited.map(|edited| edited.profile.bio), Some(None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, TypedBuilder)]
#[builder(field_defaults(default))]
#[non_exhaustive]
pub struct TechnicianChanges {
    /// The new name.
    pub full_name: Option<FullName>,
    /// The new country.
    pub country: Option<Country>,
    /// The new field of work.
    pub primary_discipline: Option<Discipline>,
    /// The new years of experience.
    pub years_experience: Option<YearsExperience>,
    /// The new description.
    pub bio: Edit<Bio>,
    /// The new region of work.
    pub mobility: Option<Mobility>,
    /// The new visibility.
    pub visibility: Option<Visibility>,
    /// The new lower day rate.
    pub day_rate_min: Edit<Amount>,
    /// The new upper day rate.
    pub day_rate_max: Edit<Amount>,
    /// The new currency.
    pub currency: Option<Currency>,
    /// The new first available day.
    pub availability_from: Edit<CalendarDate>,
    /// The new id in the register of GWO.
    pub winda_id: Edit<WindaId>,
    /// The new number at IRATA.
    pub irata_number: Edit<IrataNumber>,
}

impl Technician {
    /// The technician with the changes applied; `None` if there are no changes.
    ///
    /// # Errors
    ///
    /// [`Inconsistent::DayRates`] if the merged rates contradict each other.
    pub fn edit(&self, changes: TechnicianChanges, now: DateTime<Utc>) -> Result<Option<Self>, Inconsistent> {
        if changes == TechnicianChanges::default() {
            return Ok(None);
        }
        let old = &self.profile;
        let day_rate = DayRateRange::new(
            changes.day_rate_min.of(old.day_rate.lower().as_ref()),
            changes.day_rate_max.of(old.day_rate.upper().as_ref()),
            changes.currency.unwrap_or(old.day_rate.currency()),
        )?;
        let profile = TechnicianProfile {
            full_name: changes.full_name.unwrap_or_else(|| old.full_name.clone()),
            country: changes.country.unwrap_or(old.country),
            primary_discipline: changes.primary_discipline.unwrap_or(old.primary_discipline),
            years_experience: changes.years_experience.unwrap_or(old.years_experience),
            bio: changes.bio.of(old.bio.as_ref()),
            mobility: changes.mobility.unwrap_or(old.mobility),
            visibility: changes.visibility.unwrap_or(old.visibility),
            day_rate,
            availability_from: changes.availability_from.of(old.availability_from.as_ref()),
            winda_id: changes.winda_id.of(old.winda_id.as_ref()),
            irata_number: changes.irata_number.of(old.irata_number.as_ref()),
        };
        Ok(Some(Self { profile, updated_at: now.max(self.updated_at), ..self.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn technician() -> Technician {
        let registered = DateTime::UNIX_EPOCH;
        let amount = |number| Some(Amount::try_from(number).unwrap());
        Technician {
            id: Uuid::from_u128(1).into(),
            user_id: Uuid::from_u128(2).into(),
            profile: TechnicianProfile {
                full_name: "Ana Ruiz".parse().unwrap(),
                country: "ES".parse().unwrap(),
                primary_discipline: Discipline::BladeRepair,
                years_experience: YearsExperience::try_from(4).unwrap(),
                bio: "Blades since 2020".parse().ok(),
                mobility: Mobility::Global,
                visibility: Visibility::Companies,
                day_rate: DayRateRange::new(amount(300), amount(400), Currency::default()).unwrap(),
                availability_from: None,
                winda_id: "JS123456GB".parse().ok(),
                irata_number: None,
            },
            revision: Revision::FIRST,
            created_at: registered,
            updated_at: registered,
        }
    }

    fn amount(number: i64) -> Option<Amount> {
        Amount::try_from(number).ok()
    }

    #[test]
    fn without_changes_an_edit_returns_none() {
        assert_eq!(technician().edit(TechnicianChanges::default(), DateTime::<Utc>::MAX_UTC), Ok(None));
    }

    #[test]
    fn a_change_affects_its_field_only() {
        let changes = TechnicianChanges {
            bio: Edit::Clear,
            mobility: Some(Mobility::Local),
            visibility: Some(Visibility::Applied),
            irata_number: Edit::Set("3/12345".parse().unwrap()),
            ..Default::default()
        };
        let edited = technician().edit(changes, DateTime::<Utc>::MAX_UTC).unwrap().unwrap();
        let TechnicianProfile { bio, mobility, visibility, winda_id, irata_number, .. } = &edited.profile;
        assert_eq!((winda_id, irata_number), (&"JS123456GB".parse().ok(), &"3/12345".parse().ok()));
        assert_eq!((bio, *mobility, *visibility), (&None, Mobility::Local, Visibility::Applied));
        assert_eq!(edited.profile.day_rate, technician().profile.day_rate);
        assert_eq!(edited.updated_at, DateTime::<Utc>::MAX_UTC);
    }

    #[test]
    fn the_rates_are_compared_after_merging() {
        let upper = TechnicianChanges { day_rate_max: amount(299).into(), ..Default::default() };
        assert_eq!(technician().edit(upper, DateTime::UNIX_EPOCH), Err(Inconsistent::DayRates));
        let both = TechnicianChanges {
            day_rate_min: amount(200).into(),
            day_rate_max: amount(299).into(),
            ..Default::default()
        };
        assert!(technician().edit(both, DateTime::UNIX_EPOCH).is_ok());
        let cleared =
            TechnicianChanges { day_rate_min: Edit::Clear, day_rate_max: amount(10).into(), ..Default::default() };
        assert!(technician().edit(cleared, DateTime::UNIX_EPOCH).is_ok());
    }
}
