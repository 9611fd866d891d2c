//! The first look of a search at the list: one prepared statement for all filters without a text.

use diesel::{
    dsl::auto_type,
    pg::Pg,
    prelude::*,
    sql_types::{Array, Integer, Nullable, Text},
};
use repower_domain::{
    certification_types::TypeCode,
    jobs::{ContractType, JobSort},
    technicians::Discipline,
    values::{Amount, CalendarDate, Country, Currency},
};
use repower_ports::{PageRequest, jobs::JobFilter};

use super::{
    criteria::criteria,
    order::{self, DayKey, RATE, RATE_COLUMN, SORT_KEY},
    rows::ListedJobRow,
};
use crate::{
    condition::{ConstCondition, ConstInteger},
    lists::{self, NullableKeysetPosition, NumberedPosition},
    schema::{companies, jobs},
    window::{self, InWindow, equals, known},
};

/// The rate at which a job begins; more than any bound for a job without one, which matches none.
const LOWEST_RATE: ConstInteger = ConstInteger("coalesce(jobs.day_rate_from, jobs.day_rate_to, 2147483647)");

/// The condition that a requirement names a type, if one is given.
#[auto_type]
fn requires(certification: Option<TypeCode>) -> _ {
    let named: Option<Vec<Option<&'static str>>> = certification.map(|type_code| vec![Some(type_code.as_str())]);
    let anything: ConstCondition = ConstCondition("true");
    let is_named = jobs::required_types.nullable().contains(named.into_sql::<Nullable<Array<Nullable<Text>>>>());
    known(is_named, anything)
}

/// Whether most pages of a filter are in the first rows of the list.
fn is_worth_a_look(filter: &JobFilter) -> bool {
    let has_text = filter.location.is_some() || !filter.words.is_empty();
    let is_plain = !has_text && filter.held.is_none();
    let has_index = match filter.sort {
        // Few jobs of the list are of the company.
        Some(JobSort::StartDate) => filter.company_id.is_none(),
        Some(JobSort::DayRate) => filter.company_id.is_none() && filter.currency.is_some(),
        Some(_) | None => true,
    };
    criteria(filter).need_custom_plan() && is_plain && has_index
}

/// The open jobs after a page, in their order, with their [`RATE_COLUMN`]: of one equality of the
/// filter, which has an index of its own in this order. PostgreSQL reads few others.
pub(super) fn window(filter: &JobFilter, page: PageRequest) -> jobs::BoxedQuery<'static, Pg, (jobs::SqlType, Integer)> {
    let open = jobs::table
        .select((jobs::all_columns, RATE_COLUMN))
        .filter(ConstCondition("jobs.status = 'OPEN'"))
        .into_boxed();
    let open = order::sorted!(order::following!(open, filter.sort, page), filter.sort, RATE);
    match (filter.sort, filter.company_id, filter.country, filter.discipline, filter.contract_type, filter.currency) {
        (Some(JobSort::StartDate), ..) => {
            open.filter(jobs::start_date.ge(filter.start_date_from.unwrap_or(CalendarDate::MIN).day()))
        }
        (Some(JobSort::DayRate), .., Some(currency)) => open.filter(jobs::currency.eq(currency.code())),
        (_, Some(company), ..) => open.filter(jobs::company_id.eq(company.uuid())),
        (_, _, Some(country), ..) => open.filter(jobs::country.eq(country.alpha2())),
        (_, _, _, Some(discipline), ..) => open.filter(jobs::discipline.eq(discipline.as_str())),
        (.., Some(contract_type), _) => open.filter(jobs::contract_type.eq(contract_type.as_str())),
        (.., Some(currency)) => open.filter(jobs::currency.eq(currency.code())),
        (.., None) => open,
    }
}

/// Loads the open jobs that match, in their order, if those in the first rows of the list fill
/// the page. Those rows are of one equality, which has an index of its own, and have all others
/// as optional conditions: a connection prepares eight statements for all filters.
pub(super) fn search(
    connection: &mut PgConnection,
    filter: &JobFilter,
    page: PageRequest,
) -> QueryResult<Option<Vec<ListedJobRow>>> {
    if !is_worth_a_look(filter) {
        return Ok(None);
    }
    // A new filter does not compile here before it has its condition.
    let &JobFilter {
        sort,
        discipline,
        country,
        contract_type,
        company_id: _,
        currency,
        start_date_from,
        start_date_to,
        day_rate_min,
        day_rate_max,
        location: _,
        words: _,
        certification,
        held: _,
    } = filter;
    let [discipline, country, contract_type, currency] = [
        discipline.map(Discipline::as_str),
        country.map(Country::alpha2),
        contract_type.map(ContractType::as_str),
        currency.map(Currency::code),
    ];

    let first_day = start_date_from.unwrap_or(CalendarDate::MIN).day();
    let last_day = start_date_to.unwrap_or(CalendarDate::MAX).day();
    let (minimum, maximum) = (day_rate_min.map_or(-1, Amount::get), day_rate_max.map_or(i32::MAX, Amount::get));
    let query = jobs::table
        .inner_join(companies::table.on(companies::id.eq(jobs::company_id)))
        .filter(ConstCondition("companies.listed"))
        .filter(equals!(jobs::discipline, discipline))
        .filter(equals!(jobs::country, country))
        .filter(equals!(jobs::contract_type, contract_type))
        .filter(equals!(jobs::currency, currency))
        .filter(jobs::start_date.between(first_day, last_day))
        .filter(SORT_KEY.ge(minimum))
        .filter(LOWEST_RATE.le(maximum))
        .filter(requires(certification))
        .limit(lists::row_limit(page))
        .select(ListedJobRow::as_select())
        .into_boxed();
    let query = order::sorted!(query, sort, SORT_KEY);
    let rows: Vec<_> =
        InWindow { table: "jobs", window: window(filter, page), rows: window::ROWS, query }.load(connection)?;
    let is_full = rows.len() > usize::from(page.limit);
    Ok(is_full.then_some(rows))
}
