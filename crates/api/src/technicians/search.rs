use repower_application::technicians::NewEvaluation;
use repower_domain::{
    ids::JobId,
    technicians::{Discipline, Mobility, TechnicianSort},
    values::{
        Amount, Answer, CalendarDate, Comment, Country, Currency, MinimumRating, Rating, SearchText, SearchWords,
        YearsExperience,
    },
};
use repower_http::{
    CursorText, PageLimit,
    input::{Defaulted, Optional, Required},
    schema::RequestSchema,
};
use repower_ports::technicians::TechnicianFilter;
use serde::Deserialize;
use validator::Validate;

use crate::error::Error;

/// `GET /api/technicians`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct SearchTechniciansQuery {
    /// At most 10 words that all occur in name, bio or skills, in any case and spelling.
    q: Defaulted<SearchWords>,
    discipline: Defaulted<Discipline>,
    country: Defaulted<Country>,
    mobility: Defaulted<Mobility>,
    /// The fewest years in the field.
    min_years_experience: Defaulted<YearsExperience>,
    /// The latest first day of availability.
    available_by: Defaulted<CalendarDate>,
    /// The highest rate, in `currency`; technicians without a rate match.
    day_rate_max: Defaulted<Amount>,
    /// EUR by default where a rate is given.
    currency: Defaulted<Currency>,
    /// A part of the name of a certification that is VALID or EXPIRING.
    certification: Defaulted<SearchText>,
    /// The lowest average rating.
    min_rating: Defaulted<MinimumRating>,
    /// `-createdAt` by default.
    sort: Defaulted<TechnicianSort>,
    limit: Defaulted<PageLimit>,
    cursor: Defaulted<CursorText>,
}

/// The criteria of a query for technicians, in this order.
macro_rules! technician_filter {
    ($query:expr, $sort:expr) => {{
        let day_rate_max = $query.day_rate_max.get()?;
        let words = $query.q.get()?.map(|search| search.words().map(str::to_owned).collect());
        repower_ports::technicians::TechnicianFilter {
            sort: $sort,
            words: words.unwrap_or_default(),
            discipline: $query.discipline.get()?,
            country: $query.country.get()?,
            mobility: $query.mobility.get()?,
            min_years_experience: $query.min_years_experience.get()?,
            available_by: $query.available_by.get()?,
            currency: $query.currency.get()?.or_else(|| day_rate_max.map(|_| Currency::default())),
            day_rate_max,
            certification: $query.certification.get()?.map(|text| text.to_string()),
            min_rating: $query.min_rating.get()?,
        }
    }};
}

pub(crate) use technician_filter;

impl SearchTechniciansQuery {
    /// The filter, and the page.
    pub(crate) fn filter(self) -> Result<(TechnicianFilter, Defaulted<PageLimit>, Defaulted<CursorText>), Error> {
        let sort = self.sort.get()?.filter(|sort| *sort != TechnicianSort::CreatedAt);
        let filter = technician_filter!(self, sort);
        Ok((filter, self.limit, self.cursor))
    }
}

/// `POST /api/technicians/{id}/evaluations`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct EvaluateBody {
    /// The job on which the technician was accepted.
    job_id: Required<JobId>,
    rating: Required<Rating>,
    comment: Optional<Comment>,
}

impl TryFrom<EvaluateBody> for NewEvaluation {
    type Error = Error;

    fn try_from(body: EvaluateBody) -> Result<Self, Error> {
        Ok(Self { job_id: body.job_id.get()?, rating: body.rating.get()?, comment: body.comment.get()? })
    }
}

/// `PATCH /api/evaluations/{id}/answer`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct AnswerBody {
    pub(crate) text: Required<Answer>,
}
