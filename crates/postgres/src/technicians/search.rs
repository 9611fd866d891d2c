use diesel::{
    dsl::{exists, sql},
    prelude::*,
    sql_types::Bool,
};
use repower_domain::values::CalendarDate;
use repower_ports::{PageRequest, technicians::TechnicianFilter};

use super::rows::RatedTechnicianRow;
use crate::{
    condition::ConstCondition,
    lists::{self, KeysetPosition},
    matching::{self, MAX_PREPARED_WORDS, contains_pattern, lower},
    schema::{certifications, technicians},
};

/// Whether the filter needs a custom plan: it has a text, a bound, or several
/// criteria, and only their values determine how many technicians match.
pub(super) fn needs_custom_plan(filter: &TechnicianFilter) -> bool {
    let equal =
        [filter.discipline.is_some(), filter.country.is_some(), filter.mobility.is_some(), filter.currency.is_some()];
    let has_bound = filter.min_years_experience.is_some()
        || filter.available_by.is_some()
        || filter.day_rate_max.is_some()
        || filter.min_rating.is_some();
    has_bound || filter.certification.is_some() || !filter.words.is_empty() || matching::are_several_set(&equal)
}

/// Loads the technicians that match, newest first.
pub(super) fn search(
    connection: &mut PgConnection,
    filter: &TechnicianFilter,
    today: CalendarDate,
    page: PageRequest,
) -> QueryResult<Vec<RatedTechnicianRow>> {
    let mut query = technicians::table
        .filter((technicians::created_at, technicians::id).into_sql::<KeysetPosition>().lt(lists::newest_first(page)))
        .order((technicians::created_at.desc(), technicians::id.desc()))
        .limit(lists::row_limit(page))
        .select(RatedTechnicianRow::as_select())
        .into_boxed();
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
        query = query.filter(from.is_null().or(from.le(day.day()).assume_not_null()));
    }
    if let Some(currency) = filter.currency {
        query = query.filter(technicians::currency.eq(currency.code()));
    }
    if let Some(maximum) = filter.day_rate_max {
        let from = technicians::day_rate_min;
        query = query.filter(from.is_null().or(from.le(maximum.get()).assume_not_null()));
    }
    if let Some(name) = &filter.certification {
        let held = certifications::table
            .filter(certifications::technician_id.eq(technicians::id))
            .filter(certifications::valid_from.le(today.day()))
            .filter(certifications::valid_until.ge(today.day()))
            .filter(lower(certifications::name).like(lower(contains_pattern(name))));
        query = query.filter(exists(held));
    }
    if let Some(minimum) = filter.min_rating {
        query = query.filter(ConstCondition("technicians.rating_count > 0"));
        // Compares the average, rounded half up to hundredths, with the minimum, without a division.
        let (count, sum) = (technicians::rating_count, technicians::rating_sum);
        query = query.filter((sum * 200 + count).ge(count * (2 * i32::from(minimum.hundredths()))));
    }
    for word in &filter.words {
        query = query.filter(technicians::search_text.like(lower(contains_pattern(word))));
    }
    if filter.words.len() > MAX_PREPARED_WORDS {
        query = query.filter(sql::<Bool>("true"));
    }
    query.load(connection)
}
