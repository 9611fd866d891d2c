use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, sql},
    pg::Pg,
    prelude::*,
    sql_types::Bool,
};
use repower_domain::{technicians::TechnicianSort, values::CalendarDate};
use repower_ports::{
    PageRequest, Position,
    technicians::{RatedTechnician, TechnicianFilter},
};
use uuid::Uuid;

use super::rows::RatedTechnicianRow;
use crate::{
    condition::{ConstCondition, ConstInteger},
    lists::{self, KeysetPosition, NumberedPosition, Slice},
    matching::{Criteria, filter_has, has, has_trigrams, need_slices},
    schema::{certifications, technicians},
};

/// Technicians as [`matching`] selects them.
type Matching<'f> = technicians::BoxedQuery<'f, Pg>;

/// How many criteria are set.
pub(super) fn criteria(filter: &TechnicianFilter) -> Criteria {
    let equal =
        [filter.discipline.is_some(), filter.country.is_some(), filter.mobility.is_some(), filter.currency.is_some()];
    let varying = [
        // How many technicians an order skips until it has found those that match.
        filter.sort.is_some(),
        filter.min_years_experience.is_some(),
        filter.available_by.is_some(),
        filter.day_rate_max.is_some(),
        filter.min_rating.is_some(),
        filter.certification.is_some(),
    ];
    Criteria::new(&equal, &varying, filter.words.len())
}

/// Whether no index serves the texts of a search.
pub(super) fn needs_slices(filter: &TechnicianFilter) -> bool {
    need_slices(filter.words.iter().chain(&filter.certification))
}

/// That a certification was neither rejected nor revoked.
const TRUSTED: &str = "(certifications.decision IS NULL OR certifications.decision = 'VERIFIED')";

/// That a technician is found by companies. Nearly all are: no index needs to know.
pub(super) const VISIBLE: &str = "technicians.visibility = 'COMPANIES'";

/// The average rating by which a technician is sorted, in hundredths; -1 for one without.
pub(super) const RATING: ConstInteger = ConstInteger("coalesce(technicians.rating_average, -1)");

/// The values of a technician by one of which a search is sorted.
struct Keys {
    created_at: DateTime<Utc>,
    /// As [`RATING`] has it.
    rating: i32,
    years_experience: i32,
    id: Uuid,
}

impl Keys {
    /// The position of the technician in a search of this order.
    fn position(&self, sort: Option<TechnicianSort>) -> Position {
        match sort {
            Some(TechnicianSort::AverageRating) => lists::numbered(self.rating, self.id),
            Some(TechnicianSort::YearsExperience) => lists::numbered(self.years_experience, self.id),
            Some(_) | None => Position { at: self.created_at, id: self.id },
        }
    }
}

/// The position of a technician in a search of this order.
pub(super) fn position(
    sort: Option<TechnicianSort>,
    RatedTechnician { technician, ratings }: &RatedTechnician,
) -> Position {
    let keys = Keys {
        created_at: technician.created_at,
        rating: ratings.average().map_or(-1, |average| average.hundredths().into()),
        years_experience: technician.profile.years_experience.get(),
        id: technician.id.uuid(),
    };
    keys.position(sort)
}

/// [`RATING`] as a column of the first rows of a list, in whose order PostgreSQL knows them to be.
pub(super) const RATING_COLUMN: ConstInteger = ConstInteger("coalesce(technicians.rating_average, -1) AS sort_key");

/// The column [`RATING_COLUMN`].
pub(super) const SORT_KEY: ConstInteger = ConstInteger("technicians.sort_key");

/// Adds the order of a search to a query of technicians, which is boxed. `rating` is [`RATING`].
macro_rules! sorted {
    ($query:expr, $sort:expr, $rating:expr) => {{
        let query = $query;
        match $sort {
            Some(TechnicianSort::AverageRating) => query.order(($rating.desc(), technicians::id.desc())),
            Some(TechnicianSort::YearsExperience) => {
                query.order((technicians::years_experience.desc(), technicians::id.desc()))
            }
            Some(_) | None => query.order((technicians::created_at.desc(), technicians::id.desc())),
        }
    }};
}

/// Adds the condition to a query of technicians, which is boxed, that they are not before a page.
macro_rules! following {
    ($query:expr, $sort:expr, $page:expr) => {{
        let (query, page) = ($query, $page);
        match $sort {
            Some(TechnicianSort::AverageRating) => {
                query.filter((RATING, technicians::id).into_sql::<NumberedPosition>().lt(lists::greatest_first(page)))
            }
            Some(TechnicianSort::YearsExperience) => query.filter(
                (technicians::years_experience, technicians::id)
                    .into_sql::<NumberedPosition>()
                    .lt(lists::greatest_first(page)),
            ),
            Some(_) | None => query.filter(
                (technicians::created_at, technicians::id).into_sql::<KeysetPosition>().lt(lists::newest_first(page)),
            ),
        }
    }};
}

pub(super) use {following, sorted};

