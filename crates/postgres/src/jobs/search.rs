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
    criteria::criteria,
    first_rows,
    order::{self, DayKey, Keys, RATE, SORT_KEY},
    qualified::Meets,
    rows::ListedJobRow,
    texts::{Texts, Way},
};
use crate::{
    condition::ConstCondition,
    lists::{self, NullableKeysetPosition, NumberedPosition, Slice},
    matching::{contains_pattern, filter_has, has, trigrams},
    schema::{companies, jobs},
    window::InWindow,
};

#[diesel::declare_sql_function]
extern "SQL" {
    fn coalesce(first: Nullable<Integer>, second: Nullable<Integer>) -> Nullable<Integer>;
}

/// Adds the conditions on everything but texts to a query of jobs, which is boxed.
macro_rules! matching {
    ($query:expr, $filter:expr) => {{
        let (mut query, filter) = ($query, $filter);
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
        if let Some(type_code) = filter.certification {
            query = query.filter(jobs::required_types.contains(vec![Some(type_code.as_str())]));
        }
        if let Some(held) = &filter.held {
            query = query.filter(Meets::with(held));
        }
        query
    }};
}

/// Adds the conditions on texts to a query of jobs with their companies, which is boxed. `is_found` is
/// whether trigrams find the jobs with a word: the index is not to look for the whole word.
macro_rules! having {
    ($query:expr, $filter:expr, $texts:expr, $is_found:expr) => {{
        let mut query = $query;
        if let Some(location) = &$filter.location {
            query = filter_has!(query, jobs::search_location, location);
        }
        for (word, known) in $filter.words.iter().zip(&$texts.words) {
            query = match &known.companies {
                Some(ids) if ids.is_empty() && $is_found(word) => {
                    query.filter(has!(jobs::search_text.concat(""), word))
                }
                Some(ids) if ids.is_empty() => query.filter(has!(jobs::search_text, word)),
                // An index has the jobs of few companies, and another one those with the word.
                Some(ids) => query.filter(has!(jobs::search_text, word).or(jobs::company_id.eq_any(ids))),
                None => query.filter(has!(jobs::search_text, word).or(has!(companies::search_name, word))),
            };
        }
        query
    }};
}

/// How many rows of the list are looked at for texts that may be frequent. PostgreSQL reads them in
/// some 1.5 ms; they fill a page if one job in a hundred has the texts.
const FIRST_ROWS: i64 = 2_000;

/// The jobs that a statement looks at.
#[derive(Clone, Copy)]
enum Reach {
    /// All open ones.
    All,
    /// Those that the index finds by the trigrams of the words.
    Index,
    /// Those in the first rows of the list.
    FirstRows,
    /// Those of a slice of the list up to its last one; `None` if the list ends in it.
    Slice(Option<Position>),
}

impl Reach {
    /// How many rows of the list it has, at most; `None` if it is no part of the list.
    const fn rows(self) -> Option<i64> {
        match self {
            Self::All | Self::Index => None,
            Self::FirstRows => Some(FIRST_ROWS),
            // Its last job ends it, also if others have been published since that was looked up.
            Self::Slice(_) => Some(i64::MAX),
        }
    }
}

/// Loads the open jobs that match, in their order. Where no index serves the texts, or one of
/// frequent texts only, those of slices of the list.
pub(super) fn search(
    connection: &mut PgConnection,
    filter: &JobFilter,
    page: PageRequest,
) -> QueryResult<Slice<ListedJobRow>> {
    let texts = Texts::look_up(connection, filter)?;
    // No index has the jobs of which a technician meets the requirements.
    let way = if filter.held.is_some() { Way::Slices } else { texts.way() };
    if way == Way::Slices {
        return lists::load_slices(connection, page, |connection, page| {
            let last = slice_end(connection, filter, page)?;
            Ok((search_within(connection, filter, &texts, page, Reach::Slice(last))?, last))
        });
    }
    if way == Way::ListOrIndex && order::is_newest_first(filter.sort) {
        let rows = search_within(connection, filter, &texts, page, Reach::FirstRows)?;
        if rows.len() > usize::from(page.limit) {
            return Ok((rows, None));
        }
    }
    let reach = if way == Way::Planned { Reach::All } else { Reach::Index };
    Ok((search_within(connection, filter, &texts, page, reach)?, None))
}

/// The position of the last job of a slice of the list; `None` if the list ends in it. A slice has so
/// many rows of one index, whether they match the other criteria or not: those that match may be rare.
fn slice_end(connection: &mut PgConnection, filter: &JobFilter, page: PageRequest) -> QueryResult<Option<Position>> {
    let last: Option<(DateTime<Utc>, NaiveDate, i32, Uuid)> = first_rows::window(filter, page)
        .select((jobs::published_at.assume_not_null(), jobs::start_date, RATE, jobs::id))
        .offset(slice(filter) - 1)
        .limit(1)
        .first(connection)
        .optional()?;
    Ok(last
        .map(|(published_at, start_date, rate, id)| Keys { published_at, start_date, rate, id }.position(filter.sort)))
}

/// How many rows of the list a slice has. To compare requirements takes longer than other conditions.
const fn slice(filter: &JobFilter) -> i64 {
    if filter.held.is_some() { lists::SLICE / 5 } else { lists::SLICE }
}

fn search_within(
    connection: &mut PgConnection,
    filter: &JobFilter,
    texts: &Texts,
    page: PageRequest,
    reach: Reach,
) -> QueryResult<Vec<ListedJobRow>> {
    let open = jobs::table
        .inner_join(companies::table.on(companies::id.eq(jobs::company_id)))
        .filter(ConstCondition("jobs.status = 'OPEN' AND companies.listed"))
        .limit(lists::row_limit(page))
        .select(ListedJobRow::as_select())
        .into_boxed();
    let mut query = matching!(open, filter);
    if let Reach::Index = reach {
        // PostgreSQL takes some rare texts for frequent ones, and would read most of the list in order.
        connection.batch_execute("SET LOCAL enable_indexscan = off")?;
        for trigram in &texts.trigrams {
            query = query.filter(jobs::search_text.like(contains_pattern(trigram)));
        }
    }
    let is_found = |word: &String| matches!(reach, Reach::Index) && !trigrams(word).is_empty();
    let mut query = having!(query, filter, texts, is_found);
    let is_one_of_few = criteria(filter).are_prepared() && texts.are_of_jobs();
    if !is_one_of_few || !matches!(reach, Reach::All | Reach::Index) {
        // diesel does not prepare a statement with a literal text.
        query = query.filter(sql::<Bool>("true"));
    }
    let Some(rows) = reach.rows() else {
        return order::sorted!(order::following!(query, filter.sort, page), filter.sort, RATE).load(connection);
    };
    let mut window = first_rows::window(filter, page);
    if let Reach::Slice(Some(last)) = reach {
        window = order::until!(window, filter.sort, last);
    }
    let query = order::sorted!(query, filter.sort, SORT_KEY);
    InWindow { table: "jobs", window, rows, query }.load(connection)
}
