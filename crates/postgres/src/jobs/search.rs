use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid},
};
use repower_domain::jobs::JobSort;
use repower_ports::{PageRequest, Position, jobs::JobFilter};
use uuid::Uuid;

use super::{
    order::{self, DayKey, Keys, RATE},
    rows::ListedJobRow,
};
use crate::{
    condition::ConstCondition,
    lists::{self, NullableKeysetPosition, NumberedPosition, Slice},
    matching::{Criteria, filter_has, has, has_trigrams, patterns},
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

/// The companies with a word in their name that are looked up before their jobs, at most.
const MAX_NAMED: usize = 1_000;

#[derive(QueryableByName)]
struct NamedCompany {
    #[diesel(sql_type = Integer)]
    word: i32,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The companies that have each word in their name: all of them, or `None` if there are many
/// or no index has the word.
fn named(connection: &mut PgConnection, words: &[String]) -> QueryResult<Vec<Option<Vec<Uuid>>>> {
    let mut named: Vec<_> = words.iter().map(|word| has_trigrams(word).then(Vec::new)).collect();
    let patterns_of = |(number, word): (i32, &String)| {
        let patterns = has_trigrams(word).then(|| patterns(word).into_iter().flatten());
        patterns.into_iter().flatten().map(move |pattern| (number, pattern))
    };
    let (numbers, patterns): (Vec<_>, Vec<_>) = (0..).zip(words).flat_map(patterns_of).unzip();
    if patterns.is_empty() {
        return Ok(named);
    }
    let look_up = sql_query(
        "SELECT asked.word, named.id FROM unnest($1::int[], $2::text[]) AS asked (word, pattern) CROSS JOIN LATERAL \
         (SELECT id FROM companies WHERE listed AND search_name LIKE asked.pattern LIMIT $3) AS named",
    )
    .bind::<Array<Integer>, _>(numbers)
    .bind::<Array<Text>, _>(patterns)
    .bind::<BigInt, _>(i64::try_from(MAX_NAMED + 1).unwrap_or(i64::MAX));
    for NamedCompany { word, id } in look_up.load(connection)? {
        if let Some(Some(ids)) = usize::try_from(word).ok().and_then(|word| named.get_mut(word)) {
            ids.push(id);
        }
    }
    for ids in &mut named {
        ids.take_if(|ids| ids.len() > MAX_NAMED);
    }
    Ok(named)
}

/// Adds the conditions on everything but texts to a query of jobs, which is boxed.
macro_rules! matching {
    ($query:expr, $filter:expr, $page:expr) => {{
        let (mut query, filter) = ($query, $filter);
        query = match filter.sort {
            Some(JobSort::StartDate) => query
                .filter((jobs::start_date, jobs::id).into_sql::<DayKey>().gt(order::day_before($page)))
                .order((jobs::start_date, jobs::id)),
            Some(JobSort::DayRate) => query
                .filter((RATE, jobs::id).into_sql::<NumberedPosition>().lt(lists::greatest_first($page)))
                .order((RATE.desc(), jobs::id.desc())),
            Some(_) | None => query
                .filter(
                    (jobs::published_at, jobs::id).into_sql::<NullableKeysetPosition>().lt(lists::newest_first($page)),
                )
                .order((jobs::published_at.desc(), jobs::id.desc())),
        };
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

/// Loads the open jobs that match, in their order. Where no index serves the texts, those of
/// slices of the list.
pub(super) fn search(
    connection: &mut PgConnection,
    filter: &JobFilter,
    page: PageRequest,
) -> QueryResult<Slice<ListedJobRow>> {
    let named = named(connection, &filter.words)?;
    let is_served = filter.location.as_deref().is_some_and(has_trigrams) || named.iter().any(Option::is_some);
    if is_served || (filter.location.is_none() && filter.words.is_empty()) {
        return Ok((search_until(connection, filter, &named, page, None)?, None));
    }
    lists::load_slices(connection, page, |connection, page| {
        let last = slice_end(connection, filter, page)?;
        Ok((search_until(connection, filter, &named, page, last)?, last))
    })
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
    named: &[Option<Vec<Uuid>>],
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
    let is_of_jobs = named.iter().all(|named| named.as_ref().is_some_and(Vec::is_empty));
    for (word, companies_named) in filter.words.iter().zip(named) {
        let has_word = has!(jobs::search_text, word);
        query = match companies_named {
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
