use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    connection::SimpleConnection,
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Integer, Nullable},
};
use repower_domain::jobs::JobSort;
use repower_ports::{PageRequest, Position, jobs::JobFilter};
use uuid::Uuid;

use super::{
    order::{self, DayKey, Keys, RATE},
    rows::ListedJobRow,
    texts::{Texts, Way},
};
use crate::{
    condition::ConstCondition,
    lists::{self, NullableKeysetPosition, NumberedPosition, Slice},
    matching::{Criteria, filter_has, has},
    schema::{companies, jobs},
};

#[diesel::declare_sql_function]
extern "SQL" {
    fn coalesce(first: Nullable<Integer>, second: Nullable<Integer>) -> Nullable<Integer>;
}

/// How many criteria are set.
pub(super) fn criteria(filter: &JobFilter) -> Criteria {
    // A new filter does not compile here before its kind is named.
    let JobFilter {
        sort,
        discipline,
        country,
        contract_type,
        company_id,
        currency,
        start_date_from,
        start_date_to,
        day_rate_min,
        day_rate_max,
        location,
        words,
    } = filter;
    let equal =
        [discipline.is_some(), country.is_some(), contract_type.is_some(), company_id.is_some(), currency.is_some()];
    let varying = [
        // How many jobs an order skips until it has found those that match.
        sort.is_some(),
        start_date_from.is_some(),
        start_date_to.is_some(),
        day_rate_min.is_some(),
        day_rate_max.is_some(),
        location.is_some(),
    ];
    Criteria::new(&equal, &varying, words.len())
}

/// Adds the conditions on everything but texts to a query of jobs, which is boxed.
macro_rules! matching {
    ($query:expr, $filter:expr, $page:expr) => {{
        let (mut query, filter) = ($query, $filter);
        query = order::sorted!(order::following!(query, filter.sort, $page), filter.sort, RATE);
        if let Some(discipline) = filter.discipline {
            query = query.filter(jobs::discipline.eq(discipline.as_str()));
        }
        if let Some(country) = filter.country {
            query = query.filter(jobs::country.eq(country.alpha2()));
        }
        if let Some(contract_type) = filter.contract_type {
            query = query.filter(jobs::contract_type.eq(contract_type.as_str()));
        }
        if let Some(company) = filter.company_id {
            query = query.filter(jobs::company_id.eq(company.uuid()));
        }
        if let Some(first_day) = filter.start_date_from {
            query = query.filter(jobs::start_date.ge(first_day.day()));
        }
        if let Some(last_day) = filter.start_date_to {
            query = query.filter(jobs::start_date.le(last_day.day()));
        }
        if let Some(currency) = filter.currency {
            query = query.filter(jobs::currency.eq(currency.code()));
        }
        if let Some(minimum) = filter.day_rate_min {
            query = query.filter(coalesce(jobs::day_rate_to, jobs::day_rate_from).ge(minimum.get()));
        }
        if let Some(maximum) = filter.day_rate_max {
            query = query.filter(coalesce(jobs::day_rate_from, jobs::day_rate_to).le(maximum.get()));
        }
        query
    }};
}

/// Loads the open jobs that match, in their order. Where no index serves the texts, or a frequent
/// one only, those of slices of the list.
pub(super) fn search(
    connection: &mut PgConnection,
    filter: &JobFilter,
    page: PageRequest,
) -> QueryResult<Slice<ListedJobRow>> {
    let texts = Texts::look_up(connection, filter)?;
    match texts.way() {
        Way::Planned => {}
        // PostgreSQL takes some rare texts for frequent ones, and would read most of the list in order.
        Way::Index => connection.batch_execute("SET LOCAL enable_indexscan = off")?,
        Way::Slices => {
            return lists::load_slices(connection, page, |connection, page| {
                let last = slice_end(connection, filter, page)?;
                Ok((search_until(connection, filter, &texts, page, last)?, last))
            });
        }
    }
    Ok((search_until(connection, filter, &texts, page, None)?, None))
}

/// The position of the last job of a slice of the list; `None` if the list ends in it.
fn slice_end(connection: &mut PgConnection, filter: &JobFilter, page: PageRequest) -> QueryResult<Option<Position>> {
    let open = jobs::table
        .filter(ConstCondition("jobs.status = 'OPEN'"))
        .select((jobs::published_at.assume_not_null(), jobs::start_date, RATE, jobs::id))
        .offset(lists::SLICE - 1)
        .limit(1)
        .into_boxed();
    let last: Option<(DateTime<Utc>, NaiveDate, i32, Uuid)> =
        matching!(open, filter, page).first(connection).optional()?;
    Ok(last
        .map(|(published_at, start_date, rate, id)| Keys { published_at, start_date, rate, id }.position(filter.sort)))
}

fn search_until(
    connection: &mut PgConnection,
    filter: &JobFilter,
    texts: &Texts,
    page: PageRequest,
    last: Option<Position>,
) -> QueryResult<Vec<ListedJobRow>> {
    let open = jobs::table
        .inner_join(companies::table.on(companies::id.eq(jobs::company_id)))
        .filter(ConstCondition("jobs.status = 'OPEN' AND companies.listed"))
        .limit(lists::row_limit(page))
        .select(ListedJobRow::as_select())
        .into_boxed();
    let mut query = matching!(open, filter, page);
    if let Some(last) = last {
        query = match filter.sort {
            Some(JobSort::StartDate) => {
                query.filter((jobs::start_date, jobs::id).into_sql::<DayKey>().le(order::day_of(last)))
            }
            Some(JobSort::DayRate) => {
                query.filter((RATE, jobs::id).into_sql::<NumberedPosition>().ge(lists::number_of(last)))
            }
            Some(_) | None => {
                let end = (last.at, last.id);
                query.filter((jobs::published_at, jobs::id).into_sql::<NullableKeysetPosition>().ge(end))
            }
        };
    }
    if let Some(location) = &filter.location {
        query = filter_has!(query, jobs::search_location, location);
    }
    let mut is_of_jobs = true;
    for (word, known) in filter.words.iter().zip(&texts.words) {
        let has_word = has!(jobs::search_text, word);
        is_of_jobs &= known.companies.as_ref().is_some_and(Vec::is_empty);
        query = match &known.companies {
            Some(ids) if ids.is_empty() => query.filter(has_word),
            // An index has the jobs of few companies, and another one those with the word.
            Some(ids) => query.filter(has_word.or(jobs::company_id.eq_any(ids))),
            None => query.filter(has_word.or(has!(companies::search_name, word))),
        };
    }
    if !criteria(filter).are_prepared() || !is_of_jobs || last.is_some() {
        // diesel does not prepare a statement with a literal text.
        query = query.filter(sql::<Bool>("true"));
    }
    query.load(connection)
}