/// Adds the conditions on everything but texts to a query of technicians, which is boxed.
macro_rules! matching_values {
    ($query:expr, $filter:expr) => {{
        let (mut query, filter) = ($query, $filter);
        query = query.filter(technicians::active).filter(ConstCondition(VISIBLE));
        if let Some(discipline) = filter.discipline {
            query = query.filter(technicians::primary_discipline.eq(discipline.as_str()));
        }
        if let Some(country) = filter.country {
            query = query.filter(technicians::country.eq(country.alpha2()));
        }
        if let Some(mobility) = filter.mobility {
            query = query.filter(technicians::mobility.eq(mobility.as_str()));
        }
        if let Some(minimum) = filter.min_years_experience {
            query = query.filter(technicians::years_experience.ge(minimum.get()));
        }
        if let Some(day) = filter.available_by {
            let from = technicians::availability_from;
            query = query.filter(from.is_null().or(from.le(day.day())));
        }
        if let Some(currency) = filter.currency {
            query = query.filter(technicians::currency.eq(currency.code()));
        }
        if let Some(maximum) = filter.day_rate_max {
            let from = technicians::day_rate_min;
            query = query.filter(from.is_null().or(from.le(maximum.get())));
        }
        if let Some(minimum) = filter.min_rating {
            query = query.filter(ConstCondition("technicians.rating_count > 0"));
            query = query.filter(technicians::rating_average.ge(i32::from(minimum.hundredths())));
        }
        query
    }};
}

/// As [`matching_values`], for the page of a search.
macro_rules! matching {
    ($query:expr, $filter:expr, $page:expr) => {{
        let filter = $filter;
        sorted!(following!(matching_values!($query, filter), filter.sort, $page), filter.sort, RATING)
    }};
}

/// Adds the conditions on texts to a query of technicians, which is boxed.
macro_rules! matching_texts {
    ($query:expr, $filter:expr, $today:expr) => {{
        let (mut query, filter, today) = ($query, $filter, $today);
        if let Some(name) = &filter.certification {
            let held = certifications::table
                .filter(certifications::technician_id.eq(technicians::id))
                .filter(certifications::valid_from.le(today.day()))
                .filter(certifications::valid_until.ge(today.day()).or(certifications::valid_until.is_null()))
                .filter(certifications::voided_on.gt(today.day()).or(certifications::voided_on.is_null()))
                .filter(ConstCondition(TRUSTED));
            query = if has_trigrams(name) {
                query.filter(exists(held.filter(has!(certifications::search_name, name))))
            } else {
                query.filter(exists(held.filter(has!(certifications::search_name.concat(""), name))))
            };
        }
        for word in &filter.words {
            query = filter_has!(query, technicians::search_text, word);
        }
        query
    }};
}

/// The technicians that match, in no order.
pub(crate) fn matching(filter: &TechnicianFilter, today: CalendarDate) -> Matching<'_> {
    matching_texts!(matching_values!(technicians::table.into_boxed(), filter), filter, today)
}

/// Loads the technicians that match, in their order.
pub(super) fn search(
    connection: &mut PgConnection,
    filter: &TechnicianFilter,
    today: CalendarDate,
    page: PageRequest,
) -> QueryResult<Vec<RatedTechnicianRow>> {
    search_until(connection, filter, today, page, None)
}

/// Loads the technicians of a slice of the list that match, in their order.
pub(super) fn search_slice(
    connection: &mut PgConnection,
    filter: &TechnicianFilter,
    today: CalendarDate,
    page: PageRequest,
) -> QueryResult<Slice<RatedTechnicianRow>> {
    let all = technicians::table
        .select((technicians::created_at, RATING, technicians::years_experience, technicians::id))
        .offset(lists::SLICE - 1)
        .limit(1)
        .into_boxed();
    let last: Option<(DateTime<Utc>, i32, i32, Uuid)> = matching!(all, filter, page).first(connection).optional()?;
    let last = last.map(|(created_at, rating, years_experience, id)| {
        Keys { created_at, rating, years_experience, id }.position(filter.sort)
    });
    Ok((search_until(connection, filter, today, page, last)?, last))
}

fn search_until(
    connection: &mut PgConnection,
    filter: &TechnicianFilter,
    today: CalendarDate,
    page: PageRequest,
    last: Option<Position>,
) -> QueryResult<Vec<RatedTechnicianRow>> {
    let all = technicians::table.limit(lists::row_limit(page)).select(RatedTechnicianRow::as_select()).into_boxed();
    let mut query = matching!(all, filter, page);
    if let Some(last) = last {
        query = match filter.sort {
            Some(TechnicianSort::AverageRating) => {
                query.filter((RATING, technicians::id).into_sql::<NumberedPosition>().ge(lists::number_of(last)))
            }
            Some(TechnicianSort::YearsExperience) => query.filter(
                (technicians::years_experience, technicians::id)
                    .into_sql::<NumberedPosition>()
                    .ge(lists::number_of(last)),
            ),
            Some(_) | None => {
                let end = (last.at, last.id);
                query.filter((technicians::created_at, technicians::id).into_sql::<KeysetPosition>().ge(end))
            }
        };
    }
    query = matching_texts!(query, filter, today);
    if !criteria(filter).are_prepared() || last.is_some() {
        // diesel does not prepare a statement with a literal text.
        query = query.filter(sql::<Bool>("true"));
    }
    query.load(connection)
}
