use chrono::{DateTime, Utc};

use crate::{
    Revision,
    ids::{TechnicianId, UserId},
    named::named_enum,
    values::{Amount, Bio, CalendarDate, Country, Currency, DayRateRange, FullName, Inconsistent, YearsExperience},
};

named_enum! {
    /// A field of work: what a technician does and what a job asks for.
    Discipline {
        /// Repair of rotor blades.
        BladeRepair = "BLADE_REPAIR",
        /// Inspection of turbines.
        Inspection = "INSPECTION",
        /// Work on ropes.
        RopeAccess = "ROPE_ACCESS",
        /// Electrical work.
        Electrical = "ELECTRICAL",
        /// Taking turbines into operation.
        Commissioning = "COMMISSIONING",
        /// Anything else.
        Other = "OTHER",
    }
}

named_enum! {
    /// How far from home a technician works.
    Mobility {
        /// Near home.
        Local = "LOCAL",
        /// In the region.
        Regional = "REGIONAL",
        /// Anywhere.
        Global = "GLOBAL",
    }
}

/// What a technician says of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TechnicianProfile {
    /// Their name.
    pub full_name: FullName,
    /// Where they live.
    pub country: Country,
    /// What they do first of all.
    pub primary_discipline: Discipline,
    /// For how long they have done such work.
    pub years_experience: YearsExperience,
    /// More about them.
    pub bio: Option<Bio>,
    /// How far from home they work.
    pub mobility: Mobility,
    /// What a day of theirs costs.
    pub day_rate: DayRateRange,
    /// The first day they can work; `None` when they can at once.
    pub availability_from: Option<CalendarDate>,
}

/// A technician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technician {
    /// Their identity.
    pub id: TechnicianId,
    /// Their account.
    pub user_id: UserId,
    /// What they say of themselves.
    pub profile: TechnicianProfile,
    /// The revision it was loaded at.
    pub revision: Revision,
    /// When they registered.
    pub created_at: DateTime<Utc>,
    /// When the profile was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is to change about a technician: `None` leaves a field as it is, and
/// `Some(None)` clears one that may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TechnicianChanges {
    /// Another name.
    pub full_name: Option<FullName>,
    /// Another country.
    pub country: Option<Country>,
    /// Another discipline.
    pub primary_discipline: Option<Discipline>,
    /// More experience.
    pub years_experience: Option<YearsExperience>,
    /// Another text about them, or none.
    pub bio: Option<Option<Bio>>,
    /// Another mobility.
    pub mobility: Option<Mobility>,
    /// Another lower day rate, or none.
    pub day_rate_min: Option<Option<Amount>>,
    /// Another upper day rate, or none.
    pub day_rate_max: Option<Option<Amount>>,
    /// Another currency.
    pub currency: Option<Currency>,
    /// Another first day, or none.
    pub availability_from: Option<Option<CalendarDate>>,
}

impl Technician {
    /// The technician with the changes made; `None` when there are none.
    ///
    /// [`Inconsistent::DayRates`] when the merged rates contradict each other.
    pub fn edit(&self, changes: TechnicianChanges, now: DateTime<Utc>) -> Result<Option<Self>, Inconsistent> {
        if changes == TechnicianChanges::default() {
            return Ok(None);
        }
        let old = &self.profile;
        let day_rate = DayRateRange::new(
            changes.day_rate_min.unwrap_or(old.day_rate.from()),
            changes.day_rate_max.unwrap_or(old.day_rate.to()),
            changes.currency.unwrap_or(old.day_rate.currency()),
        )?;
        let profile = TechnicianProfile {
            full_name: changes.full_name.unwrap_or_else(|| old.full_name.clone()),
            country: changes.country.unwrap_or(old.country),
            primary_discipline: changes.primary_discipline.unwrap_or(old.primary_discipline),
            years_experience: changes.years_experience.unwrap_or(old.years_experience),
            bio: changes.bio.unwrap_or_else(|| old.bio.clone()),
            mobility: changes.mobility.unwrap_or(old.mobility),
            day_rate,
            availability_from: changes.availability_from.unwrap_or(old.availability_from),
        };
        Ok(Some(Self { profile, updated_at: now, ..self.clone() }))
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
                day_rate: DayRateRange::new(amount(300), amount(400), Currency::default()).unwrap(),
                availability_from: None,
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
    fn no_change_leaves_the_technician_as_they_were() {
        assert_eq!(technician().edit(TechnicianChanges::default(), DateTime::<Utc>::MAX_UTC), Ok(None));
    }

    #[test]
    fn a_change_reaches_its_field_only() {
        let changes = TechnicianChanges { bio: Some(None), mobility: Some(Mobility::Local), ..Default::default() };
        let edited = technician().edit(changes, DateTime::<Utc>::MAX_UTC).unwrap().unwrap();
        assert_eq!((edited.profile.bio, edited.profile.mobility), (None, Mobility::Local));
        assert_eq!(edited.profile.day_rate, technician().profile.day_rate);
        assert_eq!(edited.updated_at, DateTime::<Utc>::MAX_UTC);
    }

    #[test]
    fn the_rates_are_held_against_each_other_after_merging() {
        let upper = TechnicianChanges { day_rate_max: Some(amount(299)), ..Default::default() };
        assert_eq!(technician().edit(upper, DateTime::UNIX_EPOCH), Err(Inconsistent::DayRates));
        let both = TechnicianChanges {
            day_rate_min: Some(amount(200)),
            day_rate_max: Some(amount(299)),
            ..Default::default()
        };
        assert!(technician().edit(both, DateTime::UNIX_EPOCH).is_ok());
        let cleared =
            TechnicianChanges { day_rate_min: Some(None), day_rate_max: Some(amount(10)), ..Default::default() };
        assert!(technician().edit(cleared, DateTime::UNIX_EPOCH).is_ok());
    }
}
