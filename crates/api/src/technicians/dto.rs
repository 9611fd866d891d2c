use repower_domain::{
    Edit,
    ids::{TechnicianId, UserId},
    technicians::{Discipline, Mobility, Technician, TechnicianChanges, Visibility},
    values::{
        Amount, AverageRating, Bio, CalendarDate, Country, Currency, DayRateRange, FullName, IrataNumber, WindaId,
        YearsExperience,
    },
};
use repower_http::{
    Timestamp,
    input::{Change, Clearable, reject_inconsistent},
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::technicians::RatedTechnician;
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::error::Error;

/// A technician.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TechnicianView {
    id: TechnicianId,
    user_id: UserId,
    full_name: FullName,
    country: Country,
    primary_discipline: Discipline,
    years_experience: YearsExperience,
    bio: Option<Bio>,
    mobility: Mobility,
    visibility: Visibility,
    day_rate_min: Option<Amount>,
    day_rate_max: Option<Amount>,
    currency: Currency,
    /// Null means at once.
    availability_from: Option<CalendarDate>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Technician> for TechnicianView {
    fn from(technician: Technician) -> Self {
        let profile = technician.profile;
        Self {
            id: technician.id,
            user_id: technician.user_id,
            full_name: profile.full_name,
            country: profile.country,
            primary_discipline: profile.primary_discipline,
            years_experience: profile.years_experience,
            bio: profile.bio,
            mobility: profile.mobility,
            visibility: profile.visibility,
            day_rate_min: profile.day_rate.lower(),
            day_rate_max: profile.day_rate.upper(),
            currency: profile.day_rate.currency(),
            availability_from: profile.availability_from,
            created_at: technician.created_at.into(),
            updated_at: technician.updated_at.into(),
        }
    }
}

/// The profile of the caller.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnTechnicianView {
    #[serde(flatten)]
    technician: TechnicianView,
    /// Companies do not see it.
    winda_id: Option<WindaId>,
    /// Companies do not see it.
    irata_number: Option<IrataNumber>,
}

impl From<Technician> for OwnTechnicianView {
    fn from(technician: Technician) -> Self {
        Self {
            winda_id: technician.profile.winda_id.clone(),
            irata_number: technician.profile.irata_number.clone(),
            technician: technician.into(),
        }
    }
}

/// A technician with the average rating.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RatedTechnicianView {
    #[serde(flatten)]
    technician: TechnicianView,
    /// Over all evaluations; null without any.
    average_rating: Option<AverageRating>,
    evaluation_count: u32,
}

impl From<RatedTechnician> for RatedTechnicianView {
    fn from(rated: RatedTechnician) -> Self {
        Self {
            technician: rated.technician.into(),
            average_rating: rated.ratings.average(),
            evaluation_count: rated.ratings.count(),
        }
    }
}

/// `PATCH /api/technicians/me`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "rates_in_order", skip_on_field_errors = false))]
pub(crate) struct EditTechnicianBody {
    full_name: Change<FullName>,
    country: Change<Country>,
    primary_discipline: Change<Discipline>,
    years_experience: Change<YearsExperience>,
    /// Null clears it.
    bio: Clearable<Bio>,
    mobility: Change<Mobility>,
    /// APPLIED: found by no search, and visible to companies that the technician applied to or chats with.
    visibility: Change<Visibility>,
    /// The lowest rate that the technician accepts. Null clears it.
    day_rate_min: Clearable<Amount>,
    /// Null clears it.
    day_rate_max: Clearable<Amount>,
    currency: Change<Currency>,
    /// Null means at once.
    availability_from: Clearable<CalendarDate>,
    /// For verifiers only. Null clears it.
    winda_id: Clearable<WindaId>,
    /// For verifiers only. Null clears it.
    irata_number: Clearable<IrataNumber>,
}

// Whether the body contradicts the stored fields is checked on the merged result.
fn rates_in_order(body: &EditTechnicianBody) -> Result<(), ValidationError> {
    let [min, max] = [&body.day_rate_min, &body.day_rate_max].map(|rate| rate.valid().copied().and_then(Edit::value));
    reject_inconsistent("dayRateMax", "dayRateMin", DayRateRange::new(min, max, Currency::default()).err())
}

impl TryFrom<EditTechnicianBody> for TechnicianChanges {
    type Error = Error;

    fn try_from(body: EditTechnicianBody) -> Result<Self, Error> {
        Ok(Self::builder()
            .full_name(body.full_name.get()?)
            .country(body.country.get()?)
            .primary_discipline(body.primary_discipline.get()?)
            .years_experience(body.years_experience.get()?)
            .bio(body.bio.get()?)
            .mobility(body.mobility.get()?)
            .visibility(body.visibility.get()?)
            .day_rate_min(body.day_rate_min.get()?)
            .day_rate_max(body.day_rate_max.get()?)
            .currency(body.currency.get()?)
            .availability_from(body.availability_from.get()?)
            .winda_id(body.winda_id.get()?)
            .irata_number(body.irata_number.get()?)
            .build())
    }
}
