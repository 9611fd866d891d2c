//! What companies send and are answered about technicians.

use repower_application::technicians::NewEvaluation;
use repower_domain::{
    ids::JobId,
    technicians::{Discipline, Mobility},
    values::{Amount, CalendarDate, Comment, Country, Currency, MinimumRating, Rating, SearchText, YearsExperience},
};
use repower_ports::technicians::TechnicianFilter;
use serde::Deserialize;
use validator::Validate;

use crate::{
    described,
    http::{
        ApiError, CursorText, PageLimit,
        input::{Defaulted, Optional, Required},
    },
};

described! {
    "SearchTechniciansQuery",
    /// `GET /api/technicians`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct SearchTechniciansQuery {
        /// Words, each of which occurs in name, bio or skills, in any case.
        q: Defaulted<SearchText>,
        discipline: Defaulted<Discipline>,
        country: Defaulted<Country>,
        mobility: Defaulted<Mobility>,
        /// So many years in the field or more.
        min_years_experience: Defaulted<YearsExperience>,
        /// Available on this day or before, or at once.
        available_by: Defaulted<CalendarDate>,
        /// Who works for this much or less, in `currency`, or names no rate.
        day_rate_max: Defaulted<Amount>,
        /// EUR where a rate is asked for and no currency.
        currency: Defaulted<Currency>,
        /// A part of the name of a certification that is VALID or EXPIRING.
        certification: Defaulted<SearchText>,
        /// An average rating of this or more.
        min_rating: Defaulted<MinimumRating>,
        limit: Defaulted<PageLimit>,
        cursor: Defaulted<CursorText>,
    }
}

impl SearchTechniciansQuery {
    /// Which technicians are wanted, and which part of the list.
    pub fn filter(self) -> Result<(TechnicianFilter, Option<PageLimit>, Option<CursorText>), ApiError> {
        let day_rate_max = self.day_rate_max.get()?;
        let words = self.q.get()?.map(|text| text.as_str().split_whitespace().map(str::to_owned).collect());
        let filter = TechnicianFilter {
            words: words.unwrap_or_default(),
            discipline: self.discipline.get()?,
            country: self.country.get()?,
            mobility: self.mobility.get()?,
            min_years_experience: self.min_years_experience.get()?,
            available_by: self.available_by.get()?,
            currency: self.currency.get()?.or_else(|| day_rate_max.map(|_| Currency::default())),
            day_rate_max,
            certification: self.certification.get()?.map(|text| text.to_string()),
            min_rating: self.min_rating.get()?,
        };
        Ok((filter, self.limit.get()?, self.cursor.get()?))
    }
}

described! {
    "EvaluateBody",
    /// `POST /api/technicians/{id}/evaluations`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct EvaluateBody {
        /// The job on which the technician was accepted.
        job_id: Required<JobId>,
        rating: Required<Rating>,
        comment: Optional<Comment>,
    }
}

impl TryFrom<EvaluateBody> for NewEvaluation {
    type Error = ApiError;

    fn try_from(body: EvaluateBody) -> Result<Self, ApiError> {
        Ok(Self { job_id: body.job_id.get()?, rating: body.rating.get()?, comment: body.comment.get()? })
    }
}
