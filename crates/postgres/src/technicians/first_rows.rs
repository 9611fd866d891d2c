//! The first look of a search at the technicians: one prepared statement for all filters without
//! a text.

use diesel::prelude::*;
use repower_domain::{
    technicians::{Discipline, Mobility, TechnicianSort},
    values::{Amount, CalendarDate, Country, Currency, YearsExperience},
};
use repower_ports::{PageRequest, technicians::TechnicianFilter};

use super::{
    rows::RatedTechnicianRow,
    search::{self, RATING, RATING_COLUMN, SORT_KEY, VISIBLE, criteria},
};
use crate::{
    condition::ConstCondition,
    lists::{self, KeysetPosition, NumberedPosition},
    schema::technicians,
    window::{self, InWindow, equals},
};

/// Loads the technicians that match, in their order, if those in the first rows of the list fill
/// the page. Those rows are of one equality where it has an index in this order, and have all
/// others as optional conditions: a connection prepares seven statements for all filters.
pub(super) fn search(
    connection: &mut PgConnection,
    filter: &TechnicianFilter,
    page: PageRequest,
) -> QueryResult<Option<Vec<RatedTechnicianRow>>> {
    // A new filter does not compile here before it has its condition.
    let TechnicianFilter {
        sort,
        discipline,
        country,
        mobility,
        min_years_experience,
        available_by,
        currency,
        day_rate_max,
        min_rating,
        certification,
        words,
    } = filter;
    if !criteria(filter).need_custom_plan() || certification.is_some() || !words.is_empty() {
        return Ok(None);
    }
    let discipline = discipline.map(Discipline::as_str);
    let country = country.map(Country::alpha2);
    let mobility = mobility.map(Mobility::as_str);
    let currency = currency.map(Currency::code);

    let all = technicians::table.select((technicians::all_columns, RATING_COLUMN)).into_boxed();
    let all = search::sorted!(search::following!(all, sort, page), sort, RATING);
    let window = match (sort, country, discipline, mobility, currency) {
        (Some(TechnicianSort::AverageRating | TechnicianSort::YearsExperience), ..) => all,
        (_, Some(country), ..) => all.filter(technicians::country.eq(country)),
        (_, _, Some(discipline), ..) => all.filter(technicians::primary_discipline.eq(discipline)),
        (.., Some(mobility), _) => all.filter(technicians::mobility.eq(mobility)),
        (.., Some(currency)) => all.filter(technicians::currency.eq(currency)),
        (.., None) => all,
    };

    let years = min_years_experience.map_or(0, YearsExperience::get);
    let first_day = available_by.unwrap_or(CalendarDate::MAX).day();
    let rate = day_rate_max.map_or(i32::MAX, Amount::get);
    let rating = min_rating.map_or(-1, |rating| rating.hundredths().into());
    let (available_from, rate_from) = (technicians::availability_from, technicians::day_rate_min);
    let query = technicians::table
        .filter(technicians::active)
        .filter(ConstCondition(VISIBLE))
        .filter(equals!(technicians::primary_discipline, discipline))
        .filter(equals!(technicians::country, country))
        .filter(equals!(technicians::mobility, mobility))
        .filter(equals!(technicians::currency, currency))
        .filter(technicians::years_experience.ge(years))
        .filter(available_from.is_null().or(available_from.le(first_day)))
        .filter(rate_from.is_null().or(rate_from.le(rate)))
        .filter(SORT_KEY.ge(rating))
        .limit(lists::row_limit(page))
        .select(RatedTechnicianRow::as_select())
        .into_boxed();
    let query = search::sorted!(query, sort, SORT_KEY);
    let rows: Vec<_> = InWindow { table: "technicians", window, rows: window::ROWS, query }.load(connection)?;
    let is_full = rows.len() > usize::from(page.limit);
    Ok(is_full.then_some(rows))
}
